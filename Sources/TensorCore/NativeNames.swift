extension DType {
  /// The name of the element's type in C++, as most of PyTorch's sentences about mixed types have it: `float`, `c10::Half`, `long`.
  public var nativeName: String {
    switch self {
    case .float32: "float"
    case .float64: "double"
    case .float16: "c10::Half"
    case .bfloat16: "c10::BFloat16"
    case .int64: "long"
    case .int32: "int"
    case .int16: "short"
    case .int8: "signed char"
    case .uint8: "unsigned char"
    case .bool: "bool"
    case .complex64: "c10::complex<float>"
    case .complex128: "c10::complex<double>"
    default: name
    }
  }

  /// The same in sentences that spell integers out: `long int`, `short int`.
  public var spelledNativeName: String {
    switch self {
    case .int64, .int16: nativeName + " int"
    default: nativeName
    }
  }
}
