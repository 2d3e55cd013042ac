import Interface
import OrderedCollections
import TensorCore
import Torch

extension Value {
  /// A state dict from an ordered dictionary or a plain one.
  /// - Throws: PyTorch's `TypeError` for anything else.
  fileprivate func asStateDict() throws -> OrderedDict {
    switch self {
    case .object(let object as OrderedDict): return object
    case .dictionary(let rows):
      let state = OrderedDict()
      for (key, value) in rows { if let key = Key(key) { state.entries[key] = value } }
      return state
    case .list(let items) where items.isEmpty: return OrderedDict()
    default: throw TorchError.type("Expected state_dict to be dict-like, got <class '\(pythonTypeName)'>.")
    }
  }
}

/// Methods of every module.
public let moduleMethods = OperationFamily("torch.nn.Module") { ops in
  func named(_ rows: [(name: String, tensor: Tensor)]) -> ValueIterator {
    ValueIterator(rows: rows.map { [.string($0.name), .object($0.tensor)] })
  }
  func named(_ rows: [(name: String, module: Module)]) -> ValueIterator {
    ValueIterator(rows: rows.map { [.string($0.name), .object($0.module)] })
  }
  let method: Variants = [.method]
  ops.define("train(Module self, bool mode=True) -> Module", doc: "Sets training mode here and below; gives self. Mirrors Module.train.", variants: method) {
    (m: Module, mode: Value) -> Module in
    guard case .boolean(let mode) = mode else { throw TorchError.value("training mode is expected to be boolean") }
    try m.train(mode)
    return m
  }
  ops.define("eval(Module self) -> Module", doc: "Sets evaluation mode here and below; gives self. Mirrors Module.eval.", variants: method) { (m: Module) -> Module in
    try m.eval()
    return m
  }
  ops.define("parameters(Module self, bool recurse=True) -> Iterator", doc: "The parameters, each once. Mirrors Module.parameters.", variants: method) {
    (m: Module, r: Bool) in ValueIterator(rows: m.namedParameters(recurse: r).map { [.object($0.tensor)] })
  }
  ops.define("named_parameters(Module self, str prefix='', bool recurse=True, bool remove_duplicate=True) -> Iterator", doc: "Names and parameters. Mirrors Module.named_parameters.", variants: method) {
    (m: Module, p: String, r: Bool, d: Bool) in named(m.namedParameters(prefix: p, recurse: r, removeDuplicate: d))
  }
  ops.define("buffers(Module self, bool recurse=True) -> Iterator", doc: "The buffers, each once. Mirrors Module.buffers.", variants: method) {
    (m: Module, r: Bool) in ValueIterator(rows: m.namedBuffers(recurse: r).map { [.object($0.tensor)] })
  }
  ops.define("named_buffers(Module self, str prefix='', bool recurse=True, bool remove_duplicate=True) -> Iterator", doc: "Names and buffers. Mirrors Module.named_buffers.", variants: method) {
    (m: Module, p: String, r: Bool, d: Bool) in named(m.namedBuffers(prefix: p, recurse: r, removeDuplicate: d))
  }
  ops.define("children(Module self) -> Iterator", doc: "The submodules directly below. Mirrors Module.children.", variants: method) {
    (m: Module) in ValueIterator(rows: m.children.map { [.object($0)] })
  }
  ops.define("named_children(Module self) -> Iterator", doc: "Names and submodules directly below. Mirrors Module.named_children.", variants: method) { (m: Module) in named(m.namedChildren) }
  ops.define("modules(Module self) -> Iterator", doc: "This module and all below. Mirrors Module.modules.", variants: method) {
    (m: Module) in ValueIterator(rows: m.allModules.map { [.object($0)] })
  }
  ops.define("named_modules(Module self, Set? memo=None, str prefix='', bool remove_duplicate=True) -> Iterator", doc: "Paths and modules, this one and all below; memo is not used. Mirrors Module.named_modules.", variants: method) {
    (m: Module, _: Value, p: String, d: Bool) in named(m.namedModules(prefix: p, removeDuplicate: d))
  }
  ops.define("state_dict(Module self, OrderedDict? destination=None, str prefix='', bool keep_vars=False) -> OrderedDict", doc: "All parameters and persistent buffers by path. Mirrors Module.state_dict.", variants: method) {
    (m: Module, d: Value, p: String, k: Bool) -> OrderedDict in
    if case .object(let object) = d, let destination = object as? OrderedDict { return try m.stateDict(destination, prefix: p, keepVars: k) }
    return try m.stateDict(prefix: p, keepVars: k)
  }
  ops.define("load_state_dict(Module self, Dict state_dict, bool strict=True, bool assign=False) -> IncompatibleKeys", doc: "Takes parameters and buffers from a state dict. Mirrors Module.load_state_dict.", variants: method) {
    (m: Module, s: Value, strict: Bool, assign: Bool) in try m.loadStateDict(s.asStateDict(), strict: strict, assign: assign)
  }
  ops.define("zero_grad(Module self, bool set_to_none=True) -> ()", doc: "Forgets the parameters' gradients, or sets them to zero. Mirrors Module.zero_grad.", variants: method) { (m: Module, none: Bool) -> Nothing in
    try m.zeroGrad(setToNone: none)
    return Nothing()
  }
  ops.define("requires_grad_(Module self, bool requires_grad=True) -> Module", doc: "Switches the parameters' gradients on or off; gives self. Mirrors Module.requires_grad_.", variants: method) { (m: Module, r: Bool) -> Module in
    try m.setRequiresGrad(r)
    return m
  }
  ops.define("register_parameter(Module self, str name, Tensor? param) -> ()", doc: "Puts a parameter under a name. Mirrors Module.register_parameter.", variants: method) { (m: Module, n: Value, p: Value) -> Nothing in
    let name = try n.registeredName("parameter")
    switch p {
    case .none: try m.registerParameter(name, nil)
    case .object(let object as Tensor): try m.registerParameter(name, object)
    default: throw TorchError.type("cannot assign '\(Module.fullTypeName(p))' object to parameter '\(name)' (torch.nn.Parameter or None required)")
    }
    return Nothing()
  }
  ops.define("register_buffer(Module self, str name, Tensor? tensor, bool persistent=True) -> ()", doc: "Puts a tensor that is state but not learned under a name. Mirrors Module.register_buffer.", variants: method) { (m: Module, n: Value, t: Value, persistent: Bool) -> Nothing in
    let name = try n.registeredName("buffer")
    switch t {
    case .none: try m.registerBuffer(name, nil, persistent: persistent)
    case .object(let object as Tensor): try m.registerBuffer(name, object, persistent: persistent)
    default: throw TorchError.type("cannot assign '\(Module.fullTypeName(t))' object to buffer '\(name)' (torch Tensor or None required)")
    }
    return Nothing()
  }
  for name in ["add_module", "register_module"] {
    ops.define("\(name)(Module self, str name, Module? module) -> ()", doc: "Puts a submodule under a name. Mirrors Module.\(name).", variants: method) { (m: Module, n: Value, c: Value) -> Nothing in
      switch c {
      case .none: try m.registerModule(n.registeredName("module"), nil)
      case .object(let object as Module): try m.registerModule(n.registeredName("module"), object)
      default: throw TorchError.type("\(Module.fullTypeName(c)) is not a Module subclass")
      }
      return Nothing()
    }
  }
  ops.define("get_parameter(Module self, str target) -> Tensor", doc: "The parameter at a dotted path. Mirrors Module.get_parameter.", variants: method) { (m: Module, t: String) in try m.parameter(at: t) }
  ops.define("get_buffer(Module self, str target) -> Tensor", doc: "The buffer at a dotted path. Mirrors Module.get_buffer.", variants: method) { (m: Module, t: String) in try m.buffer(at: t) }
  ops.define("get_submodule(Module self, str target) -> Module", doc: "The module at a dotted path. Mirrors Module.get_submodule.", variants: method) { (m: Module, t: String) in try m.submodule(t) }
  ops.define("to.dtype(Module self, ScalarType dtype, bool non_blocking=False) -> Module", doc: "Changes the dtype of floating point parameters and buffers; gives self. Mirrors Module.to.", variants: method) { (m: Module, t: DType, _: Bool) -> Module in
    try m.to(t)
    return m
  }
  ops.define("to(Module self, Device? device=None, ScalarType? dtype=None, bool non_blocking=False) -> Module", doc: "Moves to a device, of which there is only cpu, and changes the dtype where one is given; gives self. Mirrors Module.to.", variants: method) { (m: Module, _: Device?, t: DType?, _: Bool) -> Module in
    if let t { try m.to(t) }
    return m
  }
  for (name, dtype) in [("float", DType.float32), ("double", .float64), ("half", .float16), ("bfloat16", .bfloat16)] {
    ops.define("\(name)(Module self) -> Module", doc: "Floating point parameters and buffers as \(dtype.name); gives self. Mirrors Module.\(name).", variants: method) { (m: Module) -> Module in
      try m.to(dtype)
      return m
    }
  }
  ops.define("cpu(Module self) -> Module", doc: "Itself: there is only the processor. Mirrors Module.cpu.", variants: method) { (m: Module) in m }
  ops.define("type(Module self, ScalarType dst_type) -> Module", doc: "All parameters and buffers in a dtype; gives self. Mirrors Module.type.", variants: method) { (m: Module, t: DType) -> Module in
    try m.convertTensors { try $0.converted(to: t) }
    return m
  }
  ops.define("share_memory(Module self) -> Module", doc: "Itself: there is one process. Mirrors Module.share_memory.", variants: method) { (m: Module) in m }
  ops.define("set_submodule(Module self, str target, Module module) -> ()", doc: "Puts a module at a dotted path. Mirrors Module.set_submodule.", variants: method) { (m: Module, t: String, c: Module) -> Nothing in
    if t.isEmpty { throw TorchError.value("Cannot set the submodule without a target name!") }
    let dot = t.lastIndex(of: ".")
    let owner = try m.submodule(dot.map { String(t[..<$0]) } ?? "")
    try owner.setAttribute(dot.map { String(t[t.index(after: $0)...]) } ?? t, .object(c))
    return Nothing()
  }
  ops.define("extra_repr(Module self) -> str", doc: "What stands between the parentheses of repr. Mirrors Module.extra_repr.", variants: method) { (m: Module) in m.extraRepr() }
  ops.define("_get_name(Module self) -> str", doc: "The class name. Mirrors Module._get_name.", variants: method) { (m: Module) in m.className }
}

extension Value {
  /// The name something is to be registered under.
  /// - Throws: PyTorch's `TypeError` for what is no text.
  fileprivate func registeredName(_ kind: String) throws -> String {
    guard case .string(let name) = self else { throw TorchError.type("\(kind) name should be a string. Got \(pythonTypeName)") }
    return name
  }
}
