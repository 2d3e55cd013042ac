import Interface

/// Where the form in place (`name_`) is found.
enum InPlace: ExpressibleByBooleanLiteral {
  /// Nowhere, as a method, as `torch.name_`, or as both; `itself` stands for a name that means the form in place.
  case none, method, function, both, itself
  var variants: Variants {
    switch self {
    case .function: [.function]
    case .both: [.function, .method]
    default: [.method]
    }
  }
  init(booleanLiteral value: Bool) { self = value ? .method : .none }
}

// Written out for one to three parameters beside the general form, for the same reason as `define`.
extension OperationFamily {
  /// Declares an operation that gives one tensor, and with it the form in place (`name_`), which puts the result into `self`.
  func tensorOp<First: SchemaArgument, each A: SchemaArgument>(
    _ text: String, doc: String, inPlace: InPlace = .method, variants: Variants? = nil, aliases: [String] = [],
    _ body: @escaping (First, repeat each A) throws -> Tensor
  ) {
    for form in forms(text, doc, inPlace, variants, aliases) {
      if form.changesSelf {
        define(form.schema, doc: form.doc, variants: form.variants) { (x: First, rest: repeat each A) -> Tensor in
          try put(into: x, mayKeep: wantsGradient(repeat each rest)) { try body($0, repeat each rest) }
        }
      } else {
        define(form.schema, doc: form.doc, variants: form.variants) { (x: First, rest: repeat each A) in try body(x, repeat each rest) }
      }
    }
  }

  /// `tensorOp` of one parameter.
  func tensorOp<A: SchemaArgument>(
    _ text: String, doc: String, inPlace: InPlace = .method, variants: Variants? = nil, aliases: [String] = [],
    _ body: @escaping (A) throws -> Tensor
  ) {
    for form in forms(text, doc, inPlace, variants, aliases) {
      if form.changesSelf {
        define(form.schema, doc: form.doc, variants: form.variants) { (x: A) -> Tensor in try put(into: x, mayKeep: false) { try body($0) } }
      } else {
        define(form.schema, doc: form.doc, variants: form.variants, body)
      }
    }
  }

  /// `tensorOp` of two parameters.
  /// - Parameter changing: does the same in the first argument's own memory where it can, and says whether it has.
  func tensorOp<A: SchemaArgument, B: SchemaArgument>(
    _ text: String, doc: String, inPlace: InPlace = .method, variants: Variants? = nil, aliases: [String] = [],
    changing: ((A, B) throws -> Bool)? = nil, _ body: @escaping (A, B) throws -> Tensor
  ) {
    for form in forms(text, doc, inPlace, variants, aliases) {
      if form.changesSelf {
        define(form.schema, doc: form.doc, variants: form.variants) { (x: A, y: B) -> Tensor in
          if let changing, let target = tensor(x), try changing(x, y) { return target }
          return try put(into: x, mayKeep: wantsGradient(y)) { try body($0, y) }
        }
      } else {
        define(form.schema, doc: form.doc, variants: form.variants, body)
      }
    }
  }

  /// `tensorOp` of three parameters.
  /// - Parameter changing: as above.
  func tensorOp<A: SchemaArgument, B: SchemaArgument, C: SchemaArgument>(
    _ text: String, doc: String, inPlace: InPlace = .method, variants: Variants? = nil, aliases: [String] = [],
    changing: ((A, B, C) throws -> Bool)? = nil, _ body: @escaping (A, B, C) throws -> Tensor
  ) {
    for form in forms(text, doc, inPlace, variants, aliases) {
      if form.changesSelf {
        define(form.schema, doc: form.doc, variants: form.variants) { (x: A, y: B, z: C) -> Tensor in
          if let changing, let target = tensor(x), try changing(x, y, z) { return target }
          return try put(into: x, mayKeep: wantsGradient(y, z)) { try body($0, y, z) }
        }
      } else {
        define(form.schema, doc: form.doc, variants: form.variants, body)
      }
    }
  }

  /// The declarations that one `tensorOp` stands for: each spelling, and each in place.
  private func forms(
    _ text: String, _ doc: String, _ inPlace: InPlace, _ variants: Variants?, _ aliases: [String]
  ) -> [(schema: String, doc: String, variants: Variants?, changesSelf: Bool)] {
    let name = String(text.prefix { $0 != "(" && $0 != "." })
    let rest = text.dropFirst(name.count)
    if inPlace == .itself { return [(text, doc, variants, true)] }
    return ([name] + aliases).flatMap { spelling in
      [(spelling + rest, spelling == name ? doc : "\(doc) The same as \(name).", variants, false)]
        + (inPlace == .none
          ? [] : [("\(spelling)_\(rest)", "\(doc) Changes self and gives it back.", inPlace.variants, true)])
    }
  }
}

/// The tensor that an argument is or stands for.
@inline(__always)
private func tensor<First>(_ first: First) -> Tensor? {
  if First.self == TensorOrNumber.self { return (first as? TensorOrNumber)?.tensor }
  return first as? Tensor
}

/// Lets the tensor that was the first argument become what `body` makes of it.
/// - Parameter mayKeep: whether another argument wants gradients, so that the old elements may be kept for them.
private func put<First>(into first: First, mayKeep: Bool, _ body: (First) throws -> Tensor) throws -> Tensor {
  if let number = first as? TensorOrNumber {
    let target = number.tensor
    let original = try target.original(beforeChange: mayKeep)
    guard let same = TensorOrNumber(tensor: original) as? First else { return try target.become(body(first)) }
    return try target.become(body(original === target ? first : same))
  }
  guard let target = first as? Tensor else { return try body(first) }
  let original = try target.original(beforeChange: mayKeep)
  guard original !== target, let same = original as? First else { return try target.become(body(first)) }
  return try target.become(body(same))
}

/// Whether an operation on one of these tensors is to be recorded.
private func wantsGradient<each A>(_ arguments: repeat each A) -> Bool {
  guard GradMode.isEnabled else { return false }
  for argument in repeat each arguments {
    if let x = (argument as? TensorOrNumber)?.tensor ?? argument as? Tensor, x.requiresGrad { return true }
  }
  return false
}

extension Tensor {
  /// Puts what a function makes of this tensor in its place.
  func changed(_ f: (Tensor) throws -> Tensor) throws -> Tensor { try become(f(original(beforeChange: false))) }
}
