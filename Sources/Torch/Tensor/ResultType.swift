import Interface
import TensorCore

/// The dtype of an operation's result. Mirrors `torch.result_type`: tensors with dimensions come before those without, those before bare numbers.
struct ResultType {
  private var dims: DType?
  private var zero: DType?
  private var wrapped: DType?

  /// Takes one more operand into account.
  @inline(__always)
  mutating func add(_ t: Tensor) {
    if t.dim > 0 {
      dims = dims.map { $0.promoted(with: t.dtype) } ?? t.dtype
    } else if t.isWrappedNumber {
      let own = t.dtype.isComplex ? DType.defaultFloat.complex : t.dtype.isFloatingPoint ? DType.defaultFloat : t.dtype
      wrapped = wrapped.map { $0.promoted(with: own) } ?? own
    } else {
      zero = zero.map { $0.promoted(with: t.dtype) } ?? t.dtype
    }
  }

  /// The dtype all operands meet in.
  var value: DType {
    ResultType.combine(dims, ResultType.combine(zero, wrapped)) ?? .defaultFloat
  }

  private static func combine(_ higher: DType?, _ lower: DType?) -> DType? {
    guard let higher else { return lower }
    guard let lower else { return higher }
    if higher.isComplex { return higher }
    if higher.isFloatingPoint { return lower.isComplex ? higher.complex : higher }
    if higher == .bool || lower.isInexact { return higher.promoted(with: lower) }
    return higher
  }

  /// The dtype two operands meet in.
  @inline(__always)
  static func of(_ a: Tensor, _ b: Tensor) -> DType {
    if a.dtype == b.dtype && !a.isWrappedNumber && !b.isWrappedNumber { return a.dtype }
    var state = ResultType()
    state.add(a)
    state.add(b)
    return state.value
  }

  /// The dtype all of them meet in.
  static func of(_ all: [Tensor]) -> DType {
    var state = ResultType()
    for t in all { state.add(t) }
    return state.value
  }
}

/// A tensor argument for which a bare number may stand.
public struct TensorOrNumber: SchemaArgument {
  /// The tensor; a number becomes one that is marked as wrapped.
  public let tensor: Tensor

  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool {
    switch frame.kind(i) {
    case .integer, .number, .boolean: true
    default: Tensor.matches(frame, i, parameter)
    }
  }

  @inline(__always)
  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> TensorOrNumber {
    if let object = frame.object(i), type(of: object) == Tensor.self {
      let tensor = unsafeDowncast(object, to: Tensor.self)
      if tensor.dtype.isComplex { try ComplexForms.admit(parameter, tensor.dtype) }
      return TensorOrNumber(tensor: tensor)
    }
    switch frame.kind(i) {
    case .integer, .number, .boolean: return TensorOrNumber(tensor: try .spareNumber(Scalar.decode(frame, i, parameter)))
    default: return TensorOrNumber(tensor: try Tensor.decode(frame, i, parameter))
    }
  }
}

extension Scalar: SchemaArgument {
  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool {
    switch frame.kind(i) {
    case .integer, .number, .boolean: true
    case .object: (frame.object(i) as? Tensor).map { $0.dim == 0 && !$0.requiresGrad } ?? false
    default: frame.isMissing(i, parameter)
    }
  }

  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> Scalar {
    switch frame.kind(i) {
    case .integer: if let v = frame.integer(i) { return .integer(v) }
    case .number: if let v = frame.number(i) { return .double(v) }
    case .boolean: if let v = frame.boolean(i) { return .boolean(v) }
    case .object: if let t = frame.object(i) as? Tensor, t.count == 1 { return t.scalar(at: 0) }
    default: break
    }
    if frame.isMissing(i, parameter) {
      switch parameter.defaultValue {
      case .integer(let v)?: return .integer(v)
      case .real(let v)?: return .double(v)
      case .boolean(let v)?: return .boolean(v)
      default: break
      }
    }
    throw frame.wrongType(i, parameter)
  }
}

extension Scalar: SchemaResult {
  public func give(to frame: CallFrame) throws -> Int { try frame.give(asValue) }
}

extension Scalar: ValueConvertible {
  public var asValue: Value {
    switch self {
    case .integer(let i): .integer(i)
    case .double(let d): .number(d)
    case .boolean(let b): .boolean(b)
    case .complex: (try? Tensor.wrapped(self)).map { .object($0) } ?? .none
    }
  }
}

extension Tensor: SchemaArgument, SchemaResult, SchemaElement, ValueConvertible {
  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool {
    frame.object(i).map { type(of: $0) == Tensor.self } ?? false
  }
  @inline(__always)
  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> Self {
    // The class is final: its identity decides, and costs less than a cast.
    guard let object = frame.object(i), type(of: object) == Tensor.self else { throw frame.wrongType(i, parameter) }
    let tensor = unsafeDowncast(object, to: Self.self)
    if tensor.dtype.isComplex { try ComplexForms.admit(parameter, tensor.dtype) }
    return tensor
  }
  @inline(__always)
  public __consuming func give(to frame: CallFrame) throws -> Int { try frame.give(object: self) }
  public static func element(from value: Value) -> Self? {
    if case .object(let object) = value { object as? Self } else { nil }
  }
  public static var isObject: Bool { true }
  public static func isElement(_ object: AnyObject) -> Bool { type(of: object) == Tensor.self }
  public var asValue: Value { .object(self) }
}
