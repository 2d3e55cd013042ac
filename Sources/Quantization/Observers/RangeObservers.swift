import Interface
import NN
import TensorCore
import Torch

/// An observer of ranges that are spread over integers. Mirrors `torch.ao.quantization.UniformQuantizationObserverBase`.
public class UniformObserver: Observer {
  /// How ranges are spread.
  public let scheme: QScheme
  let levels: QuantizationLevels

  init(_ levels: QuantizationLevels, eps: Double, isDynamic: Bool, empty: Dims) throws {
    scheme = levels.scheme
    self.levels = levels
    super.init(dtype: levels.dtype, isDynamic: isDynamic)
    attributes["qscheme"] = scheme.asValue
    attributes["reduce_range"] = .boolean(levels.reduceRange)
    attributes["has_customized_qrange"] = .boolean(levels.isCustom)
    attributes["quant_min"] = .integer(levels.least)
    attributes["quant_max"] = .integer(levels.greatest)
    buffers["eps"] = try Tensor.vector([eps], dtype: .float32)
    buffers["min_val"] = try Tensor.full(empty, .double(.infinity), dtype: .float32)
    buffers["max_val"] = try Tensor.full(empty, .double(-.infinity), dtype: .float32)
  }

  /// The least and greatest integers in use.
  public var quantMin: Int { levels.least }
  /// The greatest integer in use.
  public var quantMax: Int { levels.greatest }
  public override var stateVersion: Int { 3 }

  /// The least values seen; infinity (or empty) before any.
  public var leastSeen: Tensor { get throws { try tensor("min_val") } }
  /// The greatest values seen.
  public var greatestSeen: Tensor { get throws { try tensor("max_val") } }

  public override func calculateQParams() throws -> (scales: Tensor, zeroPoints: Tensor) {
    let (low, high) = (try leastSeen.dense(.float32), try greatestSeen.dense(.float32))
    let (lows, highs) = (low.elements(Float.self), high.elements(Float.self))
    let count = min(low.count, high.count)
    if count == 0 || (low.dim == 0 && lows[0] == .infinity && highs[0] == -.infinity) {
      return (try .vector([1.0], dtype: .float32), try .vector([0]))
    }
    if let bad = (0..<count).first(where: { lows[$0] > highs[$0] }) {
      throw TorchError(.assertionError, "min \(low.dim == 0 ? "\(lows[bad])" : low.text) should be less than max \(high.dim == 0 ? "\(highs[bad])" : high.text)")
    }
    let (scales, zeros) = levels.parameters(
      least: Array(UnsafeBufferPointer(start: lows, count: count)), greatest: Array(UnsafeBufferPointer(start: highs, count: count)),
      eps: Float(try tensor("eps").scalar(at: 0).doubleValue))
    let spread = try Tensor.vector(scales.map { Double($0) }, dtype: .float32)
    if scheme === QScheme.perChannelAffineFloatQParams { return (spread, try .vector(zeros, dtype: .float32)) }
    let zeroPoints = try Tensor.vector(zeros.map { Int($0) })
    return (
      spread, scheme.isSymmetric ? zeroPoints : try zeroPoints.converted(to: .int32)
    )
  }

  /// Forgets what was seen. Mirrors `reset_min_max_vals`.
  public func reset() throws {
    let empty = scheme.isPerChannel ? Dims([0]) : Dims()
    buffers["min_val"] = try Tensor.full(empty, .double(.infinity), dtype: .float32)
    buffers["max_val"] = try Tensor.full(empty, .double(-.infinity), dtype: .float32)
  }

  /// - Throws: PyTorch's sentence where a range cannot be reduced.
  static func checkReduction(_ levels: QuantizationLevels, _ sentence: String) throws {
    if levels.scheme.isSymmetric && levels.reduceRange && levels.dtype == .quint8 { throw TorchError.notImplemented(sentence) }
  }
}

/// Watches the range of all elements. Mirrors `torch.ao.quantization.MinMaxObserver`.
public final class MinMaxObserver: UniformObserver {
  /// - Throws: PyTorch's sentences for options that do not go together.
  public init(
    dtype: DType = .quint8, scheme: QScheme = .perTensorAffine, reduceRange: Bool = false, quantMin: Int? = nil, quantMax: Int? = nil,
    eps: Double = 0x1p-23, isDynamic: Bool = false
  ) throws {
    if scheme.isPerChannel {
      throw TorchError.notImplemented(
        "MinMaxObserver's qscheme only support torch.per_tensor_symmetric                     and torch.per_tensor_affine.")
    }
    let levels = try QuantizationLevels(dtype: dtype, scheme: scheme, reduceRange: reduceRange, least: quantMin, greatest: quantMax)
    try UniformObserver.checkReduction(
      levels, "Cannot reduce range for symmetric                                        quantization for quint8")
    try super.init(levels, eps: eps, isDynamic: isDynamic, empty: Dims())
  }

