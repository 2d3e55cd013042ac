import Interface
import NN
import TensorCore
import Torch

/// A linear layer with an int8 or float16 weight and float inputs and outputs. Mirrors `torch.ao.nn.quantized.dynamic.Linear`.
///
/// Inputs are quantized to 7 bits (`reduce_range`) in the range of the whole input, sums are exact in int32.
public final class DynamicQuantizedLinear: Module, QuantizedLayer {
  /// The sentences and messages call it so.
  private static let unsupported = "Unsupported dtype specified for quantized Linear!"
  private let scratch = ScratchMemory()
  /// The version whose way of quantizing inputs is used; before 4 without `reduce_range`.
  private var version = 4

  /// A layer with a weight of zeros. Mirrors the constructor.
  /// - Throws: PyTorch's sentence for dtypes other than qint8 and float16.
  public convenience init(_ inFeatures: Int, _ outFeatures: Int, bias: Bool = true, dtype: DType = .qint8) throws {
    let zeros = try Tensor.zeros([outFeatures, inFeatures], dtype: dtype == .qint8 ? .int8 : .float32)
    let bias = bias ? try Tensor.zeros([outFeatures], dtype: .float32) : nil
    switch dtype {
    case .qint8: self.init(try .prepack(zeros.reinterpretedPerTensor(scale: 1, zeroPoint: 0), bias))
    case .float16: self.init(try .prepackHalf(zeros, bias))
    default: throw TorchError.runtime(DynamicQuantizedLinear.unsupported)
    }
  }

  /// A layer with a packed weight.
  public init(_ packed: PackedLinearParams) {
    super.init()
    attributes = [
      "in_features": .integer(packed.inFeatures), "out_features": .integer(packed.outFeatures), "scale": .number(1),
      "zero_point": .integer(0), "version": .integer(4),
    ]
    modules["_packed_params"] = LinearPackedParams(packed)
  }

  private override init() { super.init() }

  /// The weight and bias in the kernels' layout.
  public var packed: PackedLinearParams {
    get throws {
      guard let holder = modules["_packed_params"] as? LinearPackedParams else {
        throw TorchError.attribute("'Linear' object has no attribute '_packed_params'")
      }
      return holder.packed
    }
  }

  /// The weight `[out, in]` as a tensor: qint8, or float32 for float16. Mirrors `weight()`.
  public func weight() throws -> Tensor { try packed.unpackedWeight() }
  /// The bias `[out]`, nil where there is none. Mirrors `bias()`.
  public func bias() throws -> Tensor? { try packed.bias }
  /// Packs another weight and bias. Mirrors `set_weight_bias`.
  /// - Throws: a `RuntimeError` for weights that do not fit the dtype.
  public func setWeightBias(_ weight: Tensor, _ bias: Tensor?) throws {
    try (modules["_packed_params"] as? LinearPackedParams)?.setWeightBias(weight, bias)
  }

  public override var typeName: String { "DynamicQuantizedLinear" }
  public override var typeModule: String { "torch.ao.nn.quantized.dynamic.modules.linear" }
  /// A layer that uses all 8 bits says so by the last version that did, which PyTorch understands.
  public override var stateVersion: Int { version == 3 ? 3 : 4 }
  public override var description: String { "\(typeName)(\(extraRepr()))" }
  public override func extraRepr() -> String {
    guard let packed = try? packed, let inputs = try? integerAttribute("in_features"), let outputs = try? integerAttribute("out_features")
    else { return "" }
    let scheme = packed.quantizer.map { ", qscheme=\($0.schemeName)" } ?? ""
    return "in_features=\(inputs), out_features=\(outputs), dtype=torch.\(packed.dtype.name)\(scheme)"
  }

  public override func packedWeights() throws -> [(name: String, tensor: Tensor)] {
    [("weight", try weight())] + (try bias().map { [("bias", $0)] } ?? [])
  }

  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    return .object(try packed.product(inputTensor(inputs, 0, "x"), reduceRange: version >= 4, scratch: scratch))
  }

  public override func saveToStateDict(_ destination: OrderedDict, prefix: String, keepVars: Bool) throws {
    try super.saveToStateDict(destination, prefix: prefix, keepVars: keepVars)
    destination[prefix + "scale"] = .object(try Tensor.scalar(.double(numberAttribute("scale")), dtype: .float32))
    destination[prefix + "zero_point"] = .object(try Tensor.scalar(.integer(integerAttribute("zero_point"))))
  }

  public override func loadFromStateDict(_ load: StateDictLoad, prefix: String) throws {
    version = load.version(at: prefix) ?? 1
    attributes["version"] = .integer(version)
    if case .object(let object) = try load.state.required(prefix + "scale"), let scale = object as? Tensor {
      attributes["scale"] = .number(try scale.item().doubleValue)
    }
    if case .object(let object) = try load.state.required(prefix + "zero_point"), let zero = object as? Tensor {
      attributes["zero_point"] = .integer(try zero.item().integerValue)
    }
  }

  static var savedForm: SavedForm { .blank { DynamicQuantizedLinear() } }
  public override var pythonClass: (module: String, name: String) { (typeModule, "Linear") }
  public override func restore(_ state: ModuleState) throws {
    guard state.modules["_packed_params"] is LinearPackedParams else { throw TorchError.value("the state of a quantized Linear lacks its weight") }
    try super.restore(state)
    version = try integerAttribute("version")
  }

  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = DynamicQuantizedLinear()
    copy.version = version
    try copyContents(to: copy, memo)
    return copy
  }

  public static func fromFloat(_ module: Module, _ config: QConfig?) throws -> DynamicQuantizedLinear {
    guard type(of: module) == Linear.self else {
      throw TorchError(
        .assertionError,
        "nn.quantized.dynamic.Linear.from_float only works for one of['Linear', 'NonDynamicallyQuantizableLinear', 'LinearReLU', 'Linear'], got <class '\(module.typeModule).\(module.typeName)'>"
      )
    }
    let observer = try (config ?? .defaultDynamic).weight.make()
    if observer.dtype != .qint8 && observer.dtype != .float16 {
      throw TorchError(
        .assertionError, "The only supported dtypes for dynamic quantized linear are qint8 and float16, got: torch.\(observer.dtype.name)")
    }
    let (weight, bias) = (try module.tensor("weight"), try module.optionalTensor("bias"))
    let layer = DynamicQuantizedLinear(
      try observer.dtype == .qint8 ? .prepack(observer.quantizedWeight(weight), bias) : .prepackHalf(weight, bias))
    if let config, !config.reducesRange {
      layer.version = 3
      layer.attributes["version"] = .integer(3)
    }
    return layer
  }
}
