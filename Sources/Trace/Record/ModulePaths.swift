import NN
import Torch

/// Where modules and tensors stand below the traced module.
struct ModulePaths {
  private var modules: [ObjectIdentifier: String] = [:]
  private var attributes: [ObjectIdentifier: [String]] = [:]
  /// So that no identity is used twice.
  private var retained: [AnyObject] = []

  init(_ root: Module?) {
    guard let root else { return }
    for (path, module) in root.namedModules(removeDuplicate: false) {
      for form in [module, module.nativeForm] where modules[ObjectIdentifier(form)] == nil { modules[ObjectIdentifier(form)] = path }
      let prefix = path.isEmpty ? "" : path + "."
      var own = Array(module.parameters) + Array(module.buffers)
      for (name, value) in module.attributes { if case .object(let tensor as Tensor) = value { own.append((name, tensor)) } }
      for case (let name, let tensor?) in own {
        attributes[ObjectIdentifier(tensor), default: []].append(prefix + name)
        retained.append(tensor)
      }
    }
  }

  /// The path of a module; nil for one that stands nowhere below.
  func path(of module: Module) -> String? { modules[ObjectIdentifier(module)] }

  /// The path of a tensor, below the given module where it also stands there; nil for one that stands nowhere.
  func attribute(_ object: AnyObject, near path: String) -> String? {
    guard let all = attributes[ObjectIdentifier(object)] else { return nil }
    return all.first { $0.hasPrefix(path + ".") } ?? all.first
  }
}
