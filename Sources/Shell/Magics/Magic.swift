import LuaVM
import Notebook

/// One magic: its name, options, help and what it does, declared by one `define`.
public struct Magic: Sendable {
  /// Where a magic may stand.
  public enum Place: Sendable {
    /// `%name` alone.
    case line
    /// `%%name` over a cell alone.
    case cell
    /// Both.
    case lineOrCell

    var allowsLine: Bool { self != .cell }
    var allowsCell: Bool { self != .line }
  }

  /// What the text after the options is, and what becomes of it.
  public indirect enum Action: Sendable {
    /// Words, which `run` reads. A cell's body is text.
    case words(_ run: @Sendable (Invocation) throws -> Outcome)
    /// Lua expressions; they are computed where the magic stands and `run` gets their values.
    case values(_ run: @Sendable (Invocation, [LuaValue]) throws -> Outcome)
    /// Lua expressions; `run` gets the value of the statement above the magic and after it theirs.
    case expectation(_ run: @Sendable (Invocation, [LuaValue]) throws -> Outcome)
    /// Lua that runs in loops of the length the measurement asks for. Each text of `codes` becomes a loop.
    case loops(codes: @Sendable (MagicArguments) -> [String], _ start: @Sendable (Invocation) throws -> any Measurement)
    /// Lua that runs once, in the scope the magic stands in, between `enter` and the closure that it returns, which
    /// also runs when the Lua fails. Where `isProtected`, a failure is shown and the cell goes on; the Lua then has a
    /// scope of its own.
    case bracket(isProtected: @Sendable (MagicArguments) -> Bool, _ enter: @Sendable (Invocation) throws -> Leave)

    /// One thing on a line, another over a cell.
    case either(line: Action, cell: Action)

    var form: MagicSyntax.Form {
      if case .words = self { return .words }
      return .lua
    }
  }

  /// Ends a bracket. `values` are what its Lua gave, nil where it failed. True keeps them from the cell.
  public typealias Leave = (_ values: [LuaValue]?) throws -> Bool

  /// What a magic gives back to the cell.
  public enum Outcome: Sendable {
    /// Nothing.
    case none
    /// A value, shown if the magic ends its cell.
    case value(LuaValue)
    /// The results of a call of this function with these arguments.
    case call(LuaReference, [LuaValue])
  }

  /// The name, without `%`.
  public let name: String
  /// Where it may stand.
  public let place: Place
  /// Its options.
  public let options: [MagicOption]
  /// What follows the options in the help's first line.
  public let operands: String
  /// What it does, for its help.
  public let doc: String
  /// What it completes its operands from.
  public let completion: Completion
  private let action: Action

  /// A magic as `MagicCatalog.define` declares it.
  init(
    name: String, place: Place, options: [MagicOption], operands: String, doc: String, completion: Completion, action: Action
  ) {
    (self.name, self.place, self.options, self.operands) = (name, place, options, operands)
    (self.doc, self.completion, self.action) = (doc, completion, action)
  }

  /// What it does on a line or over a cell.
  func action(cell: Bool) -> Action {
    if case .either(let onLine, let overCell) = action { return cell ? overCell : onLine }
    return action
  }

  /// What the words after the options are, for the completer.
  public enum Completion: Sendable {
    case nothing, lua, files, folders, variables, magics, environment
  }

  /// `%name [options] operands` and the docstring, as `%name?` shows them.
  public var help: String {
    let sign = place == .cell ? "%%" : "%"
    var lines = ([sign + name] + options.map { "[\($0.spelling)\($0.value.map { " " + $0 } ?? "")]" } + [operands]).filter {
      !$0.isEmpty
    }
    .joined(separator: " ")
    if place == .lineOrCell { lines += "\n%%\(name) over a cell" }
    lines += "\n\n" + doc
    let width = options.map { $0.spelling.count + ($0.value.map { $0.count + 1 } ?? 0) }.max() ?? 0
    for option in options {
      let head = option.spelling + (option.value.map { " " + $0 } ?? "")
      lines += "\n  " + head + String(repeating: " ", count: width - head.count + 2) + option.doc
    }
    return lines
  }
}

/// A measurement that drives compiled loops: it says which to run and how often, and learns how long it took.
public protocol Measurement: AnyObject {
  /// Whether the loops are timed by processor time rather than by the wall clock.
  var usesProcessorTime: Bool { get }
  /// Whether the collector rests while a loop runs.
  var restsCollector: Bool { get }
  /// The next loop (from 0) and its count, or nil when all is measured. Called outside the timed part.
  func next() -> (loop: Int, count: Int)?
  /// Takes the nanoseconds of the run asked for, and the bytes that Lua held more after it.
  func record(nanoseconds: Int64, growth: Int)
  /// Ends the measurement.
  func finish() throws -> Magic.Outcome
}

extension Measurement {
  /// It rests.
  public var restsCollector: Bool { true }
}
