import Glibc

/// The process's environment.
public enum Environment {
  /// The value of the variable `name`; nil where it is unset or empty.
  public static func value(_ name: String) -> String? {
    guard let value = getenv(name), value[0] != 0 else { return nil }
    return String(cString: value)
  }

  /// All variables, sorted by name.
  public static var all: [(name: String, value: String)] {
    var result: [(name: String, value: String)] = []
    var entry = environ
    while let text = entry.pointee {
      let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      result.append((String(parts[0]), parts.count > 1 ? String(parts[1]) : ""))
      entry += 1
    }
    return result.sorted { $0.name < $1.name }
  }
}
