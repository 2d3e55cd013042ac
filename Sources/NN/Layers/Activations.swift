import Interface
import OrderedCollections
import TensorCore
import Torch

/// Gives what it gets. Mirrors `torch.nn.Identity`.
public final class Identity: AttributeLayer {
  public convenience init() { self.init(attributes: [:]) }
  public override var typeModule: String { "torch.nn.modules.linear" }
  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    return .object(try inputTensor(inputs))
  }
}

/// max(x, 0). Mirrors `torch.nn.ReLU`.
public final class ReLU: AttributeLayer {
  /// A ReLU; `inPlace` as users give it, without effect on the result.
  public convenience init(inPlace: Bool) {
    self.init(attributes: [:])
    attributes["inplace"] = .boolean(inPlace)
  }
  public override var typeModule: String { "torch.nn.modules.activation" }
  public override func extraRepr() -> String { isTrue("inplace") ? "inplace=True" : "" }
  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    let x = try inputTensor(inputs)
    return .object(isTrue("inplace") ? try x.become(x.relu()) : try x.relu())
  }
}

/// The hyperbolic tangent. Mirrors `torch.nn.Tanh`.
public final class Tanh: AttributeLayer {
  public convenience init() { self.init(attributes: [:]) }
  public override var typeModule: String { "torch.nn.modules.activation" }
  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    return .object(try inputTensor(inputs).tanh())
  }
}

/// 1 / (1 + e^−x). Mirrors `torch.nn.Sigmoid`.
public final class Sigmoid: AttributeLayer {
  public convenience init() { self.init(attributes: [:]) }
  public override var typeModule: String { "torch.nn.modules.activation" }
  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    return .object(try inputTensor(inputs).sigmoid())
  }
}

/// Softmax along a dimension. Mirrors `torch.nn.Softmax`.
public class SoftmaxLayer: AttributeLayer {
  /// Along a dimension; nil leaves the choice to PyTorch's old rule.
  public convenience init(_ dim: Int?) {
    self.init(attributes: [:])
    attributes["dim"] = dim.map { .integer($0) } ?? Value.none
  }
  public override var typeName: String { "Softmax" }
  public override var typeModule: String { "torch.nn.modules.activation" }
  public override func extraRepr() -> String { "dim=\(shown("dim"))" }
  var givesLogarithm: Bool { false }
  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    let x = try inputTensor(inputs)
    return .object(try Functional.softmax(x, integer("dim") ?? ([0, 1, 3].contains(x.dim) ? 0 : 1), log: givesLogarithm))
  }
}

/// The logarithm of softmax along a dimension. Mirrors `torch.nn.LogSoftmax`.
public final class LogSoftmaxLayer: SoftmaxLayer {
  public override var typeName: String { "LogSoftmax" }
  override var givesLogarithm: Bool { true }
}

/// Layers that apply a function.
public let activationLayers = LayerFamily { layers in
  layers.define("Identity(Any args=None)", doc: "Gives what it gets; the argument is not used. Mirrors torch.nn.Identity.") { (_: Value) in Identity() }
  layers.define("ReLU(bool inplace=False)", doc: "max(x, 0). Mirrors torch.nn.ReLU.") { (inPlace: Bool) in ReLU(inPlace: inPlace) }
  layers.define("Tanh()", doc: "The hyperbolic tangent. Mirrors torch.nn.Tanh.") { () in Tanh() }
  layers.define("Sigmoid()", doc: "1 / (1 + exp(-x)). Mirrors torch.nn.Sigmoid.") { () in Sigmoid() }
  layers.define("Softmax(int? dim=None)", doc: "Softmax along dim. Mirrors torch.nn.Softmax.") { (d: Int?) in SoftmaxLayer(d) }
  layers.define("LogSoftmax(int? dim=None)", doc: "The logarithm of softmax along dim. Mirrors torch.nn.LogSoftmax.") { (d: Int?) in LogSoftmaxLayer(d) }
}
