import Interface
import NN
import OrderedCollections
import Torch

/// A class of pruning methods: makes its instances and puts them on modules. A language derives classes of its own from it.
open class PruningMethodType: CustomStringConvertible {
  /// The class's name.
  public let name: String
  /// The class it derives from.
  public let parent: PruningMethodType?
  /// What it does, for help.
  public let doc: String
  /// The Swift class of its instances; nil for abstract classes.
  private let native: PruningMethod.Type?
  /// The constructor's signature and that of `apply`.
  private let signatures: (make: Schema, apply: Schema)?

  /// A class, abstract unless `native` and `signatures` say what its instances are.
  public init(
    _ name: String, parent: PruningMethodType?, doc: String = "", native: PruningMethod.Type? = nil, signatures: (make: Schema, apply: Schema)? = nil
  ) {
    self.name = name
    self.parent = parent
    self.doc = doc
    self.native = native
    self.signatures = signatures
  }

  /// The name with the Python module before it.
  open var fullName: String { "torch.nn.utils.prune.\(name)" }
  /// `<class 'torch.nn.utils.prune.Identity'>`.
  public var description: String { "<class '\(fullName)'>" }
  /// The type of pruning that all instances share.
  open var pruningType: String? { native?.init().pruningType }

  /// What its constructor takes.
  public var attributeNames: [String] { signatures?.make.parameters.map(\.name) ?? [] }
  /// An instance without attributes; nil for abstract classes.
  public var instance: PruningMethod? { native?.init() }

  /// Whether a method is an instance of this class or of one derived from it.
  public func includes(_ method: PruningMethod) -> Bool {
    var next = method.methodType
    while let one = next {
      if one === self { return true }
      next = one.parent
    }
    return false
  }

  /// A new instance. Mirrors calling the class.
  /// - Throws: Python's sentences for arguments that do not fit, PyTorch's for amounts that cannot be.
  open func make(_ arguments: CallArguments) throws -> PruningMethod {
    guard let native else {
      throw TorchError.type("Can't instantiate abstract class \(name) with abstract method compute_mask")
    }
    let method = native.init()
    if let container = method as? PruningContainer {
      try container.fill(arguments)
    } else {
      try setUp(method, arguments)
    }
    return method
  }

  /// Gives an instance the attributes that the constructor was called with.
  public func setUp(_ method: PruningMethod, _ arguments: CallArguments) throws {
    guard let schema = signatures?.make else { return }
    let values = try arguments.bound(to: schema, as: "\(name).__init__", hidden: 1)
    for (parameter, value) in zip(schema.parameters, values) { method.attributes[parameter.name] = value }
    try method.checkAttributes()
  }

  /// Prunes a module's tensor by a new instance; gives the method that now prunes it. Mirrors `BasePruningMethod.apply`:
  /// a module, a name, and what the constructor takes, with scores under `importance_scores`.
  open func apply(_ arguments: CallArguments) throws -> PruningMethod {
    var arguments = arguments
    if let schema = signatures?.apply {
      let values = try arguments.bound(to: schema, as: "\(name).apply", hidden: 1)
      arguments = CallArguments(Array(values.prefix(2)), keywords: zip(schema.parameters, values).dropFirst(2).map { ($0.name, $1) })
    }
    let scores = arguments.take("importance_scores") ?? .none
    let (module, tensor) = (arguments.take("module"), arguments.take("name"))
    arguments.positional.insert(contentsOf: [module, tensor].compactMap { $0 }, at: arguments.positional.isEmpty ? 0 : 1)
    if arguments.positional.count < 2 {
      let missing = arguments.positional.isEmpty ? "2 required positional arguments: 'module' and 'name'" : "1 required positional argument: 'name'"
      throw TorchError.type("BasePruningMethod.apply() missing \(missing)")
    }
    guard case .object(let target as Module) = arguments.positional[0] else {
      throw TorchError.attribute("'\(arguments.positional[0].pythonTypeName)' object has no attribute '_forward_pre_hooks'")
    }
    guard case .string(let key) = arguments.positional[1] else {
      throw TorchError.type("attribute name must be string, not '\(arguments.positional[1].pythonTypeName)'")
    }
    let method = try make(CallArguments(Array(arguments.positional.dropFirst(2)), keywords: arguments.keywords))
    return try method.apply(to: target, key, importance: scores.scores())
  }
}

extension PruningContainer {
  /// What the class is called with: methods, of which a first and only one also names the tensor.
  fileprivate func fill(_ arguments: CallArguments) throws {
    if let keyword = arguments.keywords.first { throw TorchError.type("PruningContainer.__init__() got an unexpected keyword argument '\(keyword.name)'") }
    for value in arguments.positional {
      if arguments.positional.count == 1, case .object(let method as PruningMethod) = value { tensorName = method.tensorName }
      try add(value)
    }
  }

  /// Adds what a user calls a method.
  /// - Throws: PyTorch's sentence for what is none.
  func add(_ value: Value) throws {
    guard case .object(let method as PruningMethod) = value else {
      throw TorchError.type("<class '\(value.pythonTypeName)'> is not a BasePruningMethod subclass")
    }
    try add(method)
  }
}

extension Value {
  /// Scores of importance: a tensor or None.
  func scores() throws -> Tensor? {
    switch self {
    case .none: return nil
    case .object(let scores as Tensor): return scores
    default: throw TorchError.attribute("'\(pythonTypeName)' object has no attribute 'shape'")
    }
  }
}
