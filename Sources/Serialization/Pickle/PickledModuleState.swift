import OrderedCollections

extension PickleObject {
  /// A `collections.OrderedDict` with the given items.
  public static func orderedDictionary(_ items: [(key: PickleKey, value: PickleValue)]) -> PickleObject {
    let object = PickleObject(PickleGlobal("collections", "OrderedDict"))
    for (key, value) in items { object.items[key] = value }
    return object
  }

  /// What `Module.state_dict()` returns: an `OrderedDict` whose attribute `_metadata` is an `OrderedDict` from module paths ("" for
  /// the module itself, then depth first) to dicts such as `{"version": 1}`.
  ///
  /// Keys that Python computes (`prefix + name`) are strings of their own, so that a file equals PyTorch's byte for byte.
  public static func stateDictionary(
    _ items: [(key: String, value: PickleValue)], metadata: [(path: String, value: PickleValue)]
  ) throws(SerializationError) -> PickleObject {
    var keyed: [(key: PickleKey, value: PickleValue)] = []
    for (key, value) in items {
      // Without a prefix the key is the parameter's own name, which Python keeps once.
      let isComputed = key.utf8.contains(UInt8(ascii: "."))
      keyed.append((try PickleKey(isComputed ? .distinctString(PickleString(key)) : .string(key)), value))
    }
    var modules: [(key: PickleKey, value: PickleValue)] = []
    for (path, value) in metadata {
      // Python keeps the empty string and those of one Latin-1 character once.
      let isShared = path.unicodeScalars.count <= 1
      modules.append((try PickleKey(isShared ? .string(path) : .distinctString(PickleString(path))), value))
    }
    let dictionary = orderedDictionary(keyed)
    dictionary.state = .dictionary(["_metadata": .object(orderedDictionary(modules))])
    return dictionary
  }

  /// `torch.nn.Parameter(data, requires_grad)`, a call of `torch._utils._rebuild_parameter`.
  ///
  /// State dicts hold the bare tensors; parameters occur in what is saved otherwise, such as the biases in packed quantized weights.
  public static func parameter(_ data: PickleObject, requiresGrad: Bool = true) -> PickleObject {
    PickleObject(
      PickleGlobal("torch._utils", "_rebuild_parameter"),
      [.object(data), .boolean(requiresGrad), .object(orderedDictionary([]))])
  }

  /// The tensor and flag of an object that `parameter(_:requiresGrad:)` describes, nil where it is another.
  public var parameterParts: (data: PickleObject, requiresGrad: Bool)? {
    let parts = arguments.elements
    guard callable == PickleGlobal("torch._utils", "_rebuild_parameter"), parts.count == 3, case .object(let data) = parts[0],
      case .boolean(let requiresGrad) = parts[1]
    else { return nil }
    return (data, requiresGrad)
  }

  /// An instance of a TorchScript class, `torch.ScriptObject`: its state and its qualified name.
  ///
  /// Dynamically quantized recurrent modules keep their weights in such objects. The state dict of the recipe's quantized LSTM
  /// (`quantize_dynamic` of a module whose `lstm` is `nn.LSTM(8, 8)`) is, in this order:
  ///
  ///     OrderedDict
  ///       "lstm._all_weight_values.0.param":              one for each layer and direction
  ///         ScriptObject "__torch__.torch.classes.rnn.CellParamsBase", state the tuple
  ///           ( "quantized_dynamic",                      kind of cell
  ///             [ parameter(bias_ih), parameter(bias_hh) ],   each with requires_grad=True, float32, shape [32]
  ///             [],                                       doubles: none
  ///             [ 1 ],                                    longs: reduce_range
  ///             [ packed(weight_ih, bias_ih), packed(weight_hh, bias_hh) ] )
  ///     _metadata
  ///       "": {"version": 1}, "lstm": {"version": 2}, "lstm._all_weight_values": {"version": 1},
  ///       "lstm._all_weight_values.0": {"version": 1}
  ///
  /// where `packed(w, b)` is a ScriptObject "__torch__.torch.classes.quantized.LinearPackedParamsBase" whose state is the tuple
  /// (qint8 tensor per_tensor_affine of shape [32, 8], the same parameter object as in the list of biases). Storages are met in the
  /// order bias_ih "0", bias_hh "1", weight_ih "2", weight_hh "3". The class names are strings of their own in each object.
  ///
  /// Per channel, the weight's quantizer holds tensors. With float16 the kind is "quantized_fp16", all lists but the last are empty,
  /// and `packed(w, b)` holds w as a plain float32 tensor (storages weight "0", bias "1", weight "2", bias "3").
  public static func scriptObject(className: String, state: PickleValue) -> PickleObject {
    let object = PickleObject(PickleGlobal("torch", "ScriptObject"), [], form: .new)
    object.state = .tuple([state, .distinctString(PickleString(className))])
    return object
  }

  /// The class name and state of an object that `scriptObject(className:state:)` describes, nil where it is another.
  public var scriptObjectParts: (className: String, state: PickleValue)? {
    guard callable == PickleGlobal("torch", "ScriptObject"), form == .new, let parts = state?.sequenceElements, parts.count == 2,
      let name = parts[1].stringValue
    else { return nil }
    return (name, parts[0])
  }
}
