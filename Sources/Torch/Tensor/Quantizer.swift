/// How a quantized tensor's integers stand for numbers: value = (integer − zero point) × scale.
public enum Quantizer {
  /// One scale and zero point for all elements.
  case perTensorAffine(scale: Double, zeroPoint: Int)
  /// One scale (float64) and zero point (int64) for each index of `axis`; with float32 for both, zero points may be fractions.
  case perChannelAffine(scales: Tensor, zeroPoints: Tensor, axis: Int)

  /// PyTorch's name of the scheme: `torch.per_tensor_affine`.
  public var schemeName: String {
    switch self {
    case .perTensorAffine: "torch.per_tensor_affine"
    case .perChannelAffine(_, let zeroPoints, _): zeroPoints.dtype.isFloatingPoint ? "torch.per_channel_affine_float_qparams" : "torch.per_channel_affine"
    }
  }
}
