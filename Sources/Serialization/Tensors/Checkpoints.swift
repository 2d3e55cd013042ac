import Interface
import Torch

/// Saving and loading.
public let checkpoints = OperationFamily("torch") { ops in
  ops.define(
    "save(any obj, str f) -> ()",
    doc: """
      Writes tensors, state dicts, tables, strings and numbers to a file that PyTorch's torch.load(f, weights_only=True) reads, and \
      whole modules, which it reads with weights_only=False. A table with the keys 1…n becomes a list, another a dict; what shares \
      memory shares it in the file. The file appears whole or not at all. Mirrors torch.save.
      """
  ) { (value: Value, path: String) -> Nothing in
    try Checkpoint.save(value, to: path)
    return Nothing()
  }
  ops.define(
    "load(str f, any? map_location=None, *, bool weights_only=True, bool? mmap=None) -> any",
    doc: """
      What torch.save of PyTorch or of this program wrote. Dicts keep their order (pairs walks it), lists and tuples become tables \
      from 1. Nothing in the file is executed. With weights_only=false it may hold whole modules: those of this library, and those \
      whose class torch.class has made here under the same name. With mmap=true the tensors' bytes are read from the file \
      when they are touched; changes in place stay in memory. map_location lets tensors saved on another device load on the cpu. \
      Mirrors torch.load.
      """
  ) { (path: String, location: Value, weights: LoadPolicy, mmap: Bool?) -> Value in
    var isMapped = false
    switch location {
    case .none: break
    case .string(let device):
      try Device.check(device)
      isMapped = true
    default: isMapped = true
    }
    let value = try Checkpoint.load(from: path, ignoringDevices: isMapped, mappingMemory: mmap ?? false, classes: weights.classes)
    try weights.classes?.adopt(value)
    return value
  }
}

/// What a file may hold: `weights_only`, with the classes of the one who asks.
private struct LoadPolicy: SchemaArgument {
  /// nil where only weights are wanted.
  let classes: ObjectClasses?

  static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool { Bool.matches(frame, i, parameter) }
  static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> LoadPolicy {
    try LoadPolicy(classes: Bool.decode(frame, i, parameter) ? nil : ObjectClasses(users: frame as? any MainClasses))
  }
}
