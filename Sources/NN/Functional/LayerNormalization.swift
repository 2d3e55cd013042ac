import Interface
import Kernels
import TensorCore
import Torch

extension Functional {
  /// The dtype that means and weights of a normalization have: float32 beside half types where any weight is float32.
  /// - Throws: PyTorch's sentence for other mixtures.
  static func statisticsType(_ x: Tensor, _ others: [Tensor?]) throws -> DType {
    guard let first = others.compactMap({ $0 }).first(where: { $0.dtype != x.dtype }) else { return x.dtype }
    if first.dtype != .float32 || x.dtype.itemSize != 2 || !x.dtype.isFloatingPoint {
      throw TorchError.runtime("mixed dtype (CPU): expect parameter to have scalar type of Float")
    }
    for other in others.compactMap({ $0 }) where other.dtype != .float32 {
      throw TorchError.runtime("mixed dtype (CPU): all the parameters should have the same dtype")
    }
    return .float32
  }

  /// - Throws: PyTorch's sentences where shape, weight and bias do not fit.
  static func checkNormalizedShape(_ x: Tensor, _ shape: [Int], _ weight: Tensor?, _ bias: Tensor?, star: String = "[*, ") throws {
    let text = Dims(shape).text
    if shape.isEmpty {
      throw TorchError.runtime("Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = \(text)")
    }
    for (name, tensor) in [("weight", weight), ("bias", bias)] {
      if let tensor, Array(tensor.sizes) != shape {
        throw TorchError.runtime("Expected \(name) to be of same shape as normalized_shape, but got \(name) of shape \(tensor.sizes.text) and normalized_shape = \(text)")
      }
    }
    if x.dim < shape.count || Array(x.sizes.suffix(shape.count)) != shape {
      let list = shape.map(String.init).joined(separator: ", ")
      throw TorchError.runtime("Given normalized_shape=\(text), expected input with shape \(star)\(list)], but got input of size\(x.sizes.text)")
    }
  }

  /// Normalizes over the last dimensions; gives also the means and 1 / √(variance + eps). Mirrors `torch.native_layer_norm`.
  static func nativeLayerNorm(_ x: Tensor, _ shape: [Int], _ weight: Tensor?, _ bias: Tensor?, _ eps: Double) throws -> [Tensor] {
    try checkNormalizedShape(x, shape, weight, bias)
    let statistics = try statisticsType(x, [weight, bias])
    if !x.dtype.isFloatingPoint { throw TorchError.notImplemented("LayerNormKernelImpl", for: x.dtype) }
    let wide = x.dtype.wide
    let n = shape.reduce(1, *)
    let lead = Array(x.sizes.dropLast(shape.count))
    let count = lead.reduce(1, *)
    let (p, w, b) = (try x.dense(wide), try weight?.dense(wide), try bias?.dense(wide))
    let y = try Tensor(uninitialized: x.sizes, dtype: wide)
    let small = Dims(lead + shape.map { _ in 1 })
    let (mean, scale) = (try Tensor(uninitialized: small, dtype: wide), try Tensor(uninitialized: small, dtype: wide))
    func run<T: NormalizedElement>(_ type: T.Type) {
      Normalization.rows(
        count, n, eps: eps, p.elements(T.self), (w?.elements(T.self)).map { UnsafePointer($0) }, (b?.elements(T.self)).map { UnsafePointer($0) }, y.elements(T.self),
        mean.elements(T.self), scale.elements(T.self))
    }
    if wide == .float64 { run(Double.self) } else { run(Float.self) }
    withExtendedLifetime((p, w, b)) {}
    let result = try y.converted(to: x.dtype)
    let sx = SavedTensor(x)
    let (sw, sb) = (weight.map { SavedTensor($0) }, bias != nil)
    let inputs = [x] + (weight.map { [$0] } ?? []) + (bias.map { [$0] } ?? [])
    Tensor.recordNode("NativeLayerNormBackward0", inputs: inputs, results: [result]) { node, gradients in
      guard let g = gradients[0] else { return inputs.map { _ in nil } }
      let (x, weight) = (try sx.unpack(), try sw?.unpack())
      if GradMode.isEnabled { return try layerNormGradients(g, x, weight, hasBias: sb, shape, eps) }
      let wide = x.dtype.wide
      let (p, q, w) = (try g.dense(wide), try x.dense(wide), try weight?.dense(wide))
      let dx = node.needs(0) ? try Tensor(uninitialized: x.sizes, dtype: wide) : nil
      let dWeight = weight != nil && node.needs(1) ? try Tensor.zeros(Dims(shape), dtype: wide) : nil
      let dBias = sb && node.needs(weight == nil ? 1 : 2) ? try Tensor.zeros(Dims(shape), dtype: wide) : nil
      func run<T: NormalizedElement>(_ type: T.Type) {
        Normalization.rowsBackward(
          count, n, p.elements(T.self), q.elements(T.self), (w?.elements(T.self)).map { UnsafePointer($0) }, mean.elements(T.self), scale.elements(T.self),
          dx: dx?.elements(T.self), dWeight: dWeight?.elements(T.self), dBias: dBias?.elements(T.self))
      }
      if wide == .float64 { run(Double.self) } else { run(Float.self) }
      withExtendedLifetime((p, q, w)) {}
      return [try dx?.converted(to: x.dtype)] + (weight == nil ? [] : [try dWeight?.converted(to: statistics)]) + (sb ? [try dBias?.converted(to: statistics)] : [])
    }
    return [result, try mean.converted(to: statistics), try scale.converted(to: statistics)]
  }