  private init(copying other: MinMaxObserver) throws {
    try super.init(other.levels, eps: 0, isDynamic: other.isDynamic, empty: Dims())
  }

  public override var typeName: String { "MinMaxObserver" }
  public override func extraRepr() -> String {
    func text(_ t: Tensor?) -> String { t.map { FloatText.shortest($0.scalar(at: 0).doubleValue) } ?? "None" }
    return "min_val=\(text(try? leastSeen)), max_val=\(text(try? greatestSeen))"
  }

  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    let x = try inputTensor(inputs, 0, "x_orig")
    if x.count == 0 { return .object(x) }
    let values = try x.dense(.float32)
    let (low, high) = extremes(values.elements(Float.self), values.count)
    let (least, greatest) = (try leastSeen.elements(Float.self), try greatestSeen.elements(Float.self))
    least[0] = .propagatingMinimum(low, least[0])
    greatest[0] = .propagatingMaximum(high, greatest[0])
    return .object(x)
  }

  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = try MinMaxObserver(copying: self)
    try copyContents(to: copy, memo)
    return copy
  }
}

/// Watches the range of each index of one axis. Mirrors `torch.ao.quantization.PerChannelMinMaxObserver`.
public final class PerChannelMinMaxObserver: UniformObserver {
  /// The axis whose indices have ranges of their own.
  public let axis: Int

  /// - Throws: PyTorch's sentences for options that do not go together.
  public init(
    axis: Int = 0, dtype: DType = .quint8, scheme: QScheme = .perChannelAffine, reduceRange: Bool = false, quantMin: Int? = nil,
    quantMax: Int? = nil, eps: Double = 0x1p-23, isDynamic: Bool = false
  ) throws {
    if !scheme.isPerChannel {
      throw TorchError.notImplemented(
        "PerChannelMinMaxObserver's qscheme only support                     torch.per_channel_symmetric, torch.per_channel_affine and torch.per_channel_affine_float_qparams."
      )
    }
    if isDynamic { throw TorchError.notImplemented("PerChannelMinMaxObserver doesn't support dynamic quantization") }
    self.axis = axis
    let levels = try QuantizationLevels(dtype: dtype, scheme: scheme, reduceRange: reduceRange, least: quantMin, greatest: quantMax)
    try UniformObserver.checkReduction(levels, "Cannot reduce range for symmetric quantization for quint8")
    try super.init(levels, eps: eps, isDynamic: false, empty: [0])
    attributes["ch_axis"] = .integer(axis)
  }

  private init(copying other: PerChannelMinMaxObserver) throws {
    axis = other.axis
    try super.init(other.levels, eps: 0, isDynamic: false, empty: [0])
  }

  public override var typeName: String { "PerChannelMinMaxObserver" }
  public override func extraRepr() -> String {
    func text(_ t: Tensor?) -> String { t?.text ?? "None" }
    return "min_val=\(text(try? leastSeen)), max_val=\(text(try? greatestSeen))"
  }

  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    let x = try inputTensor(inputs, 0, "x_orig")
    if x.count == 0 { return .object(x) }
    let y = try GradMode.with(false) { try x.transpose(axis, 0).dense(.float32) }
    let channels = y.sizes[0]
    let inner = y.count / channels
    let (seenLow, seenHigh) = (try leastSeen, try greatestSeen)
    let isFirst = seenLow.count == 0 || seenHigh.count == 0
    if !isFirst && seenLow.count != channels {
      throw TorchError.runtime(
        "The size of tensor a (\(channels)) must match the size of tensor b (\(seenLow.count)) at non-singleton dimension 0")
    }
    let (low, high) = (try Tensor(uninitialized: [channels], dtype: .float32), try Tensor(uninitialized: [channels], dtype: .float32))
    let (lows, highs) = (low.elements(Float.self), high.elements(Float.self))
    for c in 0..<channels {
      (lows[c], highs[c]) = extremes(y.elements(Float.self) + c * inner, inner)
      if isFirst { continue }
      lows[c] = .propagatingMinimum(lows[c], seenLow.elements(Float.self)[c])
      highs[c] = .propagatingMaximum(highs[c], seenHigh.elements(Float.self)[c])
    }
    buffers["min_val"] = low
    buffers["max_val"] = high
    return .object(x)
  }

  public override func loadFromStateDict(_ load: StateDictLoad, prefix: String) throws {
    // What was seen has as many elements as there were channels, so an observer that saw nothing takes over the sizes.
    for name in ["min_val", "max_val"] {
      if case .object(let object)? = load.state[prefix + name], let seen = object as? Tensor {
        buffers[name] = try Tensor.zeros(seen.sizes, dtype: .float32)
      }
    }
    try super.loadFromStateDict(load, prefix: prefix)
  }

  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = try PerChannelMinMaxObserver(copying: self)
    try copyContents(to: copy, memo)
    return copy
  }
}
