import Interface
import TensorCore
import Torch

extension Tensor {
  /// Integers with one scale and zero point for all elements. Mirrors `torch.quantize_per_tensor`; gradients do not flow through it.
  /// - Throws: PyTorch's sentences for inputs that are not float32, types that are not quantized, zero points out of range.
  public func quantizedPerTensor(scale: Double, zeroPoint: Int, dtype target: DType) throws -> Tensor {
    try refuseQuantizing(target)
    if dtype != .float32 { throw TorchError.runtime("Quantize only works on Float Tensor, got \(dtype.capitalized)") }
    try target.check(zeroPoint: zeroPoint, in: "quantize_tensor_per_tensor_affine")
    let x = try dense()
    let y = try Tensor(uninitialized: sizes, dtype: target)
    withExtendedLifetime(x) {
      AffineRounding(scale: Float(scale), zeroPoint: Int32(zeroPoint), dtype: target)
        .quantize(x.elements(Float.self), count: count, into: y.pointer)
    }
    y.quantizer = .perTensorAffine(scale: scale, zeroPoint: zeroPoint)
    return y
  }

  /// Integers with a scale and zero point for each index of `axis`. Mirrors `torch.quantize_per_channel`.
  /// - Parameters:
  ///   - scales: `[size(axis)]`, kept as float64.
  ///   - zeroPoints: `[size(axis)]`, kept as int64.
  /// - Throws: PyTorch's sentences for lengths, the axis, types and zero points.
  public func quantizedPerChannel(scales: Tensor, zeroPoints: Tensor, axis: Int, dtype target: DType) throws -> Tensor {
    try refuseQuantizing(target)
    let quantizer = try Quantizer.checkedPerChannel(scales: scales, zeroPoints: zeroPoints, axis: axis, of: sizes)
    if dtype != .float32 {
      throw TorchError.runtime("quantize_tensor_per_channel_affine expects a Float Tensor, got \(dtype.capitalized)")
    }
    guard case .perChannelAffine(let scales, let zeros, _) = quantizer else { return self }
    for i in 0..<(zeros.dtype == .int64 ? zeros.count : 0) { try target.check(zeroPoint: zeros.elements(Int.self)[i], in: "quantize_tensor_per_channel_affine") }
    let x = try dense()
    let y = try Tensor(uninitialized: sizes, dtype: target)
    let (from, to) = (x.elements(Float.self), y.pointer)
    withExtendedLifetime(x) {
      forEachChannel(axis, scales, zeros, target) { rounding, start, length in
        rounding.quantize(from + start, count: length, into: to + start * target.itemSize)
      }
    }
    y.quantizer = quantizer
    return y
  }

  /// Integers in a range chosen from the elements. Mirrors `torch.quantize_per_tensor_dynamic`; float16 rounds to half precision.
  public func quantizedDynamically(dtype target: DType, reduceRange: Bool) throws -> Tensor {
    if ![DType.qint8, .quint8, .float16].contains(target) { throw TorchError.runtime("dtype \(target.capitalized)not supported") }
    if target == .float16 { return try denseCopy(.float16) }
    if dtype != .float32 { throw TorchError.runtime("Quantize only works on Float Tensor, got \(dtype.capitalized)") }
    if count == 0 {
      throw TorchError.runtime(
        "min(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.")
    }
    let levels: ClosedRange<Int32> = target == .qint8 ? -128...127 : 0...255
    let x = try dense()
    let range = try withExtendedLifetime(x) {
      try DynamicRange(of: x.elements(Float.self), count: count, in: levels, reduceRange: reduceRange)
    }
    return try x.quantizedPerTensor(scale: range.scale, zeroPoint: range.zeroPoint, dtype: target)
  }

  /// The numbers that the integers stand for, in float32; float tensors as they are. Mirrors `torch.dequantize`.
  public func dequantized() throws -> Tensor {
    guard let quantizer else { return dtype.isFloatingPoint ? (dtype == .float32 ? self : try to(.float32)) : try to(.float32) }
    let x = try dense()
    let y = try Tensor(uninitialized: sizes, dtype: .float32)
    defer { withExtendedLifetime(x) {} }
    let (from, to, size) = (x.pointer, y.elements(Float.self), dtype.itemSize)
    switch quantizer {
    case .perTensorAffine(let scale, let zero):
      AffineRounding(scale: Float(scale), zeroPoint: Int32(truncatingIfNeeded: zero), dtype: dtype).dequantize(from, count: count, into: to)
    case .perChannelAffine(let scales, let zeros, let axis):
      forEachChannel(axis, scales, zeros, dtype) { $0.dequantize(from + $1 * size, count: $2, into: to + $1) }
    }
    return y
  }

