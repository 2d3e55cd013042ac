import Interface
import TensorCore
import Torch

/// The integers a range is spread over, and the arithmetic from a range to scale and zero point. Mirrors what PyTorch's
/// `UniformQuantizationObserverBase` does, in float32 in its order.
struct QuantizationLevels {
  let dtype: DType
  let scheme: QScheme
  let reduceRange: Bool
  let least: Int
  let greatest: Int
  /// Whether the caller named both ends.
  let isCustom: Bool

  /// - Throws: PyTorch's sentences for dtypes and ends that do not serve.
  init(dtype: DType, scheme: QScheme, reduceRange: Bool, least: Int?, greatest: Int?) throws {
    self.dtype = dtype
    self.scheme = scheme
    self.reduceRange = reduceRange
    let kind: DType = dtype == .int8 ? .qint8 : dtype == .uint8 ? .quint8 : dtype == .int32 ? .qint32 : dtype
    guard [.qint8, .quint8, .qint32, .int16].contains(kind) else {
      throw TorchError(
        .assertionError,
        "Default Observer only works for (torch.qint8, torch.quint8, torch.quint4x2, torch.qint32, torch.int8, torch.uint8, torch.int16, torch.int32, torch.float8_e5m2, torch.float8_e4m3fn, torch.uint16) data type"
      )
    }
    guard let low = least, let high = greatest else {
      isCustom = false
      switch kind {
      case .qint8: (self.least, self.greatest) = reduceRange ? (-64, 63) : (-128, 127)
      case .quint8: (self.least, self.greatest) = (0, reduceRange ? 127 : 255)
      default: (self.least, self.greatest) = (kind.integerRange.lowerBound, kind.integerRange.upperBound)
      }
      return
    }
    isCustom = true
    if !(low <= 0 && 0 <= high) { throw TorchError(.assertionError, "Used-specified quantization range must include 0.") }
    if low >= high {
      throw TorchError(.assertionError, "qmin must be strictly less than qmax for user-specified quantization range.")
    }
    let (distance, overflowed) = high.subtractingReportingOverflow(low)
    let room = kind == .qint8 ? 256 : kind == .qint32 ? 1 << 32 : Int.max
    if overflowed || distance >= room {
      throw TorchError(.assertionError, "quantization range should be positive and not exceed the maximum bit range (=\(room)).")
    }
    // Python's // rounds down, as an arithmetic shift does.
    (self.least, self.greatest) = reduceRange ? (low >> 1, high >> 1) : (low, high)
  }

  /// Scale and zero point for each range; zero points are whole but for `per_channel_affine_float_qparams`.
  func parameters(least lows: [Float], greatest highs: [Float], eps: Float) -> (scales: [Float], zeroPoints: [Double]) {
    var scales: [Float] = []
    var zeros: [Double] = []
    for (low, high) in zip(lows, highs) {
      if scheme === QScheme.perChannelAffineFloatQParams {
        let scale = (high - low) / Float(greatest - least)
        scales.append(scale > eps ? scale : 1)
        zeros.append(Double(-1 * low / (scale > eps ? scale : 1)))
        continue
      }
      let low = Float.propagatingMinimum(low, 0)
      let high = Float.propagatingMaximum(high, 0)
      let steps = Double(greatest - least)
      if scheme.isSymmetric {
        let reach = Float.propagatingMaximum(-low, high)
        scales.append(.propagatingMaximum(reach / Float(steps / 2), eps))
        let isUnsigned = dtype == .quint8 || dtype == .uint8
        zeros.append(!isUnsigned ? 0 : isCustom ? Double((least + greatest) >> 1) : 128)
      } else {
        let scale = Float.propagatingMaximum((high - low) / Float(steps), eps)
        scales.append(scale)
        let shift = (low / scale).rounded(.toNearestOrEven)
        // int32 that wraps around, and the least one for what does not fit, as PyTorch's tensors have it on x86.
        let steps = shift >= -2147483648 && shift < 2147483648 ? Int32(shift) : .min
        let zero = Int(Int32(truncatingIfNeeded: least) &- steps)
        zeros.append(Double(Swift.min(Swift.max(zero, least), greatest)))
      }
    }
    return (scales, zeros)
  }
}

extension Float {
  /// The smaller one, or NaN where either is NaN, as `torch.min`.
  static func propagatingMinimum(_ a: Float, _ b: Float) -> Float { a.isNaN ? a : b.isNaN ? b : Swift.min(a, b) }
  /// The greater one, or NaN where either is NaN, as `torch.max`.
  static func propagatingMaximum(_ a: Float, _ b: Float) -> Float { a.isNaN ? a : b.isNaN ? b : Swift.max(a, b) }
}
