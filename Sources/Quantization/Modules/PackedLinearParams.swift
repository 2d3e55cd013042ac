import CKernels
import Glibc
import Interface
import TensorCore
import Torch

/// A linear layer's weight in the layout of the kernels, and its bias. Mirrors `torch.classes.quantized.LinearPackedParamsBase`.
///
/// Packed once, when it is made; it never changes afterwards.
public final class PackedLinearParams {
  /// `qint8`, or `float16` for weights rounded to half precision.
  public let dtype: DType
  /// The number of outputs.
  public let outFeatures: Int
  /// The number of inputs.
  public let inFeatures: Int
  /// `[outFeatures]` float32, or nil. The very tensor given.
  public let bias: Tensor?
  /// How the integers stand for numbers; nil for float16.
  public let quantizer: Quantizer?

  private let packed: UnsafeMutableRawPointer
  private let columnSums: UnsafeMutablePointer<Int32>
  private let scales: UnsafeMutablePointer<Float>
  private let zeroPoints: UnsafeMutablePointer<Int32>
  private let parameterCount: Int
  /// Whether any zero point is not 0; the kernels are faster without.
  private let hasZeroPoints: Bool
  /// A dense float32 copy of the bias, or the bias itself.
  private let denseBias: Tensor?

  /// The name of the TorchScript class in pickles.
  public static let className = "__torch__.torch.classes.quantized.LinearPackedParamsBase"

  /// Packs an int8 weight. Mirrors `torch.ops.quantized.linear_prepack`.
  /// - Parameter weight: `[out, in]`, qint8, quantized per tensor or per channel along axis 0.
  /// - Throws: a `RuntimeError` for other weights.
  public static func prepack(_ weight: Tensor, _ bias: Tensor?) throws -> PackedLinearParams {
    guard weight.dim == 2 else { throw TorchError.runtime("The weight tensor for quantized::linear_prepack (fbgemm) should be 2-dimensional.") }
    guard weight.dtype == .qint8, let quantizer = weight.quantizer else {
      throw TorchError.runtime("quantized::linear_prepack: the weight must be a torch.qint8 tensor, got torch.\(weight.dtype.name)")
    }
    try checkBias(bias, weight.sizes[0])
    return try PackedLinearParams(int8: weight, quantizer, bias)
  }

  /// Packs a float32 weight, rounded to half precision within ±65504. Mirrors `torch.ops.quantized.linear_prepack_fp16`.
  /// - Parameter weight: `[out, in]`.
  /// - Throws: a `RuntimeError` for weights that are not float matrices.
  public static func prepackHalf(_ weight: Tensor, _ bias: Tensor?) throws -> PackedLinearParams {
    guard weight.dim == 2, weight.dtype.isFloatingPoint else {
      throw TorchError.runtime("quantized::linear_prepack_fp16: the weight must be a float matrix")
    }
    try checkBias(bias, weight.sizes[0])
    return try PackedLinearParams(half: weight, bias)
  }

  private static func checkBias(_ bias: Tensor?, _ count: Int) throws {
    guard let bias else { return }
    if bias.dim != 1 { throw TorchError.runtime("bias should be a vector (1D Tensor)") }
    if bias.sizes[0] != count {
      throw TorchError.runtime("bias should have N elements: \(count)")
    }
    if bias.dtype != .float32 { throw TorchError.runtime("expected scalar type Float but found \(bias.dtype.capitalized)") }
  }

