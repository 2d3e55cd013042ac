import LuaVM

/// `%seed`, `%threads`, `%stamp`: what is asked of the library of tensors.
enum LibraryMagics: MagicFamily {
  static func define(in magics: inout MagicCatalog) {
    magics.define(
      "seed", operands: "[number]",
      doc: "Starts the random numbers of torch and of Lua's math.random anew from a number; without one, shows the seed.",
      action: .words { invocation in
        let session = invocation.session
        let number = try wholeNumber(invocation)
        let seed = try session.native.demand("seed", number.map { [.integer(Int64($0))] } ?? []).first ?? .nil
        if number != nil, let math = try session.lua.global("math").table {
          try session.lua.call(session.lua.rawGet(math, "randomseed"), [seed])
        }
        invocation.display.write("Seed: \(try session.lua.display(seed))\n")
        return .none
      })

    magics.define(
      "threads", operands: "[number]",
      doc: "How many threads the kernels use; without a number, shows how many.",
      action: .words { invocation in
        let number = try wholeNumber(invocation)
        if let number, number < 1 { throw UsageError("%threads takes a number from 1, not \(number)") }
        let count = try invocation.session.native.demand("threads", number.map { [.integer(Int64($0))] } ?? []).first ?? .nil
        invocation.display.write("Threads: \(try invocation.session.lua.display(count))\n")
        return .none
      })

    magics.define(
      "stamp", options: [MagicOption("o", "Gives the table back.")],
      doc: "What figures depend on: versions, the processor and its features, threads, seed, and the commit of the folder's git.",
      action: .words { invocation in
        let session = invocation.session
        var rows: [(String, String)] = []
        let texts = try session.native.call("stamp")?.compactMap(\.text) ?? []
        for index in stride(from: 0, to: texts.count - 1, by: 2) { rows.append((texts[index], texts[index + 1])) }
        rows.insert(("Lua", try session.lua.global("_VERSION").text.map { String($0.dropFirst(4)) } ?? ""), at: min(1, rows.count))
        rows.append(("git", GitCommit.text(inFolder: FilePath.workingFolder) ?? "none"))
        guard invocation.arguments.has("o") else {
          let width = (rows.map { $0.0.count }.max() ?? 0) + 2
          for row in rows {
            invocation.display.write(row.0 + String(repeating: " ", count: width - row.0.count) + row.1 + "\n")
          }
          return .none
        }
        let text = rows.map { "\($0.0): \($0.1)" }.joined(separator: ", ")
        return .value(try session.record("Stamp", text, rows.map { ($0.0, .string($0.1)) }))
      })
  }

  private static func wholeNumber(_ invocation: Invocation) throws(UsageError) -> Int? {
    let text = invocation.arguments.rest
    if text.isEmpty { return nil }
    guard let number = Int(text) else { throw UsageError("%\(invocation.magic.name) takes a whole number, not '\(text)'") }
    return number
  }
}

/// The commit that a folder's git has checked out, read from its files.
enum GitCommit {
  /// The first twelve digits of the commit and the branch; nil outside a repository.
  static func text(inFolder folder: String) -> String? {
    var folder = folder
    while !FilePath.exists(folder + "/.git") {
      guard let slash = folder.lastIndex(of: "/"), slash != folder.startIndex else { return nil }
      folder = String(folder[..<slash])
    }
    var git = folder + "/.git"
    // In a worktree it is a file that names the folder.
    if !FilePath.isFolder(git), let line = firstLine(git), line.hasPrefix("gitdir: ") {
      let path = String(line.dropFirst(8))
      git = path.hasPrefix("/") ? path : folder + "/" + path
    }
    guard let head = firstLine(git + "/HEAD") else { return nil }
    guard head.hasPrefix("ref: ") else { return String(head.prefix(12)) }
    let name = String(head.dropFirst(5))
    let shared = firstLine(git + "/commondir").map { $0.hasPrefix("/") ? $0 : git + "/" + $0 } ?? git
    let branch = name.hasPrefix("refs/heads/") ? String(name.dropFirst(11)) : name
    if let commit = firstLine(git + "/" + name) ?? firstLine(shared + "/" + name) { return "\(commit.prefix(12)) (\(branch))" }
    let packed = (try? FilePath.read(shared + "/packed-refs")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let line = packed.split(separator: "\n").first { $0.hasSuffix(" " + name) }
    return line.map { "\($0.prefix(12)) (\(branch))" }
  }

  private static func firstLine(_ path: String) -> String? {
    guard let bytes = try? FilePath.read(path) else { return nil }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init)
  }
}
