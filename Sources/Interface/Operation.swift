/// Where users find an operation.
public struct Variants: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  /// As `torch.name`.
  public static let function = Variants(rawValue: 1)
  /// As `tensor:name`.
  public static let method = Variants(rawValue: 2)
  /// As `torch.nn.functional.name`.
  public static let functional = Variants(rawValue: 4)
}

/// One callable declared by a schema: what it does, what it is called, how its arguments are read.
// Never changes after it is made.
public final class Operation: @unchecked Sendable {
  /// The parsed declaration.
  public let schema: Schema
  /// What it gives, shapes and errors, and the PyTorch name it mirrors.
  public let doc: String
  /// Where users find it.
  public let variants: Variants
  /// Reads the arguments, runs and gives the results; returns how many.
  public let invoke: (CallFrame) throws -> Int
  /// Whether the arguments fit this overload.
  public let matches: (CallFrame) -> Bool

  init(
    schema: Schema, doc: String, variants: Variants, matches: @escaping (CallFrame) -> Bool,
    invoke: @escaping (CallFrame) throws -> Int
  ) {
    self.schema = schema
    self.doc = doc
    self.variants = variants
    self.matches = matches
    self.invoke = invoke
  }
}

/// The operations of one family, collected by the `define` statements of its files.
// Written by its initializer alone, read ever after.
public final class OperationFamily: @unchecked Sendable {
  /// Where the family's functions live: `torch`, `torch.nn.functional`, `torch.quantization`, …
  public let namespace: String
  /// In the order of their declaration.
  public private(set) var operations: [Operation] = []
  /// A schema that could not be parsed; tests demand that there is none.
  public private(set) var mistakes: [String] = []

  /// Collects what `body` defines.
  public init(_ namespace: String, _ body: (OperationFamily) -> Void) {
    self.namespace = namespace
    body(self)
  }

  /// Declares an operation: PyTorch's schema, what it does, and the function whose parameters have the schema's types.
  public func define<each A: SchemaArgument, R: SchemaResult>(
    _ text: String, doc: String, variants: Variants? = nil, _ body: @escaping (repeat each A) throws -> R
  ) {
    var types: [any SchemaArgument.Type] = []
    for type in repeat (each A).self { types.append(type) }
    add(text, doc, variants, types) { frame, parameters in
      var i = -1
      func next<T: SchemaArgument>(_ type: T.Type) throws -> T {
        i += 1
        return try T.decode(frame, i, parameters[i])
      }
      return try body(repeat next((each A).self)).give(to: frame)
    }
  }

  /// Declares an operation that gets all its arguments as values.
  public func define<R: SchemaResult>(_ text: String, doc: String, variants: Variants? = nil, values body: @escaping ([Value]) throws -> R) {
    let count = (try? Schema(parsing: text))?.parameters.count ?? 0
    add(text, doc, variants, Array(repeating: Value.self, count: count)) { frame, parameters in
      try body(parameters.indices.map { try Value.decode(frame, $0, parameters[$0]) }).give(to: frame)
    }
  }

  /// Parses the schema, checks it against the function's parameter types and keeps the operation.
  @usableFromInline
  func add(
    _ text: String, _ doc: String, _ variants: Variants?, _ types: [any SchemaArgument.Type],
    _ invoke: @escaping (CallFrame, [Parameter]) throws -> Int
  ) {
    let schema: Schema
    do { schema = try Schema(parsing: text) } catch {
      mistakes.append("\(error)")
      return
    }
    let parameters = schema.parameters
    if types.count != parameters.count {
      mistakes.append("\(text): \(parameters.count) parameters declared, \(types.count) taken")
      return
    }
    let isMethod = parameters.first?.name == "self"
    operations.append(
      Operation(
        schema: schema, doc: doc, variants: variants ?? (isMethod ? [.function, .method] : [.function]),
        matches: { frame in
          frame.count <= parameters.count && types.indices.allSatisfy { types[$0].matches(frame, $0, parameters[$0]) }
        },
        invoke: { frame in try invoke(frame, parameters) }))
  }
}

// Up to three parameters without a pack: packs are unpacked at run time, and these calls are the frequent ones.
extension OperationFamily {
  /// Declares an operation of one parameter.
  @inlinable
  public func define<A: SchemaArgument, R: SchemaResult>(
    _ text: String, doc: String, variants: Variants? = nil, _ body: @escaping (A) throws -> R
  ) {
    add(text, doc, variants, [A.self]) { frame, p in try body(A.decode(frame, 0, p[0])).give(to: frame) }
  }

  /// Declares an operation of two parameters.
  @inlinable
  public func define<A: SchemaArgument, B: SchemaArgument, R: SchemaResult>(
    _ text: String, doc: String, variants: Variants? = nil, _ body: @escaping (A, B) throws -> R
  ) {
    add(text, doc, variants, [A.self, B.self]) { frame, p in
      try body(A.decode(frame, 0, p[0]), B.decode(frame, 1, p[1])).give(to: frame)
    }
  }

  /// Declares an operation of three parameters.
  @inlinable
  public func define<A: SchemaArgument, B: SchemaArgument, C: SchemaArgument, R: SchemaResult>(
    _ text: String, doc: String, variants: Variants? = nil, _ body: @escaping (A, B, C) throws -> R
  ) {
    add(text, doc, variants, [A.self, B.self, C.self]) { frame, p in
      try body(A.decode(frame, 0, p[0]), B.decode(frame, 1, p[1]), C.decode(frame, 2, p[2])).give(to: frame)
    }
  }
}
