import Interface
import OrderedCollections
import TensorCore
import Torch

/// What the layers of one declaration share: names, text and computation.
// Its schemas are parsed when they are first asked for, by the one thread that runs Lua.
final class LayerDefinition: @unchecked Sendable {
  /// The constructor's parameters; tensors become buffers, everything else attributes.
  private(set) lazy var schema = (try? Schema(parsing: text)) ?? Schema(named: name)
  /// The schema of `forward`.
  private(set) lazy var forward: (text: String, schema: Schema) =
    (forwardText, (try? Schema(parsing: forwardText)) ?? Schema(named: "forward"))
  /// The class's name.
  let name: String
  private let text: String
  private let forwardText: String
  /// The Python module of the class: `torch.nn.modules.activation`.
  let module: String
  /// The text in the parentheses of `repr`, from the layer.
  let shows: LayerText
  /// Checks and completes what a new layer was given.
  let setUp: ((FunctionLayer) throws -> Void)?
  /// Draws the weights; nil for layers without.
  let reset: ((FunctionLayer) throws -> Void)?
  /// What `state_dict` notes as the class's version.
  let version: Int
  /// What files keep of it in other words; nil where it is the attributes.
  let saves: SavedAttributes?
  /// The computation.
  let run: (FunctionLayer, [Value]) throws -> Value
  /// What a lazy layer becomes once it has seen an input; nil for all others.
  let later: LayerDefinition?

  init(
    _ text: String, forward: String, module: String, shows: LayerText, setUp: ((FunctionLayer) throws -> Void)?,
    reset: ((FunctionLayer) throws -> Void)? = nil, version: Int = 1, later: LayerDefinition? = nil,
    saves: SavedAttributes? = nil, run: @escaping (FunctionLayer, [Value]) throws -> Value
  ) {
    self.text = text
    name = String(text.prefix { $0 != "(" })
    forwardText = forward
    self.module = module
    self.shows = shows
    self.setUp = setUp
    self.reset = reset
    self.version = version
    self.saves = saves
    self.run = run
    self.later = later
  }

  /// Why the schema of `forward` cannot stand; nil for a good one.
  var mistake: String? {
    do {
      _ = try Schema(parsing: forwardText)
      return nil
    } catch { return "\(error)" }
  }
}

/// What a layer shows in the parentheses of its `repr`: a template (see `Module.filled`), or a function of the layer.
struct LayerText: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  let make: (Module) -> String
  init(stringLiteral template: String) { make = { $0.filled(template) } }
  init(_ make: @escaping (Module) -> String) { self.make = make }
}

/// A layer made by one declaration: attributes, weights where `setUp` makes some, and a function of inputs and attributes.
public final class FunctionLayer: Module {
  private(set) var definition: LayerDefinition
  /// The dtype that the constructor was given; for weights.
  private(set) var dtype = DType.defaultFloat

  /// A layer with the values of its constructor's parameters.
  /// - Throws: what the declaration's `setUp` finds wrong.
  init(_ definition: LayerDefinition, _ values: [Value]) throws {
    self.definition = definition
    super.init()
    for (parameter, value) in zip(definition.schema.parameters, values) {
      if parameter.type == "Tensor" {
        try registerBuffer(parameter.name, Tensor.element(from: value))
      } else if parameter.type == "ScalarType" {
        if case .object(let object as DTypeObject) = value { dtype = object.dtype }
      } else if parameter.type != "Device" {
        attributes[parameter.name] = value.pairsAsTuples
      }
    }
    try definition.setUp?(self)
    try definition.reset?(self)
  }

  /// Draws the weights anew. Mirrors `reset_parameters`.
  /// - Throws: Python's `AttributeError` for a layer without weights.
  func resetParameters() throws {
    guard let reset = definition.reset else { throw TorchError.attribute("'\(typeName)' object has no attribute 'reset_parameters'") }
    try reset(self)
  }

  /// Is from now on what a lazy layer becomes.
  func become(_ later: LayerDefinition) { definition = later }

  /// An attribute that holds one number or a tuple of them, as a list.
  func integers(_ name: String) -> [Int] {
    switch attributes[name] {
    case .integer(let i)?: [i]
    case .tuple(let items)?, .list(let items)?: items.compactMap { if case .integer(let i) = $0 { i } else { nil } }
    default: []
    }
  }

  /// An attribute that holds a tuple of n numbers.
  /// - Throws: a `TypeError` where it holds anything else.
  func integers(_ name: String, _ n: Int) throws -> [Int] {
    let all = integers(name)
    if all.count != n { throw TorchError.type("\(typeName).\(name) must be a tuple of \(n) ints, not \(shown(name))") }
    return all
  }

