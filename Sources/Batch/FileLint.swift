import LuaVM
import Notebook
import Shell

/// Looks through percent files for what breaks, without running them.
public struct FileLint {
  private let session: Session

  /// A lint that knows the magics of `session` and asks its compiler.
  public init(session: Session) { self.session = session }

  /// What is found in the file at `path`, in the order of the file.
  public func findings(in path: String) throws -> [LintFinding] {
    let source = try FilePath.read(path)
    let catalog = session.catalog
    var findings = Lint.findings(in: source, syntax: catalog.syntax)
    if let offset = Self.invalidByte(in: source) {
      let lines = source[..<offset].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      findings.append(LintFinding(line: lines.count, column: (lines.last?.count ?? 0) + 1, message: "this byte is no UTF-8"))
    }
    let outline = Outline(source, options: .init(hasMarkers: true, isPrompt: false, syntax: catalog.syntax))
    for call in outline.magics {
      guard let mistake = mistake(in: call, catalog) else { continue }
      let start = source[..<call.range.lowerBound].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
      let column = String(decoding: source[start..<call.range.lowerBound], as: UTF8.self).count + 1
      findings.append(LintFinding(line: call.lineNumber, column: column, message: mistake.message))
    }
    let (error, cells) = session.check(source, notebook: Notebook(source))
    // A line that is wrong in itself is told of once.
    func add(_ error: LuaError, _ words: (String) -> String) {
      let (line, text) = error.place ?? (1, error.message)
      if !findings.contains(where: { $0.line == line }) { findings.append(LintFinding(line: line, column: 1, message: words(text))) }
    }
    if let error { add(error) { $0 } }
    for (_, error) in cells { add(error) { "the cell does not stand alone: \($0)" } }
    return findings.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
  }

  /// What is wrong with a magic's name or options.
  private func mistake(in call: MagicCall, _ catalog: MagicCatalog) -> UsageError? {
    let isCell = call.body != nil
    guard call.line.level == (isCell ? 2 : 1), let magic = catalog.magic(call.line.name, cell: isCell) else {
      return catalog.unknown(call.line, cell: isCell)
    }
    do throws(UsageError) {
      _ = try MagicArguments(call.line.argument, options: magic.options)
      return nil
    } catch {
      return error
    }
  }

  /// The first byte that is no part of UTF-8.
  private static func invalidByte(in source: [UInt8]) -> Int? {
    var at = 0
    while at < source.count {
      let byte = source[at]
      let length = byte < 0x80 ? 1 : byte & 0xE0 == 0xC0 && byte >= 0xC2 ? 2 : byte & 0xF0 == 0xE0 ? 3 : byte & 0xF8 == 0xF0 && byte <= 0xF4 ? 4 : 0
      guard length > 0, at + length <= source.count, source[(at + 1)..<(at + length)].allSatisfy({ $0 & 0xC0 == 0x80 }) else { return at }
      at += length
    }
    return nil
  }
}
