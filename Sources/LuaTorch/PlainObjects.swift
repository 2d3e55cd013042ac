import CLua
import CLuaShim
import Interface
import LuaVM
import NN
import TensorCore
import Torch

extension Binding {
  /// Metatables of the small objects: dtypes, sizes, generators, ordered dictionaries, iterators, nodes, hook handles.
  func registerPlainObjects() throws {
    try register(DTypeObject.self, name: "torch.dtype") { meta in
      try meta.set("__tostring") { frame in try frame.give(.string("torch.\((frame.object(0) as? DTypeObject)?.dtype.name ?? "?")")) }
      try meta.set("__index") { frame in
        guard let dtype = (frame.object(0) as? DTypeObject)?.dtype else { return 0 }
        switch frame.string(1) {
        case "itemsize": return try frame.give(.integer(dtype.itemSize))
        case "is_complex": return try frame.give(.boolean(dtype.isComplex))
        case "is_floating_point": return try frame.give(.boolean(dtype.isFloatingPoint))
        case "is_signed": return try frame.give(.boolean(dtype.isSigned))
        default: return try frame.give(.none)
        }
      }
    }
    try register(TorchSize.self, name: "torch.Size") { meta in
      func size(_ frame: LuaFrame, _ i: Int = 0) throws -> Dims {
        guard let size = frame.object(i) as? TorchSize else { throw TorchError.type("a torch.Size was expected, got \(frame.typeName(i))") }
        return size.dims
      }
      try meta.set("__tostring") { frame in try frame.give(.string(TorchSize(size(frame)).text)) }
      try meta.set("__len") { frame in try frame.give(.integer(size(frame).count)) }
      try meta.set("__eq") { frame in
        guard frame.object(0) is TorchSize, frame.object(1) is TorchSize else { return try frame.give(.boolean(false)) }
        return try frame.give(.boolean(size(frame) == size(frame, 1)))
      }
      try meta.set("__index") { [unowned self] frame in
        let dims = try size(frame)
        if let i = frame.integer(1) {
          if i < -dims.count || i >= dims.count { throw TorchError.index("tuple index out of range") }
          return try frame.give(.integer(dims[i < 0 ? i + dims.count : i]))
        }
        if frame.string(1) == "numel" {
          try push(function: NativeFunction(self) { try $0.give(.integer(size($0).product)) }, on: frame.L)
          return 1
        }
        return try frame.give(.none)
      }
    }
    try register(Generator.self, name: "torch.Generator") { meta in
      try meta.set("__tostring") { frame in try frame.give(.string("<torch._C.Generator object>")) }
      try methods(meta, [
        ("manual_seed", { frame in
          guard let g = frame.object(0) as? Generator, let seed = frame.integer(1) else { throw TorchError.type("manual_seed expects an int, got \(frame.typeName(1))") }
          g.manualSeed(UInt64(bitPattern: Int64(seed)))
          return try frame.give(object: g)
        }),
        ("initial_seed", { frame in try frame.give(.integer(Int(truncatingIfNeeded: (frame.object(0) as? Generator)?.initialSeed ?? 0))) }),
        ("seed", { frame in try frame.give(.integer(Int(truncatingIfNeeded: (frame.object(0) as? Generator)?.seed() ?? 0))) }),
        ("get_state", { frame in try frame.give(object: ((frame.object(0) as? Generator) ?? .default).stateTensor()) }),
        ("set_state", { frame in
          guard let g = frame.object(0) as? Generator, let state = frame.object(1) as? Tensor else {
            throw TorchError.type("expected a torch.ByteTensor, but got \(frame.typeName(1))")
          }
          try g.setState(state)
          return try frame.give(object: g)
        }),
        ("clone_state", { frame in try frame.give(object: ((frame.object(0) as? Generator) ?? .default).copy()) }),
      ])
    }
    try registerNodes()
    try registerSavedValues()
    try register(HookHandle.self, name: "torch.utils.hooks.RemovableHandle") { meta in
      try methods(meta, [("remove", { frame in
        (frame.object(0) as? HookHandle)?.remove()
        return 0
      })])
    }
    try registerTextLists()
    try registerPruneObjects()
    try register(IncompatibleKeys.self, name: "_IncompatibleKeys") { meta in
      try meta.set("__tostring") { frame in try frame.give(.string((frame.object(0) as? IncompatibleKeys)?.description ?? "")) }
      try meta.set("__index") { frame in
        guard let keys = frame.object(0) as? IncompatibleKeys else { return try frame.give(.none) }
        switch frame.string(1) {
        case "missing_keys" where keys.isLive: return try frame.give(object: keys.missing)
        case "unexpected_keys" where keys.isLive: return try frame.give(object: keys.unexpected)
        case "missing_keys": return try frame.give(.list(keys.missingKeys.map { .string($0) }))
        case "unexpected_keys": return try frame.give(.list(keys.unexpectedKeys.map { .string($0) }))
        default: throw TorchError.attribute("'_IncompatibleKeys' object has no attribute '\(frame.string(1) ?? "")'")
        }
      }
    }
    try register(PackedSequence.self, name: "PackedSequence") { meta in
      try meta.set("__tostring") { frame in try frame.give(.string((frame.object(0) as? PackedSequence)?.description ?? "")) }
      let get = sequenceFunctions.operations.first { $0.name == "__getattr__" }
      try meta.set("__index") { frame in
        if OperationWatch.isOn, let get { return try get.invoke(frame) }
        guard let packed = frame.object(0) as? PackedSequence, let name = frame.string(1) else { return try frame.give(.none) }
        guard let value = packed.field(name) else { throw TorchError.attribute("'PackedSequence' object has no attribute '\(name)'") }
        return try frame.give(value)
      }
    }
    try register(ValueIterator.self, name: "iterator") { meta in
      try meta.set("__call") { frame in
        guard let iterator = frame.object(0) as? ValueIterator, let row = try iterator.next() else { return try frame.give(.none) }
        return try frame.give(.tuple(row))
      }
    }
    try registerOrderedDict()
    try register(AnyObjectMarker.self, name: "object") { meta in
      try meta.set("__tostring") { frame in try frame.give(.string(frame.object(0).map { String(describing: $0) } ?? "nil")) }
    }
  }

