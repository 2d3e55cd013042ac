/// Results in the XML that continuous integration reads, as pytest writes it.
public enum JUnitReport {
  /// The report of `files`.
  public static func text(_ files: [FileResult]) -> String {
    var text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<testsuites name=\"qrepl\"\(totals(files))>\n"
    for file in files {
      text += "  <testsuite name=\"\(escaped(file.path))\"\(totals([file]))>\n"
      for result in file.cells { text += testCase(result, of: file.path) }
      text += "  </testsuite>\n"
    }
    return text + "</testsuites>\n"
  }

  private static func totals(_ files: [FileResult]) -> String {
    func count(_ verdict: CellResult.Verdict) -> Int { files.map { $0.count(verdict) }.reduce(0, +) }
    let tests = files.map(\.cells.count).reduce(0, +)
    let nanoseconds = files.flatMap(\.cells).map(\.nanoseconds).reduce(0, +)
    return " tests=\"\(tests)\" failures=\"\(count(.failed))\" errors=\"0\" skipped=\"\(count(.notRun))\" time=\"\(seconds(nanoseconds))\""
  }

  private static func testCase(_ result: CellResult, of path: String) -> String {
    let line = result.cell?.line ?? 1
    let name = result.cell?.name ?? path
    var text = "    <testcase classname=\"\(escaped(className(path)))\" name=\"\(escaped(name))\" file=\"\(escaped(path))\" line=\"\(line)\""
    text += " time=\"\(seconds(result.nanoseconds))\""
    var inside = ""
    switch result.verdict {
    case .passed: break
    case .notRun: inside += "      <skipped/>\n"
    case .failed: inside += "      <failure message=\"\(escaped(result.message))\">\(escaped(result.report))</failure>\n"
    }
    if !result.printed.isEmpty { inside += "      <system-out>\(escaped(result.printed))</system-out>\n" }
    if !result.warned.isEmpty { inside += "      <system-err>\(escaped(result.warned))</system-err>\n" }
    return text + (inside.isEmpty ? "/>\n" : ">\n\(inside)    </testcase>\n")
  }

  /// `tutorials/pruning.lua` as `tutorials.pruning`.
  private static func className(_ path: String) -> String {
    let parts = path.split(separator: "/").filter { $0 != "." && $0 != ".." }
    let name = parts.joined(separator: ".")
    return name.hasSuffix(".lua") ? String(name.dropLast(4)) : name
  }

  private static func seconds(_ nanoseconds: Int) -> String {
    let thousandths = String((nanoseconds + 500_000) / 1_000_000)
    let padded = String(repeating: "0", count: max(0, 4 - thousandths.count)) + thousandths
    return padded.dropLast(3) + "." + padded.suffix(3)
  }

  /// `text` for XML 1.0; of the characters that it cannot hold the code is shown, `#x1B`, as pytest does.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n": result += "&#10;"
      case "\t", "\r": result += "&#\(scalar.value);"
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}":
        let code = String(scalar.value, radix: 16, uppercase: true)
        result += "#x" + (code.count == 1 ? "0" : "") + code
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
