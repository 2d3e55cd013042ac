import Interface
import Kernels
import TensorCore
import Torch

/// What a batch or group normalization computed, for its gradient.
private struct NormalizationRecord {
  let batch, channels, length, groups: Int
  /// Over all rows (batch normalization) or over each row's groups of channels.
  let acrossBatch: Bool
  /// Whether mean and scale came from the input.
  let isTraining: Bool
  /// One for each group, in the wide type.
  let mean, scale: Tensor

  /// The columns of a matrix, where there is one place to a channel.
  func columns(_ x: Tensor) -> ColumnNormalization? {
    acrossBatch && length == 1 && batch > 0 && x.dtype == .float32 ? ColumnNormalization(rows: batch, columns: channels) : nil
  }
}

extension Functional {
  private static func wideElements<T>(_ t: Tensor?, _ type: T.Type) -> UnsafePointer<T>? { t.map { UnsafePointer($0.elements(T.self)) } }

  /// y = (x − mean) · scale · weight + bias, all in the wide type.
  private static func normalized(_ x: Tensor, _ r: NormalizationRecord, _ weight: Tensor?, _ bias: Tensor?) throws -> Tensor {
    let y = try Tensor(uninitialized: x.sizes, dtype: x.dtype)
    if let columns = r.columns(x) {
      let (m, s, w, b) = (r.mean.elements(Float.self), r.scale.elements(Float.self), wideElements(weight, Float.self), wideElements(bias, Float.self))
      let a = (0..<r.channels).map { s[$0] * (w?[$0] ?? 1) }
      columns.affine(x.elements(Float.self), y.elements(Float.self), a, (0..<r.channels).map { (b?[$0] ?? 0) - m[$0] * a[$0] })
      return y
    }
    func run<T: NormalizedElement>(_ type: T.Type) {
      let (p, q, m, s) = (x.elements(T.self), y.elements(T.self), r.mean.elements(T.self), r.scale.elements(T.self))
      let (w, b) = (wideElements(weight, T.self), wideElements(bias, T.self))
      let each = r.channels / max(r.groups, 1)
      Threads.run(r.batch * r.channels, grain: max(1, Threads.grain / max(1, r.length))) { part in
        for i in part {
          let c = i % r.channels
          let g = r.acrossBatch ? c : i / r.channels * r.groups + c / each
          let a = s[g] * (w?[c] ?? 1)
          Normalization.affine(r.length, p + i * r.length, q + i * r.length, a, (b?[c] ?? 0) - m[g] * a)
        }
      }
    }
    if x.dtype == .float64 { run(Double.self) } else { run(Float.self) }
    return y
  }

  /// Means and 1 / √(variance + eps) of each group of the input, in its own (wide) type, with the variances.
  private static func statistics(_ x: Tensor, _ r: (batch: Int, channels: Int, length: Int, groups: Int, acrossBatch: Bool), _ eps: Double) throws -> (Tensor, Tensor, [Double]) {
    let count = r.acrossBatch ? r.channels : r.batch * r.groups
    let (mean, scale) = (try Tensor(uninitialized: [count], dtype: x.dtype), try Tensor(uninitialized: [count], dtype: x.dtype))
    var variances = [Double](repeating: 0, count: count)
    if r.acrossBatch && r.length == 1 && r.batch > 0 && x.dtype == .float32 {
      let (m, s) = (mean.elements(Float.self), scale.elements(Float.self))
      variances.withUnsafeMutableBufferPointer { variances in
        nonisolated(unsafe) let variances = variances
        ColumnNormalization(rows: r.batch, columns: r.channels).moments(x.elements(Float.self)) { c, mean, variance in
          m[c] = Float(mean)
          s[c] = Float(1 / (variance + eps).squareRoot())
          variances[c] = variance
        }
      }
      return (mean, scale, variances)
    }
    func run<T: NormalizedElement>(_ type: T.Type) {
      let p = x.elements(T.self)
      let each = r.acrossBatch ? r.length : r.channels / max(r.groups, 1) * r.length
      let group = r.acrossBatch ? NormalizedGroup(segments: r.batch, step: r.channels * r.length, length: r.length) : NormalizedGroup(length: each)
      variances.withUnsafeMutableBufferPointer { variances in
        nonisolated(unsafe) let variances = variances
        Threads.run(count, grain: max(1, Threads.grain / max(1, group.count))) { part in
          for i in part {
            let found = Normalization.moments(p + i * each, group)
            mean.elements(T.self)[i] = T(found.mean)
            scale.elements(T.self)[i] = T(1 / (found.variance + eps).squareRoot())
            variances[i] = found.variance
          }
        }
      }
    }
    if x.dtype == .float64 { run(Double.self) } else { run(Float.self) }
    return (mean, scale, variances)
  }

