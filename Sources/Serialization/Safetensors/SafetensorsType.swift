import TensorCore

/// An element type as safetensors names it, in the order in which that library sorts them.
struct SafetensorsType: Equatable {
  /// `F32`.
  let name: String
  /// The bits of one element.
  let bits: Int
  /// Its place among the types; tensors of a later one come first in a file, so that all are aligned.
  let rank: Int
  /// The same type here, nil where there is none.
  let dtype: DType?

  /// Every type of safetensors 0.8.
  static let all: [SafetensorsType] = [
    ("BOOL", 8, DType.bool), ("F4", 4, nil), ("F6_E2M3", 6, nil), ("F6_E3M2", 6, nil), ("U8", 8, .uint8), ("I8", 8, .int8),
    ("F8_E5M2", 8, nil), ("F8_E4M3", 8, nil), ("F8_E8M0", 8, nil), ("F8_E4M3FNUZ", 8, nil), ("F8_E5M2FNUZ", 8, nil),
    ("I16", 16, .int16), ("U16", 16, nil), ("F16", 16, .float16), ("BF16", 16, .bfloat16), ("I32", 32, .int32), ("U32", 32, nil),
    ("F32", 32, .float32), ("C64", 64, .complex64), ("F64", 64, .float64), ("I64", 64, .int64), ("U64", 64, nil),
  ].enumerated().map { SafetensorsType(name: $1.0, bits: $1.1, rank: $0, dtype: $1.2) }

  /// The type of that name.
  static func named(_ name: String) -> SafetensorsType? { all.first { $0.name.utf8.elementsEqual(name.utf8) } }

  /// The type of a tensor's elements, nil where safetensors has none.
  static func of(_ dtype: DType) -> SafetensorsType? { all.first { $0.dtype == dtype } }
}
