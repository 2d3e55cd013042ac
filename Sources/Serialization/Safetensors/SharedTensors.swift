import Interface
import Torch

/// Which of a dict's tensors lie in the same memory. Mirrors the functions of that kind in `safetensors.torch`.
public enum SharedTensors {
  /// Names of tensors whose bytes overlap, each group and the groups sorted. Tensors without elements share nothing.
  static func groups(_ tensors: [(name: String, tensor: Tensor)]) -> [[(name: String, tensor: Tensor)]] {
    var byStorage: [ObjectIdentifier: [(name: String, tensor: Tensor)]] = [:]
    for row in tensors where row.tensor.storage.byteCount > 0 { byStorage[ObjectIdentifier(row.tensor.storage), default: []].append(row) }
    var groups: [[(name: String, tensor: Tensor)]] = []
    for members in byStorage.values {
      var end = Int.min
      for row in members.sorted(by: { ($0.tensor.storageOffset, last($0.tensor), $0.name) < ($1.tensor.storageOffset, last($1.tensor), $1.name) }) {
        if row.tensor.storageOffset >= end { groups.append([row]) } else { groups[groups.count - 1].append(row) }
        end = last(row.tensor)
      }
    }
    return groups.map { $0.sorted { $0.name < $1.name } }.sorted { $0[0].name < $1[0].name }
  }

  /// Of each group that shares memory the name to keep, and those to leave out.
  /// - Parameter preferred: names to keep where there is a choice.
  /// - Throws: the package's sentence where none covers the whole memory.
  public static func duplicates(_ tensors: Value, preferred: [String] = []) throws -> [(kept: String, removed: [String])] {
    try groups(SafetensorsWriter.named(tensors)).filter { $0.count > 1 }.map { group in
      let complete = group.filter { $0.tensor.storageOffset == 0 && $0.tensor.count * $0.tensor.dtype.itemSize == $0.tensor.storage.byteCount }
      guard let kept = complete.first(where: { preferred.contains($0.name) }) ?? complete.first else {
        throw TorchError.runtime(
          "Error while trying to find names to remove to save state dict, but found no suitable name to keep for saving amongst: {\(group.map { "'\($0.name)'" }.joined(separator: ", "))}. None is covering the entire storage.Refusing to save/load the model since you could be storing much more memory than needed. Please refer to https://huggingface.co/docs/safetensors/torch_shared_tensors for more information. Or open an issue."
        )
      }
      return (kept.name, group.map(\.name).filter { $0 != kept.name })
    }
  }

  /// The element behind the last.
  private static func last(_ tensor: Tensor) -> Int {
    guard tensor.count > 0 else { return tensor.storageOffset }
    return tensor.storageOffset + zip(tensor.sizes, tensor.strides).reduce(1) { $0 + ($1.0 - 1) * $1.1 }
  }
}
