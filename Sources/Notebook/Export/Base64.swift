/// Bytes as letters, as RFC 4648 has it.
public enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The letters for `bytes`.
  public static func text(_ bytes: [UInt8]) -> String {
    var letters: [UInt8] = []
    letters.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var group = 0
      for index in 0..<3 { group = group << 8 | (index < count ? Int(bytes[start + index]) : 0) }
      for index in 0..<4 { letters.append(index <= count ? alphabet[group >> (18 - 6 * index) & 63] : UInt8(ascii: "=")) }
    }
    return String(decoding: letters, as: UTF8.self)
  }

  /// The bytes that `text` stands for, line ends left out; nil where it is none.
  public static func bytes(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var (group, bits) = (0, 0)
    var padding = 0
    for letter in text.utf8 where letter > 0x20 {
      if letter == UInt8(ascii: "=") {
        padding += 1
        continue
      }
      guard padding == 0, let value = value(of: letter) else { return nil }
      group = group << 6 | value
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(group >> bits & 0xFF))
        group &= (1 << bits) - 1
      }
    }
    return padding <= 2 && bits < 6 ? bytes : nil
  }

  private static func value(of letter: UInt8) -> Int? {
    switch letter {
    case 0x41...0x5A: Int(letter) - 0x41
    case 0x61...0x7A: Int(letter) - 0x61 + 26
    case 0x30...0x39: Int(letter) - 0x30 + 52
    case 0x2B: 62
    case 0x2F: 63
    default: nil
    }
  }
}
