import LuaVM
import Notebook

/// One user's session: runs cells, keeps their variables and results, knows the magics.
///
/// It shows things on its display and reads nothing; a front end gives it cells. Used by one thread at a time.
public final class Session {
  /// The state the cells run in.
  public let lua: LuaState
  /// Where things are shown.
  public var display: any Display
  /// The magics.
  public var catalog: MagicCatalog
  /// The cells of this and earlier sessions.
  public let history: any HistoryStore
  /// The number of the next cell.
  public internal(set) var number = 1
  /// What was run as a cell, in order.
  public internal(set) var inputs: [String] = []
  /// Whether locals at the top of a cell live on into the next cells.
  public var keepsLocals = true
  /// Whether magics, help requests and pasted prompts are understood. Without, cells and files are stock Lua.
  public var readsMagics = true
  /// How much of an error is shown.
  public var tracebackMode = TracebackMode.context

  /// How much of an error is shown.
  public enum TracebackMode: String, CaseIterable, Sendable {
    case plain = "Plain"
    case context = "Context"
    case minimal = "Minimal"
  }

  var machinery: Machinery { ownMachinery }
  private var ownMachinery: Machinery
  let host: Host
  /// The sources by the name that Lua gives them in messages.
  var sources: [String: [UInt8]] = [:]
  /// The chunks that run now, the outermost first.
  var running: [Chunk] = []
  /// What the next prompt begins with; a front end that can edit takes it.
  public var nextInput: String?
  /// Whether magics that expect something write what they find into their file rather than fail.
  public var updatesExpectations = false
  /// What they have written into files: of each the line of the magic as it was read, and by how many lines the file grew.
  var rewrites: [String: [(line: Int, growth: Int)]] = [:]
  /// The file that `%edit` had last.
  var editedFile: String?
  /// Whether the calls that an error ends are kept to be looked at by `%debug`, with all that their variables hold.
  public var keepsFrames = false { didSet { lua.setKeepsFrames(keepsFrames) } }
  /// Those of the last error.
  var failedFrames: LuaReference?
  /// What went wrong last, for `%tb`.
  var lastError: LuaError?
  /// Folders that `%cd -` and its like go back to.
  var previousFolder: String?

  /// A session in `lua`. What is global by now does not count as the user's.
  public init(
    lua: LuaState, display: any Display, history: any HistoryStore = TransientHistory(),
    catalog: MagicCatalog = MagicCatalog(families: MagicCatalog.families)
  ) throws(LuaError) {
    self.lua = lua
    self.display = display
    self.history = history
    self.catalog = catalog
    host = Host()
    ownMachinery = try Machinery(lua, host: try host.table(in: lua))
    host.session = self
    try bindPresentation()
    try settle()
  }

  /// Takes everything that is global now for the program's own, not the user's.
  public func settle() throws(LuaError) {
    try machinery.call("settle")
  }

  /// What became of a cell.
  public enum Outcome: Equatable, Sendable {
    /// It ran to its end.
    case success
    /// It failed; the report has been shown.
    case failure(ErrorReport)
  }

  /// Runs `source` as the next cell: records it, shows the value of its last expression or what went wrong.
  /// - Parameters:
  ///   - name: the chunk name for messages; without it `In[n]`.
  ///   - line: the line that the source's first line counts as.
  @discardableResult
  public func run(cell source: String, name: String? = nil, line: Int = 1) -> Outcome {
    run(cell: Array(source.utf8), name: name, line: line)
  }

