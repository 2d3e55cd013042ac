import Interface
import OrderedCollections
import TensorCore
import Torch

/// y = x · weightᵀ + bias over the last dimension. Mirrors `torch.nn.Linear`.
public class Linear: Module {
  /// - Throws: PyTorch's sentence for negative sizes.
  public init(_ inFeatures: Int, _ outFeatures: Int, bias: Bool = true, dtype: DType = .defaultFloat) throws {
    super.init()
    attributes = ["in_features": .integer(inFeatures), "out_features": .integer(outFeatures)]
    parameters["weight"] = try Tensor.parameter(Tensor(uninitialized: [outFeatures, inFeatures], dtype: dtype))
    parameters.updateValue(bias ? try Tensor.parameter(Tensor(uninitialized: [outFeatures], dtype: dtype)) : nil, forKey: "bias")
    try resetParameters()
  }

  /// A layer of these very tensors, `[out, in]` and `[out]`; nothing is drawn.
  public init(weight: Tensor, bias: Tensor?) {
    super.init()
    attributes = ["in_features": .integer(weight.sizes[1]), "out_features": .integer(weight.sizes[0])]
    parameters["weight"] = weight
    parameters.updateValue(bias, forKey: "bias")
  }

  override init() { super.init() }

  /// An empty layer of the same class.
  func blank() -> Linear { Linear() }

  /// Draws the weights anew, evenly from ±1/√in_features. Mirrors `Linear.reset_parameters`.
  public func resetParameters() throws {
    let weight = try tensor("weight")
    try Initialize.kaimingUniform(weight, a: 5.0.squareRoot())
    guard let bias = try optionalTensor("bias") else { return }
    let fan = try Initialize.fans(weight).in
    let bound = fan > 0 ? 1 / Double(fan).squareRoot() : 0
    try Initialize.uniform(bias, -bound, bound)
  }

  public override var typeName: String { "Linear" }
  public override var typeModule: String { "torch.nn.modules.linear" }
  public override func extraRepr() -> String {
    let hasBias = ((try? optionalTensor("bias")) ?? nil) != nil
    return "in_features=\(shown("in_features")), out_features=\(shown("out_features")), bias=\(hasBias ? "True" : "False")"
  }

  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    return .object(try inputTensor(inputs).linear(tensor("weight"), optionalTensor("bias")))
  }

  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = blank()
    try copyContents(to: copy, memo)
    return copy
  }
}

/// A linear layer that learns in_features from its first input and is then `Linear`. Mirrors `torch.nn.LazyLinear`.
final class LazyLinear: Linear {
  private var waits = true

  init(_ outFeatures: Int, bias: Bool, dtype: DType) throws {
    super.init()
    attributes = ["in_features": .integer(0), "out_features": .integer(outFeatures)]
    parameters["weight"] = try .uninitialized(dtype: dtype)
    parameters.updateValue(bias ? try .uninitialized(dtype: dtype) : nil, forKey: "bias")
  }

  override init() { super.init() }

  override func blank() -> Linear {
    let copy = LazyLinear()
    copy.waits = waits
    return copy
  }

  override func resetParameters() throws { if !hasUninitializedTensors { try super.resetParameters() } }

  override var typeName: String { waits ? "LazyLinear" : "Linear" }
  override var kind: ObjectIdentifier { waits ? ObjectIdentifier(LazyLinear.self) : ObjectIdentifier(Linear.self) }
  override var baseKind: ObjectIdentifier { ObjectIdentifier(Linear.self) }

  override func forward(_ inputs: [Value]) throws -> Value {
    if waits {
      let count = try Module.size(inputTensor(inputs), -1)
      attributes["in_features"] = .integer(count)
      if hasUninitializedTensors {
        try GradMode.with(false) {
          let outputs = integer("out_features") ?? 0
          try materialize("weight", [outputs, count])
          try materialize("bias", [outputs])
          try resetParameters()
        }
      }
      waits = false
    }
    return try super.forward(inputs)
  }
}

/// Layers that are one matrix product, or none.
public let linearLayers = LayerFamily(module: "linear") { layers in
  layers.function("Identity(Any args=None)", doc: "Gives what it gets; the argument is not used. Mirrors torch.nn.Identity.", setUp: { $0.attributes["args"] = nil }) {
    (x: Tensor, _: Value) in x
  }
  layers.define(
    "Linear(int in_features, int out_features, bool bias=True, Device? device=None, ScalarType? dtype=None)",
    doc: "Multiplies the last dimension by weight transposed and adds bias. Weights start evenly distributed in ±1/sqrt(in_features). Mirrors torch.nn.Linear.",
    saved: .blank { Linear() }
  ) { (inputs: Int, outputs: Int, bias: Bool, _: Device?, dtype: DType?) in
    try Linear(inputs, outputs, bias: bias, dtype: dtype ?? .defaultFloat)
  }
  layers.saves(.blank { NonDynamicallyQuantizableLinear() })
  layers.define(
    "LazyLinear(int out_features, bool bias=True, Device? device=None, ScalarType? dtype=None)",
    doc: "Linear that learns in_features from its first input. Mirrors torch.nn.LazyLinear."
  ) { (outputs: Int, bias: Bool, _: Device?, dtype: DType?) in try LazyLinear(outputs, bias: bias, dtype: dtype ?? .defaultFloat) }
}
