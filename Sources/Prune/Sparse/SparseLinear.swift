import Interface
import NN
import OrderedCollections
import TensorCore
import Torch

/// A linear layer whose weight keeps only what is not zero. What `prune.sparsify` puts in the place of `torch.nn.Linear`.
///
/// The weight does not learn; gradients go to the input and to the bias. An element that is zero takes no part at all, so that an
/// infinity or a NaN of the input reaches only the outputs that have a weight for it.
public final class SparseLinear: Module {
  /// The weight; another object whenever it is loaded.
  public private(set) var matrix: SparseMatrix
  /// What `state_dict` keeps of the weight.
  private static let stateNames = ["values", "columns", "offsets"]

  /// A layer with a packed weight.
  /// - Parameter bias: `[outputs]`, or nil; the very tensor given.
  public init(_ matrix: SparseMatrix, bias: Tensor?) {
    self.matrix = matrix
    super.init()
    attributes = ["in_features": .integer(matrix.columns), "out_features": .integer(matrix.rows)]
    parameters.updateValue(bias, forKey: "bias")
  }

  /// A layer with a weight of zeros, to load a state into.
  /// - Throws: PyTorch's sentence for negative sizes.
  public convenience init(_ inputs: Int, _ outputs: Int, bias: Bool) throws {
    let weight = try SparseMatrix(Tensor.zeros([outputs, inputs], dtype: .float32))
    self.init(weight, bias: bias ? try .parameter(.zeros([outputs], dtype: .float32)) : nil)
  }

  public override var typeName: String { "SparseLinear" }
  public override var typeModule: String { "torch.nn.utils.prune" }
  public override func extraRepr() -> String {
    let hasBias = ((try? optionalTensor("bias")) ?? nil) != nil
    return "in_features=\(matrix.columns), out_features=\(matrix.rows), bias=\(hasBias ? "True" : "False"), density=\(matrix.density.percentage)"
  }

  public override func packedWeights() throws -> [(name: String, tensor: Tensor)] {
    let weight = (name: "weight", tensor: try matrix.dense())
    guard let bias = try optionalTensor("bias") else { return [weight] }
    return [weight, (name: "bias", tensor: bias)]
  }

  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    return .object(try matrix.linear(inputTensor(inputs), optionalTensor("bias")))
  }

  /// Under `weight` the whole weight, made anew at each reading; under `density` the share of it that is stored, under `work` the share
  /// that the kernel goes over, and under `bytes` what the weight takes in memory.
  public override func attribute(_ name: String) throws -> Value? {
    switch name {
    case "weight": (try? matrix.dense()).map { .object($0) }
    case "density": .number(matrix.density)
    case "work": .number(matrix.workDensity)
    case "bytes": .integer(matrix.byteCount)
    default: try super.attribute(name)
    }
  }

  public override func setAttribute(_ name: String, _ value: Value) throws {
    if ["weight", "density", "work", "bytes"].contains(name) {
      throw TorchError.type("'\(name)' of a SparseLinear cannot be assigned: to_dense() gives a Linear whose weight can")
    }
    try super.setAttribute(name, value)
  }

  /// The layer with a dense weight.
  public func toDense() throws -> Linear {
    let layer = try Linear(weight: .parameter(matrix.dense()), bias: optionalTensor("bias"))
    try takeSurroundings(to: layer)
    return layer
  }

  public override func saveToStateDict(_ destination: OrderedDict, prefix: String, keepVars: Bool) throws {
    let (values, columns, offsets) = try matrix.compressed()
    for (name, tensor) in zip(SparseLinear.stateNames, [values, columns, offsets]) { destination[prefix + name] = .object(tensor) }
    try super.saveToStateDict(destination, prefix: prefix, keepVars: keepVars)
  }

  /// Takes the arrays that `saveToStateDict` gives, or a dense `weight`.
  public override func loadFromStateDict(_ load: StateDictLoad, prefix: String) throws {
    try super.loadFromStateDict(load, prefix: prefix)
    func tensor(_ name: String) -> Tensor? {
      if case .object(let object)? = load.state[prefix + name] { object as? Tensor } else { nil }
    }
    let own = tensor("weight") == nil ? SparseLinear.stateNames : ["weight"]
    load.unexpectedKeys.removeAll { key in own.contains { prefix + $0 == key } }
    let missing = own.filter { tensor($0) == nil }
    if !missing.isEmpty { return load.missingKeys.append(contentsOf: missing.map { prefix + $0 }) }
    do {
      if let weight = tensor("weight") {
        guard weight.dim == 2, weight.sizes[0] == matrix.rows, weight.sizes[1] == matrix.columns else {
          throw TorchError.value("the weight has the wrong sizes")
        }
        matrix = try SparseMatrix(weight)
      } else if let values = tensor("values"), let columns = tensor("columns"), let offsets = tensor("offsets") {
        matrix = try SparseMatrix(rows: matrix.rows, columns: matrix.columns, values: values, columns: columns, offsets: offsets)
      }
    } catch let error as TorchError {
      load.errors.append("While copying the sparse weight of \"\(prefix.dropLast())\", an exception occurred : ('\(error.message)',).")
    }
  }

  static var savedForm: SavedForm {
    SavedForm(("torch.nn.utils.prune", "SparseLinear")) { state in
      guard case .integer(let n)? = state.attributes["out_features"], case .integer(let k)? = state.attributes["in_features"] else {
        throw TorchError.value("the state of a SparseLinear does not say its sizes")
      }
      var state = state
      let arrays = stateNames.map { state.attributes.removeValue(forKey: $0).flatMap { Tensor.element(from: $0) } }
      guard let values = arrays[0], let columns = arrays[1], let offsets = arrays[2] else {
        throw TorchError.value("the state of a SparseLinear lacks its weight")
      }
      let layer = SparseLinear(try SparseMatrix(rows: n, columns: k, values: values, columns: columns, offsets: offsets), bias: nil)
      try layer.restore(state)
      return layer
    }
  }

  /// With the weight, compressed.
  public override func savedAttributes() throws -> OrderedDictionary<String, Value> {
    var saved = attributes
    let (values, columns, offsets) = try matrix.compressed()
    for (name, tensor) in zip(SparseLinear.stateNames, [values, columns, offsets]) { saved[name] = .object(tensor) }
    return saved
  }

  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    // A matrix never changes, so copies share it.
    let copy = SparseLinear(matrix, bias: nil)
    try copyContents(to: copy, memo)
    return copy
  }
}

