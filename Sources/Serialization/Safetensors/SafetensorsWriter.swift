import Interface
import JSON
import Torch

/// Writes named tensors as safetensors 0.8 (PyPI) writes them, byte for byte.
public enum SafetensorsWriter {
  /// Writes the tensors of a dict to `path`. The file appears whole or not at all. Mirrors `safetensors.torch.save_file`.
  /// - Parameter metadata: a dict of texts, or none.
  /// - Throws: the package's sentences for what it cannot hold, the system's error.
  public static func save(_ tensors: Value, to path: String, metadata: Value = .none) throws {
    let layout = try Layout(tensors, metadata)
    try TorchError.translating {
      let file = try AtomicFile(path: path)
      try layout.header.withUnsafeBytes { try file.write($0) }
      for (_, tensor) in layout.rows { try withExtendedLifetime(tensor) { try file.write(bytes(of: tensor)) } }
      try file.commit()
    }
  }

  /// The file's bytes. Mirrors `safetensors.torch.save`.
  /// - Throws: as `save`.
  public static func data(_ tensors: Value, metadata: Value = .none) throws -> [UInt8] {
    let layout = try Layout(tensors, metadata)
    var result = layout.header
    for (_, tensor) in layout.rows { withExtendedLifetime(tensor) { result += bytes(of: tensor) } }
    return result
  }

  fileprivate static func bytes(of tensor: Tensor) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: tensor.pointer, count: tensor.count * tensor.dtype.itemSize)
  }

  /// The named tensors of a dict.
  static func named(_ value: Value) throws -> [(name: String, tensor: Tensor)] {
    var rows: [(Value, Value)] = []
    switch value {
    case .dictionary(let entries): rows = entries
    case .object(let dictionary as OrderedDict): rows = dictionary.entries.map { ($0.key.asValue, $0.value) }
    case .list(let items) where items.isEmpty: break
    default: throw TorchError.value("Expected a dict of [str, torch.Tensor] but received <class '\(value.pythonTypeName)'>")
    }
    return try rows.map { key, value in
      guard case .string(let name) = key else { throw TorchError.type("argument 'tensor_dict': '\(key.pythonTypeName)' object is not an instance of 'str'") }
      guard case .object(let tensor as Tensor) = value else {
        throw TorchError.value("Key `\(name)` is invalid, expected torch.Tensor but received <class '\(value.pythonTypeName)'>")
      }
      return (name, tensor)
    }
  }
}

/// Header and order of the tensors of a file to write.
private struct Layout {
  var header: [UInt8]
  let rows: [(name: String, tensor: Tensor)]

  init(_ tensors: Value, _ metadata: Value) throws {
    let named = try SafetensorsWriter.named(tensors)
    for (name, tensor) in named where !tensor.isContiguous {
      throw TorchError.value(
        "You are trying to save a non contiguous tensor: `\(name)` which is not allowed. It either means you are trying to save tensors which are reference of each other in which case it's recommended to save only the full tensors, and reslice at load time, or simply call `.contiguous()` on your tensor to pack it before saving."
      )
    }
    let failing = SharedTensors.groups(named).filter { $0.count > 1 }
    if !failing.isEmpty {
      let shown = failing.map { "{\($0.map { "'\($0.name)'" }.joined(separator: ", "))}" }.joined(separator: ", ")
      throw TorchError.runtime(
        "\n            Some tensors share memory, this will lead to duplicate memory on disk and potential differences when loading them again: [\(shown)].\n            A potential way to correctly save your model is to use `save_model`.\n            More information at https://huggingface.co/docs/safetensors/torch_shared_tensors\n            "
      )
    }
    let typed = try named.map { name, tensor in
      guard let type = SafetensorsType.of(tensor.dtype) else {
        throw TorchError(.keyError, "torch.\(tensor.dtype.name) (tensor `\(name)`): safetensors has no such element type")
      }
      return (name: name, tensor: tensor, rank: type.rank, type: type.name)
    }.sorted { $0.rank != $1.rank ? $0.rank > $1.rank : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }

    var text: [UInt8] = [UInt8(ascii: "{")]
    if let metadata = try Self.texts(metadata) {
      text += "\"__metadata__\":{".utf8
      for (i, (key, value)) in metadata.enumerated() {
        if i > 0 { text.append(UInt8(ascii: ",")) }
        JSONText.append(key, to: &text)
        text.append(UInt8(ascii: ":"))
        JSONText.append(value, to: &text)
      }
      text += (typed.isEmpty ? "}" : "},").utf8
    }
    var position = 0
    for (i, (name, tensor, _, type)) in typed.enumerated() {
      let end = position + tensor.count * tensor.dtype.itemSize
      if i > 0 { text.append(UInt8(ascii: ",")) }
      JSONText.append(name, to: &text)
      text += ":{\"dtype\":\"\(type)\",\"shape\":[\(tensor.sizes.map(String.init).joined(separator: ","))],\"data_offsets\":[\(position),\(end)]}".utf8
      position = end
    }
    text.append(UInt8(ascii: "}"))
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    header = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
    rows = typed.map { ($0.name, $0.tensor) }
  }

  /// Metadata sorted by key, nil where there is none.
  private static func texts(_ metadata: Value) throws -> [(key: String, value: String)]? {
    var rows: [(Value, Value)] = []
    switch metadata {
    case .none: return nil
    case .dictionary(let entries): rows = entries
    case .object(let dictionary as OrderedDict): rows = dictionary.entries.map { ($0.key.asValue, $0.value) }
    case .list(let items) where items.isEmpty: break
    default: throw TorchError.type("argument 'metadata': '\(metadata.pythonTypeName)' object is not an instance of 'dict'")
    }
    func text(_ value: Value) throws -> String {
      guard case .string(let text) = value else { throw TorchError.type("argument 'metadata': '\(value.pythonTypeName)' object is not an instance of 'str'") }
      return text
    }
    return try rows.map { (key: try text($0.0), value: try text($0.1)) }.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }
}
