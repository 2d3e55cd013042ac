import LuaVM

/// `%plot`, `%hist`, `%spy`: pictures of values, which `stdlib/plot/magics.lua` makes.
enum PictureMagics: MagicFamily {
  private static let options = [
    MagicOption("w", value: "COLUMNS", "The width. Default: the terminal's, at most 72."),
    MagicOption("h", value: "LINES", "The height. Default: 20."),
    MagicOption("ascii", "Text in ASCII, also where there are pictures."),
    MagicOption("png", value: "F", "Writes the picture to the PNG file F and shows none."),
  ]

  static func define(in magics: inout MagicCatalog) {
    define(
      "plot", in: &magics, operands: "y, … | f, from, to",
      doc: """
        Draws lists of numbers, or a function over a range.

        Tables and tensors are lines over their places; a matrix has a line for each column; a plot of
        `require "plot"` is drawn as it is. It is text of dots or ASCII, or a picture where the terminal
        has Kitty graphics (QREPL_GRAPHICS=kitty or none overrules what is found).
        """)
    define(
      "hist", in: &magics, extra: [MagicOption("b", value: "BINS", "The number of bins. Default: numpy's rule \"auto\".")],
      operands: "x, …", doc: "Draws histograms of all numbers in tables or tensors, or of a module's weights.")
    define(
      "spy", in: &magics, operands: "matrix | layer",
      doc: """
        Draws which elements of a matrix, or of a layer's weight, are not zero.

        A tensor of more dimensions is taken as its first by all others. Where there is no room for a dot
        each, shades tell the part that is not zero.
        """)
  }

  private static func define(_ name: String, in magics: inout MagicCatalog, extra: [MagicOption] = [], operands: String, doc: String) {
    magics.define(
      name, options: options + extra, operands: operands, completes: .lua, doc: doc,
      action: .values { invocation, values in
        let (session, arguments) = (invocation.session, invocation.arguments)
        if values.isEmpty { throw UsageError("%\(name) needs something to draw: %\(name) \(operands)") }
        let settings = try session.lua.newTable()
        for option in invocation.magic.options where arguments.has(option.name) {
          let value: LuaValue =
            switch option.name {
            case "ascii": true
            case "png": .string(arguments.string("png") ?? "")
            default: .integer(Int64(try arguments.integer(option.name, default: 0, minimum: 1)))
            }
          try session.lua.rawSet(settings, .string(option.name), value)
        }
        try session.lua.rawSet(settings, "source", .string(arguments.rest))
        let results = try session.callLibrary("plot.magics", name, [.reference(settings)] + values)
        if let text = results.dropFirst().first?.text {
          invocation.display.write(text + "\n")
        } else if let picture = results.first {
          try session.present(picture)
        }
        return .none
      })
  }
}

extension Session {
  /// The results of a function of a Lua library.
  func callLibrary(_ module: String, _ function: String, _ arguments: [LuaValue]) throws(LuaError) -> [LuaValue] {
    guard let library = try lua.call(lua.global("require"), [.string(module)], results: 1).first else { return [] }
    return try lua.call(lua.get(library, .string(function)), arguments)
  }
}
