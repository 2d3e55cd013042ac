import ArgumentParser

/// Where the program begins: a command's name as the first argument, or the prompt, script and options of `QRepl`.
@main
enum Program {
  /// The commands by their names.
  static let commands: [any ParsableCommand.Type] = [TestCommand.self, ConvertCommand.self, LintCommand.self, HelpCommand.self]

  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    // A script of a command's name is run as ./test.
    if let first = arguments.first, let command = commands.first(where: { $0.configuration.commandName == first }) {
      command.main(Array(arguments.dropFirst()))
    } else if let first = arguments.first, CommandTree.answers(first) {
      CommandTree.main(Array(arguments))
    } else {
      QRepl.main(Array(arguments))
    }
  }
}