  /// The gradients of x, weight and bias.
  private static func gradients(_ g: Tensor, _ x: Tensor, _ weight: Tensor?, _ r: NormalizationRecord) throws -> (Tensor, Tensor, Tensor) {
    let dtype = x.dtype
    let (dx, dw, db) = (try Tensor(uninitialized: x.sizes, dtype: dtype), try Tensor.zeros([r.channels], dtype: dtype), try Tensor.zeros([r.channels], dtype: dtype))
    if let columns = r.columns(x) {
      let (m, s, w) = (r.mean.elements(Float.self), r.scale.elements(Float.self), wideElements(weight, Float.self))
      let (p, q, dWeight, dBias) = (g.elements(Float.self), x.elements(Float.self), dw.elements(Float.self), db.elements(Float.self))
      let parts = try Tensor(uninitialized: [3, r.channels], dtype: .float32)
      let a = parts.elements(Float.self)
      let (b, k) = (a + r.channels, a + 2 * r.channels)
      columns.dots(p, q, shift: m) { c, sum, dot in
        dWeight[c] = Float(dot) * s[c]
        dBias[c] = Float(sum)
        a[c] = s[c] * (w?[c] ?? 1)
        b[c] = r.isTraining ? -Float(dot / Double(r.batch)) * s[c] * s[c] * a[c] : 0
        k[c] = r.isTraining ? -Float(sum / Double(r.batch)) * a[c] - b[c] * m[c] : 0
      }
      columns.combine(p, q, dx.elements(Float.self), a, b, k)
      withExtendedLifetime(parts) {}
      return (dx, dw, db)
    }
    func run<T: NormalizedElement>(_ type: T.Type) {
      let (p, q, out) = (g.elements(T.self), x.elements(T.self), dx.elements(T.self))
      let (m, s, w) = (r.mean.elements(T.self), r.scale.elements(T.self), wideElements(weight, T.self))
      let (dWeight, dBias) = (dw.elements(T.self), db.elements(T.self))
      let grain = max(1, Threads.grain / max(1, r.batch * r.length))
      if r.acrossBatch {
        let group = NormalizedGroup(segments: r.batch, step: r.channels * r.length, length: r.length)
        Threads.run(r.channels, grain: grain) { part in
          for c in part {
            let start = c * r.length
            let found = Normalization.dots(p + start, q + start, group, shift: m[c])
            dWeight[c] = T(found.dot) * s[c]
            dBias[c] = T(found.sum)
            let a = s[c] * (w?[c] ?? 1)
            let count = Double(max(group.count, 1))
            let b = r.isTraining ? -T(found.dot / count) * s[c] * s[c] * a : 0
            let k = r.isTraining ? -T(found.sum / count) * a - b * m[c] : 0
            for n in 0..<r.batch {
              let at = start + n * group.step
              Normalization.combine(r.length, p + at, q + at, out + at, a, b, k)
            }
          }
        }
        return
      }
      // Groups are shared out whole, row after row in each, so that sums over rows have one order.
      let each = r.channels / max(r.groups, 1)
      Threads.run(r.groups, grain: max(1, grain / max(1, each))) { part in
        for group in part {
          for n in 0..<r.batch {
            let i = n * r.groups + group
            var (total, dot) = (0.0, 0.0)
            for c in (group * each)..<((group + 1) * each) {
              let at = (n * r.channels + c) * r.length
              let found = Normalization.dots(p + at, q + at, NormalizedGroup(length: r.length), shift: m[i])
              dWeight[c] += T(found.dot) * s[i]
              dBias[c] += T(found.sum)
              let weight = Double(w?[c] ?? 1)
              total += found.sum * weight
              dot += found.dot * weight
            }
            let count = Double(max(each * r.length, 1))
            let b = -T(dot / count) * s[i] * s[i] * s[i]
            let k = -T(total / count) * s[i] - b * m[i]
            for c in (group * each)..<((group + 1) * each) {
              let at = (n * r.channels + c) * r.length
              Normalization.combine(r.length, p + at, q + at, out + at, s[i] * (w?[c] ?? 1), b, k)
            }
          }
        }
      }
    }
    if dtype == .float64 { run(Double.self) } else { run(Float.self) }
    return (dx, dw, db)
  }

