import Interface

/// Sees every `forward` that is run: a tracer.
public protocol ModuleWatcher: AnyObject {
  /// Stands in for `module.forward(inputs)`.
  func run(_ module: Module, _ inputs: [Value]) throws -> Value
}

/// Who watches modules; one at a time.
public enum ModuleWatch {
  /// The watcher. Set by the one thread that runs Lua.
  nonisolated(unsafe) public static var current: (any ModuleWatcher)? { didSet { isOn = current != nil } }
  /// Whether there is one: asked at every call, so a plain flag.
  nonisolated(unsafe) static var isOn = false
}
