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
  /// How many types of parameters there are, and whether arguments fit them; nil where all are taken as they come.
  private let types: (count: Int, fit: (CallFrame, ParameterTable) -> Bool)?
  private let body: (CallFrame, ParameterTable) throws -> Int
  private var parsed: Schema?
  private var problem: TorchError?
  private var parameters: ParameterTable?
  /// Up to so many arguments by position each stands at the place of its parameter; −1 until the schema is parsed.
  private var plainMost = -1
  /// Whether more of them may be gathered into a list.
  private var gathers = false

  init(
    _ text: String, doc: String, variants: Variants?, types: (count: Int, fit: (CallFrame, ParameterTable) -> Bool)?,
    body: @escaping (CallFrame, ParameterTable) throws -> Int
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

  deinit { parameters?.free() }

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
    parameters = ParameterTable(schema.parameters)
    (plainMost, gathers) = schema.plainArguments
    return schema
  }

  /// How arguments by position meet the parameters.
  public enum Placing {
    /// Each stands at the place of its parameter.
    case plain
    /// Some may make up a list.
    case gathered
    /// There are too many.
    case tooMany
  }

  /// How so many arguments by position meet the parameters.
  @inline(__always)
  public func placing(of count: Int) -> Placing {
    if plainMost < 0 { _ = parse() }
    return count <= plainMost ? .plain : gathers ? .gathered : .tooMany
  }

  /// Reads the arguments, runs and gives the results; returns how many. A watcher sees it.
  @inline(__always)
  public func invoke(_ frame: CallFrame) throws -> Int {
    if OperationWatch.isOn { return try watched(frame) }
    return try run(frame)
  }

  @inline(never)
  private func watched(_ frame: CallFrame) throws -> Int { try OperationWatch.current?.call(self, frame) ?? run(frame) }

  /// As `invoke`, unwatched.
  @inline(__always)
  public func run(_ frame: CallFrame) throws -> Int {
    if parameters == nil { _ = parse() }
    if problem != nil, let problem { throw problem }
    // unreachable: parsing sets it
    return try body(frame, parameters.unsafelyUnwrapped)
  }

  /// Whether the arguments fit this overload.
  public func matches(_ frame: CallFrame) -> Bool {
    if parameters == nil { _ = parse() }
    guard problem == nil, let parameters, frame.count <= parameters.count else { return false }
    if let types { return types.fit(frame, parameters) }
    return (0..<parameters.count).allSatisfy { parameters.matches(Value.self, $0, frame) }
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
    var count = 0
    for _ in repeat (each A).self { count += 1 }
    let types = count
    add(
      text, doc, variants,
      (
        types,
        { frame, parameters in
          var i = -1
          for type in repeat (each A).self {
            i += 1
            if !parameters.matches(type, i, frame) { return false }
          }
          return true
        }
      )
    ) { frame, parameters in
      var i = -1
      func next<T: SchemaArgument>(_ type: T.Type) throws -> T {
        i += 1
        return try parameters.decode(type, i, frame)
      }
      return try body(repeat next((each A).self)).give(to: frame)
    }
  }

  /// Declares an operation that gets all its arguments as values.
  public func define<R: SchemaResult>(_ text: String, doc: String, variants: Variants? = nil, values body: @escaping ([Value]) throws -> R) {
    add(text, doc, variants, nil) { frame, parameters in
      try body((0..<parameters.count).map { try parameters.value($0, frame) }).give(to: frame)
    }
  }

  /// Keeps an operation.
  @usableFromInline
  func add(
    _ text: String, _ doc: String, _ variants: Variants?, _ types: (count: Int, fit: (CallFrame, ParameterTable) -> Bool)?,
    _ invoke: @escaping (CallFrame, ParameterTable) throws -> Int
  ) {
    operations.append(Operation(text, doc: doc, variants: variants, types: types, body: invoke))
  }
}

// Up to seven parameters without a pack: packs are unpacked at run time, and these calls are the frequent ones.
extension OperationFamily {
  /// Declares an operation of one parameter.
  @inlinable
  public func define<A: SchemaArgument, R: SchemaResult>(
    _ text: String, doc: String, variants: Variants? = nil, _ body: @escaping (A) throws -> R
  ) {
    let fit = { (frame: CallFrame, p: ParameterTable) in
      p.matches(A.self, 0, frame)
    }
    add(text, doc, variants, (1, fit)) { frame, p in
      try body(p.decode(A.self, 0, frame)).give(to: frame)
    }
  }

  /// Declares an operation of two parameters.
  @inlinable
  public func define<A: SchemaArgument, B: SchemaArgument, R: SchemaResult>(
    _ text: String, doc: String, variants: Variants? = nil, _ body: @escaping (A, B) throws -> R
  ) {
    let fit = { (frame: CallFrame, p: ParameterTable) in
      p.matches(A.self, 0, frame) && p.matches(B.self, 1, frame)
    }
    add(text, doc, variants, (2, fit)) { frame, p in
      try body(p.decode(A.self, 0, frame), p.decode(B.self, 1, frame)).give(to: frame)
    }
  }