  /// The gradients as tensors that record, for those who differentiate twice.
  private static func recordedGradients(_ g: Tensor, _ x: Tensor, _ weight: Tensor?, hasBias: Bool, _ r: NormalizationRecord, _ eps: Double) throws -> [Tensor?] {
    let wide = x.dtype.wide
    let each = r.channels / max(r.groups, 1)
    // As [batch, groups, channels of each, length], with statistics over the right ones.
    let shape = r.acrossBatch ? [r.batch, r.channels, 1, r.length] : [r.batch, r.groups, each, r.length]
    let dims = r.acrossBatch ? [0, 3] : [2, 3]
    let (xw, gw) = (try x.to(wide).reshape(shape), try g.to(wide).reshape(shape))
    let small = r.acrossBatch ? [1, r.channels, 1, 1] : [r.batch, r.groups, 1, 1]
    let wShape = r.acrossBatch ? [1, r.channels, 1, 1] : [1, r.groups, each, 1]
    let hat: Tensor
    let scale: Tensor
    if r.isTraining {
      let centered = try xw.sub(xw.mean(dims: dims, keepdim: true))
      scale = try centered.mul(centered).mean(dims: dims, keepdim: true).add(.wrapped(.double(eps))).sqrt().reciprocal()
      hat = try centered.mul(scale)
    } else {
      scale = try r.scale.reshape(small)
      hat = try xw.sub(r.mean.reshape(small)).mul(scale)
    }
    let weighted = try weight.map { try gw.mul($0.to(wide).reshape(wShape)) } ?? gw
    var dx = weighted
    if r.isTraining {
      dx = try weighted.sub(weighted.mean(dims: dims, keepdim: true)).sub(hat.mul(weighted.mul(hat).mean(dims: dims, keepdim: true)))
    }
    var result: [Tensor?] = [try dx.mul(scale).reshape(Array(x.sizes)).to(x.dtype)]
    let rest = r.acrossBatch ? [0, 2, 3] : [0, 3]
    if let weight { result.append(try gw.mul(hat).sum(dims: rest).reshape([r.channels]).to(weight.dtype)) }
    if hasBias { result.append(try gw.sum(dims: rest).reshape([r.channels]).to(weight?.dtype ?? x.dtype)) }
    return result
  }

  /// What gradients of the means and of 1 / √(variance + eps) mean for x.
  private static func statisticsGradient(_ mean: Tensor?, _ scale: Tensor?, _ x: Tensor, _ r: NormalizationRecord, _ eps: Double) throws -> Tensor {
    let each = r.channels / max(r.groups, 1)
    let small = [r.batch, r.groups, 1, 1]
    let xw = try x.to(x.dtype.wide).reshape([r.batch, r.groups, each, r.length])
    let count = Scalar.integer(each * r.length)
    let centered = try xw.sub(xw.mean(dims: [2, 3], keepdim: true))
    var sum = try Tensor.zeros(xw.sizes, dtype: xw.dtype)
    if let mean { sum = try sum.add(mean.to(xw.dtype).reshape(small).div(.wrapped(count))) }
    if let scale {
      let inverse = try centered.mul(centered).mean(dims: [2, 3], keepdim: true).add(.wrapped(.double(eps))).sqrt().reciprocal()
      let slope = try inverse.mul(inverse).mul(inverse).mul(scale.to(xw.dtype).reshape(small)).div(.wrapped(count))
      sum = try sum.sub(centered.mul(slope))
    }
    return try sum.reshape(Array(x.sizes)).to(x.dtype)
  }

  private static func recorded(
    _ name: String, _ x: Tensor, _ weight: Tensor?, _ bias: Tensor?, _ eps: Double, _ r: NormalizationRecord, statistics: [Tensor] = []
  ) throws -> Tensor {
    let wide = x.dtype.wide
    let (p, w, b) = (try x.dense(wide), try weight?.dense(wide), try bias?.dense(wide))
    let y = try normalized(p, r, w, b).converted(to: x.dtype)
    withExtendedLifetime((p, w, b)) {}
    let inputs = [x] + (weight.map { [$0] } ?? []) + (bias.map { [$0] } ?? [])
    let (sx, sw, hasBias, type) = (SavedTensor(x), weight.map { SavedTensor($0) }, bias != nil, bias?.dtype ?? x.dtype)
    Tensor.recordNode(name, inputs: inputs, results: [y] + statistics) { _, gradients in
      if gradients.allSatisfy({ $0 == nil }) { return inputs.map { _ in nil } }
      let (x, weight) = (try sx.unpack(), try sw?.unpack())
      let g = try gradients[0] ?? .zeros(x.sizes, dtype: x.dtype)
      if gradients.count > 2, gradients[1] != nil || gradients[2] != nil {
        var all = try recordedGradients(g, x, weight, hasBias: hasBias, r, eps)
        all[0] = try all[0]?.add(statisticsGradient(gradients[1], gradients[2], x, r, eps))
        return all
      }
      if GradMode.isEnabled { return try recordedGradients(g, x, weight, hasBias: hasBias, r, eps) }
      let (p, q, w) = (try g.dense(wide), try x.dense(wide), try weight?.dense(wide))
      let (dx, dw, db) = try Self.gradients(p, q, w, r)
      withExtendedLifetime((p, q, w)) {}
      return [try dx.converted(to: x.dtype)] + (try weight.map { [try dw.converted(to: $0.dtype)] } ?? []) + (hasBias ? [try db.converted(to: type)] : [])
    }
    return y
  }

