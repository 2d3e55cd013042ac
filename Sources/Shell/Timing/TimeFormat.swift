import Glibc

/// Time spans as IPython writes them.
public enum TimeFormat {
  /// The span of `seconds` with `precision` significant digits: `1.23 ms`, `45 s`, `2min 5s`.
  ///
  /// The unit is chosen after rounding: 999.9996 μs is `1 ms`, where IPython has `1e+03 μs`.
  /// - Parameter isUnicode: whether microseconds may be written `μs` rather than `us`.
  public static func text(_ seconds: Double, precision: Int = 3, isUnicode: Bool = true) -> String {
    if seconds >= 60 { return longText(seconds) }
    let units = ["s", "ms", isUnicode ? "μs" : "us", "ns"]
    let scales = [1, 1e3, 1e6, 1e9]
    var order = 3
    if seconds > 0 {
      let magnitude = Int(log10(seconds).rounded(.down))
      order = min(-Int((Double(magnitude) / 3).rounded(.down)), 3)
    }
    var number = general(seconds * scales[order], precision)
    if let rounded = Double(number) {
      if order > 0, rounded >= 1000 {
        order -= 1
        number = general(seconds * scales[order], precision)
      } else if order == 0, rounded >= 60 {
        return longText(rounded)
      }
    }
    return "\(number) \(units[order])"
  }

  /// Spans from a minute on: days, hours, minutes and whole seconds, without those that are 0.
  private static func longText(_ seconds: Double) -> String {
    guard seconds.isFinite else { return "inf s" }
    var parts: [String] = []
    var rest = seconds
    for (suffix, length) in [("d", 86400.0), ("h", 3600), ("min", 60), ("s", 1)] {
      let value = (rest / length).rounded(.towardZero)
      if value > 0 {
        rest = fmod(rest, length)
        parts.append(wholeText(value) + suffix)
      }
      if rest < 1 { break }
    }
    return parts.joined(separator: " ")
  }

  private static func wholeText(_ value: Double) -> String {
    Int64(exactly: value).map(String.init) ?? "\(value)"
  }

  /// C's `%.*g`.
  static func general(_ value: Double, _ precision: Int) -> String {
    formatted("%.*g", [Int32(clamping: precision), value])
  }

  /// C's `printf` into a string.
  static func formatted(_ format: String, _ arguments: [any CVarArg]) -> String {
    withVaList(arguments) { list in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
        let length = Int(vsnprintf(buffer.baseAddress, buffer.count, format, list))
        let bytes = buffer.prefix(max(0, min(length, buffer.count - 1)))
        return String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      }
    }
  }

  /// A whole number with commas between its thousands.
  static func grouped(_ number: Int) -> String {
    var digits = Array(String(number.magnitude))
    var at = digits.count - 3
    while at > 0 {
      digits.insert(",", at: at)
      at -= 3
    }
    return (number < 0 ? "-" : "") + String(digits)
  }
}
