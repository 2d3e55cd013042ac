import Interface
import Torch

/// The layers of one family, each declared by one statement with the schema of its constructor: `function` where the
/// attributes are all there is to it, `layer` where it also asks for its mode, `define` for a class of its own.
// Written by its initializer alone, read ever after.
public final class LayerFamily: @unchecked Sendable {
  /// One layer: its constructor, the Swift class and identity of its instances, and the name users call.
  public struct Layer {
    /// The constructor.
    public let operation: Operation
    /// The Swift class of its instances.
    public let type: Module.Type
    /// What `Module.kind` of its instances is.
    public let kind: ObjectIdentifier
    /// The name users call.
    public var name: String { operation.name }
  }

  /// The constructors, in the namespace `torch.nn`.
  public let operations: OperationFamily
  /// Each layer, in the order of declaration.
  public private(set) var layers: [Layer] = []
  /// How files know the layers, and those that only other layers make.
  public private(set) var savedForms: [SavedForm] = []
  private var definitions: [LayerDefinition] = []
  private let pythonModule: String

  /// Schemas that could not be parsed or do not fit their functions; tests demand that there is none.
  public var mistakes: [String] { operations.mistakes + definitions.compactMap(\.mistake) }

  /// Collects what `body` defines. `module` is the last part of the Python module: `activation`.
  public init(_ namespace: String = "torch.nn", module: String = "module", _ body: (LayerFamily) -> Void) {
    operations = OperationFamily(namespace) { _ in }
    pythonModule = "torch.nn.modules.\(module)"
    body(self)
  }

  /// Declares a layer with a class of its own: the schema of its constructor, what it does, how files know it, and the function that
  /// makes one.
  public func define<each A: SchemaArgument, Layer: Module>(
    _ text: String, doc: String, saved: SavedForm? = nil, _ make: @escaping (repeat each A) throws -> Layer
  ) {
    keep(Layer.self, ObjectIdentifier(Layer.self), saved) {
      operations.define(text, doc: doc, variants: [.function]) { (arguments: repeat each A) -> Layer in try make(repeat each arguments) }
    }
  }

  /// Declares a layer without weights: the schema of its constructor, the text of its `repr` (see `Module.filled`), and its
  /// function, which takes the inputs that `forward` lists and after them the constructor's parameters.
  ///
  /// Attributes are read anew at each call, so that users may change them. Parameters that are tensors become buffers.
  /// - Parameter setUp: checks and completes the attributes of a new layer.
  func function<each A: SchemaArgument, R: SchemaResult>(
    _ text: String, shows: LayerText = "", doc: String, forward: String = "forward(Tensor input) -> Tensor",
    setUp: ((FunctionLayer) throws -> Void)? = nil, saves: SavedAttributes? = nil, _ body: @escaping (repeat each A) throws -> R
  ) {
    declare(text, shows, doc, forward, setUp, nil, saves: saves) { layer, inputs in
      let definition = layer.definition
      let frame = ValueFrame("\(layer.typeName).forward", try layer.arguments(inputs))
      let count = definition.forward.schema.parameters.count
      var i = -1
      func next<T: SchemaArgument>(_ type: T.Type) throws -> T {
        i += 1
        return try T.decode(frame, i, i < count ? definition.forward.schema.parameters[i] : definition.schema.parameters[i - count])
      }
      _ = try body(repeat next((each A).self)).give(to: frame)
      return frame.result
    }
  }

