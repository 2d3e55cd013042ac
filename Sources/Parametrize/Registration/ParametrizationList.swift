import Interface
import NN
import TensorCore
import Torch

/// A parametrization that can say which originals give a value. Those written in Lua have a method `right_inverse`.
public protocol RightInverse: Module {
  /// Originals (one tensor, or a list of several) for a value.
  func rightInverse(_ value: Value) throws -> Value
}

/// The parametrizations of one tensor, applied one after the other, and the original that the first one gets, or the originals.
/// Mirrors `torch.nn.utils.parametrize.ParametrizationList`.
public final class ParametrizationList: ModuleList {
  /// - Parameters:
  ///   - original: the parameter or buffer. It becomes `original`, the same object, unless a right inverse gives several tensors.
  ///   - unsafe: whether the parametrization may change dtype and shape.
  /// - Throws: PyTorch's sentences for right inverses and results that do not fit; then `original` is as it was.
  public init(_ parametrizations: [Module], _ original: Tensor, unsafe: Bool = false) throws {
    if parametrizations.isEmpty { throw TorchError.value("ParametrizationList requires one or more modules.") }
    super.init(parametrizations)
    attributes["unsafe"] = .boolean(unsafe)
    let before = original.detached()
    do {
      try place(original)
      if !unsafe { try check(before) }
    } catch {
      try GradMode.with(false) { try original.setData(before) }
      throw error
    }
  }

  private init() { super.init([]) }

  public override var typeName: String { "ParametrizationList" }
  public override var typeModule: String { "torch.nn.utils.parametrize" }
  public override var baseKind: ObjectIdentifier { ObjectIdentifier(ModuleList.self) }
  public override class var forwardSchema: String { "forward() -> Tensor" }
  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = ParametrizationList()
    try copyContents(to: copy, memo)
    return copy
  }

  /// Whether the parametrizations may change dtype and shape.
  public var isUnsafe: Bool { if case .boolean(true)? = attributes["unsafe"] { true } else { false } }
  /// Whether there is one original.
  public var isTensor: Bool { if case .boolean(true)? = attributes["is_tensor"] { true } else { false } }
  /// How many originals there are.
  public var tensorCount: Int { if case .integer(let n)? = attributes["ntensors"] { n } else { 1 } }

  private func place(_ original: Tensor) throws {
    var new = Value.object(original)
    try GradMode.with(false) {
      for module in children.reversed() {
        do { new = try module.originals(of: new) ?? new } catch {
          // As where there is no right inverse, it is taken to be the identity.
          if !error.isNotImplemented { throw error }
        }
      }
    }
    if let tensor = Tensor.element(from: new) {
      attributes["is_tensor"] = .boolean(true)
      attributes["ntensors"] = .integer(1)
      if original.dtype != tensor.dtype {
        throw TorchError.value(
          "When `right_inverse` outputs one tensor, it may not change the dtype.\noriginal.dtype: \(original.dtype.pythonName)\nright_inverse(original).dtype: \(tensor.dtype.pythonName)")
      }
      try original.lookAt(tensor)
      return try register("original", original)
    }
    guard let items = new.items else {
      throw TorchError.value("'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got \(new.typeName)")
    }
    attributes["is_tensor"] = .boolean(false)
    attributes["ntensors"] = .integer(items.count)
    for (i, item) in items.enumerated() {
      guard var tensor = Tensor.element(from: item) else {
        throw TorchError.value("'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got element \(i) of the sequence with type \(item.typeName).")
      }
      if original.isParameter { tensor = try .parameter(tensor, requiresGrad: original.requiresGrad) }
      try tensor.setRequiresGrad(original.requiresGrad)
      try register("original\(i)", tensor)
    }
  }

  private func register(_ name: String, _ tensor: Tensor) throws {
    if tensor.isParameter { try registerParameter(name, tensor) } else { try registerBuffer(name, tensor) }
  }

  private func check(_ before: Tensor) throws {
    let z = try evaluated()
    if z.dtype != before.dtype {
      throw TorchError.value(
        "Registering a parametrization may not change the dtype of the tensor, unless `unsafe` flag is enabled.\nunparametrized dtype: \(before.dtype.pythonName)\nparametrized dtype: \(z.dtype.pythonName)")
    }
    if z.sizes != before.sizes {
      throw TorchError.value(
        "Registering a parametrization may not change the shape of the tensor, unless `unsafe` flag is enabled.\nunparametrized shape: \(before.sizes.pythonName)\nparametrized shape: \(z.sizes.pythonName)")
    }
  }

  /// Sets the original, or the originals, to what gives `value`. Mirrors `ParametrizationList.right_inverse`.
  /// - Throws: PyTorch's sentences for parametrizations without a right inverse and for results that do not fit the originals.
  public func assign(_ value: Value) throws {
    try GradMode.with(false) {
      var value = value
      for module in children.reversed() {
        guard let next = try module.originals(of: value) else {
          throw TorchError.runtime("parametrization \(module.className) does not implement right_inverse.")
        }
        value = next
      }
      ParametrizationCache.forget(self)
      if isTensor {
        guard let tensor = Tensor.element(from: value) else {
          throw TorchError.value("`right_inverse` should return a tensor. Got \(value.typeName)")
        }
        let original = try self.tensor("original")
        if tensor.dtype != original.dtype {
          throw TorchError.value("The tensor returned by `right_inverse` has dtype \(tensor.dtype.pythonName) while `original` has dtype \(original.dtype.pythonName)")
        }
        return try original.lookAt(tensor)
      }
      guard let items = value.items else {
        throw TorchError.value("'right_inverse' must return a sequence of tensors. Got \(value.typeName).")
      }
      if items.count != tensorCount {
        throw TorchError.value("'right_inverse' must return a sequence of tensors of length \(tensorCount). Got a sequence of length \(items.count).")
      }
      let pairs = try items.enumerated().map { i, item -> (Tensor, Tensor) in
        guard let tensor = Tensor.element(from: item) else {
          throw TorchError.value("'right_inverse' must return a sequence of tensors or reference-type opaques. Got element \(i) of type \(item.typeName).")
        }
        let original = try self.tensor("original\(i)")
        if original.dtype != tensor.dtype {
          throw TorchError.value("Tensor \(i) returned by `right_inverse` has dtype \(tensor.dtype.pythonName) while `original\(i)` has dtype \(original.dtype.pythonName)")
        }
        return (original, tensor)
      }
      for (original, tensor) in pairs { try original.lookAt(tensor) }
    }
  }

  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs, 0)
    let originals = try isTensor ? [tensor("original")] : (0..<tensorCount).map { try tensor("original\($0)") }
    var values: [Value] = originals.map { .object($0) }
    for case let module? in modules.values { values = [try module.call(values)] }
    return values.first ?? .none
  }

  /// What it gives, which is a tensor.
  /// - Throws: a `ValueError` where it is none, which registration has already refused.
  func evaluated() throws -> Tensor { try Self.tensor(call([])) }

  /// The tensor that a parametrization gave.
  /// - Throws: PyTorch's `ValueError` where it gave something else.
  static func tensor(_ result: Value) throws -> Tensor {
    guard let tensor = Tensor.element(from: result) else { throw TorchError.value("A parametrization must return a tensor. Got \(result.typeName).") }
    return tensor
  }
}

