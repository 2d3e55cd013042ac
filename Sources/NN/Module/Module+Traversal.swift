import Interface
import OrderedCollections
import Torch

extension Module {
  /// The submodules directly below, each once. Mirrors `Module.named_children`.
  public var namedChildren: [(name: String, module: Module)] {
    var seen: Set<ObjectIdentifier> = []
    var rows: [(String, Module)] = []
    for (name, module) in modules {
      if let module, seen.insert(ObjectIdentifier(module)).inserted { rows.append((name, module)) }
    }
    return rows
  }

  /// The submodules directly below, each once. Mirrors `Module.children`.
  public var children: [Module] { namedChildren.map(\.module) }

  /// This module and all below it, before their own submodules. Mirrors `Module.named_modules`.
  public func namedModules(prefix: String = "", removeDuplicate: Bool = true) -> [(name: String, module: Module)] {
    var seen: Set<ObjectIdentifier> = []
    var rows: [(String, Module)] = []
    func walk(_ module: Module, _ prefix: String) {
      if removeDuplicate && !seen.insert(ObjectIdentifier(module)).inserted { return }
      rows.append((prefix, module))
      for (name, child) in module.modules {
        if let child { walk(child, prefix.isEmpty ? name : "\(prefix).\(name)") }
      }
    }
    walk(self, prefix)
    return rows
  }

  /// This module and all below it, each once. Mirrors `Module.modules`.
  public var allModules: [Module] { namedModules().map(\.module) }

  private func members(
    _ prefix: String, _ recurse: Bool, _ removeDuplicate: Bool, _ own: (Module) -> OrderedDictionary<String, Tensor?>
  ) -> [(name: String, tensor: Tensor)] {
    var seen: Set<ObjectIdentifier> = []
    var rows: [(String, Tensor)] = []
    for (path, module) in recurse ? namedModules(prefix: prefix, removeDuplicate: removeDuplicate) : [(prefix, self)] {
      for (name, tensor) in own(module) {
        guard let tensor, !removeDuplicate || seen.insert(ObjectIdentifier(tensor)).inserted else { continue }
        rows.append((path.isEmpty ? name : "\(path).\(name)", tensor))
      }
    }
    return rows
  }

  /// Parameters with their paths. Mirrors `Module.named_parameters`.
  public func namedParameters(prefix: String = "", recurse: Bool = true, removeDuplicate: Bool = true) -> [(name: String, tensor: Tensor)] {
    members(prefix, recurse, removeDuplicate) { $0.parameters }
  }

  /// Buffers with their paths. Mirrors `Module.named_buffers`.
  public func namedBuffers(prefix: String = "", recurse: Bool = true, removeDuplicate: Bool = true) -> [(name: String, tensor: Tensor)] {
    members(prefix, recurse, removeDuplicate) { $0.buffers }
  }

  /// The module at a dotted path; itself for an empty one. Mirrors `Module.get_submodule`.
  /// - Throws: PyTorch's `AttributeError` for a path that leads nowhere.
  public func submodule(_ path: String) throws -> Module {
    var module = self
    if path.isEmpty { return module }
    for name in path.split(separator: ".", omittingEmptySubsequences: false).map(String.init) {
      guard let value = try module.attribute(name) else {
        throw TorchError.attribute("\(module.className) has no attribute `\(name)`")
      }
      guard case .object(let object) = value, let next = object as? Module else {
        throw TorchError.attribute("`\(name)` is not an nn.Module")
      }
      module = next
    }
    return module
  }

  private func target(_ path: String) throws -> (owner: Module, name: String, value: Value) {
    let dot = path.lastIndex(of: ".")
    let owner = try submodule(dot.map { String(path[..<$0]) } ?? "")
    let name = dot.map { String(path[path.index(after: $0)...]) } ?? path
    guard let value = try owner.attribute(name) else {
      throw TorchError.attribute("\(owner.className) has no attribute `\(name)`")
    }
    return (owner, name, value)
  }

  /// The parameter at a dotted path. Mirrors `Module.get_parameter`.
  /// - Throws: PyTorch's `AttributeError` where there is none.
  public func parameter(at path: String) throws -> Tensor {
    let (_, name, value) = try target(path)
    guard case .object(let object) = value, let tensor = object as? Tensor, tensor.isParameter else {
      throw TorchError.attribute("`\(name)` is not an nn.Parameter")
    }
    return tensor
  }

  /// The buffer at a dotted path. Mirrors `Module.get_buffer`.
  /// - Throws: PyTorch's `AttributeError` where there is none.
  public func buffer(at path: String) throws -> Tensor {
    let (owner, name, _) = try target(path)
    guard let tensor = owner.buffers[name] ?? nil else { throw TorchError.attribute("`\(name)` is not a buffer") }
    return tensor
  }

  /// Calls `body` on every module below and at last on this one. Mirrors `Module.apply`.
  public func apply(_ body: (Module) throws -> Void) throws {
    for child in children { try child.apply(body) }
    try body(self)
  }
}
