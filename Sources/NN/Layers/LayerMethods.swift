import Interface
import OrderedCollections
import Torch

extension ModuleList {
  /// Puts a module before position `index`, which may count from the end. Mirrors `ModuleList.insert`.
  public func insert(_ module: Module, at index: Int) {
    var all = modules.values.elements
    let at = index < 0 ? max(index + all.count, 0) : min(index, all.count)
    all.insert(module, at: at)
    modules = OrderedDictionary(uniqueKeysWithValues: all.enumerated().map { ("\($0)", $1) })
  }
}

/// Methods of single layers and containers.
public let layerMethods = OperationFamily("torch.nn.Module") { ops in
  let method: Variants = [.method]
  func define<M: Module>(_ type: M.Type) {
    ops.define("append(Module self, Module module) -> Module", doc: "Puts a module at the end; gives self. Mirrors \(type).append.", variants: method) { (m: M, item: Module) -> M in
      try m.append(item)
      return m
    }
    ops.define("extend(Module self, Module[] modules) -> Module", doc: "Puts modules at the end; gives self. Mirrors \(type).extend.", variants: method) { (m: M, items: [Module]) -> M in
      for item in items { try m.append(item) }
      return m
    }
  }
  define(ModuleList.self)
  define(Sequential.self)
  ops.define("insert(Module self, int index, Module module) -> ()", doc: "Puts a module before a position. Mirrors ModuleList.insert.", variants: method) { (m: ModuleList, i: Int, item: Module) -> Nothing in
    m.insert(item, at: i)
    return Nothing()
  }
  ops.define("keys(Module self) -> Iterator", doc: "The names. Mirrors ModuleDict.keys.", variants: method) { (m: ModuleDict) in
    ValueIterator(rows: m.modules.keys.map { [.string($0)] })
  }
  ops.define("values(Module self) -> Iterator", doc: "The modules. Mirrors ModuleDict.values.", variants: method) { (m: ModuleDict) in
    ValueIterator(rows: m.modules.values.map { [$0.map { .object($0) } ?? Value.none] })
  }
  ops.define("items(Module self) -> Iterator", doc: "Names and modules. Mirrors ModuleDict.items.", variants: method) { (m: ModuleDict) in
    ValueIterator(rows: m.modules.map { [.string($0.key), $0.value.map { .object($0) } ?? Value.none] })
  }
  ops.define("flatten_parameters(Module self) -> ()", doc: "Does nothing: weights are packed when they are used. Mirrors RNNBase.flatten_parameters.", variants: method) { (_: LSTM) in Nothing() }
  ops.define("reset_parameters(Module self) -> ()", doc: "Draws all weights anew. Mirrors LSTM.reset_parameters.", variants: method) { (m: LSTM) -> Nothing in
    try m.resetParameters()
    return Nothing()
  }
  ops.define("reset_parameters(Module self) -> ()", doc: "Draws the weights anew. Mirrors reset_parameters of layers that have weights.", variants: method) { (m: FunctionLayer) -> Nothing in
    try m.resetParameters()
    return Nothing()
  }
  ops.define("reset_parameters(Module self) -> ()", doc: "Draws the weights anew. Mirrors Linear.reset_parameters.", variants: method) { (m: Linear) -> Nothing in
    try m.resetParameters()
    return Nothing()
  }
  ops.define("reset_parameters(Module self) -> ()", doc: "Draws the table anew. Mirrors Embedding.reset_parameters.", variants: method) { (m: Embedding) -> Nothing in
    try m.resetParameters()
    return Nothing()
  }
}