  /// Gives a metatable an `__index` table of functions.
  func methods(_ meta: Metatable, _ list: [(String, (LuaFrame) throws -> Int)]) throws {
    try check(qlua_pcreatetable(meta.L, 0, Int32(list.count)), meta.L)
    let table = Metatable(binding: self, L: meta.L, index: lua_gettop(meta.L))
    for (name, body) in list { try table.set(name, body) }
    try check(qlua_prawsetfield(meta.L, meta.index, "__index"), meta.L)
  }

  private func registerOrderedDict() throws {
    func dict(_ frame: LuaFrame) throws -> OrderedDict {
      guard let d = frame.object(0) as? OrderedDict else { throw TorchError.type("an OrderedDict was expected, got \(frame.typeName(0))") }
      return d
    }
    func rows(_ d: OrderedDict) -> ValueIterator { ValueIterator(rows: d.entries.map { [$0.key.asValue, $0.value] }) }
    try register(OrderedDict.self, name: "OrderedDict") { meta in
      try meta.set("__len") { frame in try frame.give(.integer(dict(frame).entries.count)) }
      try meta.set("__pairs") { frame in try frame.give(object: rows(dict(frame))) }
      try meta.set("__complete") { frame in try frame.give(.list(dict(frame).entries.keys.map(\.asValue))) }
      try meta.set("__whos") { frame in try frame.give(.tuple([.string("OrderedDict"), .string("n=\(dict(frame).entries.count)")])) }
      try meta.set("__newindex") { frame in
        guard let key = Key(try frame.value(1)) else { throw TorchError.type("unhashable type: '\(frame.typeName(1))'") }
        let value = try frame.value(2)
        if case .none = value { try dict(frame).entries.removeValue(forKey: key) } else { try dict(frame).entries[key] = value }
        return 0
      }
      let named: [(String, (LuaFrame) throws -> Int)] = [
        ("keys", { frame in try frame.give(object: ValueIterator(rows: dict(frame).entries.keys.map { [$0.asValue] })) }),
        ("values", { frame in try frame.give(object: ValueIterator(rows: dict(frame).entries.values.map { [$0] })) }),
        ("items", { frame in try frame.give(object: rows(dict(frame))) }),
      ]
      var functions: [String: Int32] = [:]
      for (name, body) in named {
        try push(function: NativeFunction(self, body), on: meta.L)
        var reference: Int32 = 0
        try check(qlua_pref(meta.L, &reference), meta.L)
        functions[name] = reference
      }
      try meta.set("__index") { frame in
        guard let key = Key(try frame.value(1)) else { return try frame.give(.none) }
        if let value = try dict(frame).entries[key] { return try frame.give(value.asSingle) }
        if case .string(let name) = key {
          if name == "_metadata", case .object(let o)? = try dict(frame).attributes[name] { return try frame.give(object: o) }
          if let reference = functions[name] {
            qlua_getref(frame.L, reference)
            return 1
          }
        }
        return try frame.give(.none)
      }
      try meta.set("__tostring") { [unowned self] frame in
        let L = frame.L
        let items = try dict(frame).entries.map { key, value -> String in
          try push(value.asSingle, on: L)
          try check(qlua_ptolstring(L, -1), L)
          defer { qlua_pop(L, 2) }
          let name =
          switch key {
          case .string(let s): "'\(s)'"
          case .integer(let i): "\(i)"
          case .number(let d): "\(d)"
          case .boolean(let b): b ? "True" : "False"
          }
          return "(\(name), \(text(L, -1) ?? "?"))"
        }
        return try frame.give(.string("OrderedDict([\(items.joined(separator: ", "))])"))
      }
    }
  }
}

extension Value {
  /// A tuple that stands at the place of one value, as a list.
  var asSingle: Value { if case .tuple(let items) = self { .list(items) } else { self } }
}
