import LuaVM
import Notebook

extension Session {
  /// Runs one cell of the percent file at `path`, whose whole text is `file`. Its locals live on into the next cells, messages
  /// give the lines of the file, and nothing is shown of an error: the outcome tells.
  /// - Parameter echoes: whether the value of a last expression is shown, as at the prompt; a script shows none.
  public func run(_ cell: Notebook.Cell, of path: String, file: [UInt8], echoes: Bool) -> Outcome {
    // An interrupt that came too late to end the cell is over with it.
    defer { LuaInterrupt.clear() }
    let number = self.number
    self.number += 1
    let text = String(decoding: cell.source, as: UTF8.self)
    inputs.append(text)
    _ = try? machinery.call("input", [.integer(Int64(number)), .string(text)])
    let newline = UInt8(ascii: "\n")
    var source = cell.source
    // The first line of a script that names its interpreter is no Lua.
    if cell.line == 1, source.first == UInt8(ascii: "#") { source.removeSubrange(..<(source.firstIndex(of: newline) ?? source.endIndex)) }
    let linesBefore = cell.line - 1 - (cell.header == nil ? 0 : 1)
    let padding = [UInt8](repeating: newline, count: max(0, linesBefore))
    let name = "@" + path
    do throws(LuaError) {
      let outline = outline(padding + cell.marker + source, isFile: true)
      defer { sources[Traceback.shortName(of: name)] = file }
      let chunk = try compile(outline, name: name, purpose: .init(echoes: echoes, keepsLocals: keepsLocals))
      // The lines of every cell are there to be shown, not those of this one alone.
      sources[Traceback.shortName(of: name)] = file
      let values = try execute(chunk)
      if echoes, !chunk.isSilenced { try show(values, number: number) }
      return .success
    } catch {
      return .failure(report(error))
    }
  }
}

extension ErrorReport {
  /// The line of the file at `path` that the error is about: the message's own, else that of the innermost frame in the file.
  public func line(in path: String) -> Int? {
    let name = Traceback.shortName(of: "@" + path)
    for text in [message] + traceback {
      if let position = Traceback.position(of: text), position.name == name { return position.line }
    }
    return nil
  }
}
