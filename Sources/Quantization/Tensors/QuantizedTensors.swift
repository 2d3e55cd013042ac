import Interface
import TensorCore
import Torch

/// Making quantized tensors and asking them.
public let quantizedTensors = OperationFamily("torch") { ops in
  ops.define("quantize_per_tensor(Tensor input, float scale, int zero_point, ScalarType dtype) -> Tensor", doc: "Rounds float32 to integers of a quantized dtype: clamp(round(x / scale) + zero_point). Mirrors torch.quantize_per_tensor.") {
    (x: Tensor, s: Double, z: Int, t: DType) in try x.quantizedPerTensor(scale: s, zeroPoint: z, dtype: t)
  }
  ops.define("quantize_per_tensor.tensor_qparams(Tensor input, Tensor scale, Tensor zero_point, ScalarType dtype) -> Tensor", doc: "Rounds float32 to integers; scale and zero point as tensors of one element. Mirrors torch.quantize_per_tensor.") {
    (x: Tensor, s: Tensor, z: Tensor, t: DType) in
    try x.quantizedPerTensor(scale: s.item().doubleValue, zeroPoint: z.item().integerValue, dtype: t)
  }
  ops.define("quantize_per_channel(Tensor input, Tensor scales, Tensor zero_points, int axis, ScalarType dtype) -> Tensor", doc: "Rounds float32 to integers with a scale and zero point for each index of axis. Mirrors torch.quantize_per_channel.") {
    (x: Tensor, s: Tensor, z: Tensor, a: Int, t: DType) in try x.quantizedPerChannel(scales: s, zeroPoints: z, axis: a, dtype: t)
  }
  ops.define("quantize_per_tensor_dynamic(Tensor input, ScalarType dtype, bool reduce_range) -> Tensor", doc: "Rounds float32 to integers in a range chosen from the elements. Mirrors torch.quantize_per_tensor_dynamic.") {
    (x: Tensor, t: DType, r: Bool) in try x.quantizedDynamically(dtype: t, reduceRange: r)
  }
  ops.define("dequantize(Tensor self) -> Tensor", doc: "The float32 numbers that the integers stand for; float32 tensors as they are. Mirrors torch.dequantize.") { (x: Tensor) in try x.dequantized() }
  ops.define("int_repr(Tensor self) -> Tensor", doc: "The stored integers as int8, uint8 or int32. Mirrors torch.int_repr.") { (x: Tensor) in try x.integerRepresentation() }
  ops.define("q_scale(Tensor self) -> float", doc: "The scale of a tensor quantized per tensor. Mirrors torch.q_scale.") { (x: Tensor) in try x.affine("aten::q_scale").0 }
  ops.define("q_zero_point(Tensor self) -> int", doc: "The zero point of a tensor quantized per tensor. Mirrors torch.q_zero_point.") { (x: Tensor) in try x.affine("aten::q_zero_point").1 }
  ops.define("q_per_channel_scales(Tensor self) -> Tensor", doc: "The scales (float64) of a tensor quantized per channel. Mirrors torch.q_per_channel_scales.") { (x: Tensor) in try x.channels("aten::q_per_channel_scales").0 }
  ops.define("q_per_channel_zero_points(Tensor self) -> Tensor", doc: "The zero points (int64) of a tensor quantized per channel. Mirrors torch.q_per_channel_zero_points.") { (x: Tensor) in try x.channels("aten::q_per_channel_zero_points").1 }
  ops.define("q_per_channel_axis(Tensor self) -> int", doc: "The axis whose indices have their own scale. Mirrors torch.q_per_channel_axis.") { (x: Tensor) in try x.channels("aten::q_per_channel_axis").2 }
  ops.define("qscheme(Tensor self) -> QScheme", doc: "How the tensor is quantized: torch.per_tensor_affine or torch.per_channel_affine. Mirrors Tensor.qscheme.", variants: [.method]) { (x: Tensor) in try x.scheme() }
  ops.define("_make_per_tensor_quantized_tensor(Tensor input, float scale, int zero_point) -> Tensor", doc: "Takes int8, uint8 or int32 elements as a quantized tensor's integers. Mirrors torch._make_per_tensor_quantized_tensor.") {
    (x: Tensor, s: Double, z: Int) in try x.reinterpretedPerTensor(scale: s, zeroPoint: z)
  }
  ops.define("_make_per_channel_quantized_tensor(Tensor input, Tensor scale, Tensor zero_point, int axis) -> Tensor", doc: "Takes int8, uint8 or int32 elements as the integers of a tensor quantized per channel. Mirrors torch._make_per_channel_quantized_tensor.") {
    (x: Tensor, s: Tensor, z: Tensor, a: Int) in try x.reinterpretedPerChannel(scales: s, zeroPoints: z, axis: a)
  }
}

extension Tensor {
  /// The scheme as an object. Mirrors `Tensor.qscheme`.
  /// - Throws: PyTorch's error for tensors that are not quantized.
  public func scheme() throws -> QScheme {
    switch try quantization("aten::qscheme") {
    case .perTensorAffine: .perTensorAffine
    case .perChannelAffine(_, let zeroPoints, _): zeroPoints.dtype.isFloatingPoint ? .perChannelAffineFloatQParams : .perChannelAffine
    }
  }

  fileprivate func affine(_ name: String) throws -> (Double, Int) {
    if case .perTensorAffine(let scale, let zero) = try quantization(name) { return (scale, zero) }
    throw unmet("quantizer->qscheme() == kPerTensorAffine")
  }

  fileprivate func channels(_ name: String) throws -> (Tensor, Tensor, Int) {
    if case .perChannelAffine(let scales, let zeros, let axis) = try quantization(name) { return (scales, zeros, axis) }
    throw unmet("quantizer->qscheme() == kPerChannelAffine || quantizer->qscheme() == kPerChannelAffineFloatQParams")
  }

  private func unmet(_ condition: String) -> TorchError {
    .runtime(
      "Expected \(condition) to be true, but got false.  (Could this error message be improved?  If so, please report an enhancement request to PyTorch.)")
  }
}
