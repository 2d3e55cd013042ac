import Interface

// Written out for one to three parameters beside the general form, for the same reason as `define`.
extension OperationFamily {
  /// Declares an operation that gives one tensor, and with it the form in place (`name_`), which puts the result into `self`.
  func tensorOp<First: SchemaArgument, each A: SchemaArgument>(
    _ text: String, doc: String, inPlace: Bool = true, variants: Variants? = nil, aliases: [String] = [],
    _ body: @escaping (First, repeat each A) throws -> Tensor
  ) {
    for form in forms(text, doc, inPlace, variants, aliases) {
      if form.changesSelf {
        define(form.schema, doc: form.doc, variants: form.variants) { (x: First, rest: repeat each A) -> Tensor in
          try put(body(x, repeat each rest), into: x)
        }
      } else {
        define(form.schema, doc: form.doc, variants: form.variants) { (x: First, rest: repeat each A) in try body(x, repeat each rest) }
      }
    }
  }

  /// `tensorOp` of one parameter.
  func tensorOp<A: SchemaArgument>(
    _ text: String, doc: String, inPlace: Bool = true, variants: Variants? = nil, aliases: [String] = [],
    _ body: @escaping (A) throws -> Tensor
  ) {
    for form in forms(text, doc, inPlace, variants, aliases) {
      if form.changesSelf {
        define(form.schema, doc: form.doc, variants: form.variants) { (x: A) -> Tensor in try put(body(x), into: x) }
      } else {
        define(form.schema, doc: form.doc, variants: form.variants, body)
      }
    }
  }

  /// `tensorOp` of two parameters.
  func tensorOp<A: SchemaArgument, B: SchemaArgument>(
    _ text: String, doc: String, inPlace: Bool = true, variants: Variants? = nil, aliases: [String] = [],
    _ body: @escaping (A, B) throws -> Tensor
  ) {
    for form in forms(text, doc, inPlace, variants, aliases) {
      if form.changesSelf {
        define(form.schema, doc: form.doc, variants: form.variants) { (x: A, y: B) -> Tensor in try put(body(x, y), into: x) }
      } else {
        define(form.schema, doc: form.doc, variants: form.variants, body)
      }
    }
  }

  /// `tensorOp` of three parameters.
  func tensorOp<A: SchemaArgument, B: SchemaArgument, C: SchemaArgument>(
    _ text: String, doc: String, inPlace: Bool = true, variants: Variants? = nil, aliases: [String] = [],
    _ body: @escaping (A, B, C) throws -> Tensor
  ) {
    for form in forms(text, doc, inPlace, variants, aliases) {
      if form.changesSelf {
        define(form.schema, doc: form.doc, variants: form.variants) { (x: A, y: B, z: C) -> Tensor in try put(body(x, y, z), into: x) }
      } else {
        define(form.schema, doc: form.doc, variants: form.variants, body)
      }
    }
  }

  /// The declarations that one `tensorOp` stands for: each spelling, and each in place.
  private func forms(
    _ text: String, _ doc: String, _ inPlace: Bool, _ variants: Variants?, _ aliases: [String]
  ) -> [(schema: String, doc: String, variants: Variants?, changesSelf: Bool)] {
    let name = String(text.prefix { $0 != "(" && $0 != "." })
    let rest = text.dropFirst(name.count)
    return ([name] + aliases).flatMap { spelling in
      [(spelling + rest, spelling == name ? doc : "\(doc) The same as \(name).", variants, false)]
        + (inPlace ? [("\(spelling)_\(rest.drop { $0 != "(" })", "\(doc) Changes self and gives it back.", [.method], true)] : [])
    }
  }
}

/// Lets the tensor that was the first argument become `result`.
private func put<First>(_ result: Tensor, into first: First) throws -> Tensor {
  guard let target = (first as? TensorOrNumber)?.tensor ?? first as? Tensor else { return result }
  return try target.become(result)
}
