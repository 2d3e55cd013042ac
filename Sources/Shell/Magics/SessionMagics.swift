import LuaVM

/// `%locals`, `%xmode`.
enum SessionMagics: MagicFamily {
  static func define(in magics: inout MagicCatalog) {
    magics.define(
      "locals", operands: "[on | off]",
      doc: "Whether a `local` at the top of a cell lives on into the next cells. Off is stock Lua.",
      action: .words { invocation in
        let session = invocation.session
        switch invocation.arguments.rest {
        case "on": session.keepsLocals = true
        case "off":
          session.keepsLocals = false
          try session.machinery.call("forget")
        case "": break
        default: throw UsageError("%locals takes on or off, not '\(invocation.arguments.rest)'")
        }
        invocation.display.write("Locals \(session.keepsLocals ? "live on into the next cells" : "end with their cell").\n")
        return .none
      })

    magics.define(
      "xmode", operands: "[\(Session.TracebackMode.allCases.map(\.rawValue).joined(separator: " | "))]",
      doc:
        "How much of an error is shown: the line it is about (Context), the message and the frames (Plain), or the message (Minimal).",
      action: .words { invocation in
        let wanted = invocation.arguments.rest.lowercased()
        let modes = Session.TracebackMode.allCases
        let current = modes.firstIndex(of: invocation.session.tracebackMode) ?? 0
        guard
          let mode = wanted.isEmpty
            ? modes[(current + 1) % modes.count] : modes.first(where: { $0.rawValue.lowercased() == wanted })
        else {
          throw UsageError("Valid modes: \(modes.map(\.rawValue).joined(separator: ", "))")
        }
        invocation.session.tracebackMode = mode
        invocation.display.write("Exception reporting mode: \(mode.rawValue)\n")
        return .none
      })
  }
}
