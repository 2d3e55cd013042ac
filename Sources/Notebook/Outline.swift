/// What a cell or a file of Lua is made of at its top: statements, magics and cells, as byte
/// ranges of the source. Made by one pass that accepts every text.
public struct Outline: Sendable {
  /// The source.
  public let source: [UInt8]
  /// The statements outside every block and bracket, in order.
  public internal(set) var statements: [Statement] = []
  /// The magics, at any depth, in order.
  public internal(set) var magics: [MagicCall] = []
  /// The cells of a percent file; one cell where markers do not count or there are none.
  public internal(set) var cells: [CellSpan] = []
  /// Every identifier that occurs.
  public internal(set) var names: Set<String> = []
  /// Whether the text ends inside a block, a bracket, a string or a comment.
  public internal(set) var isOpen = false

  /// How a source is read.
  public struct Options: Sendable {
    /// Whether `-- %%` begins a new cell.
    public var hasMarkers: Bool
    /// Whether `!command` and `?name` lines are understood, as at the prompt.
    public var isPrompt: Bool
    /// Whether there are magics at all, or only stock Lua.
    public var readsMagics: Bool
    /// What is known of the magics.
    public var syntax: MagicSyntax

    /// Options for a percent file (`hasMarkers`) or for a cell at the prompt (`isPrompt`).
    public init(hasMarkers: Bool, isPrompt: Bool, readsMagics: Bool = true, syntax: MagicSyntax) {
      self.readsMagics = readsMagics
      self.hasMarkers = hasMarkers
      self.isPrompt = isPrompt
      self.syntax = syntax
    }
  }

  /// Reads `source`.
  public init(_ source: [UInt8], options: Options) {
    self.source = source
    var builder = OutlineBuilder(source, options: options)
    builder.run()
    statements = builder.statements
    magics = builder.magics
    cells = builder.cells
    names = builder.names
    isOpen = builder.isOpen
  }

  /// The text of `range`; bytes that are not UTF-8 are replaced.
  public func text(_ range: Range<Int>) -> String {
    String(decoding: source[range], as: UTF8.self)
  }
}

/// A statement outside every block and bracket.
public struct Statement: Equatable, Sendable {
  /// What a statement is.
  public enum Kind: Equatable, Sendable {
    /// `local a, b <const> = …`
    case local([LocalName])
    /// `local function f … end`
    case localFunction(String)
    /// `return …`
    case returnStatement
    /// Something that may be an expression: a call, a value, an operation.
    case expression
    /// Assignments, loops, conditions, labels and the rest.
    case other
  }

  /// What it is.
  public internal(set) var kind: Kind
  /// Its bytes, without a `;` after it.
  public internal(set) var range: Range<Int>
  /// Whether a `;` follows it.
  public internal(set) var isSilenced = false

  /// The names it declares as locals.
  public var declaredNames: [LocalName] {
    switch kind {
    case .local(let names): return names
    case .localFunction(let name): return [LocalName(name)]
    default: return []
    }
  }
}

/// A name that a `local` statement declares.
public struct LocalName: Equatable, Sendable {
  /// The name.
  public let name: String
  /// `const`, `close`, or nil.
  public internal(set) var attribute: String?

  /// The name `name`, with an attribute if it has one.
  public init(_ name: String, attribute: String? = nil) {
    self.name = name
    self.attribute = attribute
  }
}

/// A magic in the source.
public struct MagicCall: Equatable, Sendable {
  /// The line.
  public let line: MagicLine
  /// What kind of thing the magic is; nil where there is none of that name.
  public let form: MagicSyntax.Form?
  /// The bytes of its line, from the first that is not blank to the line's end.
  public let range: Range<Int>
  /// The line it stands on, from 1.
  public let lineNumber: Int
  /// The bytes of the cell below it, for a cell magic.
  public internal(set) var body: Range<Int>?
  /// Whether it stands outside every block.
  public let isAtTop: Bool
  /// Whether its value is assigned, as in `x = %name`.
  public let isAssigned: Bool
}

/// The extent of a cell in a file.
public struct CellSpan: Equatable, Sendable {
  /// The header, nil for what stands before the first marker.
  public let header: CellHeader?
  /// The bytes of the header's line with its line end; empty without a header.
  public let marker: Range<Int>
  /// The bytes below the header, up to the next one.
  public internal(set) var body: Range<Int>
  /// The line `body` begins on, from 1.
  public let line: Int
}

/// What the reader of a source must know of the magics: which there are and what their text is.
public struct MagicSyntax: Sendable {
  /// What follows the name of a magic.
  public enum Form: Sendable {
    /// Words and options.
    case words
    /// Lua, which sees the variables in scope.
    case lua
  }

  /// The form of the line magic `name`, nil where there is none.
  public let line: @Sendable (_ name: String) -> Form?
  /// The form of the body of the cell magic `name`, nil where there is none.
  public let cell: @Sendable (_ name: String) -> Form?

  /// The syntax that `line` and `cell` answer for.
  public init(
    line: @escaping @Sendable (_ name: String) -> Form?, cell: @escaping @Sendable (_ name: String) -> Form?
  ) {
    self.line = line
    self.cell = cell
  }
}
