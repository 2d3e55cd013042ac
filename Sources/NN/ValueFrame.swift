import Interface
import Torch

/// Arguments that are values already, laid out as a call; keeps what the call gives.
public final class ValueFrame: CallFrame {
  private let name: String
  private let arguments: [Value?]
  /// What the call gave.
  public private(set) var result = Value.none

  /// A call of `name` with these arguments; nil stands for one that is not given.
  public init(_ name: String, _ arguments: [Value?]) {
    self.name = name
    self.arguments = arguments
  }

  public override var callee: (name: String, isMethod: Bool) { (name, false) }
  public override var count: Int { arguments.count }
  private func given(_ i: Int) -> Value? { i < arguments.count ? arguments[i] : nil }

  public override func kind(_ i: Int) -> ArgumentKind {
    switch given(i) {
    case nil: .absent
    case .none?: .none
    case .boolean?: .boolean
    case .integer?: .integer
    case .number?: .number
    case .string?: .string
    case .object?: .object
    case .list?, .tuple?, .dictionary?: .table
    case .foreign?: .function
    }
  }
  public override func integer(_ i: Int) -> Int? { if case .integer(let v)? = given(i) { v } else { nil } }
  public override func number(_ i: Int) -> Double? {
    switch given(i) {
    case .integer(let v)?: Double(v)
    case .number(let v)?: v
    default: nil
    }
  }
  public override func boolean(_ i: Int) -> Bool? { if case .boolean(let v)? = given(i) { v } else { nil } }
  public override func string(_ i: Int) -> String? { if case .string(let v)? = given(i) { v } else { nil } }
  public override func object(_ i: Int) -> AnyObject? { if case .object(let v)? = given(i) { v } else { nil } }
  public override func value(_ i: Int) throws -> Value {
    guard let value = given(i) else { return .none }
    if case .tuple(let items) = value { return .list(items) }
    return value
  }
  public override func typeName(_ i: Int) -> String { given(i)?.pythonTypeName ?? "NoneType" }

  /// What an operation gives for these arguments.
  public func results(of operation: Operation) throws -> Value {
    _ = try operation.invoke(self)
    return result
  }

  public override func give(object: __owned AnyObject) throws -> Int {
    result = .object(object)
    return 1
  }
  public override func give(_ value: Value) throws -> Int {
    result = value
    return 1
  }
}