  private init(int8 weight: Tensor, _ quantizer: Quantizer, _ bias: Tensor?) throws {
    let (n, k) = (weight.sizes[0], weight.sizes[1])
    switch quantizer {
    case .perTensorAffine(let scale, let zero):
      parameterCount = 1
      scales = .allocate(capacity: 1)
      zeroPoints = .allocate(capacity: 1)
      scales[0] = Float(scale)
      zeroPoints[0] = Int32(truncatingIfNeeded: zero)
    case .perChannelAffine(let channelScales, let channelZeros, let axis):
      guard channelZeros.dtype == .int64 else { throw TorchError.runtime("quantized::linear_prepack: zero points must be whole numbers") }
      guard axis == 0 else { throw TorchError.runtime("quantized::linear_prepack: only axis 0 can have scales of its own, got \(axis)") }
      let (s, z) = (try channelScales.dense(.float64), try channelZeros.dense(.int64))
      parameterCount = n
      scales = .allocate(capacity: max(n, 1))
      zeroPoints = .allocate(capacity: max(n, 1))
      for i in 0..<n {
        scales[i] = Float(s.elements(Double.self)[i])
        zeroPoints[i] = Int32(truncatingIfNeeded: z.elements(Int.self)[i])
      }
    }
    hasZeroPoints = (0..<parameterCount).contains { [zeroPoints] in zeroPoints[$0] != 0 }
    (outFeatures, inFeatures, dtype) = (n, k, .qint8)
    self.quantizer = quantizer
    self.bias = bias
    packed = .allocate(byteCount: max(qk_s8_packed_size(n, k), 64), alignment: 64)
    columnSums = .allocate(capacity: max(n, 1))
    denseBias = try bias?.dense()
    let dense = try weight.dense()
    qk_s8_pack(n, k, dense.elements(Int8.self), k, packed.assumingMemoryBound(to: Int8.self), columnSums)
  }

  private init(half weight: Tensor, _ bias: Tensor?) throws {
    let (n, k) = (weight.sizes[0], weight.sizes[1])
    let rounded = try weight.denseCopy(.float32)
    (outFeatures, inFeatures, dtype) = (n, k, .float16)
    quantizer = nil
    self.bias = bias
    parameterCount = 0
    hasZeroPoints = false
    scales = .allocate(capacity: 1)
    zeroPoints = .allocate(capacity: 1)
    columnSums = .allocate(capacity: 1)
    packed = .allocate(byteCount: max(qk_f32_packed_size(n, k) * 4, 64), alignment: 64)
    denseBias = try bias?.dense()
    let w = rounded.elements(Float.self)
    _ = qk_f32_round_to_f16_saturated(n * k, w, w)
    qk_f32_pack(n, k, w, k, packed.assumingMemoryBound(to: Float.self))
  }

  deinit {
    packed.deallocate()
    columnSums.deallocate()
    scales.deallocate()
    zeroPoints.deallocate()
  }

  /// The weight `[out, in]`: qint8 with its scales, or float32 for float16. Mirrors `torch.ops.quantized.linear_unpack`.
  public func unpackedWeight() throws -> Tensor {
    let result = try Tensor(uninitialized: [outFeatures, inFeatures], dtype: dtype == .qint8 ? .qint8 : .float32)
    if dtype == .qint8 {
      qk_s8_unpack(outFeatures, inFeatures, packed.assumingMemoryBound(to: Int8.self), result.elements(Int8.self), inFeatures)
      result.quantizer = quantizer
    } else {
      qk_f32_unpack(outFeatures, inFeatures, packed.assumingMemoryBound(to: Float.self), result.elements(Float.self), inFeatures)
    }
    return result
  }

  /// The int8 weight as the kernels take it; valid while this object lives.
  var int8Weight: qk_s8_weight {
    qk_s8_weight(
      n: outFeatures, k: inFeatures, packed: packed.assumingMemoryBound(to: Int8.self), col_sums: columnSums, scales: scales,
      zero_points: hasZeroPoints ? UnsafePointer(zeroPoints) : nil, per_channel: parameterCount != 1)
  }

  /// The packed float weight; only for float16.
  var floatWeight: UnsafePointer<Float> { UnsafePointer(packed.assumingMemoryBound(to: Float.self)) }

  /// The bias as the kernels take it.
  var biasPointer: UnsafePointer<Float>? { denseBias.map { UnsafePointer($0.elements(Float.self)) } }
}