  /// The stored integers. Mirrors `Tensor.int_repr`.
  /// - Throws: PyTorch's error for tensors that are not quantized.
  public func integerRepresentation() throws -> Tensor {
    _ = try quantization("aten::int_repr")
    let x = try denseCopy()
    return Tensor(storage: x.storage, sizes: x.sizes, strides: x.strides, storageOffset: x.storageOffset, dtype: dtype.underlying)
  }

  /// The tensor as integers of a quantized type with one scale; the elements are copied. Mirrors `torch._make_per_tensor_quantized_tensor`.
  public func reinterpretedPerTensor(scale: Double, zeroPoint: Int) throws -> Tensor {
    try reinterpreted(.perTensorAffine(scale: scale, zeroPoint: zeroPoint))
  }

  /// The tensor as integers of a quantized type with a scale per index of `axis`. Mirrors `torch._make_per_channel_quantized_tensor`.
  public func reinterpretedPerChannel(scales: Tensor, zeroPoints: Tensor, axis: Int) throws -> Tensor {
    try reinterpreted(.checkedPerChannel(scales: scales, zeroPoints: zeroPoints, axis: axis, of: sizes))
  }

  /// How the integers stand for numbers.
  /// - Throws: PyTorch's error for tensors that are not quantized; `name` is the function called.
  public func quantization(_ name: String) throws -> Quantizer {
    if let quantizer { return quantizer }
    throw TorchError.notImplemented("Could not run '\(name)' with arguments from the 'CPU' backend.")
  }

  private func reinterpreted(_ quantizer: Quantizer) throws -> Tensor {
    let target = try dtype.quantizedCounterpart
    let x = try denseCopy()
    let y = Tensor(storage: x.storage, sizes: x.sizes, strides: x.strides, storageOffset: x.storageOffset, dtype: target)
    y.quantizer = quantizer
    return y
  }

  private func refuseQuantizing(_ target: DType) throws {
    if dtype.isQuantized {
      throw TorchError.notImplemented("Could not run 'aten::quantize_per_tensor' with arguments from the 'QuantizedCPU' backend.")
    }
    if !target.isQuantized { throw TorchError.runtime("ScalarType \(target.capitalized) is not supported in new_qtensor.") }
  }

  /// Calls `body` with each run of neighbours that share a scale, in row-major order.
  private func forEachChannel(
    _ axis: Int, _ scales: Tensor, _ zeros: Tensor, _ type: DType, _ body: (ChannelRounding, Int, Int) -> Void
  ) {
    let channels = sizes[axis]
    let inner = sizes[(axis + 1)...].reduce(1, *)
    if count == 0 { return }
    for row in 0..<(count / inner) {
      let c = row % channels
      let rounding =
        zeros.dtype == .int64
        ? ChannelRounding(scale: scales.elements(Double.self)[c], zeroPoint: Int32(truncatingIfNeeded: zeros.elements(Int.self)[c]), dtype: type)
        : ChannelRounding(scale: Double(scales.elements(Float.self)[c]), zeroPoint: 0, fraction: zeros.elements(Float.self)[c], dtype: type)
      body(rounding, row * inner, inner)
    }
  }
}

extension Quantizer {
  /// A per-channel quantizer whose parts fit tensors of these sizes, copied to float64 and int64, or to float32 where zero points are floats.
  /// - Throws: PyTorch's sentences.
  public static func checkedPerChannel(scales: Tensor, zeroPoints: Tensor, axis: Int, of sizes: Dims) throws -> Quantizer {
    if scales.dim != 1 { throw TorchError.runtime("scale tensor must have dimension 1") }
    if zeroPoints.dim != 1 { throw TorchError.runtime("zero_points tensor must have dimension 1") }
    if scales.count != zeroPoints.count { throw TorchError.runtime("number of elements in scales and zero_points must match") }
    if axis < 0 || axis >= sizes.count {
      throw TorchError.runtime("Channel axis out of range in per channel affine quantization. Got: \(axis)Expected: [0, \(sizes.count))")
    }
    if scales.count != sizes[axis] {
      throw TorchError.runtime("length of scales must equal to channel, expected \(sizes[axis]) got, \(scales.count)")
    }
    if zeroPoints.dtype.isFloatingPoint {
      return .perChannelAffine(scales: try scales.denseCopy(.float32), zeroPoints: try zeroPoints.denseCopy(.float32), axis: axis)
    }
    return .perChannelAffine(scales: try scales.denseCopy(.float64), zeroPoints: try zeroPoints.denseCopy(.int64), axis: axis)
  }
}