  /// Declares a layer whose function asks the layer for its attributes, tensors and mode; it takes the inputs that `forward` lists.
  /// - Parameters:
  ///   - setUp: checks and completes a new layer; weights are made here.
  ///   - version: what `state_dict` notes as the class's version.
  ///   - reset: draws the weights, after `setUp` and for `reset_parameters`.
  ///   - saves: what files keep of it in other words than it does.
  func layer<each A: SchemaArgument, R: SchemaResult>(
    _ text: String, shows: LayerText = "", doc: String, forward: String = "forward(Tensor input) -> Tensor", version: Int = 1,
    setUp: ((FunctionLayer) throws -> Void)? = nil, reset: ((FunctionLayer) throws -> Void)? = nil,
    saves: SavedAttributes? = nil, _ body: @escaping (FunctionLayer, repeat each A) throws -> R
  ) {
    declare(text, shows, doc, forward, setUp, reset, version, saves: saves) { layer, inputs in
      let frame = ValueFrame("\(layer.typeName).forward", try layer.arguments(inputs))
      var i = -1
      func next<T: SchemaArgument>(_ type: T.Type) throws -> T {
        i += 1
        return try T.decode(frame, i, layer.definition.forward.schema.parameters[i])
      }
      _ = try body(layer, repeat next((each A).self)).give(to: frame)
      return frame.result
    }
  }

  /// Declares a layer that learns its first sizes from its first input and is then the layer `name` of this family.
  /// - Parameters:
  ///   - delay: makes a new layer, whose tensors wait.
  ///   - infer: sets attributes by an input and gives the tensors their sizes.
  func lazy(
    _ text: String, becomes name: String, doc: String, delay: @escaping (FunctionLayer) throws -> Void, infer: @escaping (FunctionLayer, Tensor) throws -> Void
  ) {
    guard let later = definitions.last(where: { $0.name == name }) else { return }
    let definition = LayerDefinition(
      text, forward: later.forward.text, module: pythonModule, shows: later.shows, setUp: delay,
      reset: { layer in if !layer.hasUninitializedTensors { try later.reset?(layer) } }, version: later.version, later: later
    ) { layer, inputs in
      guard let input = inputs.first.flatMap({ Tensor.element(from: $0) }) else { return try later.run(layer, inputs) }
      try GradMode.with(false) { try infer(layer, input) }
      layer.become(later)
      return try layer.forward(inputs)
    }
    definitions.append(definition)
    keep(FunctionLayer.self, ObjectIdentifier(definition), nil) {
      operations.define(text, doc: doc, variants: [.function], values: { try FunctionLayer(definition, $0) })
    }
  }

  private func declare(
    _ text: String, _ shows: LayerText, _ doc: String, _ forward: String, _ setUp: ((FunctionLayer) throws -> Void)?,
    _ reset: ((FunctionLayer) throws -> Void)?, _ version: Int = 1, saves: SavedAttributes? = nil,
    _ run: @escaping (FunctionLayer, [Value]) throws -> Value
  ) {
    let definition = LayerDefinition(text, forward: forward, module: pythonModule, shows: shows, setUp: setUp, reset: reset, version: version, saves: saves, run: run)
    definitions.append(definition)
    keep(FunctionLayer.self, ObjectIdentifier(definition), .blank { FunctionLayer(definition) }) {
      operations.define(text, doc: doc, variants: [.function], values: { try FunctionLayer(definition, $0) })
    }
  }

  /// Lets files know a class that users do not call.
  public func saves(_ form: SavedForm) { savedForms.append(form) }

  private func keep(_ type: Module.Type, _ kind: ObjectIdentifier, _ saved: SavedForm?, _ define: () -> Void) {
    define()
    // Each definition adds one operation.
    if let operation = operations.operations.last { layers.append(Layer(operation: operation, type: type, kind: kind)) }
    if let saved { savedForms.append(saved) }
  }

  /// A layer by name, its arguments by position; for those who have no language in between.
  /// - Throws: what the constructor throws; an `AttributeError` for a name no family has.
  public static func make(_ name: String, _ arguments: Value...) throws -> Module { try make(name, arguments: arguments) }

  /// A layer by name, its arguments by position.
  /// - Throws: as `make`.
  public static func make(_ name: String, arguments: [Value]) throws -> Module {
    for family in layerFamilies {
      guard let layer = family.layers.first(where: { $0.name == name }) else { continue }
      let frame = ValueFrame(name, arguments)
      _ = try layer.operation.invoke(frame)
      if case .object(let object as Module) = frame.result { return object }
    }
    throw TorchError.attribute("module 'torch.nn' has no attribute '\(name)'")
  }
}
