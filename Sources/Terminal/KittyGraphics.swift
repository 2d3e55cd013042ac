import Shell

/// Pictures by the Kitty graphics protocol, which kitty, ghostty and WezTerm understand.
public struct KittyGraphics: PictureWriter {
  /// The types it shows.
  public let types = ["image/png"]

  /// The protocol, where the terminal has it. `QREPL_GRAPHICS` says `kitty` or `none` for those who know better.
  /// - Parameters:
  ///   - environment: gives the variables.
  ///   - isTerminal: whether the output is a terminal.
  public init?(environment: (String) -> String? = Environment.value, isTerminal: Bool = StandardStream.output.isTerminal) {
    if let asked = environment("QREPL_GRAPHICS"), !asked.isEmpty {
      guard asked == "kitty" else { return nil }
      return
    }
    let terminal = environment("TERM") ?? ""
    // A multiplexer inherits the variables of the terminal it was started in and passes no pictures on.
    guard isTerminal, terminal != "dumb", environment("TMUX") == nil, environment("STY") == nil else { return nil }
    let program = environment("TERM_PROGRAM")?.lowercased() ?? ""
    guard
      terminal == "xterm-kitty" || terminal == "xterm-ghostty" || environment("KITTY_WINDOW_ID")?.isEmpty == false || program == "ghostty"
        || program == "wezterm"
    else { return nil }
  }

  /// The escapes that draw the picture over as many columns as its text has; nil for a presentation without one.
  public func escapes(for presentation: Presentation) -> String? {
    guard let png = presentation.pictures["image/png"], !png.isEmpty else { return nil }
    let columns = presentation.plainText.split(separator: "\n").map(\.count).max() ?? 80
    let text = Self.base64(png)
    var result = ""
    var start = 0
    repeat {
      let end = min(start + Self.chunkSize, text.count)
      let control = start == 0 ? "a=T,f=100,q=2,c=\(columns),m=" : "m="
      result += "\u{1B}_G\(control)\(end < text.count ? 1 : 0);" + String(decoding: text[start..<end], as: UTF8.self) + "\u{1B}\\"
      start = end
    } while start < text.count
    return result
  }

  /// The most that the protocol takes at once.
  private static let chunkSize = 4096

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  private static func base64(_ bytes: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let part = bytes[start..<min(start + 3, bytes.count)]
      var group = 0
      for byte in part { group = group << 8 | Int(byte) }
      group <<= 8 * (3 - part.count)
      for place in 0..<4 {
        text.append(place <= part.count ? alphabet[group >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return text
  }
}
