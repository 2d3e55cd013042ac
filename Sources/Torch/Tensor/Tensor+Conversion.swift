import Interface
import Kernels
import TensorCore

extension Tensor {
  /// The elements in another type, outside autograd; itself where it has that type.
  public func converted(to target: DType) throws -> Tensor {
    target == dtype ? self : try denseCopy(target)
  }

  /// The elements in another type, differentiable. Mirrors `Tensor.to`.
  public func to(_ target: DType, copy: Bool = false) throws -> Tensor {
    if target == dtype { return copy ? try clone() : self }
    if target.isQuantized || dtype.isQuantized {
      throw TorchError.runtime("Cannot convert \(dtype.tensorTypeName) to \(target.tensorTypeName) with to(); use quantize_per_tensor() and dequantize()")
    }
    let y = try denseCopy(target)
    if Tensor.records(self) && target.isInexact {
      let before = dtype
      y.record("ToCopyBackward0", [self]) { _, g in [try g.to(before)] }
    }
    return y
  }

  /// Nested lists of the elements. Mirrors `Tensor.tolist`.
  public var nestedValues: Value {
    func level(_ d: Int, _ flat: Int) -> Value {
      if d == dim { return scalar(at: flat).asValue }
      let rest = sizes[(d + 1)...].reduce(1, *)
      return .list((0..<sizes[d]).map { level(d + 1, flat + $0 * rest) })
    }
    return level(0, 0)
  }

  /// A tensor of nested lists of numbers, booleans or tensors. Mirrors `torch.tensor`.
  /// - Throws: PyTorch's sentences for ragged lists and values that are no numbers.
  public static func make(from value: Value, dtype: DType? = nil) throws -> Tensor {
    if case .object(let object) = value, let tensor = object as? Tensor { return try tensor.detached().denseCopy(dtype ?? (tensor.isWrappedNumber && tensor.dtype.isComplex ? DType.defaultFloat.complex : nil)) }
    var sizes: [Int] = []
    var probe = value
    while case .list(let items) = probe {
      sizes.append(items.count)
      guard let first = items.first else { break }
      probe = first
      if case .object(let object) = first, let tensor = object as? Tensor { sizes += Array(tensor.sizes) }
      if sizes.count > 64 { throw TorchError.value("too many dimensions 'list'") }
    }
    var numbers: [Double] = []
    var imaginary: [Double] = []
    var integers: [Int64] = []
    var found: DType?
    func take(_ s: Scalar) {
      numbers.append(s.doubleValue)
      integers.append(Int64(s.integerValue))
      imaginary.append(s.imaginary)
      found = found.map { $0.promoted(with: s.dtype) } ?? s.dtype
    }
    func walk(_ v: Value, _ d: Int) throws {
      switch v {
      case .list(let items):
        if d >= sizes.count || items.count != sizes[d] {
          throw TorchError.value("expected sequence of length \(d < sizes.count ? sizes[d] : 0) at dim \(d) (got \(items.count))")
        }
        for item in items { try walk(item, d + 1) }
      case .integer(let i): take(.integer(i))
      case .number(let n): take(.double(n))
      case .boolean(let b): take(.boolean(b))
      case .object(let object as Tensor):
        for i in 0..<object.count { take(object.scalar(at: i)) }
      default: throw TorchError.type("new(): invalid data type '\(v.pythonTypeName)'")
      }
    }
    try walk(value, 0)
    // A list where numbers stood at its siblings' level is ragged as well.
    if numbers.count != sizes.reduce(1, *) {
      throw TorchError.value("expected sequence of length \(sizes.last ?? 0) at dim \(sizes.count - 1) (got \(numbers.count))")
    }
    let target = dtype ?? found ?? .defaultFloat
    let result = try Tensor(uninitialized: Dims(sizes), dtype: target)
    if found?.isComplex ?? false {
      let whole = zip(numbers, imaginary).map { Complex($0, $1) }
      whole.withUnsafeBufferPointer { if let p = $0.baseAddress { Cast.run(p, .complex128, step: 1, to: result.pointer, target, step: 1, count: whole.count) } }
    } else if found?.isFloatingPoint ?? true {
      numbers.withUnsafeBufferPointer { if let p = $0.baseAddress { Cast.run(p, .float64, step: 1, to: result.pointer, target, step: 1, count: numbers.count) } }
    } else {
      integers.withUnsafeBufferPointer { if let p = $0.baseAddress { Cast.run(p, .int64, step: 1, to: result.pointer, target, step: 1, count: integers.count) } }
    }
    return result
  }
}