extension SparseMatrix {
  /// A matrix of what a state dict holds.
  /// - Throws: a `ValueError` for arrays that describe no matrix of these sizes.
  convenience init(rows n: Int, columns k: Int, values: Tensor, columns: Tensor, offsets: Tensor) throws {
    func wrong(_ what: String) -> TorchError { .value("\(what) for a sparse weight of size [\(n), \(k)]") }
    guard (0..<Int(Int32.max)).contains(n), (0..<Int(Int32.max)).contains(k) else { throw wrong("negative or vast numbers do not do") }
    guard values.dim == 1, columns.dim == 1, offsets.dim == 1, columns.count == values.count, offsets.count == n + 1,
      values.dtype.isFloatingPoint, [DType.int16, .int32, .int64].contains(columns.dtype), [DType.int32, .int64].contains(offsets.dtype)
    else { throw wrong("values, columns and offsets have the wrong sizes or dtypes") }
    // A view of few bytes that claims to be vast is refused before anything is allocated.
    guard [values, columns, offsets].allSatisfy({ $0.count * $0.dtype.itemSize <= $0.storage.byteCount }), values.count <= Int(Int32.max) else {
      throw wrong("values, columns and offsets are larger than their bytes")
    }
    let (x, c, o) = (try values.dense(.float32), try columns.dense(.int64), try offsets.dense(.int64))
    let (places, starts) = (c.elements(Int.self), o.elements(Int.self))
    guard starts[0] == 0, starts[n] == values.count, (0..<n).allSatisfy({ starts[$0] <= starts[$0 + 1] }) else {
      throw wrong("the offsets do not rise from 0 to the number of values")
    }
    for r in 0..<n {
      var last = -1
      for i in starts[r]..<starts[r + 1] {
        guard places[i] > last, places[i] < k else { throw wrong("the columns of a row do not rise, or leave the row,") }
        last = places[i]
      }
    }
    let (narrow, begins) = (try c.denseCopy(.int32), try o.denseCopy(.int32))
    try self.init(
      rows: n, columns: k, offsets: begins.elements(Int32.self), places: narrow.elements(Int32.self), elements: x.elements(Float.self))
    withExtendedLifetime((x, c, o, narrow, begins)) {}
  }
}

extension Double {
  /// A share in percent, with one decimal, or two below one percent.
  var percentage: String {
    let digits = self < 0.01 ? 100 : 10
    let scaled = Int((self * 100 * Double(digits)).rounded())
    let rest = String(scaled % digits)
    return "\(scaled / digits).\(String(repeating: "0", count: digits == 100 && rest.count < 2 ? 1 : 0) + rest)%"
  }
}

extension Module {
  /// Gives another layer, which takes this one's place, its mode and its hooks. Hooks for which `dropping` says so stay behind.
  func takeSurroundings(to layer: Module, dropping: (ForwardPreHook) -> Bool = { _ in false }) throws {
    layer.training = training
    layer.forwardPreHooks = forwardPreHooks.filter { !dropping($0.value) }
    layer.forwardHooks = forwardHooks
    layer.backwardHooks = backwardHooks
    layer.backwardPreHooks = backwardPreHooks
    try hooksFollow(to: layer)
  }
}
