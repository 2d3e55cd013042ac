/// Whether output has colours: `--color`, then `NO_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR=0`, then whether it is a terminal.
public enum ColorChoice: String, CaseIterable, Sendable {
  case auto, always, never

  /// Whether to use colours.
  /// - Parameters:
  ///   - environment: gives the variables; a variable that is empty counts as unset.
  ///   - isTerminal: whether the output is a terminal.
  public func usesColors(environment: (String) -> String?, isTerminal: Bool) -> Bool {
    switch self {
    case .always: return true
    case .never: return false
    case .auto: break
    }
    func value(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
    if value("NO_COLOR") != nil { return false }
    if let force = value("CLICOLOR_FORCE"), force != "0" { return true }
    if value("CLICOLOR") == "0" || value("TERM") == "dumb" { return false }
    return isTerminal
  }
}
