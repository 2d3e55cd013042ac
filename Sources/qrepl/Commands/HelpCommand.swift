import ArgumentParser
import Batch
import Shell

/// `qrepl help [TOPIC]`.
struct HelpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "help", _superCommandName: "qrepl", abstract: "Show help on a command, a magic, or a function or class of torch.",
    discussion: "qrepl help timeit, qrepl help torch.matmul, qrepl help nn.LSTM. Ends with 1 if there is no such topic.")

  @Flag(name: .customLong("man"), help: .private)
  var writesManual = false
  @Argument(help: ArgumentHelp("A command, a magic, or a name such as torch.matmul or nn.LSTM.", valueName: "topic"))
  var topic: String?

  func run() throws {
    if writesManual { return StandardStream.output.write(try ManualPage.text(CommandTree._dumpHelp(), version: QRepl.version)) }
    guard let topic else {
      let more = "qrepl help TOPIC shows help on a command, a magic (timeit) or a name (torch.matmul, nn.LSTM).\n"
      return StandardStream.output.write(CommandTree.helpMessage(columns: nil) + "\n" + more)
    }
    if let command = Program.commands.first(where: { $0.configuration.commandName == topic }) {
      return StandardStream.output.write(command.helpMessage(columns: nil) + "\n")
    }
    let workspace = try Workspace(display: StreamDisplay())
    let session = workspace.session
    // Methods are found on a tensor.
    if topic.hasPrefix("Tensor.") || topic.hasPrefix("torch.Tensor.") { try session.lua.run("Tensor = torch.empty(0)") }
    let name = topic.hasPrefix("torch.Tensor.") ? String(topic.dropFirst("torch.".count)) : topic
    if let text = session.help(onTopic: name) { return StandardStream.output.write(text + "\n") }
    let close = session.closestTopic(to: name, others: Program.commands.compactMap { $0.configuration.commandName })
    StandardStream.error.write("qrepl: no help on '\(topic)'." + (close.map { " Did you mean '\($0)'?" } ?? "") + "\n")
    throw ExitCode(RunStatus.failure.rawValue)
  }
}
