import CLua
import CLuaShim
import Interface
import LuaVM
import Serialization

extension Binding {
  /// Open safetensors files, and the functions that turn dicts of tensors into bytes and back.
  func registerSafetensors() throws {
    func file(_ frame: LuaFrame) throws -> SafetensorsFile {
      guard let file = frame.object(0) as? SafetensorsFile else { throw TorchError.type("a safe_open was expected, got \(frame.typeName(0))") }
      return file
    }
    func name(_ frame: LuaFrame) throws -> String {
      guard let name = frame.string(1) else { throw TorchError.type("argument 'name': '\(frame.typeName(1))' object is not an instance of 'str'") }
      return name
    }
    try register(SafetensorsFile.self, name: "safe_open") { meta in
      let close: (LuaFrame) throws -> Int = { frame in
        try file(frame).close()
        return 0
      }
      try meta.set("__close", close)
      try methods(meta, [
        ("close", close),
        ("keys", { frame in try frame.give(.list(file(frame).keys().map { .string($0) })) }),
        ("offset_keys", { frame in try frame.give(.list(file(frame).offsetKeys().map { .string($0) })) }),
        ("metadata", { frame in
          guard let rows = try file(frame).metadata() else { return try frame.give(.none) }
          let result = OrderedDict()
          for (key, value) in rows { result[key] = .string(value) }
          return try frame.give(object: result)
        }),
        ("get_tensor", { frame in try frame.give(object: file(frame).tensor(name(frame))) }),
        ("get_tensors", { frame in try frame.give(object: file(frame).tensors()) }),
        ("_describe", { frame in
          let (type, shape) = try file(frame).describe(name(frame))
          return try frame.give(.tuple([.string(type), .list(shape.map { .integer($0) })]))
        }),
      ])
    }
    try set("torch._safetensors", "serialize", function: NativeFunction(self) { [unowned self] frame in
      let bytes = try SafetensorsWriter.data(frame.value(0), metadata: frame.count > 1 ? frame.value(1) : .none)
      let L = frame.L
      try check(bytes.withUnsafeBytes { qlua_ppushlstring(L, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) }, L)
      return 1
    })
    try set("torch._safetensors", "deserialize", function: NativeFunction(self) { frame in
      let L = frame.L
      guard frame.kind(0) == .string else { throw TorchError.type("argument 'bytes': '\(frame.typeName(0))' object is not an instance of 'bytes'") }
      var count = 0
      // The string is Lua's own and stays on the stack.
      guard let start = lua_tolstring(L, 1, &count) else { return 0 }
      let bytes = [UInt8](UnsafeRawBufferPointer(start: start, count: count))
      return try frame.give(object: SafetensorsFile(bytes: bytes, name: "data").tensors())
    })
  }
}
