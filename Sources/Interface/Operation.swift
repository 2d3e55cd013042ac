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
///
/// The schema is parsed when it is first asked for: there are many operations, and a program uses few.
// Written when the schema is parsed, by the one thread that runs Lua.
public final class Operation: @unchecked Sendable {
  /// The declaration as written.
  public let text: String
  /// The name users call, without an overload suffix.
  public let name: String
  /// What it gives, shapes and errors, and the PyTorch name it mirrors.
  public let doc: String
  /// Where users find it.
  public let variants: Variants
  /// The types of the parameters; nil where all are taken as they come.
  private let types: [any SchemaArgument.Type]?
  private let body: (CallFrame, [Parameter]) throws -> Int
  private var parsed: Schema?
  private var problem: TorchError?

  init(
    _ text: String, doc: String, variants: Variants?, types: [any SchemaArgument.Type]?,
    body: @escaping (CallFrame, [Parameter]) throws -> Int
  ) {
    self.text = text
    self.doc = doc
    self.types = types
    self.body = body
    let bytes = text.utf8
    let open = bytes.firstIndex(of: UInt8(ascii: "(")) ?? bytes.endIndex
    let end = bytes[..<open].firstIndex(of: UInt8(ascii: ".")) ?? open
    name = String(text[..<end])
    let first = bytes[open...].prefix { $0 != UInt8(ascii: ",") }.prefix { $0 != UInt8(ascii: ")") }
    let isMethod = first.suffix(5).elementsEqual(" self".utf8)
    self.variants = variants ?? (isMethod ? [.function, .method] : [.function])
  }

  /// The parsed declaration.
  @inline(__always)
  public var schema: Schema { parsed ?? parse() }

  /// Why the declaration cannot stand; nil for a good one.
  public var mistake: String? {
    _ = schema
    return problem?.message
  }

  private func parse() -> Schema {
    let schema: Schema
    do {
      let found = try Schema(parsing: text)
      if let types, types.count != found.parameters.count {
        problem = .value("\(text): \(found.parameters.count) parameters declared, \(types.count) taken")
      }
      schema = found
    } catch {
      problem = error as? TorchError ?? .value("\(error)")
      schema = Schema(named: name)
    }
    parsed = schema
    return schema
  }

  /// Reads the arguments, runs and gives the results; returns how many.
  @inline(__always)
  public func invoke(_ frame: CallFrame) throws -> Int {
    let parameters = schema.parameters
    if let problem { throw problem }
    return try body(frame, parameters)
  }

  /// Whether the arguments fit this overload.
  public func matches(_ frame: CallFrame) -> Bool {
    let parameters = schema.parameters
    if problem != nil || frame.count > parameters.count { return false }
    return parameters.indices.allSatisfy { i in
      types.map { $0[i].matches(frame, i, parameters[i]) } ?? Value.matches(frame, i, parameters[i])
    }
  }
}

/// The operations of one family, collected by the `define` statements of its files.
// Written by its initializer alone, read ever after.
public final class OperationFamily: @unchecked Sendable {
  /// Where the family's functions live: `torch`, `torch.nn.functional`, `torch.quantization`, …
  public let namespace: String
  /// In the order of their declaration.
  public private(set) var operations: [Operation] = []
  /// Schemas that could not be parsed or do not fit their functions; tests demand that there is none.
  public var mistakes: [String] { operations.compactMap(\.mistake) }

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
    add(text, doc, variants, nil) { frame, parameters in
      try body(parameters.indices.map { try Value.decode(frame, $0, parameters[$0]) }).give(to: frame)
    }
  }

  /// Keeps an operation.
  @usableFromInline
  func add(
    _ text: String, _ doc: String, _ variants: Variants?, _ types: [any SchemaArgument.Type]?,
    _ invoke: @escaping (CallFrame, [Parameter]) throws -> Int
  ) {
    operations.append(Operation(text, doc: doc, variants: variants, types: types, body: invoke))
  }
}

// Up to five parameters without a pack: packs are unpacked at run time, and these calls are the frequent ones.
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

  /// Declares an operation of four parameters.
  @inlinable
  public func define<A: SchemaArgument, B: SchemaArgument, C: SchemaArgument, D: SchemaArgument, R: SchemaResult>(
    _ text: String, doc: String, variants: Variants? = nil, _ body: @escaping (A, B, C, D) throws -> R
  ) {
    add(text, doc, variants, [A.self, B.self, C.self, D.self]) { frame, p in
      try body(A.decode(frame, 0, p[0]), B.decode(frame, 1, p[1]), C.decode(frame, 2, p[2]), D.decode(frame, 3, p[3])).give(to: frame)
    }
  }

  /// Declares an operation of five parameters.
  @inlinable
  public func define<A: SchemaArgument, B: SchemaArgument, C: SchemaArgument, D: SchemaArgument, E: SchemaArgument, R: SchemaResult>(
    _ text: String, doc: String, variants: Variants? = nil, _ body: @escaping (A, B, C, D, E) throws -> R
  ) {
    add(text, doc, variants, [A.self, B.self, C.self, D.self, E.self]) { frame, p in
      try body(
        A.decode(frame, 0, p[0]), B.decode(frame, 1, p[1]), C.decode(frame, 2, p[2]), D.decode(frame, 3, p[3]), E.decode(frame, 4, p[4])
      ).give(to: frame)
    }
  }
}
