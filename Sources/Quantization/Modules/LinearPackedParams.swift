import Interface
import NN
import OrderedCollections
import TensorCore
import Torch

/// Holds a linear layer's packed weight and keeps it in state dicts. Mirrors `torch.ao.nn.quantized.modules.linear.LinearPackedParams`.
public final class LinearPackedParams: Module {
  /// The weight and the bias; another object whenever they are set.
  public private(set) var packed: PackedLinearParams

  init(_ packed: PackedLinearParams) {
    self.packed = packed
    super.init()
    attributes["dtype"] = packed.dtype.asValue
  }

  public override var typeName: String { "LinearPackedParams" }
  public override var typeModule: String { "torch.ao.nn.quantized.modules.linear" }
  public override var stateVersion: Int { 3 }

  /// Packs another weight of the same kind. Mirrors `set_weight_bias`.
  /// - Throws: a `RuntimeError` for weights that do not fit the dtype.
  public func setWeightBias(_ weight: Tensor, _ bias: Tensor?) throws {
    packed = try packed.dtype == .qint8 ? .prepack(weight, bias) : .prepackHalf(weight, bias)
  }

  /// As PyTorch shows it: the tuple of weight and bias.
  public override var description: String {
    let weight = (try? packed.unpackedWeight())?.text ?? "None"
    return "(\(weight), \(packed.bias?.text ?? "None"))"
  }

  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    return .object(try inputTensor(inputs, 0, "x"))
  }

  public override func saveToStateDict(_ destination: OrderedDict, prefix: String, keepVars: Bool) throws {
    try super.saveToStateDict(destination, prefix: prefix, keepVars: keepVars)
    destination[prefix + "dtype"] = packed.dtype.asValue
    destination[prefix + "_packed_params"] = .tuple([.object(try packed.unpackedWeight()), packed.bias.map { .object($0) } ?? .none])
  }

  public override func loadFromStateDict(_ load: StateDictLoad, prefix: String) throws {
    let version = load.version(at: prefix) ?? 1
    var dtype = DType.qint8
    if version >= 2, case .object(let object) = try load.state.required(prefix + "dtype"), let given = object as? DTypeObject {
      dtype = given.dtype
    }
    let parts: [Value]
    if version < 3 {
      parts = [try load.state.required(prefix + "weight"), try load.state.required(prefix + "bias")]
    } else {
      switch try load.state.required(prefix + "_packed_params") {
      case .tuple(let items), .list(let items): parts = items
      default: parts = []
      }
    }
    guard let first = parts.first, case .object(let object) = first, let weight = object as? Tensor else {
      throw TorchError.type("\(prefix)_packed_params: a weight and a bias were expected")
    }
    var bias: Tensor?
    if parts.count > 1, case .object(let object) = parts[1] { bias = object as? Tensor }
    packed = try dtype == .qint8 ? .prepack(weight, bias) : .prepackHalf(weight, bias)
    attributes["dtype"] = dtype.asValue
  }

  /// With the packed weight.
  public override func savedAttributes() throws -> OrderedDictionary<String, Value> {
    var saved = attributes
    saved["_packed_params"] = .object(packed)
    return saved
  }

  static var savedForm: SavedForm { SavedForm(("torch.ao.nn.quantized.modules.linear", "LinearPackedParams"), restore: restored) }

  /// A holder of what a file keeps.
  private static func restored(_ state: ModuleState) throws -> LinearPackedParams {
    var state = state
    guard case .object(let packed as PackedLinearParams)? = state.attributes.removeValue(forKey: "_packed_params") else {
      throw TorchError.value("the state of a LinearPackedParams lacks its weight")
    }
    let holder = LinearPackedParams(packed)
    state.attributes["dtype"] = packed.dtype.asValue
    try holder.restore(state)
    return holder
  }

  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = LinearPackedParams(try packed.copied(memo))
    try copyContents(to: copy, memo)
    return copy
  }
}

extension PackedLinearParams {
  /// A copy whose bias is the memo's; packed weights never change and are packed anew only where there is a bias to copy.
  func copied(_ memo: DeepCopyMemo) throws -> PackedLinearParams {
    guard let bias, !memo.sharesTensors else { return self }
    let (weight, fresh) = (try unpackedWeight(), try memo.copy(bias))
    return try dtype == .qint8 ? .prepack(weight, fresh) : .prepackHalf(weight, fresh)
  }
}