  /// Declares an operation of three parameters.
  @inlinable
  public func define<A: SchemaArgument, B: SchemaArgument, C: SchemaArgument, R: SchemaResult>(
    _ text: String, doc: String, variants: Variants? = nil, _ body: @escaping (A, B, C) throws -> R
  ) {
    let fit = { (frame: CallFrame, p: ParameterTable) in
      p.matches(A.self, 0, frame) && p.matches(B.self, 1, frame) && p.matches(C.self, 2, frame)
    }
    add(text, doc, variants, (3, fit)) { frame, p in
      try body(p.decode(A.self, 0, frame), p.decode(B.self, 1, frame), p.decode(C.self, 2, frame)).give(to: frame)
    }
  }

  /// Declares an operation of four parameters.
  @inlinable
  public func define<A: SchemaArgument, B: SchemaArgument, C: SchemaArgument, D: SchemaArgument, R: SchemaResult>(
    _ text: String, doc: String, variants: Variants? = nil, _ body: @escaping (A, B, C, D) throws -> R
  ) {
    let fit = { (frame: CallFrame, p: ParameterTable) in
      p.matches(A.self, 0, frame) && p.matches(B.self, 1, frame) && p.matches(C.self, 2, frame) && p.matches(D.self, 3, frame)
    }
    add(text, doc, variants, (4, fit)) { frame, p in
      try body(
        p.decode(A.self, 0, frame), p.decode(B.self, 1, frame), p.decode(C.self, 2, frame), p.decode(D.self, 3, frame)
      ).give(to: frame)
    }
  }

  /// Declares an operation of five parameters.
  @inlinable
  public func define<A: SchemaArgument, B: SchemaArgument, C: SchemaArgument, D: SchemaArgument, E: SchemaArgument, R: SchemaResult>(
    _ text: String, doc: String, variants: Variants? = nil, _ body: @escaping (A, B, C, D, E) throws -> R
  ) {
    let fit = { (frame: CallFrame, p: ParameterTable) in
      p.matches(A.self, 0, frame) && p.matches(B.self, 1, frame) && p.matches(C.self, 2, frame) && p.matches(D.self, 3, frame)
          && p.matches(E.self, 4, frame)
    }
    add(text, doc, variants, (5, fit)) { frame, p in
      try body(
        p.decode(A.self, 0, frame), p.decode(B.self, 1, frame), p.decode(C.self, 2, frame), p.decode(D.self, 3, frame),
        p.decode(E.self, 4, frame)
      ).give(to: frame)
    }
  }

  /// Declares an operation of six parameters.
  @inlinable
  public func define<A: SchemaArgument, B: SchemaArgument, C: SchemaArgument, D: SchemaArgument, E: SchemaArgument, F: SchemaArgument, R: SchemaResult>(
    _ text: String, doc: String, variants: Variants? = nil, _ body: @escaping (A, B, C, D, E, F) throws -> R
  ) {
    let fit = { (frame: CallFrame, p: ParameterTable) in
      p.matches(A.self, 0, frame) && p.matches(B.self, 1, frame) && p.matches(C.self, 2, frame) && p.matches(D.self, 3, frame)
          && p.matches(E.self, 4, frame) && p.matches(F.self, 5, frame)
    }
    add(text, doc, variants, (6, fit)) { frame, p in
      try body(
        p.decode(A.self, 0, frame), p.decode(B.self, 1, frame), p.decode(C.self, 2, frame), p.decode(D.self, 3, frame),
        p.decode(E.self, 4, frame), p.decode(F.self, 5, frame)
      ).give(to: frame)
    }
  }

  /// Declares an operation of seven parameters.
  @inlinable
  public func define<A: SchemaArgument, B: SchemaArgument, C: SchemaArgument, D: SchemaArgument, E: SchemaArgument, F: SchemaArgument, G: SchemaArgument, R: SchemaResult>(
    _ text: String, doc: String, variants: Variants? = nil, _ body: @escaping (A, B, C, D, E, F, G) throws -> R
  ) {
    let fit = { (frame: CallFrame, p: ParameterTable) in
      p.matches(A.self, 0, frame) && p.matches(B.self, 1, frame) && p.matches(C.self, 2, frame) && p.matches(D.self, 3, frame)
          && p.matches(E.self, 4, frame) && p.matches(F.self, 5, frame) && p.matches(G.self, 6, frame)
    }
    add(text, doc, variants, (7, fit)) { frame, p in
      try body(
        p.decode(A.self, 0, frame), p.decode(B.self, 1, frame), p.decode(C.self, 2, frame), p.decode(D.self, 3, frame),
        p.decode(E.self, 4, frame), p.decode(F.self, 5, frame), p.decode(G.self, 6, frame)
      ).give(to: frame)
    }
  }
}
