import LuaVM
import Notebook
import Shell
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

/// Random programs: run as one chunk of stock Lua, as cells split anywhere between statements, and as a percent file
/// with magics, they do the same.
@Suite struct ProgramsSplitAnywhere {
  private static let names = ["a", "b", "c", "d", "e"]

  /// Statements that are whole, whatever follows; `note` logs its arguments.
  private static func statement(_ random: inout SplitMix, depth: Int = 0) -> String {
    func name() -> String { names.randomElement(using: &random) ?? "a" }
    func value() -> String {
      switch Int.random(in: 0..<7, using: &random) {
      case 0: return "\(Int.random(in: 0..<9, using: &random))"
      case 1: return "(\(name()) or 0)"
      case 2: return "#tostring(\(name())) % 7"
      case 3: return "(function() local \(name()) = 1 return \(name()) end)()"
      case 4: return "({x = 3}).x -- why; {not}\n  "
      case 5: return "#[[ a\n b ]]"
      default: return "0x1p2 // 1"
      }
    }
    switch Int.random(in: 0..<(depth > 1 ? 8 : 14), using: &random) {
    case 0: return "local \(name()) = \(value())"
    case 1: return "local \(name()), \(name()) = \(value()), \(value())"
    case 2: return "\(name()) = \(value())"
    case 3: return "note(\(name()), \(value()))"
    case 4: return "local \(name()) <const> = \(value())"
    case 5: return "local function \(name())x() note(\(name())) return \(value()) end"
    case 6: return "note((function() \(name())2 = \(value()) return \(name())2 end)());"
    case 7: return "(note)(\(value()))"
    case 8: return "for i = 1, 2 do \(statement(&random, depth: depth + 1)) note(i) end"
    case 9: return "if \(name()) then \(statement(&random, depth: depth + 1)) else note(\"else\") end"
    case 10: return "do \(statement(&random, depth: depth + 1)) end"
    case 11: return "hooks[#hooks + 1] = function(v) note(\(name())) end"
    case 12: return "for _, hook in ipairs(hooks) do hook() end"
    default: return "repeat local z = 1 \(statement(&random, depth: depth + 1)) until z"
    }
  }

  private static let head =
    "log, hooks = {}, {} function note(...) log[#log + 1] = table.concat({tostring((...)), select('#', ...)}, ' ') end"

  private func log(_ bench: Bench) throws -> String {
    try bench.value("table.concat(log, '\\n')").text ?? ""
  }

  @Test func doTheSame() throws {
    let seconds = getenv("QREPL_FUZZ_SECONDS").flatMap { Double(String(cString: $0)) } ?? 2
    var random = SplitMix(state: getenv("QREPL_FUZZ_SEED").flatMap { UInt64(String(cString: $0)) } ?? 7)
    let end = ContinuousClock.now + .milliseconds(Int64(seconds * 1000))
    var programs = 0
    while ContinuousClock.now < end {
      let statements = (0..<Int.random(in: 1...25, using: &random)).map { _ in Self.statement(&random) }
      // A parenthesis after a name or a call goes on with it in Lua.
      let safe = statements.map { $0.hasPrefix("(") ? ";" + $0 : $0 }
      let whole = try Bench()
      whole.session.readsMagics = false
      whole.run(Self.head)
      let source = safe.joined(separator: "\n")
      // Assigning to a constant is the one mistake that the generator makes.
      guard whole.script(source) == .success else { continue }
      let expected = try log(whole)
      programs += 1

      let split = try Bench()
      split.run(Self.head)
      var cell: [String] = []
      for statement in safe {
        cell.append(statement)
        guard Bool.random(using: &random) else { continue }
        split.session.run(cell: cell.joined(separator: "\n"))
        cell = []
      }
      split.session.run(cell: cell.joined(separator: "\n"))
      #expect(split.display.reports.isEmpty, "\(split.display.reports.first?.text ?? "")\n\(source)")
      #expect(try log(split) == expected, "\(source)")

      let file = try Bench()
      file.run(Self.head)
      var lines: [String] = []
      for statement in safe {
        if Int.random(in: 0..<4, using: &random) == 0 { lines.append("-- %% title") }
        if Int.random(in: 0..<4, using: &random) == 0 { lines.append("-- %timeit -q -n 1 -r 1 seen = 1") }
        lines.append(statement)
      }
      #expect(
        file.script(lines.joined(separator: "\n")) == .success,
        "\(file.display.reports.first?.text ?? "")\n\(lines.joined(separator: "\n"))")
      #expect(try log(file) == expected, "\(source)")
    }
    #expect(programs > 20)
  }
}

/// Whatever is typed, asking about it neither fails nor runs anything.
@Suite struct UnfinishedTexts {
  private static let words = [
    "x", "y.", "z:", "f(", ")", "{", "}", "[", "]", "[[", "\"", "'", "--", "\n", " ", "=", "%time ", "%timeit -", "%%time\n",
    "!ls /", "?", "-- %who", "local ", "function ", "end ",
    "\u{E9}", "t[\"", "1", "..", "::", "%", "return ", "In [1]: ", "...: ", "goto ", "<const>", ",",
  ]

  @Test func areUnderstoodSomehow() throws {
    let seconds = getenv("QREPL_FUZZ_SECONDS").flatMap { Double(String(cString: $0)) } ?? 1
    var random = SplitMix(state: getenv("QREPL_FUZZ_SEED").flatMap { UInt64(String(cString: $0)) } ?? 11)
    let end = ContinuousClock.now + .milliseconds(Int64(seconds * 1000))
    let bench = try Bench()
    bench.run("trap = setmetatable({}, {__index = function() touched = true end}) x = trap y = trap z = trap t = trap f = trap")
    var count = 0
    while ContinuousClock.now < end {
      let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in Self.words.randomElement(using: &random) ?? "" }.joined()
      _ = bench.session.isIncomplete(text)
      let found = bench.session.completions(of: text)
      #expect(found.start >= 0 && found.start <= text.utf8.count, "\(text.debugDescription)")
      if let request = PromptText.helpRequest(in: text) { _ = bench.session.help(for: request) }
      count += 1
    }
    #expect(count > 100)
    #expect(bench.session.number == 2 && bench.display.reports.isEmpty)
    #expect(try bench.value("rawget(_G, 'touched')") == .nil)
  }
}
