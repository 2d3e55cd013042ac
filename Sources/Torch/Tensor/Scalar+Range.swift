import Interface
import TensorCore

extension Scalar {
  /// - Throws: PyTorch's sentence where a type cannot hold the number. Unsigned types take negative numbers that wrap, floats
  ///   take infinities and NaN.
  func checkFits(_ dtype: DType) throws {
    let fits: Bool
    switch dtype {
    case .complex64, .complex128: fits = true
    case _ where isComplex: fits = imaginary == 0
    case .bool, .float64: fits = true
    case .float32, .float16, .bfloat16:
      let d = doubleValue
      fits = !d.isFinite || d.magnitude <= dtype.greatestFinite
    default:
      let range = dtype.integerRange
      let low = dtype == .uint8 ? -range.upperBound : range.lowerBound
      switch self {
      case .integer(let i): fits = i >= low && i <= range.upperBound
      case .double(let d): fits = d >= Double(low) && d <= Double(range.upperBound)
      case .boolean, .complex: fits = true
      }
    }
    if !fits { throw TorchError.runtime("value cannot be converted to type \(dtype.scalarName) without overflow") }
  }
}

extension DType {
  /// The name of C++'s type in PyTorch's sentences about numbers that do not fit.
  fileprivate var scalarName: String {
    switch self {
    case .int64: "int64_t"
    case .int32: "int"
    case .int16: "int16_t"
    case .int8: "int8_t"
    case .uint8: "uint8_t"
    case .float16: "c10::Half"
    case .bfloat16: "c10::BFloat16"
    case .float32: "float"
    default: "double"
    }
  }
}

extension Tensor {
  /// - Throws: PyTorch's sentence where a result of this type cannot be put into the tensor, for operations in place that say
  ///   so before anything else.
  func refuseNarrowing(_ result: DType, _ text: (DType) -> String = { $0.capitalized }, subject: String? = nil) throws {
    let narrows = (result.isComplex && !dtype.isComplex) || (result.isInexact && !dtype.isInexact) || (result != .bool && dtype == .bool)
    if narrows {
      throw TorchError.runtime("\(subject ?? "result type \(result.capitalized)") can't be cast to the desired output type \(text(dtype))")
    }
  }
}
