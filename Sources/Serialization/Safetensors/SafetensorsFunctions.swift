import Interface

/// What `require "safetensors"` is built on.
public let safetensorsFunctions = OperationFamily("torch._safetensors") { ops in
  ops.define("open(str filename) -> any", doc: "An open safetensors file. Mirrors safetensors.safe_open.") { (path: String) -> Value in
    .object(try SafetensorsFile(path: path))
  }
  ops.define(
    "load_file(str filename) -> any",
    doc: "The tensors of a safetensors file, mapped: their bytes are read when they are touched. Mirrors safetensors.torch.load_file."
  ) { (path: String) -> Value in .object(try SafetensorsFile(path: path).tensors()) }
  ops.define(
    "save_file(any tensors, str filename, any? metadata=None) -> ()",
    doc: "Writes a dict of tensors, and metadata (texts by name), to a safetensors file. Mirrors safetensors.torch.save_file."
  ) { (tensors: Value, path: String, metadata: Value) -> Nothing in
    try SafetensorsWriter.save(tensors, to: path, metadata: metadata)
    return Nothing()
  }
  ops.define(
    "duplicates(any tensors, str[] preferred) -> any",
    doc: "Of tensors that share memory the names to keep, each with the list of those to leave out."
  ) { (tensors: Value, preferred: [String]) -> Value in
    .dictionary(try SharedTensors.duplicates(tensors, preferred: preferred).map { (.string($0.kept), .list($0.removed.map { .string($0) })) })
  }
}
