import TensorCore

extension DType {
  /// The class that storages of this type have in pickles: `torch.FloatStorage`.
  var storageClass: PickleGlobal { PickleGlobal("torch", capitalized + "Storage") }

  /// The type of a storage class's elements.
  /// - Throws: a `RuntimeError` for types that tensors here cannot have.
  init(storageClass: PickleGlobal) throws(SerializationError) {
    guard let dtype = DType.allCases.first(where: { $0.storageClass == storageClass }) else {
      throw SerializationError("tensors over a \(storageClass) are not supported")
    }
    self = dtype
  }

  /// The type that a global names, `torch.qint8`; nil where it names something else.
  init?(global: PickleGlobal) {
    guard global.module == "torch", let dtype = DType.allCases.first(where: { $0.name == global.name }) else { return nil }
    self = dtype
  }
}
