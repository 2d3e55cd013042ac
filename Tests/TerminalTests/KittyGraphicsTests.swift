import Shell
import Terminal
import Testing

@Suite struct KittyGraphicsTests {
  private func graphics(_ environment: [String: String], isTerminal: Bool = true) -> KittyGraphics? {
    KittyGraphics(environment: { environment[$0] }, isTerminal: isTerminal)
  }

  @Test(arguments: [
    (["TERM": "xterm-kitty"], true), (["TERM": "xterm-ghostty"], true), (["TERM": "xterm-256color"], false), ([:], false),
    (["TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"], true), (["TERM_PROGRAM": "WezTerm"], true), (["TERM_PROGRAM": "ghostty"], true),
    (["TERM_PROGRAM": "Apple_Terminal"], false), (["TERM": "tmux-256color", "KITTY_WINDOW_ID": "1", "TMUX": "x"], false),
    (["TERM": "screen", "KITTY_WINDOW_ID": "1", "STY": "x"], false), (["TERM": "dumb", "KITTY_WINDOW_ID": "1"], false),
    (["QREPL_GRAPHICS": "kitty"], true), (["TERM": "xterm-kitty", "QREPL_GRAPHICS": "none"], false), (["TERM": "xterm-kitty", "QREPL_GRAPHICS": ""], true),
  ])
  func terminals(environment: [String: String], expected: Bool) {
    #expect((graphics(environment) != nil) == expected)
    let isForced = environment["QREPL_GRAPHICS"] == "kitty"
    #expect((graphics(environment, isTerminal: false) != nil) == isForced)
  }

  @Test func escapes() throws {
    let kitty = try #require(graphics(["QREPL_GRAPHICS": "kitty"]))
    #expect(kitty.types == ["image/png"])
    #expect(kitty.escapes(for: Presentation(text: "abc")) == nil)
    func text(_ bytes: String) -> String? { kitty.escapes(for: Presentation(text: "abc\n\u{1B}[0;31ma\u{1B}[0mbcd", pictures: ["image/png": Array(bytes.utf8)])) }
    // base64 of RFC 4648, section 10.
    #expect(text("foobar") == "\u{1B}_Ga=T,f=100,q=2,c=4,m=0;Zm9vYmFy\u{1B}\\")
    #expect(text("fooba") == "\u{1B}_Ga=T,f=100,q=2,c=4,m=0;Zm9vYmE=\u{1B}\\")
    #expect(text("foob") == "\u{1B}_Ga=T,f=100,q=2,c=4,m=0;Zm9vYg==\u{1B}\\")
  }

  @Test func longPicturesComeInChunks() throws {
    let kitty = try #require(graphics(["QREPL_GRAPHICS": "kitty"]))
    let bytes = (0..<10000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let text = try #require(kitty.escapes(for: Presentation(text: "x", pictures: ["image/png": bytes])))
    let chunks = text.split(separator: "\u{1B}\\")
    #expect(chunks.count == 4)
    #expect(chunks.dropLast().allSatisfy { $0.contains("m=1;") } && chunks.last?.hasPrefix("\u{1B}_Gm=0;") == true)
    let payloads = chunks.map { $0.split(separator: ";")[1] }
    #expect(payloads.dropLast().allSatisfy { $0.utf8.count == 4096 } && payloads.joined().utf8.count == 13336)
  }
}
