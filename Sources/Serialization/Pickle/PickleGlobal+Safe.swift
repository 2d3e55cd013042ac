extension PickleGlobal {
  /// Whether `torch.load` accepts the name by default: containers, tensors, storages, dtypes and the functions that rebuild tensors.
  ///
  /// `torch.ScriptObject` is here too, though PyTorch refuses it by default: its own quantized modules write it into their state
  /// dicts, and what it holds is plain data. Source: `torch._weights_only_unpickler` of PyTorch 2.15.
  public var isSafe: Bool { Self.safe[module]?.contains(name) ?? false }

  private static let safe: [String: Set<String>] = [
    "collections": ["OrderedDict", "Counter"],
    "_codecs": ["encode"],
    "builtins": ["bytearray", "bytes", "set", "frozenset", "complex"],
    "torch": Set(storages + types + schemes + ["Size", "Tensor", "device", "ScriptObject"]),
    "torch.storage": ["TypedStorage", "UntypedStorage"],
    "torch.nn.parameter": ["Parameter"],
    "torch.serialization": ["_get_layout"],
    "torch._tensor": ["_rebuild_from_type_v2"],
    "torch._utils": [
      "_rebuild_parameter", "_rebuild_parameter_with_state", "_rebuild_qtensor", "_rebuild_tensor", "_rebuild_tensor_v2",
      "_rebuild_tensor_v3", "_rebuild_sparse_tensor", "_rebuild_meta_tensor_no_storage", "_rebuild_wrapper_subclass",
      "_rebuild_device_tensor_from_numpy", "_rebuild_device_tensor_from_cpu_tensor",
    ],
  ]

  private static let storages = [
    "UntypedStorage", "DoubleStorage", "FloatStorage", "HalfStorage", "BFloat16Storage", "LongStorage", "IntStorage",
    "ShortStorage", "CharStorage", "ByteStorage", "BoolStorage", "ComplexDoubleStorage", "ComplexFloatStorage", "QUInt8Storage",
    "QInt8Storage", "QInt32Storage", "QUInt4x2Storage", "QUInt2x4Storage",
  ]

  private static let types = [
    "float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "uint16", "uint32", "uint64", "bool",
    "complex32", "complex64", "complex128", "quint8", "qint8", "qint32", "quint4x2", "quint2x4", "float8_e4m3fn",
    "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu",
  ]

  private static let schemes = [
    "per_tensor_affine", "per_tensor_symmetric", "per_channel_affine", "per_channel_symmetric",
    "per_channel_affine_float_qparams",
  ]
}
