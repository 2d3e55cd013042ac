import Notebook

/// Puts lines together to cells. The work is linear in the text: whether a long text is whole is asked only where it may be, and
/// each time it has doubled, so that a mistake in it shows soon.
public struct CellAssembly {
  private unowned let session: Session
  private var blocks = OpenBlocks()
  private var endsAtBlankLine = false
  private var nextQuestion = Self.shortText

  /// The lines so far.
  public private(set) var source: [UInt8] = []

  /// A text so short may be looked at again with each line.
  private static let shortText = 4096

  /// An assembly of cells for `session`.
  public init(session: Session) { self.session = session }

  /// Takes one more line, or several, with the line end. True if the cell is whole now.
  public mutating func add(_ line: [UInt8]) -> Bool {
    let isBlank = line.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
    // A cell begins with its first line that says something.
    if source.isEmpty, isBlank { return false }
    source += line
    blocks.read(line)
    let mayBeWhole = endsAtBlankLine ? isBlank : !blocks.isOpen
    guard mayBeWhole || source.count >= nextQuestion || source.count < Self.shortText else { return false }
    nextQuestion = 2 * source.count
    let progress = session.progress(of: source)
    endsAtBlankLine = progress == .upToBlankLine
    return progress == .whole
  }

  /// Gives the text, without the blank lines at its end, and begins anew.
  public mutating func take() -> [UInt8] {
    var text = source[...]
    while let last = text.last, last == 0x20 || (0x09...0x0D).contains(last) { text.removeLast() }
    self = CellAssembly(session: session)
    return Array(text)
  }
}
