import COneDNN
import Interface

/// oneDNN's convolution for one shape: the primitive, and the reorders between plain layouts and those it works in.
// Held and run by the session's thread alone.
final class DNNConvolution {
  private struct Key: Hashable {
    let direction: Convolution.Direction
    let shape: ConvolutionShape
    let hasBias: Bool
    let threads: Int
  }

  /// One tensor the primitive reads or writes.
  private struct Slot {
    let argument: Int32
    let plain: dnnl_memory_t
    /// The tensor in the primitive's own layout, and what carries it there or back; nil where the plain layout serves.
    let own: (memory: dnnl_memory_t, reorder: dnnl_primitive_t, bytes: Int)?
  }

  nonisolated(unsafe) private static let engine: dnnl_engine_t? = {
    var engine: dnnl_engine_t?
    return dnnl_engine_create(&engine, dnnl_cpu, 0) == dnnl_success ? engine : nil
  }()
  nonisolated(unsafe) private static let stream: dnnl_stream_t? = {
    var stream: dnnl_stream_t?
    return dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue) == dnnl_success ? stream : nil
  }()
  /// What was used lately, the latest last. Nil stands for a shape that oneDNN has no primitive for.
  nonisolated(unsafe) private static var known: [Key: DNNConvolution?] = [:]
  nonisolated(unsafe) private static var order: [Key] = []
  /// Memory for tensors in layouts of the library's own, by place.
  nonisolated(unsafe) private static let scratch = [Scratch(), Scratch(), Scratch()]

  private let primitive: dnnl_primitive_t
  private let slots: [Slot]
  private let output: Int

  /// Computes one of the three tensors; false where oneDNN has no primitive for the shape.
  static func run(
    _ direction: Convolution.Direction, _ shape: ConvolutionShape, input: UnsafeMutableRawPointer, weight: UnsafeMutableRawPointer,
    bias: UnsafeMutableRawPointer?, output: UnsafeMutableRawPointer
  ) throws -> Bool {
    let key = Key(direction: direction, shape: shape, hasBias: bias != nil, threads: Threads.count)
    let found: DNNConvolution?
    if let cached = known[key] {
      found = cached
    } else {
      if order.count >= 256 { known.removeValue(forKey: order.removeFirst()) }
      found = DNNConvolution(direction, shape, hasBias: bias != nil)
      known.updateValue(found, forKey: key)
      order.append(key)
    }
    guard let found else { return false }
    try found.execute([input, weight, output] + (bias.map { [$0] } ?? []))
    return true
  }

  private init?(_ direction: Convolution.Direction, _ s: ConvolutionShape, hasBias: Bool) {
    guard let engine = DNNConvolution.engine, DNNConvolution.stream != nil else { return nil }
    typealias Shape = dnnl_memory_desc_t
    func descriptor(_ dims: [Int], plain: Bool) -> Shape? {
      var result = Shape()
      let tags = [dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd, dnnl_abcde, dnnl_abcdef]
      let status = dnnl_memory_desc_init_by_tag(&result, Int32(dims.count), dims.map(Int64.init), dnnl_f32, plain ? tags[dims.count - 1] : dnnl_format_tag_any)
      return status == dnnl_success ? result : nil
    }
    let channels = s.groups == 1 ? [s.outChannels, s.inChannels] : [s.groups, s.outChannels / s.groups, s.inChannels / s.groups]
    let all = [[s.batch, s.inChannels] + s.input, channels + s.kernel, [s.batch, s.outChannels] + s.output, [s.outChannels]]
    let plain = all.compactMap { descriptor($0, plain: true) }
    var free = all.prefix(3).compactMap { descriptor($0, plain: false) }
    if plain.count < 4 || free.count < 3 { return nil }
    var bias = plain[3]
    let after = s.input.indices.map { Int64((s.output[$0] - 1) * s.stride[$0] + (s.kernel[$0] - 1) * s.dilation[$0] + 1 - s.input[$0] - s.padding[$0]) }
    let (stride, dilation, before) = (s.stride.map(Int64.init), s.dilation.map { Int64($0 - 1) }, s.padding.map(Int64.init))
    // Forward first: the backward primitives want its descriptor as a hint.
    func make(_ direction: Convolution.Direction, _ hint: dnnl_primitive_desc_t?) -> dnnl_primitive_desc_t? {
      var operation = dnnl_convolution_desc_t()
      let status =
        switch direction {
        case .forward:
          withUnsafePointer(to: &bias) {
            dnnl_dilated_convolution_forward_desc_init(
              &operation, dnnl_forward_training, dnnl_convolution_direct, &free[0], &free[1], hasBias ? $0 : nil, &free[2], stride, dilation, before, after)
          }
        case .backwardData:
          dnnl_dilated_convolution_backward_data_desc_init(
            &operation, dnnl_convolution_direct, &free[0], &free[1], &free[2], stride, dilation, before, after)
        case .backwardWeights:
          dnnl_dilated_convolution_backward_weights_desc_init(
            &operation, dnnl_convolution_direct, &free[0], &free[1], nil, &free[2], stride, dilation, before, after)
        }
      guard status == dnnl_success else { return nil }
      var result: dnnl_primitive_desc_t?
      return dnnl_primitive_desc_create(&result, &operation, nil, engine, hint) == dnnl_success ? result : nil
    }
    guard let forward = make(.forward, nil) else { return nil }
    defer { dnnl_primitive_desc_destroy(forward) }
    guard let chosen = direction == .forward ? forward : make(direction, forward) else { return nil }
    defer { if direction != .forward { dnnl_primitive_desc_destroy(chosen) } }
    var primitive: dnnl_primitive_t?
    guard dnnl_primitive_create(&primitive, chosen) == dnnl_success, let primitive else { return nil }
    let arguments: [(Int32, dnnl_query_t)] =
      switch direction {
      case .forward: [(DNNL_ARG_SRC, dnnl_query_src_md), (DNNL_ARG_WEIGHTS, dnnl_query_weights_md), (DNNL_ARG_DST, dnnl_query_dst_md)]
      case .backwardData: [(DNNL_ARG_DIFF_SRC, dnnl_query_diff_src_md), (DNNL_ARG_WEIGHTS, dnnl_query_weights_md), (DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md)]
      case .backwardWeights: [(DNNL_ARG_SRC, dnnl_query_src_md), (DNNL_ARG_DIFF_WEIGHTS, dnnl_query_diff_weights_md), (DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md)]
      }
    output = direction == .forward ? 2 : direction == .backwardData ? 0 : 1
    var slots: [Slot] = []
    for (i, (argument, query)) in arguments.enumerated() {
      guard let wanted = dnnl_primitive_desc_query_md(chosen, query, 0), let slot = DNNConvolution.slot(argument, plain[i], wanted.pointee, isOutput: i == output)
      else {
        for slot in slots { DNNConvolution.release(slot) }
        dnnl_primitive_destroy(primitive)
        return nil
      }
      slots.append(slot)
    }
    if hasBias, let slot = DNNConvolution.slot(DNNL_ARG_BIAS, plain[3], plain[3], isOutput: false) { slots.append(slot) }
    self.primitive = primitive
    self.slots = slots
  }

  private static func slot(_ argument: Int32, _ plain: dnnl_memory_desc_t, _ wanted: dnnl_memory_desc_t, isOutput: Bool) -> Slot? {
    var (plain, wanted) = (plain, wanted)
    var memory: dnnl_memory_t?
    guard dnnl_memory_create(&memory, &plain, engine, nil) == dnnl_success, let memory else { return nil }
    if dnnl_memory_desc_equal(&plain, &wanted) != 0 { return Slot(argument: argument, plain: memory, own: nil) }
    var own: dnnl_memory_t?
    var description: dnnl_primitive_desc_t?
    var reorder: dnnl_primitive_t?
    let status = isOutput
      ? dnnl_reorder_primitive_desc_create(&description, &wanted, engine, &plain, engine, nil)
      : dnnl_reorder_primitive_desc_create(&description, &plain, engine, &wanted, engine, nil)
    defer { if let description { dnnl_primitive_desc_destroy(description) } }
    guard status == dnnl_success, dnnl_memory_create(&own, &wanted, engine, nil) == dnnl_success, let own else {
      dnnl_memory_destroy(memory)
      return nil
    }
    guard dnnl_primitive_create(&reorder, description) == dnnl_success, let reorder else {
      dnnl_memory_destroy(memory)
      dnnl_memory_destroy(own)
      return nil
    }
    return Slot(argument: argument, plain: memory, own: (own, reorder, dnnl_memory_desc_get_size(&wanted)))
  }

  private static func release(_ slot: Slot) {
    dnnl_memory_destroy(slot.plain)
    if let own = slot.own {
      dnnl_memory_destroy(own.memory)
      dnnl_primitive_destroy(own.reorder)
    }
  }

  deinit {
    dnnl_primitive_destroy(primitive)
    for slot in slots { DNNConvolution.release(slot) }
  }

  private func execute(_ pointers: [UnsafeMutableRawPointer]) throws {
    func check(_ status: dnnl_status_t) throws {
      if status != dnnl_success { throw TorchError.runtime("oneDNN's convolution failed with status \(status.rawValue)") }
    }
    func carry(_ reorder: dnnl_primitive_t, _ from: dnnl_memory_t, _ to: dnnl_memory_t) throws {
      try check(dnnl_primitive_execute(reorder, DNNConvolution.stream, 2, [dnnl_exec_arg_t(arg: DNNL_ARG_FROM, memory: from), dnnl_exec_arg_t(arg: DNNL_ARG_TO, memory: to)]))
    }
    for (i, slot) in slots.enumerated() {
      try check(dnnl_memory_set_data_handle(slot.plain, pointers[i]))
      guard let own = slot.own else { continue }
      try check(dnnl_memory_set_data_handle(own.memory, DNNConvolution.scratch[i].reserve(own.bytes)))
      if i != output { try carry(own.reorder, slot.plain, own.memory) }
    }
    let arguments = slots.map { dnnl_exec_arg_t(arg: $0.argument, memory: $0.own?.memory ?? $0.plain) }
    try check(dnnl_primitive_execute(primitive, DNNConvolution.stream, Int32(arguments.count), arguments))
    if let own = slots[output].own { try carry(own.reorder, own.memory, slots[output].plain) }
    try check(dnnl_stream_wait(DNNConvolution.stream))
    // Much memory is given back; what is small serves the next call.
    for scratch in DNNConvolution.scratch { scratch.trim(above: 64 << 20) }
  }
}
