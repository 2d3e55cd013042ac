import ArgumentParser

/// The program with its commands, for what is told of it as a whole: the help, the completions of shells, the manual.
struct CommandTree: ParsableCommand {
  static var configuration: CommandConfiguration {
    var configuration = QRepl.configuration
    configuration.subcommands = Program.commands
    return configuration
  }

  @OptionGroup var options: QRepl

  /// Whether `word`, the first on the command line, asks for the whole.
  static func answers(_ word: String) -> Bool {
    ["--help", "-h", "--generate-completion-script", "--experimental-dump-help"].contains { word == $0 || word.hasPrefix($0 + "=") }
  }
}