  /// Makes a parameter of these sizes with the constructor's dtype, or None where it is not wanted.
  func addParameter(_ name: String, _ sizes: [Int], isWanted: Bool = true) throws {
    parameters.updateValue(isWanted ? try .parameter(Tensor(uninitialized: Dims(sizes), dtype: dtype)) : nil, forKey: name)
  }

  /// A layer without anything in it.
  init(_ definition: LayerDefinition) {
    self.definition = definition
    super.init()
  }

  public override var typeName: String { definition.name }
  public override var typeModule: String { definition.module }
  public override var stateVersion: Int { definition.version }
  public override var kind: ObjectIdentifier { ObjectIdentifier(definition) }
  public override var baseKind: ObjectIdentifier { ObjectIdentifier(definition.later ?? definition) }
  public override var callSchema: String { definition.forward.text }
  public override func extraRepr() -> String { definition.shows.make(self) }
  public override func forward(_ inputs: [Value]) throws -> Value { try definition.run(self, inputs) }

  public override func savedAttributes() throws -> OrderedDictionary<String, Value> {
    var saved = attributes
    try definition.saves?.writing(self, &saved)
    return saved
  }
  public override func restore(_ state: ModuleState) throws {
    var state = state
    try definition.saves?.reading(&state)
    try super.restore(state)
    if case .object(let object as Tensor)?? = parameters.values.first.map({ $0.map { Value.object($0) } }) { dtype = object.dtype }
  }

  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = FunctionLayer(definition)
    try copyContents(to: copy, memo)
    return copy
  }

  /// The inputs of a call, followed by the constructor's parameters as they stand now.
  /// - Throws: Python's sentences for inputs that are missing or too many.
  func arguments(_ inputs: [Value]) throws -> [Value?] {
    let parameters = definition.forward.schema.parameters
    try checkInputCount(inputs, parameters.count)
    for (i, parameter) in parameters.enumerated() where i >= inputs.count && parameter.defaultValue == nil && !parameter.isOptional {
      throw TorchError.type("\(typeName).forward() missing 1 required positional argument: '\(parameter.name)'")
    }
    let missing = [Value?](repeating: nil, count: parameters.count - inputs.count)
    return try inputs + missing + definition.schema.parameters.map { try attribute($0.name) }
  }
}

extension Module {
  /// An attribute as a number; nil where it is something else.
  func number(_ name: String) -> Double? {
    switch attributes[name] {
    case .number(let d)?: d
    case .integer(let i)?: Double(i)
    default: nil
    }
  }

  /// An attribute as an integer; nil where it is something else.
  func integer(_ name: String) -> Int? { if case .integer(let i)? = attributes[name] { i } else { nil } }
  /// Whether an attribute is true.
  func isTrue(_ name: String) -> Bool { if case .boolean(true)? = attributes[name] { true } else { false } }
  /// An attribute as text; empty where it is something else.
  func string(_ name: String) -> String { if case .string(let s)? = attributes[name] { s } else { "" } }

  /// A template with attributes in the places of `{name}`, as in Python's f-strings; `{name!r}` puts text in quotes.
  /// A piece between commas that ends in `{name?}` is left out where the attribute is false or None.
  func filled(_ template: String) -> String {
    var pieces: [String] = []
    for piece in template.split(separator: ",") {
      var text = ""
      var rest = piece.drop { $0 == " " }
      var left = false
      while let open = rest.firstIndex(of: "{"), let close = rest.firstIndex(of: "}") {
        text += rest[..<open]
        var name = String(rest[rest.index(after: open)..<close])
        if name.hasSuffix("?") {
          name.removeLast()
          switch attributes[name] {
          case nil, .none?, .boolean(false)?: left = true
          default: break
          }
        }
        if name.hasSuffix("!r") {
          name.removeLast(2)
          if case .string(let s)? = attributes[name] { text += "'\(s)'" } else { text += shown(name) }
        } else {
          text += shown(name)
        }
        rest = rest[rest.index(after: close)...]
      }
      if !left { pieces.append(text + rest) }
    }
    return pieces.joined(separator: ", ")
  }
}

extension Value {
  /// Lists as tuples: what a user writes `(2, 2)` in Python.
  fileprivate var pairsAsTuples: Value {
    if case .list(let items) = self { .tuple(items.map(\.pairsAsTuples)) } else { self }
  }
}
