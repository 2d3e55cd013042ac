/// The parameters of an operation as its decoders see them: addresses, so that a call counts no references. They live as
/// long as the operation.
public struct ParameterTable {
  @usableFromInline let first: UnsafeMutablePointer<Unmanaged<Parameter>>
  /// How many there are.
  public let count: Int

  /// Keeps the parameters until `free` is called.
  init(_ parameters: [Parameter]) {
    first = .allocate(capacity: Swift.max(parameters.count, 1))
    for (i, parameter) in parameters.enumerated() { (first + i).initialize(to: Unmanaged.passRetained(parameter)) }
    count = parameters.count
  }

  /// Gives the parameters back.
  func free() {
    for i in 0..<count { first[i].release() }
    first.deallocate()
  }

  /// Argument `i` of a call, as the type it is declared with.
  @inlinable
  @inline(__always)
  public func decode<A: SchemaArgument>(_ type: A.Type, _ i: Int, _ frame: CallFrame) throws -> A {
    try first[i]._withUnsafeGuaranteedRef { try A.decode(frame, i, $0) }
  }

  /// Whether argument `i` fits the type it is declared with.
  @inlinable
  @inline(__always)
  public func matches<A: SchemaArgument>(_ type: A.Type, _ i: Int, _ frame: CallFrame) -> Bool {
    first[i]._withUnsafeGuaranteedRef { A.matches(frame, i, $0) }
  }

  /// Argument `i` as a value.
  func value(_ i: Int, _ frame: CallFrame) throws -> Value {
    try first[i]._withUnsafeGuaranteedRef { try Value.decode(frame, i, $0) }
  }
}
