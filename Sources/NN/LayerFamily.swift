import Interface

/// The layers of one family, each declared by one `define` with the schema of its constructor.
// Written by its initializer alone, read ever after.
public final class LayerFamily: @unchecked Sendable {
  /// The constructors, in the namespace `torch.nn`.
  public let operations: OperationFamily
  /// Each layer's constructor, its class and the name users call.
  public private(set) var layers: [(operation: Operation, type: Module.Type, name: String)] = []

  /// Collects what `body` defines.
  public init(_ namespace: String = "torch.nn", _ body: (LayerFamily) -> Void) {
    operations = OperationFamily(namespace) { _ in }
    body(self)
  }

  /// Declares a layer: the schema of its constructor, what it does, and the function that makes one.
  public func define<each A: SchemaArgument, Layer: Module>(
    _ text: String, doc: String, _ make: @escaping (repeat each A) throws -> Layer
  ) {
    let before = operations.operations.count
    operations.define(text, doc: doc, variants: [.function]) { (arguments: repeat each A) -> Layer in
      try make(repeat each arguments)
    }
    if operations.operations.count > before, let operation = operations.operations.last {
      layers.append((operation, Layer.self, operation.schema.name))
    }
  }
}