extension Value {
  /// What Python would call the type.
  public var pythonTypeName: String {
    switch self {
    case .none: "NoneType"
    case .boolean: "bool"
    case .integer: "int"
    case .number: "float"
    case .string: "str"
    case .list: "list"
    case .tuple: "tuple"
    case .dictionary: "dict"
    case .object(let object): object is Tensor ? "Tensor" : "\(type(of: object))"
    case .foreign: "function"
    }
  }
}

/// A dtype as an object, `torch.float32`.
public final class DTypeObject {
  /// The type it names.
  public let dtype: DType
  private init(_ dtype: DType) { self.dtype = dtype }
  private static nonisolated(unsafe) let all = DType.allCases.map(DTypeObject.init)
  /// The one object for a dtype.
  public static func of(_ dtype: DType) -> DTypeObject { all[Int(dtype.rawValue)] }
}

extension DType: SchemaArgument, SchemaResult, ValueConvertible {
  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool {
    frame.object(i) is DTypeObject || frame.isMissing(i, parameter)
  }
  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> DType {
    guard let object = frame.object(i) as? DTypeObject else { throw frame.wrongType(i, parameter) }
    return object.dtype
  }
  public func give(to frame: CallFrame) throws -> Int { try frame.give(object: DTypeObject.of(self)) }
  public var asValue: Value { .object(DTypeObject.of(self)) }
}

/// A device argument: only the processor exists.
public struct Device: SchemaArgument, Equatable, Sendable {
  /// The processor.
  public static let cpu = Device()
  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool {
    frame.kind(i) == .string || frame.isMissing(i, parameter)
  }
  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> Device {
    guard let text = frame.string(i) else {
      if frame.isMissing(i, parameter) { return .cpu }
      throw frame.wrongType(i, parameter)
    }
    try check(text)
    return .cpu
  }
  /// - Throws: PyTorch's sentence for any device but the processor.
  public static func check(_ text: String) throws {
    if text == "cpu" || (text.hasPrefix("cpu:") && Int(text.dropFirst(4)) != nil) { return }
    if text.hasPrefix("cuda") { throw TorchError(.assertionError, "Torch not compiled with CUDA enabled") }
    throw TorchError.runtime(
      "Expected one of cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, maia, xla, lazy, vulkan, mps, meta, hpu, mtia, privateuseone device type at start of device string: \(text)")
  }
}

