import CKernels
import Interface
import NN
import TensorCore
import Torch

/// Watches tensors and says how to quantize them. Mirrors `torch.ao.quantization.ObserverBase`.
open class Observer: Module {
  /// The dtype the observed tensors are to get.
  public let dtype: DType
  /// Whether the range is to be found anew for each input.
  public let isDynamic: Bool

  init(dtype: DType, isDynamic: Bool) {
    self.dtype = dtype
    self.isDynamic = isDynamic
    super.init()
    attributes = ["dtype": dtype.asValue, "is_dynamic": .boolean(isDynamic)]
  }

  public override var typeModule: String { "torch.ao.quantization.observer" }

  /// Scales (float32) and zero points, one of each for every range watched. Mirrors `calculate_qparams`.
  /// - Throws: PyTorch's sentence for observers that watch nothing.
  open func calculateQParams() throws -> (scales: Tensor, zeroPoints: Tensor) {
    throw TorchError.runtime("calculate_qparams should not be called for \(typeName)")
  }

  /// Takes a tensor into account and gives it back.
  public func observe(_ x: Tensor) throws { _ = try forward([.object(x)]) }

  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    return .object(try inputTensor(inputs, 0, "x_orig"))
  }
}

/// Carries a dtype and watches nothing. Mirrors `torch.ao.quantization.PlaceholderObserver`.
public final class PlaceholderObserver: Observer {
  /// The ends of the integers, where given.
  public let quantMin, quantMax: Int?

  /// A placeholder for this dtype and range.
  public init(dtype: DType = .float32, quantMin: Int? = nil, quantMax: Int? = nil, isDynamic: Bool = false) {
    self.quantMin = quantMin
    self.quantMax = quantMax
    super.init(dtype: dtype, isDynamic: isDynamic)
  }

  public override var typeName: String { "PlaceholderObserver" }
  public override func extraRepr() -> String { "dtype=torch.\(dtype.name), is_dynamic=\(isDynamic ? "True" : "False")" }
  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = PlaceholderObserver(dtype: dtype, quantMin: quantMin, quantMax: quantMax, isDynamic: isDynamic)
    try copyContents(to: copy, memo)
    return copy
  }
}

/// Carries a dtype and watches nothing. Mirrors `torch.ao.quantization.NoopObserver`.
public final class NoopObserver: Observer {
  /// An observer that carries this dtype.
  public init(dtype: DType = .float16) { super.init(dtype: dtype, isDynamic: false) }

  public override var typeName: String { "NoopObserver" }
  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = NoopObserver(dtype: dtype)
    try copyContents(to: copy, memo)
    return copy
  }
}

/// The least and the greatest of `count` floats; both NaN where one is NaN, as `torch.aminmax`.
func extremes(_ x: UnsafePointer<Float>, _ count: Int) -> (least: Float, greatest: Float) {
  var strange: Int32 = 0
  for i in 0..<count { strange &+= x[i] == x[i] ? 0 : 1 }
  if strange != 0 { return (.nan, .nan) }
  var (low, high): (Float, Float) = (0, 0)
  qk_minmax_f32(count, x, &low, &high)
  return (low, high)
}
