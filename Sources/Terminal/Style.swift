/// The colours of the prompt, as terminal escapes.
struct Style {
  /// Whether there are colours at all.
  let isOn: Bool

  private func painted(_ text: String, _ code: String) -> String {
    isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  /// `In [3]: ` in green, its number bright.
  func input(_ number: Int) -> String {
    painted("In [", "0;32") + painted("\(number)", "1;32") + painted("]: ", "0;32")
  }

  /// The `   ...: ` that goes under `In [number]: `.
  func continuation(_ number: Int) -> String {
    let width = "In [\(number)]: ".count - "...: ".count
    return painted(String(repeating: " ", count: max(0, width)) + "...: ", "0;32")
  }

  /// `Out[3]: ` in red, its number bright.
  func output(_ number: Int) -> String {
    painted("Out[", "0;31") + painted("\(number)", "1;31") + painted("]: ", "0;31")
  }

  func error(_ text: String) -> String { painted(text, "0;31") }
  func caret(_ text: String) -> String { painted(text, "1;31") }
  func hint(_ text: String) -> String { painted(text, "0;36") }
  func faint(_ text: String) -> String { painted(text, "2") }

  /// A prompt for readline, which must be told what takes no room.
  func forReadline(_ prompt: String) -> String {
    var result = ""
    var isEscape = false
    for scalar in prompt.unicodeScalars {
      if scalar == "\u{1B}" {
        isEscape = true
        result.unicodeScalars.append("\u{1}")
      }
      result.unicodeScalars.append(scalar)
      if isEscape, scalar == "m" {
        isEscape = false
        result.unicodeScalars.append("\u{2}")
      }
    }
    return result
  }
}
