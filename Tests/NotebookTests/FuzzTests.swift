import Notebook
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// A small generator with a seed, so that a failure can be had again.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Makes texts of Lua's own words, magics, markers and arbitrary bytes, and holds the readers to their laws.
/// QREPL_FUZZ_SECONDS lengthens the run, QREPL_FUZZ_SEED chooses another one.
@Suite struct LineParserFuzz {
  private static let words =
    luaKeywords.sorted() + [
      "x", "y", "f(x)", "(", ")", "{", "}", "[", "]", "[[", "]]", "[==[", "]==]", "--", "--[[", "\"", "'", "\\", "\\z", "1",
      "0x1p", "..",
      "...", "=", "==", "~", "<", ">", "<const>", "::", ";", ",", ".", ":", "\n", "\n", "\n", "\r\n", " ", "\t", "%", "%who",
      "%%time",
      "%%%x", "-- %timeit f()", "\n-- %%\n", "\n-- %% [markdown]\n", "\n-- %%sh\n", "\n%%timeit x\n", "!ls", "?x", "x?",
      "noescape", "\n-- %who -- noescape\n", "#", "\u{E9}", "\u{1F600}", "\0",
    ]

  private static func text(_ random: inout SplitMix) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 0...40, using: &random) {
      switch Int.random(in: 0..<10, using: &random) {
      case 0: bytes.append(UInt8.random(in: 0...255, using: &random))
      case 1: bytes += Array(" ".utf8)
      default: bytes += Array(words.randomElement(using: &random)!.utf8)
      }
      if Bool.random(using: &random) { bytes.append(UInt8(ascii: " ")) }
    }
    return bytes
  }

  @Test func laws() {
    let seconds = getenv("QREPL_FUZZ_SECONDS").flatMap { Double(String(cString: $0)) } ?? 2
    var random = SplitMix(state: getenv("QREPL_FUZZ_SEED").flatMap { UInt64(String(cString: $0)) } ?? 20_240_229)
    let clock = ContinuousClock()
    let end = clock.now + .milliseconds(Int64(seconds * 1000))
    let known: Set<String> = ["time", "timeit", "who", "sh"]
    let syntax = MagicSyntax(
      line: { known.contains($0) ? ($0.hasPrefix("time") ? .lua : .words) : nil },
      cell: { known.contains($0) ? ($0.hasPrefix("time") ? .lua : .words) : nil })
    var count = 0
    while clock.now < end {
      let source = Self.text(&random)
      check(source, syntax)
      count += 1
    }
    #expect(count > 100)
  }

  private func check(_ source: [UInt8], _ syntax: MagicSyntax) {
    let shown = String(decoding: source, as: UTF8.self)
    #expect(Notebook(source).source == source, "a file comes back as it was: \(shown.debugDescription)")
    for hasMarkers in [true, false] {
      let outline = Outline(source, options: .init(hasMarkers: hasMarkers, isPrompt: !hasMarkers, syntax: syntax))
      var last = 0
      for statement in outline.statements {
        #expect(
          statement.range.lowerBound >= last && !statement.range.isEmpty, "statements are in order: \(shown.debugDescription)")
        last = max(last, statement.range.upperBound)
      }
      #expect(last <= source.count)
      last = 0
      for magic in outline.magics {
        #expect(
          magic.range.lowerBound >= last && magic.range.upperBound <= source.count,
          "magics are in order: \(shown.debugDescription)")
        #expect(MagicLine(source[magic.range]) != nil || source[magic.range.lowerBound] == UInt8(ascii: "!"))
        let lines = source[..<magic.range.lowerBound].filter { $0 == UInt8(ascii: "\n") }.count
        #expect(magic.lineNumber == lines + 1, "line numbers are right: \(shown.debugDescription)")
        if let body = magic.body { #expect(body.lowerBound <= body.upperBound && body.upperBound <= source.count) }
        last = magic.range.upperBound
      }
      #expect(outline.cells.first?.line == 1)
    }
    _ = PromptText.helpRequest(in: shown)
    _ = PromptText.strippingPrompts(shown)
  }
}
