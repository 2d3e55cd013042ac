import LuaVM

/// `%summary`, `%sparsity`, `%qinfo`, `%qdiff`: tables of a model's layers, which `stdlib/torch/model_tables` makes.
enum ModelMagics: MagicFamily {
  static func define(in magics: inout MagicCatalog) {
    define("summary", in: &magics, operands: "model", doc: "Prints a model's layers: type, shape of the weight, parameters, bytes, bits, zeros, and scale where one is quantized.")
    define("sparsity", in: &magics, operands: "model", doc: "Prints how many of a model's weights are zero, weight by weight.")
    define("qinfo", in: &magics, operands: "model", doc: "Prints how a model's weights are quantized: bits, scheme, scale, zero point, bytes.")
    define(
      "qdiff", in: &magics, operands: "before, after",
      doc: """
        Prints what quantizing (or pruning) changed, layer by layer: bytes, and of the weights the ratio of
        signal to quantization noise in decibels and the largest error.
        """)
  }

  private static func define(_ name: String, in magics: inout MagicCatalog, operands: String, doc: String) {
    magics.define(
      name,
      options: [MagicOption("o", "Gives the table back, with its figures in `layers` and `total`."), MagicOption("json", "Prints JSON.")],
      operands: operands, completes: .lua, doc: doc,
      action: .values { invocation, values in
        let session = invocation.session
        if values.isEmpty { throw UsageError("%\(name) needs a model: %\(name) \(operands)") }
        guard let table = try session.callLibrary("torch.model_tables", name, values).first else { return .none }
        if invocation.arguments.has("json") {
          invocation.display.write(try session.callLibrary("torch.model_tables", "json", [table]).first?.text ?? "")
        } else if !invocation.arguments.has("o") {
          try session.present(table)
        }
        return invocation.arguments.has("o") ? .value(table) : .none
      })
  }
}
