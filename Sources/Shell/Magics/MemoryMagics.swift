import LuaVM

/// `%memit`.
enum MemoryMagics: MagicFamily {
  static func define(in magics: inout MagicCatalog) {
    magics.define(
      "memit", .lineOrCell,
      options: [
        MagicOption("r", value: "R", "Runs it R times and gives the highest peak. Default: 1."),
        MagicOption("t", value: "T", "Interrupts it after T seconds."),
        MagicOption("o", "Gives the MemitResult back."),
      ],
      operands: "statement", completes: .lua,
      doc: """
        Measures the memory that a statement takes.

        The peak is the most that the process has held while it ran, the increment how much that is more than before.
        Beside it stands what tensors took: the most bytes at a time, and those that stay. Over a cell, the line is setup
        code that is not measured.
        """,
      action: .loops(codes: { [$0.rest] }, { try Memit($0) }))
  }
}
