import Interface
import LuaVM
import TensorCore
import Torch

/// What numbers a dtype holds: `torch.finfo` of floats, `torch.iinfo` of integers.
final class NumericLimits {
  let dtype: DType
  init(_ dtype: DType) { self.dtype = dtype }

  /// The fields in the order of the text.
  var fields: [(name: String, value: Value)] {
    guard dtype.isFloatingPoint else {
      let range = dtype.integerRange
      return [("min", .integer(range.lowerBound)), ("max", .integer(range.upperBound)), ("dtype", .string(dtype.name))]
    }
    let (digits, greatest, tiny, resolution): (Int, Double, Double, Double) =
      switch dtype {
      case .float64: (52, Double.greatestFiniteMagnitude, Double.leastNormalMagnitude, 1e-15)
      case .float16: (10, 65504, 0x1p-14, 1e-3)
      case .bfloat16: (7, 3.3895313892515355e38, 0x1p-126, 1e-2)
      default: (23, Double(Float.greatestFiniteMagnitude), 0x1p-126, 1e-6)
      }
    let epsilon = Double(sign: .plus, exponent: -digits, significand: 1)
    return [
      ("resolution", .number(resolution)), ("min", .number(-greatest)), ("max", .number(greatest)), ("eps", .number(epsilon)),
      ("smallest_normal", .number(tiny)), ("tiny", .number(tiny)), ("dtype", .string(dtype.name)),
    ]
  }

  func field(_ name: String) -> Value? {
    name == "bits" ? .integer(dtype.itemSize * 8) : fields.first { $0.name == name }?.value
  }

  /// As PyTorch prints it, numbers with six significant digits.
  var text: String {
    let shown = fields.map { name, value in
      switch value {
      case .number(let d): "\(name)=\(FloatText.sixDigits(d))"
      case .integer(let i): "\(name)=\(FloatText.sixDigits(Double(i)))"
      case .string(let s): "\(name)=\(s)"
      default: name
      }
    }
    return "\(dtype.isFloatingPoint ? "finfo" : "iinfo")(\(shown.joined(separator: ", ")))"
  }
}

extension Binding {
  /// `torch.finfo`, `torch.iinfo` and what they give.
  func bindNumericLimits() throws {
    try register(NumericLimits.self, name: "torch.finfo") { meta in
      func limits(_ frame: LuaFrame, _ i: Int = 0) throws -> NumericLimits {
        guard let limits = frame.object(i) as? NumericLimits else { throw TorchError.type("a torch.finfo was expected, got \(frame.typeName(i))") }
        return limits
      }
      try meta.set("__tostring") { frame in try frame.give(.string(limits(frame).text)) }
      try meta.set("__eq") { frame in
        try frame.give(.boolean((frame.object(0) as? NumericLimits)?.dtype == (frame.object(1) as? NumericLimits)?.dtype))
      }
      try meta.set("__index") { frame in
        let own = try limits(frame)
        let name = frame.string(1) ?? "?"
        guard let value = own.field(name) else {
          throw TorchError.attribute("'torch.\(own.dtype.isFloatingPoint ? "finfo" : "iinfo")' object has no attribute '\(name)'")
        }
        return try frame.give(value)
      }
      try meta.set("__complete") { frame in try frame.give(.list((limits(frame).fields.map(\.name) + ["bits"]).map { .string($0) })) }
    }
    try set("torch", "finfo", function: NativeFunction(self) { frame in
      if frame.kind(0) == .absent { return try frame.give(object: NumericLimits(.defaultFloat)) }
      guard let dtype = (frame.object(0) as? DTypeObject)?.dtype else {
        throw TorchError.type("finfo(): argument 'type' (position 1) must be torch.dtype, not \(frame.typeName(0))")
      }
      if !dtype.isFloatingPoint { throw TorchError.type("torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'") }
      return try frame.give(object: NumericLimits(dtype))
    })
    try set("torch", "iinfo", function: NativeFunction(self) { frame in
      if frame.kind(0) == .absent { throw TorchError.type("iinfo() missing 1 required positional arguments: \"type\"") }
      guard let dtype = (frame.object(0) as? DTypeObject)?.dtype else {
        throw TorchError.type("iinfo(): argument 'type' (position 1) must be torch.dtype, not \(frame.typeName(0))")
      }
      if dtype.isFloatingPoint { throw TorchError.type("torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'") }
      if dtype == .bool { throw TorchError.type("torch.bool is not supported by torch.iinfo") }
      return try frame.give(object: NumericLimits(dtype))
    })
  }

  /// `x:untyped_storage()`, generators' states and `torch.random.fork_rng`.
  func bindStorageAndRandomState() throws {
    try register(Storage.self, name: "torch.UntypedStorage") { meta in
      func storage(_ frame: LuaFrame) throws -> Storage {
        guard let storage = frame.object(0) as? Storage else { throw TorchError.type("a storage was expected, got \(frame.typeName(0))") }
        return storage
      }
      try meta.set("__len") { frame in try frame.give(.integer(storage(frame).byteCount)) }
      try meta.set("__tostring") { frame in
        let own = try storage(frame)
        let bytes = UnsafeRawBufferPointer(start: own.pointer, count: own.byteCount)
        let shown = own.byteCount <= 1000 ? bytes.map { " \($0)\n" } : bytes.prefix(3).map { " \($0)\n" } + ["...\n"] + bytes.suffix(3).map { " \($0)\n" }
        return try frame.give(.string("\(shown.joined())[torch.storage.UntypedStorage(device=cpu) of size \(own.byteCount)]"))
      }
      try methods(meta, [
        ("data_ptr", { frame in try frame.give(.integer(Int(bitPattern: storage(frame).pointer))) }),
        ("nbytes", { frame in try frame.give(.integer(storage(frame).byteCount)) }),
        ("size", { frame in try frame.give(.integer(storage(frame).byteCount)) }),
        ("resize_", { frame in
          guard let bytes = frame.integer(1), bytes >= 0 else { throw TorchError.runtime("resize_ expects a non-negative number of bytes") }
          try storage(frame).resize(byteCount: bytes)
          return try frame.give(object: storage(frame))
        }),
      ])
    }
    let fork = contextFunction { frame in
      var enabled = true
      if frame.endsInKeywords, case .dictionary(let keywords) = try frame.value(max(frame.count - 1, 0)) {
        for case (.string("enabled"), .boolean(let wanted)) in keywords { enabled = wanted }
      }
      let before = Generator.default.state()
      return { if enabled { try? Generator.default.setState(before) } }
    }
    try set("torch.random", "fork_rng", function: fork)
  }
}
