import Torch

/// What parametrizations gave while values are kept. Mirrors `torch.nn.utils.parametrize.cached`.
// Used by the one thread that runs Lua.
public enum ParametrizationCache {
  nonisolated(unsafe) private static var depth = 0
  // Holds the lists, so that no other can take the address of one meanwhile.
  nonisolated(unsafe) private static var values: [ObjectIdentifier: (list: ParametrizationList, value: Tensor)] = [:]

  /// Keeps values from here on; gives what ends that. The last end forgets all values.
  public static func enter() -> () -> Void {
    depth += 1
    return {
      depth -= 1
      if depth == 0 { values = [:] }
    }
  }

  /// What a list gives: what it gave before, where values are kept.
  static func value(of list: ParametrizationList) throws -> Tensor {
    if depth == 0 { return try list.evaluated() }
    if let known = values[ObjectIdentifier(list)] { return known.value }
    let value = try list.evaluated()
    values[ObjectIdentifier(list)] = (list, value)
    return value
  }

  /// Forgets what a list gave, since it would give something else now.
  static func forget(_ list: ParametrizationList) { values[ObjectIdentifier(list)] = nil }
}
