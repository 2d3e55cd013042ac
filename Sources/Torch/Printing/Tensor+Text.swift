import TensorCore

extension Tensor {
  /// The options `torch.set_printoptions` changes.
  nonisolated(unsafe) public static var printOptions = PrintOptions.standard

  /// The text PyTorch prints for this tensor.
  public var text: String {
    if isWrappedNumber, case .complex(let real, let imaginary) = scalar(at: 0) { return FloatText.complex(real, imaginary) }
    let shape = Array(sizes)
    let elements: TensorText.Elements
    if dtype.isComplex {
      elements = .complex {
        let number = self.scalar(at: $0)
        return (number.doubleValue, number.imaginary)
      }
    } else if dtype.isFloatingPoint || dtype.isQuantized {
      elements = .floating { self.scalar(at: $0).doubleValue }
    } else if dtype == .bool {
      elements = .boolean { self.scalar(at: $0) == .boolean(true) }
    } else {
      elements = .integer { Int64(self.scalar(at: $0).integerValue) }
    }
    let name = "torch.\(dtype.name)"
    var suffixes: [String]
    switch quantizer {
    case .perTensorAffine(let scale, let zero)?:
      suffixes = TensorSuffixes.quantized(shape: shape, dtype: name, scheme: "torch.per_tensor_affine", scale: scale, zeroPoint: Int64(zero))
    case .perChannelAffine(let scales, let zeros, let axis)?:
      suffixes = TensorSuffixes.quantized(
        shape: shape, dtype: name, scheme: quantizer?.schemeName ?? "", scales: scales.text, zeroPoints: zeros.text, axis: axis)
    case nil:
      suffixes = TensorSuffixes.plain(shape: shape, dtype: name, defaultDtype: "torch.\((dtype.isComplex && count > 0 ? DType.defaultFloat.complex : .defaultFloat).name)", options: Tensor.printOptions)
    }
    if isUninitialized { return isParameter ? "<UninitializedParameter>" : "<UninitializedBuffer>" }
    suffixes += TensorSuffixes.gradient(function: gradFn?.name, requiresGradient: requiresGrad)
    return TensorText(shape: shape, elements: elements).text(
      prefix: isParameter ? "Parameter containing:\ntensor(" : "tensor(", suffixes: suffixes, options: Tensor.printOptions)
  }
}
