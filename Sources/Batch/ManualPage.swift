import JSON

/// The manual page of a program, from what ArgumentParser tells of its commands.
public enum ManualPage {
  /// The page, for `man`, of the description in `json`, which `_dumpHelp()` gives.
  public static func text(_ json: String, version: String) throws -> String {
    let command = try JSONReader.read(json)["command"] ?? .null
    let name = command["commandName"]?.stringValue ?? ""
    // ArgumentParser adds a `help` of its own to commands that have one.
    var known: Set<String> = []
    let commands = (command["subcommands"]?.elements ?? []).filter { known.insert($0["commandName"]?.stringValue ?? "").inserted }
    var page = ".TH \(name.uppercased()) 1 \"\" \"\(escaped("\(name) \(version)"))\" \"User Commands\"\n"
    page += ".SH NAME\n\(escaped(name)) \\- \(escaped(sentence(command["abstract"]?.stringValue)))\n.SH SYNOPSIS\n"
    page += synopsis(command, [name])
    for sub in commands {
      page += ".br\n" + synopsis(sub, [name, sub["commandName"]?.stringValue ?? ""])
    }
    page += ".SH DESCRIPTION\n" + paragraphs(command["discussion"]?.stringValue)
    page += ".SH OPTIONS\n" + arguments(command)
    page += ".SH COMMANDS\n"
    for sub in commands {
      page += ".SS \(escaped("\(name) \(sub["commandName"]?.stringValue ?? "")"))\n"
      page += paragraphs(sub["abstract"]?.stringValue) + paragraphs(sub["discussion"]?.stringValue) + arguments(sub)
    }
    page += """
      .SH ENVIRONMENT
      .TP
      .B QREPL_HOME
      The folder with the Lua library and the tutorials, in place of share/qrepl beside the program.
      .TP
      .BR LUA_INIT ", " LUA_PATH ", " LUA_CPATH
      As for \\fBlua5.4\\fR(1).
      .TP
      .BR NO_COLOR ", " CLICOLOR_FORCE ", " CLICOLOR
      Whether there are colours, where \\fB\\-\\-color\\fR does not say.
      .TP
      .B GITHUB_ACTIONS
      With \\fBtrue\\fR, \\fBqrepl test\\fR writes annotations for failing cells.
      .SH FILES
      .TP
      .I $XDG_CONFIG_HOME/qrepl/init.lua
      Run before the first prompt.
      .TP
      .I $XDG_STATE_HOME/qrepl/history.sqlite
      What was typed in all sessions.
      .SH EXIT STATUS
      0 if all went well, 1 after an error in Lua or a cell that failed, 64 after a mistake on the command line, 130 after an interrupt; or
      what \\fBos.exit\\fR was given.
      .SH SEE ALSO
      .BR lua5.4 (1),
      .BR luacheck (1)

      """
    return page
  }

  private static func synopsis(_ command: JSONValue, _ words: [String]) -> String {
    var line = words.map { "\\fB\(escaped($0))\\fR" }.joined(separator: " ")
    let shown = visible(command)
    if shown.contains(where: { $0["kind"]?.stringValue != "positional" }) { line += " [\\fIoptions\\fR]" }
    for argument in shown where argument["kind"]?.stringValue == "positional" {
      let value = "\\fI\(escaped(argument["valueName"]?.stringValue ?? ""))\\fR" + (argument["isRepeating"]?.booleanValue == true ? " ..." : "")
      line += " " + (argument["isOptional"]?.booleanValue == true ? "[\(value)]" : value)
    }
    return line + "\n"
  }

  private static func visible(_ command: JSONValue) -> [JSONValue] {
    (command["arguments"]?.elements ?? []).filter { $0["shouldDisplay"]?.booleanValue != false }
  }

  private static func arguments(_ command: JSONValue) -> String {
    visible(command).map { argument in
      let value = "\\fI\(escaped(argument["valueName"]?.stringValue ?? ""))\\fR"
      let names = (argument["names"]?.elements ?? []).map { name -> String in
        let dashes = name["kind"]?.stringValue == "long" ? "--" : "-"
        return "\\fB\(escaped(dashes + (name["name"]?.stringValue ?? "")))\\fR"
      }
      let head =
        argument["kind"]?.stringValue == "positional" ? value : names.joined(separator: ", ") + (argument["kind"]?.stringValue == "option" ? " " + value : "")
      return ".TP\n\(head)\n" + paragraphs(argument["abstract"]?.stringValue ?? "Show this.")
    }.joined()
  }

  private static func paragraphs(_ text: String?) -> String {
    guard let text, !text.isEmpty else { return "" }
    return escaped(text) + "\n"
  }

  /// A sentence without its full stop, for a line of its own.
  private static func sentence(_ text: String?) -> String {
    let text = text ?? ""
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  /// `text` for roff: no sign or line of it is a request.
  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("`", with: "\\`")
      .split(separator: "\n").map { $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&\($0)" : String($0) }.joined(separator: "\n")
  }
}
