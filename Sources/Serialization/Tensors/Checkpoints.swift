import Interface
import Torch

/// Saving and loading.
public let checkpoints = OperationFamily("torch") { ops in
  ops.define(
    "save(any obj, str f, any? pickle_module=None, int pickle_protocol=2, bool _use_new_zipfile_serialization=True) -> ()",
    doc: """
      Writes tensors, state dicts, tables, strings and numbers to a file that PyTorch's torch.load(f, weights_only=True) reads, and \
      whole modules, which it reads with weights_only=False. A table with the keys 1…n becomes a list, another a dict; what shares \
      memory shares it in the file. The file appears whole or not at all. A file name that ends in .safetensors gives a safetensors \
      file, whose value is a dict of tensors; _use_new_zipfile_serialization=false gives the format from before PyTorch 1.6. Mirrors \
      torch.save.
      """
  ) { (value: Value, path: String, _: Value, _: Int, isZip: Bool) -> Nothing in
    if path.isSafetensors {
      try SafetensorsWriter.save(value, to: path)
    } else if isZip {
      try Checkpoint.save(value, to: path)
    } else {
      try Checkpoint.saveLegacy(value, to: path)
    }
    return Nothing()
  }
  ops.define(
    "load(str f, any? map_location=None, *, bool weights_only=True, bool? mmap=None) -> any",
    doc: """
      What torch.save of PyTorch or of this program wrote. Dicts keep their order (pairs walks it), lists and tuples become tables \
      from 1. Nothing in the file is executed. With weights_only=false it may hold whole modules: those of this library, and those \
      whose class torch.class has made here under the same name. Reads PyTorch's zip format, those it had before 1.6 and before 2017, \
      and files named .safetensors. With mmap=true the tensors' bytes are read from the file when they are touched, and changes \
      in place stay in memory; without it they are copied and their checksums verified. map_location (a device, a dict of devices, \
      or a function) lets tensors saved on another device load on the cpu. Mirrors torch.load.
      """
  ) { (path: String, location: Value, weights: LoadPolicy, mmap: Bool?) -> Value in
    let locations = try LocationMap(location)
    guard path.isSafetensors else {
      let value = try Checkpoint.load(from: path, locations: locations, mappingMemory: mmap ?? false, classes: weights.classes)
      try weights.classes?.adopt(value)
      return value
    }
    switch location {
    case .dictionary: throw TorchError.runtime("Loading safetensors file with dict map_location is not supported. Use a device string or torch.device instead.")
    case .foreign: throw TorchError.runtime("Loading safetensors file with callable map_location is not supported. Use a device string or torch.device instead.")
    default: return .object(try SafetensorsFile(path: path).tensors())
    }
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

extension String {
  /// Whether a file of this name is a safetensors file.
  fileprivate var isSafetensors: Bool { hasSuffix(".safetensors") }
}
