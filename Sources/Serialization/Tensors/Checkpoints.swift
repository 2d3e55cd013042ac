import Interface
import Torch

/// Saving and loading.
public let checkpoints = OperationFamily("torch") { ops in
  ops.define(
    "save(any obj, str f) -> ()",
    doc: """
      Writes tensors, state dicts, tables, strings and numbers to a file that PyTorch's torch.load(f, weights_only=True) reads. \
      A table with the keys 1…n becomes a list, another a dict; what shares memory shares it in the file. The file appears whole or \
      not at all. A module is not saved: save its state_dict(). Mirrors torch.save.
      """
  ) { (value: Value, path: String) -> Nothing in
    try Checkpoint.save(value, to: path)
    return Nothing()
  }
  ops.define(
    "load(str f, any? map_location=None, *, bool weights_only=True, bool? mmap=None) -> any",
    doc: """
      What torch.save of PyTorch or of this program wrote. Dicts keep their order (pairs walks it), lists and tuples become tables \
      from 1. Nothing in the file is executed, also with weights_only=false. With mmap=true the tensors' bytes are read from the file \
      when they are touched; changes in place stay in memory. map_location lets tensors saved on another device load on the cpu. \
      Mirrors torch.load.
      """
  ) { (path: String, location: Value, _: Bool, mmap: Bool?) -> Value in
    var isMapped = false
    switch location {
    case .none: break
    case .string(let device):
      try Device.check(device)
      isMapped = true
    default: isMapped = true
    }
    return try Checkpoint.load(from: path, ignoringDevices: isMapped, mappingMemory: mmap ?? false)
  }
}
