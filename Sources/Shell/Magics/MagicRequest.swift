import Notebook

/// A magic as it stands in a source, with its options read.
struct MagicRequest {
  /// The magic; nil where there is none of the name.
  let magic: Magic?
  /// The options and the rest of the line; nil where they are wrong.
  let arguments: MagicArguments?
  /// The text of the cell below, for a cell magic; without comment signs where the magic stands in a comment.
  let body: String?
  /// What is wrong with the request.
  let error: UsageError?
  /// The line it stands on, and the chunk name of the source.
  let line: Int
  var chunkName = ""

  init(_ call: MagicCall, outline: Outline, catalog: MagicCatalog) {
    let isCell = call.body != nil
    line = call.lineNumber
    let found = call.line.level == (isCell ? 2 : 1) ? catalog.magic(call.line.name, cell: isCell) : nil
    magic = found
    body = call.body.map { range in
      let text = outline.text(range)
      return call.line.isCommented && call.form != .lua ? Self.uncommented(text) : text
    }
    guard let found else {
      arguments = nil
      error = catalog.unknown(call.line, cell: isCell)
      return
    }
    do throws(UsageError) {
      arguments = try MagicArguments(call.line.argument, options: found.options)
      error = body == "" ? Self.emptyBody(found) : nil
    } catch {
      arguments = nil
      self.error = error
    }
  }

  private static func emptyBody(_ magic: Magic) -> UsageError {
    let message = "%%\(magic.name) is a cell magic, but the cell body is empty."
    return UsageError(magic.place.allowsLine ? message + " Did you mean the line magic %\(magic.name) (single %)?" : message)
  }

  private static func uncommented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      if line.hasPrefix("-- ") { return line.dropFirst(3) }
      return line.hasPrefix("--") ? line.dropFirst(2) : line
    }.joined(separator: "\n")
  }
}

/// What a magic is given when it runs.
public struct Invocation {
  /// The session it runs in.
  public let session: Session
  /// The magic.
  public let magic: Magic
  /// Its options and the rest of its line.
  public let arguments: MagicArguments
  /// The text of the cell below, for a cell magic.
  public let body: String?

  /// The chunk name of the source that the magic stands in, and its line.
  let chunkName: String
  let line: Int

  /// The name that messages give the source, and the line.
  var place: (name: String, line: Int) { (Traceback.shortName(of: chunkName), line) }

  /// What the magic does where it stands.
  var action: Magic.Action { magic.action(cell: body != nil) }

  /// Where the magic writes.
  public var display: any Display { session.display }
}
