import Interface
import OrderedCollections
import Torch

extension Module {
  /// All parameters and persistent buffers by path, with the classes' versions as `_metadata`. Mirrors `Module.state_dict`.
  /// - Parameter keepVars: gives the parameters themselves and not tensors without history over the same bytes.
  public func stateDict(_ destination: OrderedDict = OrderedDict(), prefix: String = "", keepVars: Bool = false) throws -> OrderedDict {
    try runStateHooks(.beforeSaving, [.string(prefix), .boolean(keepVars)])
    let metadata: OrderedDict
    if case .object(let object)? = destination.attributes["_metadata"], let known = object as? OrderedDict {
      metadata = known
    } else {
      metadata = OrderedDict()
      destination.attributes["_metadata"] = .object(metadata)
    }
    metadata[String(prefix.dropLast())] = .dictionary([(.string("version"), .integer(stateVersion))])
    try saveToStateDict(destination, prefix: prefix, keepVars: keepVars)
    for (name, module) in modules {
      if let module { _ = try module.stateDict(destination, prefix: "\(prefix)\(name).", keepVars: keepVars) }
    }
    try runStateHooks(.afterSaving, [.object(destination), .string(prefix), metadata[String(prefix.dropLast())] ?? Value.none])
    return destination
  }

  func saveOwnTensors(to destination: OrderedDict, prefix: String, keepVars: Bool) {
    for (name, tensor) in ownState { destination[prefix + name] = .object(keepVars || tensor.isUninitialized ? tensor : tensor.detached()) }
  }

  /// The parameters and persistent buffers of this module alone that are not None.
  private var ownState: [(String, Tensor)] {
    var rows: [(String, Tensor)] = []
    for (name, tensor) in parameters { if let tensor { rows.append((name, tensor)) } }
    for (name, tensor) in buffers { if let tensor, !nonPersistentBuffers.contains(name) { rows.append((name, tensor)) } }
    return rows
  }

  /// Takes parameters and buffers from a state dict. Mirrors `Module.load_state_dict`.
  /// - Parameter assign: the state dict's tensors themselves take the place of this module's, instead of a copy of their elements.
  /// - Throws: PyTorch's `RuntimeError` that lists all missing and unexpected keys (where `strict`) and sizes that differ.
  @discardableResult
  public func loadStateDict(_ state: OrderedDict, strict: Bool = true, assign: Bool = false) throws -> IncompatibleKeys {
    // What hooks change is not the caller's.
    let own = OrderedDict()
    (own.entries, own.attributes) = (state.entries, state.attributes)
    let load = StateDictLoad(own, assign: assign)
    try self.load(load, prefix: "")
    var errors = load.errors
    func list(_ keys: [String]) -> String { keys.map { "\"\($0)\"" }.joined(separator: ", ") }
    if strict {
      if !load.unexpectedKeys.isEmpty { errors.insert("Unexpected key(s) in state_dict: \(list(load.unexpectedKeys)). ", at: 0) }
      if !load.missingKeys.isEmpty { errors.insert("Missing key(s) in state_dict: \(list(load.missingKeys)). ", at: 0) }
    }
    if !errors.isEmpty {
      throw TorchError.runtime("Error(s) in loading state_dict for \(className):\n\t" + errors.joined(separator: "\n\t"))
    }
    return IncompatibleKeys(missing: load.missingKeys, unexpected: load.unexpectedKeys)
  }

  private func load(_ load: StateDictLoad, prefix: String) throws {
    let metadata: [(Value, Value)] = load.version(at: prefix).map { [(.string("version"), .integer($0))] } ?? []
    try runStateHooks(
      .beforeLoading,
      [.object(load.state), .string(prefix), .dictionary(metadata), .boolean(true), .object(load.missing), .object(load.unexpected), .object(load.mistakes)])
    try loadFromStateDict(load, prefix: prefix)
    for case (let name, let module?) in modules {
      let (whole, path) = (load.state, "\(prefix)\(name).")
      if !module.stateHooks.isEmpty { load.state = whole.part(under: path) }
      defer { load.state = whole }
      try module.load(load, prefix: path)
    }
    try runStateHooks(.afterLoading, [.object(IncompatibleKeys(live: load))])
  }

  func loadOwnTensors(_ load: StateDictLoad, prefix: String) throws {
    let own = ownState
    for (name, tensor) in own {
      let key = prefix + name
      guard let value = load.state[key] else {
        load.missingKeys.append(key)
        continue
      }
      guard case .object(let object) = value, var source = object as? Tensor else {
        load.errors.append(
          "While copying the parameter named \"\(key)\", expected torch.Tensor or Tensor-like object from checkpoint but received <class '\(value.pythonTypeName)'>")
        continue
      }
      if tensor.isUninitialized {
        if source.isUninitialized { continue }
        try tensor.materialize(Array(source.sizes))
      }
      _ = try source.knownSizes()
      // Old checkpoints keep numbers as vectors of one.
      if tensor.dim == 0 && source.dim == 1 { source = try source.select(0, 0) }
      if source.sizes != tensor.sizes {
        load.errors.append(
          "size mismatch for \(key): copying a param with shape torch.Size(\(source.sizes.text)) from checkpoint, the shape in current model is torch.Size(\(tensor.sizes.text)).")
        continue
      }
      do {
        if load.assign {
          try assign(source, to: name, inPlaceOf: tensor)
        } else {
          try GradMode.with(false) { _ = try tensor.copyElements(from: source) }
        }
      } catch let error as TorchError {
        load.errors.append(
          "While copying the parameter named \"\(key)\", whose dimensions in the model are torch.Size(\(tensor.sizes.text)) and whose dimensions in the checkpoint are torch.Size(\(source.sizes.text)), an exception occurred : ('\(error.message)',).")
      }
    }
    let names = Set(own.map(\.0))
    for key in load.keys(under: prefix) {
      let rest = key.dropFirst(prefix.count).split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
      let first = String(rest.first ?? "")
      if rest.count > 1 ? modules[first] == nil : !names.contains(first) { load.unexpectedKeys.append(key) }
    }
  }

  private func assign(_ source: Tensor, to name: String, inPlaceOf tensor: Tensor) throws {
    var source = source
    if tensor.isParameter {
      if source.isParameter {
        try source.setRequiresGrad(tensor.requiresGrad)
      } else {
        source = try .parameter(source, requiresGrad: tensor.requiresGrad)
      }
    }
    try setAttribute(name, .object(source))
  }
}

extension OrderedDict {
  /// The entries whose keys begin with a prefix.
  fileprivate func part(under prefix: String) -> OrderedDict {
    let part = OrderedDict()
    part.attributes = attributes
    part.entries = entries.filter { if case .string(let key) = $0.key { key.hasPrefix(prefix) } else { false } }
    return part
  }
}