  /// `run(cell:)` for a text that need not be UTF-8: Lua gets its bytes as they are. `whole` is all the text of that name so far,
  /// whose lines messages show.
  @discardableResult
  public func run(cell source: [UInt8], name: String? = nil, line: Int = 1, of whole: [UInt8]? = nil) -> Outcome {
    // An interrupt that came too late to end the cell is over with it.
    defer { LuaInterrupt.clear() }
    let code = withoutPrompts(source)
    let text = String(decoding: code, as: UTF8.self)
    let number = self.number
    self.number += 1
    inputs.append(text)
    history.append(number: number, source: text)
    _ = try? machinery.call("input", [.integer(Int64(number)), .string(text)])
    if readsMagics, let request = PromptText.helpRequest(in: code) {
      display.page(help(for: request) + "\n")
      return .success
    }
    let padding = [UInt8](repeating: UInt8(ascii: "\n"), count: max(0, line - 1))
    let outline = outline(padding + code, isFile: false)
    do throws(LuaError) {
      let chunk = try compile(outline, name: name ?? "=In[\(number)]", purpose: .init(echoes: true, keepsLocals: keepsLocals))
      if let whole, let name { sources[Traceback.shortName(of: name)] = whole }
      let values = try execute(chunk)
      if !chunk.isSilenced { try show(values, number: number) }
      return .success
    } catch {
      return fail(error)
    }
  }

  /// Shows an error and makes it the outcome.
  func fail(_ error: LuaError) -> Outcome {
    let report = report(error)
    display.report(report)
    return .failure(report)
  }

  /// Shows the values of cell `number` and makes them its results.
  func show(_ values: [LuaValue], number: Int) throws(LuaError) {
    if values.count == 1, let presentation = try presentation(of: values[0]) {
      display.show(presentation, number: number)
      history.setOutput(number: number, output: presentation.plainText)
    } else {
      guard let text = try machinery.call("display", values).first?.text else { return }
      display.show(text, number: number)
      history.setOutput(number: number, output: text)
    }
    if let first = values.first { try machinery.call("output", [.integer(Int64(number)), first]) }
  }

  /// `source` without pasted prompts.
  private func withoutPrompts(_ source: [UInt8]) -> [UInt8] {
    guard readsMagics, PromptText.hasPrompts(source) else { return source }
    return Array(PromptText.strippingPrompts(String(decoding: source, as: UTF8.self)).utf8)
  }

  /// Whether a text is a whole cell.
  public enum Progress: Equatable, Sendable {
    /// It is, or it is a mistake that more lines cannot mend.
    case whole
    /// More lines may complete it.
    case begun
    /// Lines complete it up to the first that is blank.
    case upToBlankLine
  }

  /// Whether `text` is the beginning of a cell that more lines may complete.
  public func isIncomplete(_ text: String) -> Bool { progress(of: Array(text.utf8)) != .whole }

  /// Whether `source` is a whole cell.
  public func progress(of source: [UInt8]) -> Progress {
    let source = withoutPrompts(source)
    if readsMagics, PromptText.helpRequest(in: source) != nil { return .whole }
    let outline = outline(source, isFile: false)
    if let magic = outline.magics.first(where: { $0.body != nil }) {
      // Only an empty line tells that a cell magic's cell has ended.
      guard let body = magic.body, !body.isEmpty, source.last == UInt8(ascii: "\n") else { return .upToBlankLine }
      let last = source.dropLast().reversed().prefix { $0 != UInt8(ascii: "\n") }
      return last.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) } ? .whole : .upToBlankLine
    }
    let lowering = CellLowering(outline, catalog: catalog, purpose: .init(echoes: true), offset: 0, judge: judge)
    // With its line end, so that a string left open is a mistake and not a beginning.
    let asStatement = judge(lowering.asStatement + [UInt8(ascii: "\n")])
    let asValue = lowering.hasValue ? judge(lowering.asProbe + [UInt8(ascii: "\n")]) : asStatement
    if asStatement.isValid || asValue.isValid { return .whole }
    return asStatement.isIncomplete || asValue.isIncomplete ? .begun : .whole
  }

  /// Reads a cell or a file.
  func outline(_ source: [UInt8], isFile: Bool) -> Outline {
    Outline(source, options: .init(hasMarkers: isFile, isPrompt: !isFile, readsMagics: readsMagics, syntax: catalog.syntax))
  }

  func judge(_ source: [UInt8]) -> CellLowering.Verdict {
    do throws(LuaError) {
      _ = try lua.load(bytes: source, chunkName: "=cell")
      return .valid
    } catch {
      return .invalid(error)
    }
  }
}
