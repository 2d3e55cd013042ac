import LuaVM

/// `%locals`, `%precision`, `%xmode`, `%tb`.
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

    magics.define(
      "tb", operands: "[mode]",
      doc: "Shows the last error again, in one of the modes of %xmode.",
      action: .words { invocation in
        let session = invocation.session
        guard let error = session.lastError else {
          invocation.display.write("No traceback available to show.\n")
          return .none
        }
        let wanted = invocation.arguments.rest.lowercased()
        let modes = Session.TracebackMode.allCases
        guard let mode = wanted.isEmpty ? session.tracebackMode : modes.first(where: { $0.rawValue.lowercased() == wanted }) else {
          throw UsageError("Valid modes: \(modes.map(\.rawValue).joined(separator: ", "))")
        }
        let usual = session.tracebackMode
        session.tracebackMode = mode
        defer { session.tracebackMode = usual }
        invocation.display.report(session.report(error))
        return .none
      })

    magics.define(
      "precision", operands: "[digits | format]",
      doc: """
        How many digits floats are shown with, or in which of C's formats, such as %.3e; tensors have as many digits.
        Without an operand the defaults are back.
        """,
      action: .words { invocation in
        let text = invocation.arguments.rest
        let digits = Int(text)
        let format = digits.map { "%.\($0)f" } ?? text
        guard text.isEmpty || (0...99).contains(digits ?? 0), text.isEmpty || format.contains("%"),
          try invocation.session.machinery.call("precision", text.isEmpty ? [] : [.string(format)]).first == .boolean(true)
        else { throw UsageError("Precision must be a number of digits or a format string, not '\(text)'") }
        if text.isEmpty || digits != nil {
          _ = try invocation.session.native.call("precision", digits.map { [.integer(Int64($0))] } ?? [])
        }
        return .value(.string(text.isEmpty ? "%.14g" : format))
      })
  }
}
