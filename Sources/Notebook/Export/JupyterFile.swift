import JSON

/// Why a text is no notebook that can be read.
public struct JupyterError: Error, CustomStringConvertible {
  /// What is wrong.
  public let description: String
}

/// Jupyter's files: nbformat 4.5.
public enum JupyterFile {
  /// The text of the document as an `.ipynb`, the same for the same document.
  public static func text(_ document: NotebookDocument) -> String {
    var ids: Set<String> = []
    let cells = document.cells.enumerated().map { index, cell in
      var seed = index
      var id = Self.id(cell, seed)
      while !ids.insert(id).inserted {
        seed += document.cells.count
        id = Self.id(cell, seed)
      }
      return object(cell, id: id)
    }
    var metadata: [(key: String, value: JSONValue)] = [
      ("kernelspec", .object([("display_name", "qrepl"), ("language", "lua"), ("name", "qrepl")].map { ($0.0, .string($0.1)) })),
      (
        "language_info",
        .object(
          [("file_extension", ".lua"), ("mimetype", "text/x-lua"), ("name", "lua"), ("pygments_lexer", "lua"), ("version", "5.4")]
            .map { ($0.0, .string($0.1)) })
      ),
    ]
    if !document.preamble.isEmpty { metadata.append(("qrepl", .object([("preamble", .string(document.preamble))]))) }
    let file = JSONValue.object([
      ("cells", .array(cells)), ("metadata", .object(metadata)), ("nbformat", .integer(4)), ("nbformat_minor", .integer(5)),
    ])
    return file.text(indent: 1) + "\n"
  }

  /// A name that stays while the cell and its place do.
  private static func id(_ cell: NotebookDocument.Cell, _ seed: Int) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in Array("\(seed) \(cell.kind.rawValue)\n\(cell.source)".utf8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let text = String(hash >> 32, radix: 16)
    return String(repeating: "0", count: 8 - text.count) + text
  }

  private static func object(_ cell: NotebookDocument.Cell, id: String) -> JSONValue {
    var rows: [(key: String, value: JSONValue)] = [("cell_type", .string(cell.kind.rawValue))]
    if cell.kind == .code { rows.append(("execution_count", cell.executionCount.map { .integer($0) } ?? .null)) }
    rows += [("id", .string(id)), ("metadata", .object(cell.metadata))]
    if cell.kind == .code { rows.append(("outputs", .array(cell.outputs.map { object($0, cell.executionCount) }))) }
    rows.append(("source", lines(cell.source)))
    return .object(rows)
  }

  private static func object(_ output: CellOutput, _ count: Int?) -> JSONValue {
    switch output {
    case .stream(let name, let text):
      .object([("name", .string(name)), ("output_type", .string("stream")), ("text", lines(text))])
    case .value(let showing):
      .object([
        ("data", bundle(showing)), ("execution_count", count.map { .integer($0) } ?? .null), ("metadata", .object([])),
        ("output_type", .string("execute_result")),
      ])
    case .display(let showing):
      .object([("data", bundle(showing)), ("metadata", .object([])), ("output_type", .string("display_data"))])
    case .error(let name, let message, let traceback):
      .object([
        ("ename", .string(name)), ("evalue", .string(message)), ("output_type", .string("error")),
        ("traceback", .array(traceback.map { .string($0) })),
      ])
    }
  }

  private static func bundle(_ showing: CellOutput.Showing) -> JSONValue {
    var rows: [(key: String, value: JSONValue)] = []
    for (type, bytes) in showing.pictures.sorted(by: { $0.key < $1.key }) {
      rows.append((type, type == "image/svg+xml" ? lines(String(decoding: bytes, as: UTF8.self)) : .string(Base64.text(bytes))))
    }
    return .object(rows + [("text/plain", lines(showing.text))])
  }

  /// A text as Jupyter keeps it: its lines, each with its line end.
  private static func lines(_ text: String) -> JSONValue {
    var result: [JSONValue] = []
    var line = ""
    for character in text {
      line.append(character)
      if character == "\n" || character == "\r\n" {
        result.append(.string(line))
        line = ""
      }
    }
    if !line.isEmpty { result.append(.string(line)) }
    return .array(result)
  }

  /// Reads the text of an `.ipynb` of Lua, with its outputs.
  public static func read(_ text: String) throws -> NotebookDocument {
    let file: JSONValue
    do { file = try JSONReader.read(text) } catch { throw JupyterError(description: "not a notebook: \(error)") }
    guard let format = file["nbformat"]?.integerValue else { throw JupyterError(description: "not a notebook: it has no nbformat") }
    guard format == 4, let cells = file["cells"]?.elements else {
      throw JupyterError(description: "nbformat \(format) is not known: only 4 is")
    }
    let metadata = file["metadata"]
    let language = metadata?["language_info"]?["name"]?.stringValue ?? metadata?["kernelspec"]?["language"]?.stringValue ?? "lua"
    guard language.lowercased() == "lua" else { throw JupyterError(description: "a notebook of \(language), not of Lua") }
    return NotebookDocument(
      cells: try cells.enumerated().map { try cell($1, $0 + 1) }, preamble: metadata?["qrepl"]?["preamble"]?.stringValue ?? "")
  }

  private static func cell(_ value: JSONValue, _ number: Int) throws -> NotebookDocument.Cell {
    guard let type = value["cell_type"]?.stringValue, let kind = CellHeader.Kind(rawValue: type), let source = joined(value["source"])
    else { throw JupyterError(description: "cell \(number) has no source, or a cell_type that is not known") }
    return NotebookDocument.Cell(
      kind: kind, source: source, metadata: value["metadata"]?.rows ?? [], executionCount: value["execution_count"]?.integerValue,
      outputs: value["outputs"]?.elements?.compactMap(output) ?? [])
  }

  private static func output(_ value: JSONValue) -> CellOutput? {
    switch value["output_type"]?.stringValue {
    case "stream": .stream(name: value["name"]?.stringValue ?? "stdout", text: joined(value["text"]) ?? "")
    case "execute_result": .value(showing(value["data"]))
    case "display_data": .display(showing(value["data"]))
    case "error":
      .error(
        name: value["ename"]?.stringValue ?? "Error", message: value["evalue"]?.stringValue ?? "",
        traceback: value["traceback"]?.elements?.compactMap(\.stringValue) ?? [])
    default: nil
    }
  }

  private static func showing(_ data: JSONValue?) -> CellOutput.Showing {
    var pictures: [String: [UInt8]] = [:]
    for (type, value) in data?.rows ?? [] where type.hasPrefix("image/") {
      guard let text = joined(value) else { continue }
      pictures[type] = type == "image/svg+xml" ? Array(text.utf8) : Base64.bytes(text)
    }
    return CellOutput.Showing(text: joined(data?["text/plain"]) ?? "", pictures: pictures)
  }

  private static func joined(_ value: JSONValue?) -> String? {
    value?.stringValue ?? value?.elements?.compactMap(\.stringValue).joined()
  }
}