extension Module {
  /// What `right_inverse` gives for a value; nil where there is none.
  func originals(of value: Value) throws -> Value? {
    if let own = self as? any RightInverse { return try own.rightInverse(value) }
    return try callMethod("right_inverse", [value])
  }
}

extension Tensor {
  /// Looks at another's elements and stays the same object, so that optimizers need not be told. Mirrors `Tensor.set_`.
  func lookAt(_ other: Tensor) throws {
    if other !== self { try GradMode.with(false) { try setData(other) } }
  }
}

extension DType {
  /// As Python prints it: `torch.float32`.
  var pythonName: String { "torch.\(name)" }
}

extension Dims {
  /// As Python prints it: `torch.Size([3, 3])`.
  var pythonName: String { "torch.Size(\(text))" }
}

extension Value {
  /// The items of a sequence, which text is as well; nil for anything else.
  var items: [Value]? {
    switch self {
    case .list(let items), .tuple(let items): items
    case .string(let text): text.map { .string(String($0)) }
    default: nil
    }
  }

  /// The type's name in Python.
  var typeName: String {
    guard case .object(let object) = self else { return pythonTypeName }
    if let module = object as? Module { return module.className }
    return (object as? Tensor)?.isParameter == true ? "Parameter" : pythonTypeName
  }
}

extension Error {
  /// Whether it is Python's `NotImplementedError`, also one raised in Lua.
  var isNotImplemented: Bool {
    if let error = self as? TorchError { return error.kind == .notImplementedError }
    let name = TorchError.Kind.notImplementedError.rawValue, text = "\(self)"
    if text.hasPrefix(name) { return true }
    // What Lua raises may begin with its place, as in `file.lua:3: NotImplementedError: …`.
    guard let place = text.firstIndex(of: ":"), case let rest = text[place...].dropFirst(), let end = rest.firstIndex(of: ":") else { return false }
    return rest[..<end].allSatisfy(\.isNumber) && rest[end...].dropFirst(2).hasPrefix(name)
  }
}
