import Glibc

/// Python's texts of floating numbers.
public enum FloatText {
  /// `repr(value)`: the shortest digits that read back as `value`; exponents below 1e-4 and from 1e16 on.
  public static func shortest(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    let sign = value.sign == .minus ? "-" : ""
    if value == 0 { return sign + "0.0" }
    let (digits, point) = shortestDigits(of: value.magnitude)
    let count = digits.count
    guard point > -4, point <= 16 else {
      let power = point - 1
      let mantissa = count == 1 ? digits : "\(digits.prefix(1)).\(digits.dropFirst())"
      let magnitude = abs(power) < 10 ? "0\(abs(power))" : "\(abs(power))"
      return "\(sign)\(mantissa)e\(power < 0 ? "-" : "+")\(magnitude)"
    }
    if point <= 0 { return "\(sign)0.\(String(repeating: "0", count: -point))\(digits)" }
    if point >= count { return "\(sign)\(digits)\(String(repeating: "0", count: point - count)).0" }
    return "\(sign)\(digits.prefix(point)).\(digits.dropFirst(point))"
  }

  /// `repr(complex(real, imaginary))`: `(1+2j)`.
  public static func complex(_ real: Double, _ imaginary: Double) -> String {
    func part(_ x: Double) -> String {
      let text = shortest(x)
      return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
    if real == 0 && real.sign == .plus { return part(imaginary) + "j" }
    let second = part(imaginary)
    return "(\(part(real))\(second.hasPrefix("-") ? "" : "+")\(second)j)"
  }

  /// `"{:.<precision>f}".format(value)`.
  public static func fixed(_ value: Double, precision: Int) -> String { formatted(value, "%.*f", precision) }

  /// `"{:.<precision>e}".format(value)`.
  public static func scientific(_ value: Double, precision: Int) -> String { formatted(value, "%.*e", precision) }

  /// `"%g"`: six significant digits, as C++ streams print.
  public static func sixDigits(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 40) { buffer in
      let count = withVaList([value]) { vsnprintf(buffer.baseAddress, buffer.count, "%g", $0) }
      return String(decoding: UnsafeRawBufferPointer(buffer).prefix(Int(max(count, 0))), as: UTF8.self)
    }
  }

  private static func formatted(_ value: Double, _ format: String, _ precision: Int) -> String {
    // C prints the sign of a NaN, Python does not.
    if value.isNaN { return "nan" }
    // No double has more than 1074 digits behind the point; the bound keeps a careless option from asking for gigabytes.
    let digits = Int32(min(max(precision, 0), 10_000))
    // 309 digits before the point, the point, a sign and the terminator.
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(digits) + 320) { buffer in
      let count = withVaList([digits, value]) { vsnprintf(buffer.baseAddress, buffer.count, format, $0) }
      return String(decoding: UnsafeRawBufferPointer(buffer).prefix(Int(max(count, 0))), as: UTF8.self)
    }
  }

  /// The shortest decimal digits of a positive finite number without leading or trailing zeros, and the position of the point relative to the first.
  private static func shortestDigits(of value: Double) -> (digits: String, point: Int) {
    let text = value.description
    let parts = text.split(separator: "e")
    var digits = ""
    var point: Int?
    for character in parts[0] {
      if character == "." { point = digits.count } else { digits.append(character) }
    }
    var position = (point ?? digits.count) + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    while digits.last == "0" { digits.removeLast() }
    while digits.first == "0" {
      digits.removeFirst()
      position -= 1
    }
    return (digits, position)
  }
}