  /// Normalizes each channel over rows and places; gives also the means and 1 / √(variance + eps) used while training.
  /// Mirrors `torch.native_batch_norm`; the running statistics are changed.
  static func nativeBatchNorm(
    _ x: Tensor, _ weight: Tensor?, _ bias: Tensor?, _ runningMean: Tensor?, _ runningVar: Tensor?, training: Bool, momentum: Double, eps: Double
  ) throws -> [Tensor] {
    let channels = x.dim > 1 ? x.sizes[1] : 0
    for (name, tensor) in [("running_mean", runningMean), ("running_var", runningVar)] {
      guard let tensor else {
        if !training { throw TorchError.runtime("\(name) must be defined in evaluation mode") }
        continue
      }
      if tensor.count != channels { throw TorchError.runtime("\(name) should contain \(channels) elements not \(tensor.count)") }
    }
    for (name, tensor) in [("weight", weight), ("bias", bias)] {
      if let tensor, tensor.count != channels { throw TorchError.runtime("\(name) should contain \(channels) elements not \(tensor.count)") }
    }
    if !x.dtype.isFloatingPoint { throw TorchError.notImplemented("batch_norm", for: x.dtype) }
    let statisticsType = try statisticsType(x, [weight, bias, runningMean, runningVar])
    let length = x.sizes.dropFirst(2).reduce(1, *)
    let wide = x.dtype.wide
    let count = x.sizes[0] * length
    if training && x.count == 0 {
      // Nothing to learn from: the running statistics stay.
      return try emptyBatch(x, weight, bias, channels, statisticsType)
    }
    if training {
      let p = try x.dense(wide)
      let (mean, scale, variances) = try statistics(p, (x.sizes[0], channels, length, channels, true), eps)
      withExtendedLifetime(p) {}
      try GradMode.with(false) {
        func mix(_ running: Tensor?, _ found: Tensor) throws {
          guard let running else { return }
          let mixed = try found.converted(to: .float64).mul(.wrapped(.double(momentum))).add(running.converted(to: .float64).mul(.wrapped(.double(1 - momentum))))
          try running.copyElements(from: mixed)
        }
        try mix(runningMean, mean)
        if runningVar != nil {
          let unbiased = variances.map { $0 * Double(count) / Double(count - 1) }
          try mix(runningVar, Tensor.vector(unbiased, dtype: .float64))
        }
      }
      let r = NormalizationRecord(batch: x.sizes[0], channels: channels, length: length, groups: channels, acrossBatch: true, isTraining: true, mean: mean, scale: scale)
      let y = try recorded("NativeBatchNormBackward0", x, weight, bias, eps, r)
      return [y, try mean.converted(to: statisticsType), try scale.converted(to: statisticsType)]
    }
    guard let runningMean, let runningVar else { return [] }
    let scale = try GradMode.with(false) { try runningVar.converted(to: .float64).add(.wrapped(.double(eps))).sqrt().reciprocal().converted(to: wide) }
    let mean = try runningMean.detached().denseCopy(wide)
    let r = NormalizationRecord(batch: x.sizes[0], channels: channels, length: length, groups: channels, acrossBatch: true, isTraining: false, mean: mean, scale: scale)
    let none = try Tensor(uninitialized: [0], dtype: statisticsType)
    return [try recorded("NativeBatchNormBackward0", x, weight, bias, eps, r), none, try none.denseCopy()]
  }

