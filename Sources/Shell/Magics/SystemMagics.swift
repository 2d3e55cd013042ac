import Glibc
import LuaVM

/// `%env`, `%sh`, `%ls`.
enum SystemMagics: MagicFamily {
  static func define(in magics: inout MagicCatalog) {
    magics.define(
      "env", operands: "[name | name value | name=value]", completes: .environment,
      doc: "Prints the environment, gives a variable of it, or sets one.",
      action: .words { invocation in
        let rest = invocation.arguments.rest
        if rest.isEmpty {
          let lines = Environment.all.map { "\($0.name)=\(isSecret($0.name) ? "<hidden>" : $0.value)\n" }
          invocation.display.write(lines.joined())
          return .none
        }
        let split =
          rest.contains("=")
          ? rest.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) : rest.split(separator: " ", maxSplits: 1)
        let name = split[0].filter { !$0.isWhitespace }
        guard split.count > 1 else {
          guard let value = getenv(name) else { throw UsageError("Environment does not have key: \(name)") }
          return .value(.string(String(cString: value)))
        }
        let value = String(split[1].drop(while: \.isWhitespace))
        guard !split[0].drop(while: \.isWhitespace).contains(where: \.isWhitespace) || !rest.contains("=") else {
          throw UsageError("refusing to set env var with whitespace: '\(value)'")
        }
        guard setenv(name, value, 1) == 0 else { throw UsageError("'\(name)' is no name of a variable") }
        invocation.display.write("env: \(name)=\(value)\n")
        return .none
      })

    magics.define(
      "sh", .lineOrCell, aliases: ["system"], operands: "command", completes: .files,
      doc: "Runs a shell command, or the cell as a script. A failing one is an error; `_exit_code` holds its status.",
      action: .words { invocation in
        let command =
          invocation.body.map { invocation.arguments.rest.isEmpty ? $0 : invocation.arguments.rest + "\n" + $0 }
          ?? invocation.arguments.rest
        guard !command.isEmpty else { throw UsageError("%sh needs a command") }
        try run(command, invocation.session)
        return .none
      })

    magics.define(
      "ls", operands: "[arguments]", completes: .files, doc: "Lists files, as ls -F does.",
      action: .words { invocation in
        try run("ls -F --color=auto \(invocation.arguments.rest)", invocation.session)
        return .none
      })
  }

  /// Runs a shell command; its status is the global `_exit_code`.
  private static func run(_ command: String, _ session: Session) throws {
    let status = try ShellCommand.run(command)
    try session.lua.rawSet(session.lua.globals(), "_exit_code", .integer(Int64(status)))
    guard status != 0 else { return }
    throw LuaError(message: "Command '\(command.split(separator: "\n").first ?? "")' \(ShellCommand.failure(status))")
  }

  /// Whether a variable likely holds what nobody should see on a screen.
  private static func isSecret(_ name: String) -> Bool {
    let folded = name.lowercased()
    return ["key", "token", "secret"].contains { folded.contains($0) }
  }
}

/// Commands of the system's shell.
enum ShellCommand {
  /// Runs a command with this program's input and output and waits for it. Gives its status; of one that a signal
  /// has ended, the signal's number below zero.
  static func run(_ command: String) throws(LuaError) -> Int32 {
    fflush(nil)
    var process = pid_t()
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for signal in [SIGINT, SIGQUIT, SIGPIPE] { sigaddset(&defaults, signal) }
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    let words: [UnsafeMutablePointer<CChar>?] = ["sh", "-c", command].map { (word: String) in strdup(word) }
    defer { words.forEach { free($0) } }
    let result = posix_spawn(&process, "/bin/sh", nil, &attributes, words + [nil], environ)
    guard result == 0 else { throw LuaError(message: "cannot run /bin/sh: \(String(cString: strerror(result)))") }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      // A Ctrl-C reaches the command as well; what it does with it is its own affair.
      guard errno == EINTR else { throw LuaError(message: "lost the command: \(String(cString: strerror(errno)))") }
    }
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : -signal
  }

  /// How a command with that status has ended.
  static func failure(_ status: Int32) -> String {
    status < 0 ? "died with signal \(-status)." : "returned non-zero exit status \(status)."
  }
}
