import Interface
import OrderedCollections
import TensorCore
import Torch

/// The mean (or sum) of squared differences. Mirrors `torch.nn.MSELoss`.
public final class MSELoss: AttributeLayer {
  /// `reduction` is none, mean or sum.
  public convenience init(reduction: String) {
    self.init(attributes: [:])
    attributes["reduction"] = .string(reduction)
  }
  public override var typeModule: String { "torch.nn.modules.loss" }
  public override class var forwardSchema: String { "forward(Tensor input, Tensor target) -> Tensor" }
  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs, 2)
    return .object(try Functional.mseLoss(inputTensor(inputs), inputTensor(inputs, 1, "target"), reduction: string("reduction")))
  }
}

/// A loss over classes with weights: what `NLLLoss` and `CrossEntropyLoss` share.
public class ClassLoss: AttributeLayer {
  /// Class weights, the target to leave out, the reduction, and label smoothing.
  public convenience init(weight: Tensor? = nil, ignoring: Int = -100, reduction: String = "mean", smoothing: Double? = nil) {
    self.init(attributes: [:])
    buffers.updateValue(weight, forKey: "weight")
    attributes = ["reduction": .string(reduction), "ignore_index": .integer(ignoring)]
    if let smoothing { attributes["label_smoothing"] = .number(smoothing) }
  }
  public override var typeModule: String { "torch.nn.modules.loss" }
  public override class var forwardSchema: String { "forward(Tensor input, Tensor target) -> Tensor" }
}

/// The negative log-probability of the target classes. Mirrors `torch.nn.NLLLoss`.
public final class NLLLoss: ClassLoss {
  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs, 2)
    return .object(
      try Functional.nllLoss(
        inputTensor(inputs), inputTensor(inputs, 1, "target"), weight: optionalTensor("weight"), ignoring: integer("ignore_index") ?? -100,
        reduction: string("reduction")))
  }
}

/// The cross entropy between scores and target classes or probabilities. Mirrors `torch.nn.CrossEntropyLoss`.
public final class CrossEntropyLoss: ClassLoss {
  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs, 2)
    return .object(
      try Functional.crossEntropy(
        inputTensor(inputs), inputTensor(inputs, 1, "target"), weight: optionalTensor("weight"), ignoring: integer("ignore_index") ?? -100,
        reduction: string("reduction"), smoothing: number("label_smoothing") ?? 0))
  }
}

/// Layers that measure an error.
public let lossLayers = LayerFamily { layers in
  layers.define("MSELoss(bool? size_average=None, bool? reduce=None, str reduction='mean')", doc: "The mean of squared differences. Mirrors torch.nn.MSELoss.") {
    (_: Bool?, _: Bool?, r: String) in MSELoss(reduction: r)
  }
  layers.define("NLLLoss(Tensor? weight=None, bool? size_average=None, int ignore_index=-100, bool? reduce=None, str reduction='mean')", doc: "The negative log-probability of the target classes. Mirrors torch.nn.NLLLoss.") {
    (w: Tensor?, _: Bool?, i: Int, _: Bool?, r: String) in NLLLoss(weight: w, ignoring: i, reduction: r)
  }
  layers.define("CrossEntropyLoss(Tensor? weight=None, bool? size_average=None, int ignore_index=-100, bool? reduce=None, str reduction='mean', float label_smoothing=0.0)", doc: "The cross entropy between scores and target classes or probabilities. Mirrors torch.nn.CrossEntropyLoss.") {
    (w: Tensor?, _: Bool?, i: Int, _: Bool?, r: String, s: Double) in CrossEntropyLoss(weight: w, ignoring: i, reduction: r, smoothing: s)
  }
}
