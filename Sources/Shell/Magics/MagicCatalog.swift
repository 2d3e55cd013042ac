import Notebook

/// A file's magics.
public protocol MagicFamily {
  /// Declares the magics of the family.
  static func define(in magics: inout MagicCatalog)
}

/// The magics of a session.
public struct MagicCatalog: Sendable {
  /// The magics by name.
  public private(set) var all: [String: Magic] = [:]
  /// Other names of magics.
  public private(set) var aliases: [String: String] = [:]

  /// An empty catalog.
  public init() {}

  /// The families every session has.
  public static var families: [any MagicFamily.Type] {
    [
      TimingMagics.self, MemoryMagics.self, ProfileMagics.self, DebugMagics.self, ExpectationMagics.self, VariableMagics.self, HistoryMagics.self, SourceMagics.self, FileMagics.self, SystemMagics.self,
      OutputMagics.self, HelpMagics.self, SessionMagics.self, LibraryMagics.self,
      PictureMagics.self, ModelMagics.self,
    ]
  }

  /// The magics of `families`.
  public init(families: [any MagicFamily.Type]) {
    for family in families { family.define(in: &self) }
  }

  /// Declares a magic. A later magic of the same name takes its place.
  public mutating func define(
    _ name: String, _ place: Magic.Place = .line, aliases others: [String] = [], options: [MagicOption] = [],
    operands: String = "",
    completes completion: Magic.Completion = .nothing, doc: String, action: Magic.Action
  ) {
    all[name] = Magic(
      name: name, place: place, options: options, operands: operands, doc: doc, completion: completion, action: action)
    for other in others { aliases[other] = name }
  }

  /// The magic `name`, also by another name.
  public subscript(name: String) -> Magic? { all[name] ?? aliases[name].flatMap { all[$0] } }

  /// The line magic or, with `cell`, the cell magic `name`.
  public func magic(_ name: String, cell: Bool) -> Magic? {
    self[name].flatMap { (cell ? $0.place.allowsCell : $0.place.allowsLine) ? $0 : nil }
  }

  /// The names of the line magics or of the cell magics, sorted.
  public func names(cell: Bool) -> [String] {
    (Array(all.keys) + Array(aliases.keys)).filter { magic($0, cell: cell) != nil }.sorted()
  }

  /// What the reader of sources must know.
  public var syntax: MagicSyntax {
    let catalog = self
    return MagicSyntax(
      line: { catalog.magic($0, cell: false)?.action(cell: false).form },
      cell: { catalog.magic($0, cell: true)?.action(cell: true).form })
  }

  /// The error for a magic that there is not.
  public func unknown(_ line: MagicLine, cell: Bool) -> UsageError {
    let signs = String(repeating: "%", count: cell ? 2 : 1)
    let name = cell ? line.name : String(repeating: "%", count: line.level - 1) + line.name
    var message = "\(cell ? "Cell magic" : "Line magic function") `\(signs)\(name)` not found"
    if line.level == 1 || cell, magic(line.name, cell: !cell) != nil {
      let other = String(repeating: "%", count: cell ? 1 : 2) + line.name
      return UsageError(message + " (But \(cell ? "line" : "cell") magic `\(other)` exists, did you mean that instead?).")
    }
    message += "."
    if let close = Similarity.closest(to: line.name, in: names(cell: cell)) { message += " Did you mean `\(signs)\(close)`?" }
    return UsageError(message)
  }
}
