import LuaVM
import Notebook

extension Session {
  /// What Lua's compiler says of the percent file `source` and, where the file compiles, of each of its cells alone.
  /// Nothing runs.
  public func check(_ source: [UInt8], notebook: Notebook) -> (file: LuaError?, cells: [(cell: Notebook.Cell, error: LuaError)]) {
    if let error = check(source) { return (error, []) }
    var found: [(cell: Notebook.Cell, error: LuaError)] = []
    for cell in notebook.cells where cell.kind == .code && cell.header != nil {
      let padding = [UInt8](repeating: UInt8(ascii: "\n"), count: max(0, cell.line - 2))
      if let error = check(padding + cell.marker + cell.source) { found.append((cell, error)) }
    }
    return (nil, found)
  }

  private func check(_ source: [UInt8]) -> LuaError? {
    do throws(LuaError) {
      _ = try compile(outline(source, isFile: true), name: "=file", purpose: .init(echoes: false, keepsLocals: false))
      return nil
    } catch {
      return error
    }
  }
}

extension LuaError {
  /// The line and the words of a message of the compiler's, `name:line: words`.
  public var place: (line: Int, words: String)? {
    Traceback.position(of: message).map { ($0.line, $0.rest) }
  }
}