  /// The gradients as tensors that record, for those who differentiate twice.
  private static func layerNormGradients(_ g: Tensor, _ x: Tensor, _ weight: Tensor?, hasBias: Bool, _ shape: [Int], _ eps: Double) throws -> [Tensor?] {
    let wide = x.dtype.wide
    let last = Array((x.dim - shape.count)..<x.dim)
    let lead = Array(0..<(x.dim - shape.count))
    let (g, xw) = (try g.to(wide), try x.to(wide))
    let centered = try xw.sub(xw.mean(dims: last, keepdim: true))
    let scale = try centered.mul(centered).mean(dims: last, keepdim: true).add(.wrapped(.double(eps))).sqrt().reciprocal()
    let hat = try centered.mul(scale)
    let weighted = try weight.map { try g.mul($0.to(wide)) } ?? g
    let dx = try scale.mul(weighted.sub(weighted.mean(dims: last, keepdim: true)).sub(hat.mul(weighted.mul(hat).mean(dims: last, keepdim: true))))
    var result: [Tensor?] = [try dx.to(x.dtype)]
    func summed(_ t: Tensor) throws -> Tensor { lead.isEmpty ? t : try t.sum(dims: lead) }
    if let weight { result.append(try summed(g.mul(hat)).to(weight.dtype)) }
    if hasBias { result.append(try summed(g).to(weight?.dtype ?? x.dtype)) }
    return result
  }

  /// Over the root of the mean square of the last dimensions. Mirrors `F.rms_norm`.
  static func rmsNorm(_ x: Tensor, _ shape: [Int], _ weight: Tensor?, _ eps: Double?) throws -> Tensor {
    try checkNormalizedShape(x, shape, weight, nil, star: "[*")
    let epsilon: Double =
      switch x.dtype {
      case .float64: Double.ulpOfOne
      case .float16: 0x1p-10
      case .bfloat16: 0x1p-7
      default: Double(Float.ulpOfOne)
      }
    let last = Array((x.dim - shape.count)..<x.dim)
    let wide = try x.to(x.dtype.wide)
    let scale = try wide.mul(wide).mean(dims: last, keepdim: true).add(.wrapped(.double(eps ?? epsilon))).sqrt().reciprocal()
    var y = try wide.mul(scale)
    if let weight { y = try y.mul(weight.to(y.dtype)) }
    return try y.to(x.dtype)
  }
}
