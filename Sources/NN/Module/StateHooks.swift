import Interface
import OrderedCollections

/// When a hook on a module's state runs.
public enum StateHookMoment: String, CaseIterable, Sendable {
  /// Before `state_dict` takes the module's tensors; gets the module, the prefix and whether tensors keep their history.
  case beforeSaving = "register_state_dict_pre_hook"
  /// After; gets the module, the state dict, the prefix and the module's metadata.
  case afterSaving = "register_state_dict_post_hook"
  /// Before `load_state_dict` gives the module its tensors; gets the module, the state dict, the prefix, the metadata, whether it is strict, and lists.
  case beforeLoading = "register_load_state_dict_pre_hook"
  /// After; gets the module and the keys that did not match.
  case afterLoading = "register_load_state_dict_post_hook"
}

/// A hook on a module's state.
public struct StateHook {
  /// When it runs.
  public let moment: StateHookMoment
  /// Whether something else that files keep brings it along, so that it need not be saved.
  public let isImplied: Bool
  /// What runs.
  public let body: ([Value]) throws -> Void
  /// A hook for a moment.
  public init(_ moment: StateHookMoment, isImplied: Bool = false, _ body: @escaping ([Value]) throws -> Void) {
    self.moment = moment
    self.isImplied = isImplied
    self.body = body
  }
}

extension Module {
  /// Adds a hook on the module's state; gives the id that removes it.
  @discardableResult
  public func registerStateHook(_ hook: StateHook) -> Int {
    let id = Module.nextHook()
    stateHooks[id] = hook
    return id
  }

  /// Runs the hooks of a moment.
  func runStateHooks(_ moment: StateHookMoment, _ arguments: @autoclosure () -> [Value]) throws {
    if stateHooks.isEmpty { return }
    for hook in stateHooks.values where hook.moment == moment { try hook.body([.object(self)] + arguments()) }
  }
}
