import ArgumentParser
import Batch
import Glibc
import LuaVM
import Notebook
import Shell
import Terminal

/// `qrepl convert FILE OUT`.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", _superCommandName: "qrepl", abstract: "Write a percent file as a notebook, a page or Markdown, with what its cells give.",
    discussion: """
      The file is run, and a cell that fails ends the run; what there is by then is written all the same, and the status is 1. \
      A Jupyter notebook is not run: it becomes a percent file, or a page with the outputs it holds. \
      The pictures of Markdown go into a folder beside it.
      """)

  /// What a file may become, by the ending of its name.
  enum Format: String, CaseIterable {
    case ipynb, html, md, lua

    init?(path: String) {
      guard let dot = path.lastIndex(of: ".") else { return nil }
      self.init(rawValue: path[path.index(after: dot)...].lowercased())
    }
  }

  @Flag(name: .customLong("no-run"), help: "Write the cells without running them.")
  var staysStill = false
  @Flag(name: [.customShort("k"), .customLong("keep-going")], help: "Go on after a cell that fails.")
  var goesOn = false
  @Option(help: ArgumentHelp("The seconds that a cell may take.", valueName: "seconds"))
  var timeout: Double?
  @Option(
    name: [.customShort("p"), .customLong("parameter")],
    help: ArgumentHelp("Set a variable of the cell tagged parameters.", valueName: "name=value"))
  var parameters: [String] = []
  @Argument(help: ArgumentHelp("A percent file (.lua) or a notebook (.ipynb).", valueName: "file"), completion: .file(extensions: ["lua", "ipynb"]))
  var file: String
  @Argument(
    help: ArgumentHelp("The file to write, whose name ends in .ipynb, .html, .md or .lua.", valueName: "out"),
    completion: .file(extensions: ["ipynb", "html", "md", "lua"]))
  var out: String

  func validate() throws {
    if let timeout, !(timeout > 0) { throw ValidationError("--timeout must be more than 0 seconds") }
    if let wrong = parameters.first(where: { Parameter($0) == nil }) { throw ValidationError("-p takes name=value, not '\(wrong)'") }
    guard let format = Format(path: out) else { throw ValidationError("'\(out)' ends in none of .ipynb, .html, .md and .lua") }
    if isNotebook {
      if !parameters.isEmpty { throw ValidationError("a notebook is not run, so -p has nothing to set") }
    } else if format == .lua {
      throw ValidationError("'\(file)' is Lua already")
    }
  }

  private var isNotebook: Bool { Format(path: file) == .ipynb }

  func run() throws {
    InterruptSignal.install(onlyOnce: false)
    do { try convert() } catch let mistake as CommandMistake {
      throw ValidationError(mistake.description)
    } catch let status as ExitCode {
      throw status
    } catch {
      StandardStream.error.write("qrepl: \(error)\n")
      throw ExitCode(RunStatus.failure.rawValue)
    }
  }

  private func convert() throws {
    let syntax = MagicCatalog(families: MagicCatalog.families).syntax
    if isNotebook {
      do { try write(JupyterFile.read(String(decoding: FilePath.read(file), as: UTF8.self)), syntax) } catch let error as JupyterError {
        throw LuaError(message: "\(file): \(error)")
      }
      return
    }
    var options = CellOptions()
    options.parameters = parameters
    options.timeout = timeout
    options.goesOn = goesOn
    let run = try FileRun(file, options, syntax: syntax)
    if staysStill { return try write(run.document, syntax) }
    let result = try run.run { LuaInterrupt.isRequested }
    if result.isInterrupted { throw ExitCode(RunStatus.interrupted.rawValue) }
    try write(result.document, syntax)
    guard let failure = result.failure else { return }
    StandardStream.error.write("qrepl: \(failure)\n")
    throw ExitCode(RunStatus.failure.rawValue)
  }

  private func write(_ document: NotebookDocument, _ syntax: MagicSyntax) throws {
    let name = String(out.split(separator: "/").last ?? "")
    let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    let text: String
    switch Format(path: out) {
    case .ipynb: text = JupyterFile.text(document)
    case .lua: text = document.percentFile(syntax: syntax)
    case .html:
      let source = String(file.split(separator: "/").last ?? "")
      text = HTMLPage(syntax: syntax).text(document, name: stem, footer: "Made from \(source) by qrepl \(QRepl.version).")
    case .md, nil:
      let folder = String(out.dropLast(name.count))
      let (markdown, pictures) = MarkdownFile.text(document, pictureFolder: stem + "_files")
      if !pictures.isEmpty { mkdir(folder + stem + "_files", 0o777) }
      for (path, bytes) in pictures { try FilePath.write(bytes, to: folder + path) }
      text = markdown
    }
    try FilePath.write(Array(text.utf8), to: out)
  }
}