/// Types and numbers: converting, asking, listing.
public let conversions = OperationFamily("torch") { ops in
  ops.define("to.dtype(Tensor self, ScalarType dtype, bool non_blocking=False, bool copy=False, *, MemoryFormat? memory_format=None) -> Tensor", doc: "The elements in another dtype. Mirrors Tensor.to.", variants: [.method]) { (x: Tensor, t: DType, _: Bool, c: Bool, f: MemoryFormat?) in try x.to(t, copy: c, f) }
  ops.define("to.device(Tensor self, Device? device=None, ScalarType? dtype=None, bool non_blocking=False, bool copy=False, *, MemoryFormat? memory_format=None) -> Tensor", doc: "On a device; there is only cpu. Mirrors Tensor.to.", variants: [.method]) {
    (x: Tensor, _: Device?, t: DType?, _: Bool, c: Bool, f: MemoryFormat?) in try x.to(t ?? x.dtype, copy: c, f)
  }
  ops.define("to.other(Tensor self, Tensor other, bool non_blocking=False, bool copy=False, *, MemoryFormat? memory_format=None) -> Tensor", doc: "In the dtype of other. Mirrors Tensor.to.", variants: [.method]) {
    (x: Tensor, o: Tensor, _: Bool, c: Bool, f: MemoryFormat?) in try x.to(o.dtype, copy: c, f)
  }
  ops.define("type_as(Tensor self, Tensor other) -> Tensor", doc: "In the dtype of other. Mirrors Tensor.type_as.", variants: [.method]) { (x: Tensor, o: Tensor) in try x.to(o.dtype) }
  ops.define("type(Tensor self, ScalarType? dtype=None) -> Tensor", doc: "The tensor type's name, or the elements in another dtype. Mirrors Tensor.type.", variants: [.method]) {
    (x: Tensor, t: DType?) -> Value in try t.map { .object(try x.to($0)) } ?? .string(x.dtype.tensorTypeName)
  }
  ops.define("type.str(Tensor self, str dtype) -> Tensor", doc: "The elements in the dtype of a tensor type's name. Mirrors Tensor.type.", variants: [.method]) {
    (x: Tensor, name: String) -> Tensor in
    guard let t = DType.allCases.first(where: { $0.tensorTypeName == name }) else { throw TorchError.value("invalid type: '\(name)'") }
    return try x.to(t)
  }
  ops.define("cpu(Tensor self) -> Tensor", doc: "Itself: there is only the processor. Mirrors Tensor.cpu.", variants: [.method]) { (x: Tensor) in x }
  for (name, dtype) in [("float", DType.float32), ("double", .float64), ("half", .float16), ("bfloat16", .bfloat16), ("long", .int64), ("int", .int32), ("short", .int16), ("char", .int8), ("byte", .uint8), ("bool", .bool), ("cfloat", .complex64), ("cdouble", .complex128)] {
    ops.define("\(name)(Tensor self, MemoryFormat? memory_format=None) -> Tensor", doc: "The elements as \(dtype.name). Mirrors Tensor.\(name).", variants: [.method]) { (x: Tensor, f: MemoryFormat?) in try x.to(dtype, copy: false, f) }
  }
  ops.define("item(Tensor self) -> Scalar", doc: "The only element as a number. Mirrors Tensor.item.", variants: [.method]) { (x: Tensor) in try x.item() }
  ops.define("tolist(Tensor self) -> Scalar[]", doc: "Nested tables of the elements, from 1. Mirrors Tensor.tolist.", variants: [.method]) { (x: Tensor) in x.nestedValues }
  ops.define("numel(Tensor self) -> int", doc: "The number of elements. Mirrors torch.numel.") { (x: Tensor) in x.count }
  ops.define("nelement(Tensor self) -> int", doc: "The number of elements. Mirrors Tensor.nelement.", variants: [.method]) { (x: Tensor) in x.count }
  ops.define("dim(Tensor self) -> int", doc: "The number of dimensions. Mirrors Tensor.dim.", variants: [.method]) { (x: Tensor) in x.dim }
  ops.define("ndimension(Tensor self) -> int", doc: "The number of dimensions. Mirrors Tensor.ndimension.", variants: [.method]) { (x: Tensor) in x.dim }
  ops.define("element_size(Tensor self) -> int", doc: "Bytes per element. Mirrors Tensor.element_size.", variants: [.method]) { (x: Tensor) in x.dtype.itemSize }
  ops.define("storage_offset(Tensor self) -> int", doc: "Where the first element is in the storage, in elements. Mirrors Tensor.storage_offset.", variants: [.method]) { (x: Tensor) in x.storageOffset }
  ops.define("data_ptr(Tensor self) -> int", doc: "The first element's address. Mirrors Tensor.data_ptr.", variants: [.method]) { (x: Tensor) in Int(bitPattern: x.pointer) }
  ops.define("is_floating_point(Tensor self) -> bool", doc: "Whether the dtype is a float type. Mirrors torch.is_floating_point.") { (x: Tensor) in x.dtype.isFloatingPoint }
  ops.define("result_type(Tensor tensor, Tensor other) -> ScalarType", doc: "The dtype both would meet in. Mirrors torch.result_type.", variants: [.function]) { (x: TensorOrNumber, y: TensorOrNumber) in ResultType.of(x.tensor, y.tensor) }
  ops.define("promote_types(ScalarType type1, ScalarType type2) -> ScalarType", doc: "The dtype that holds both. Mirrors torch.promote_types.", variants: [.function]) { (a: DType, b: DType) in a.promoted(with: b) }
}