  private static func emptyBatch(_ x: Tensor, _ weight: Tensor?, _ bias: Tensor?, _ channels: Int, _ type: DType) throws -> [Tensor] {
    let r = NormalizationRecord(
      batch: x.sizes[0], channels: channels, length: x.sizes.dropFirst(2).reduce(1, *), groups: channels, acrossBatch: true, isTraining: false,
      mean: try .zeros([channels], dtype: x.dtype.wide), scale: try .zeros([channels], dtype: x.dtype.wide))
    return [try recorded("NativeBatchNormBackward0", x, weight, bias, 0, r), try .zeros([channels], dtype: type), try .zeros([channels], dtype: type)]
  }

  /// Normalizes groups of channels of each row; gives also the means and 1 / √(variance + eps). Mirrors `torch.native_group_norm`.
  static func nativeGroupNorm(_ x: Tensor, _ weight: Tensor?, _ bias: Tensor?, batch: Int, channels: Int, length: Int, groups: Int, _ eps: Double) throws -> [Tensor] {
    if groups <= 0 { throw TorchError.runtime("Expected num groups to be greater than 0, got \(groups)") }
    if channels % groups != 0 {
      throw TorchError.runtime("Expected number of channels in input to be divisible by num_groups, but got input of shape \(x.sizes.text) and num_groups=\(groups)")
    }
    for (name, tensor) in [("weight", weight), ("bias", bias)] {
      if let tensor, tensor.dim != 1 || tensor.count != channels {
        throw TorchError.runtime("Expected \(name) to be a vector of size equal to the number of channels in input, but got \(name) of shape \(tensor.sizes.text) and input of shape \(x.sizes.text)")
      }
    }
    if !x.dtype.isFloatingPoint { throw TorchError.notImplemented("GroupNormKernelImpl", for: x.dtype) }
    if channels <= 0 { throw TorchError.runtime("Expected number of channels to be greater than 0, got \(channels)") }
    if length <= 0 { throw TorchError.runtime("Expected HxW to be greater than 0, got \(length)") }
    let type = try statisticsType(x, [weight, bias])
    let p = try x.dense(x.dtype.wide)
    let (mean, scale, _) = try statistics(p, (batch, channels, length, groups, false), eps)
    withExtendedLifetime(p) {}
    let r = NormalizationRecord(batch: batch, channels: channels, length: length, groups: groups, acrossBatch: false, isTraining: true, mean: mean, scale: scale)
    let found = try [mean, scale].map { try $0.reshape([batch, groups]).denseCopy(type) }
    return [try recorded("NativeGroupNormBackward0", x, weight, bias, eps, r, statistics: found)] + found
  }

  /// Mirrors `torch.group_norm`.
  static func groupNorm(_ x: Tensor, _ groups: Int, _ weight: Tensor?, _ bias: Tensor?, _ eps: Double) throws -> Tensor {
    if x.dim < 2 { throw TorchError.runtime("Expected at least 2 dimensions for input tensor but received \(x.dim)") }
    return try nativeGroupNorm(
      x, weight, bias, batch: x.sizes[0], channels: x.sizes[1], length: x.sizes.dropFirst(2).reduce(1, *), groups: groups, eps)[0]
  }

  /// - Throws: PyTorch's `ValueError` for one value a channel.
  static func checkBatch(_ sizes: [Int], _ text: String) throws {
    if sizes[0] * sizes.dropFirst(2).reduce(1, *) == 1 { throw TorchError.value("Expected more than 1 value per channel when training, got input size \(text)") }
  }

  /// Mirrors `torch.instance_norm`.
  static func instanceNorm(
    _ x: Tensor, _ runningMean: Tensor?, _ runningVar: Tensor?, _ weight: Tensor?, _ bias: Tensor?, usesInput: Bool, momentum: Double, eps: Double
  ) throws -> Tensor {
    if !usesInput && (runningMean == nil || runningVar == nil) {
      throw TorchError.runtime("Expected running_mean and running_var to be defined when use_input_stats is false")
    }
    let (batch, channels) = (try x.size(0), try x.size(1))
    func repeated(_ t: Tensor?) throws -> Tensor? { try t.map { batch == 1 ? $0 : try $0.tiled([batch]) } }
    let (mean, variance) = (try repeated(runningMean), try repeated(runningVar))
    let flat = try x.contiguous().view([1, batch * channels] + Array(x.sizes.dropFirst(2)))
    let y = try nativeBatchNorm(flat, repeated(weight), repeated(bias), mean, variance, training: usesInput, momentum: momentum, eps: eps)[0]
    try GradMode.with(false) {
      for (own, all) in [(runningMean, mean), (runningVar, variance)] {
        if usesInput, let own, let all { try own.copyElements(from: all.view([batch, channels]).mean(dims: [0])) }
      }
    }
    return try y.view(Array(x.sizes))
  }
}
