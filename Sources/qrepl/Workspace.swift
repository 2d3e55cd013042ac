import LuaTorch
import LuaVM
import Shell
import Terminal

/// A session with the whole library open, for commands that run cells without a prompt.
final class Workspace {
  /// The session.
  let session: Session
  private let library: Binding

  /// Opens a session that shows things on `display` and keeps no history. Ctrl-C ends the cell that runs.
  init(display: any Display) throws {
    let lua = try LuaState()
    try Installation.addStandardLibrary(to: lua)
    library = try TorchLibrary.open(in: lua, version: QRepl.version)
    session = try Session(lua: lua, display: display)
    InterruptSignal.install(onlyOnce: false)
  }
}
