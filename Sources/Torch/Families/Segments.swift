import Interface
import TensorCore

extension Tensor {
  /// Where segments begin and how long they are, one list for each row of `bounds`.
  private func segments(lengths: Tensor?, offsets: Tensor?, _ axis: Int, unsafe: Bool) throws -> (rows: [[(start: Int, length: Int)]], shape: [Int]) {
    guard let bounds = lengths ?? offsets else { throw TorchError.runtime("segment_reduce(): Either lengths or offsets must be defined.") }
    let name = lengths == nil ? "offsets" : "lengths"
    if bounds.dim - 1 != axis { throw TorchError.runtime("segment_reduce(): Expected axis to be the last dimension of \(name) but got \(axis).") }
    if bounds.dtype != .int64 && bounds.dtype != .int32 {
      throw TorchError.notImplemented("_segment_reduce_\(name)_cpu_kernel1", for: bounds.dtype)
    }
    let width = bounds.sizes[axis]
    let wide = try bounds.dense(.int64)
    let p = wide.elements(Int.self)
    var rows: [[(start: Int, length: Int)]] = []
    for r in 0..<(width == 0 ? 0 : bounds.count / width) {
      let numbers = (0..<width).map { p[r * width + $0] }
      if lengths != nil {
        if numbers.contains(where: { $0 < 0 }) { throw TorchError.runtime("lengths contains negative value!") }
        let total = numbers.reduce(0, +)
        if total > sizes[axis] || (!unsafe && total != sizes[axis]) {
          throw TorchError.runtime("segment_reduce(): Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1) when !unsafe.")
        }
        var start = 0
        rows.append(numbers.map { length in
          defer { start += length }
          return (start, length)
        })
      } else {
        let pairs = zip(numbers, numbers.dropFirst()).map { (start: $0, length: $1 - $0) }
        if pairs.contains(where: { $0.start < 0 || $0.length < 0 || $0.start + $0.length > sizes[axis] }) {
          throw TorchError.runtime("segment_reduce(): Expected all rows of offsets to be sorted and within the dimension.")
        }
        rows.append(pairs)
      }
    }
    return (withExtendedLifetime(wide) { rows }, Array(bounds.sizes.dropLast()) + [lengths == nil ? Swift.max(width - 1, 0) : width])
  }

  /// Each segment of a dimension folded into one. Mirrors `torch.segment_reduce`.
  func segmentReduce(_ name: String, lengths: Tensor?, offsets: Tensor?, axis: Int, unsafe: Bool, initial: Scalar?) throws -> Tensor {
    let axis = try Shape.wrap(axis, dim)
    if count == 0 && dim == 0 { throw TorchError.runtime("segment_reduce(): Expected data.numel() > 0") }
    let kinds: [String: PlacedFolding] = ["sum": .sum, "mean": .mean, "max": .amax, "min": .amin, "prod": .prod, "amax": .amax, "amin": .amin]
    guard let folding = kinds[name] else { throw TorchError.runtime("reduce argument must be either sum, prod, mean, amax or amin, got \(name)") }
    if !dtype.isFloatingPoint { throw TorchError.notImplemented("_segment_reduce_cpu", for: dtype) }
    let (rows, shape) = try segments(lengths: lengths, offsets: offsets, axis, unsafe: unsafe)
    let rest = Array(sizes[(axis + 1)...])
    let wide: DType = dtype == .float64 ? .float64 : .float32
    let x = try to(wide).reshape([sizes[..<axis].reduce(1, *), sizes[axis]] + rest)
    let first = try initial.map { try Tensor.full([], $0, dtype: wide) }
    let empty: Scalar = initial ?? (folding == .mean ? .double(.nan) : folding.identity(dtype))
    var parts: [Tensor] = []
    // Half types are rounded after every element.
    var stepwise: [(part: Int, row: Int, start: Int, length: Int)] = []
    for (r, row) in rows.enumerated() {
      let line = try x.select(0, r)
      for segment in row {
        if segment.length == 0 {
          parts.append(try .full(Dims(rest), empty, dtype: wide))
          continue
        }
        let part = try line.narrow(0, segment.start, segment.length)
        if dtype.itemSize == 2 && folding != .amax && folding != .amin { stepwise.append((parts.count, r, segment.start, segment.length)) }
        switch folding {
        case .sum, .mean:
          var sum = try part.sum(dims: [0])
          if let first { sum = try sum.add(first) }
          parts.append(folding == .mean ? try sum.div(.number(segment.length)) : sum)
        case .prod:
          let product = try part.prod(dims: [0], keepdim: false)
          parts.append(try first.map { try product.mul($0) } ?? product)
        case .amax, .amin:
          let extreme = try part.extremes([0], keepdim: false, greatest: folding == .amax)
          parts.append(try first.map { folding == .amax ? try extreme.maximum($0) : try extreme.minimum($0) } ?? extreme)
        }
      }
    }
    if parts.isEmpty { return try .zeros(Dims(shape + rest), dtype: dtype) }
    let y = try Tensor.stack(parts, 0).reshape(shape + rest).to(dtype)
    try GradMode.with(false) {
      let narrow = try detached().reshape(Array(x.sizes))
      let targets = try y.detached().reshape([parts.count] + rest)
      for step in stepwise {
        var sum = try Tensor.full(Dims(rest), initial ?? folding.identity(dtype), dtype: dtype)
        for i in 0..<step.length {
          let element = try narrow.select(0, step.row).select(0, step.start + i)
          sum = folding == .prod ? try sum.mul(element) : try sum.add(element)
        }
        _ = try targets.select(0, step.part).copyElements(from: folding == .mean ? sum.div(.number(step.length)) : sum)
      }
    }
    return y
  }
}

/// Folds over segments of a dimension.
public let segmentFolds = OperationFamily("torch") { ops in
  ops.define("segment_reduce(Tensor data, str reduce, *, Tensor? lengths=None, Tensor? indices=None, Tensor? offsets=None, int axis=0, bool unsafe=False, Scalar? initial=None) -> Tensor", doc: "Each segment of axis folded into one by sum, mean, max, min or prod; segments are given by their lengths or offsets. Mirrors torch.segment_reduce.", variants: [.function]) {
    (x: Tensor, r: String, l: Tensor?, i: Tensor?, o: Tensor?, a: Int, u: Bool, s: Scalar?) -> Tensor in
    if i != nil { throw TorchError.runtime("segment_reduce(): indices based reduction is not supported yet.") }
    return try x.segmentReduce(r, lengths: l, offsets: o, axis: a, unsafe: u, initial: s)
  }
}
