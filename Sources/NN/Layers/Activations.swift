import Interface
import TensorCore
import Torch

/// Layers that apply a function to each element, or to the elements along a dimension.
public let activationLayers = LayerFamily(module: "activation") { layers in
  typealias Function = (Tensor) throws -> Tensor
  func put(_ f: Function, _ x: Tensor, _ inPlace: Bool) throws -> Tensor { inPlace ? try x.become(f(x)) : try f(x) }
  let inPlace: [(String, LayerText, String, Function)] = [
    ("ReLU", "inplace={inplace?}", "max(x, 0).", { try $0.relu() }),
    ("ReLU6", "inplace={inplace?}", "x held between 0 and 6.", { try $0.hardtanh(.integer(0), .integer(6)) }),
    ("SELU", "inplace={inplace?}", "The self-normalizing elu.", { try $0.selu() }),
    ("SiLU", "inplace={inplace?}", "x * sigmoid(x).", { try $0.silu() }),
    ("Mish", "inplace={inplace?}", "x * tanh(softplus(x)).", { try $0.mish() }),
    ("Hardswish", "", "x * hardsigmoid(x).", { try $0.hardswish() }),
    ("Hardsigmoid", "", "A line from 0 at -3 to 1 at 3, flat beyond.", { try $0.hardsigmoid() }),
  ]
  for (name, shows, doc, f) in inPlace {
    layers.function("\(name)(bool inplace=False)", shows: shows, doc: "\(doc) Mirrors torch.nn.\(name).") { (x: Tensor, i: Bool) in try put(f, x, i) }
  }
  let plain: [(String, String, Function)] = [
    ("Tanh", "The hyperbolic tangent.", { try $0.tanh() }), ("Sigmoid", "1 / (1 + exp(-x)).", { try $0.sigmoid() }),
    ("LogSigmoid", "log(sigmoid(x)).", { try $0.logSigmoid() }), ("Tanhshrink", "x - tanh(x).", { try $0 - $0.tanh() }),
    ("Softsign", "x / (1 + |x|).", { try $0 / ($0.abs() + 1) }),
  ]
  for (name, doc, f) in plain { layers.function("\(name)()", doc: "\(doc) Mirrors torch.nn.\(name).") { (x: Tensor) in try f(x) } }
  for (name, doc, f) in [
    ("ELU", "x above zero, alpha (exp(x) - 1) below.", { (x: Tensor, a: Double) in try x.elu(alpha: a) }),
    ("CELU", "max(0, x) + min(0, alpha (exp(x / alpha) - 1)).", { (x: Tensor, a: Double) in try x.celu(alpha: a) }),
  ] {
    layers.function("\(name)(float alpha=1.0, bool inplace=False)", shows: "alpha={alpha}, inplace={inplace?}", doc: "\(doc) Mirrors torch.nn.\(name).") {
      (x: Tensor, a: Double, i: Bool) in try put({ try f($0, a) }, x, i)
    }
  }
  layers.function("LeakyReLU(float negative_slope=0.01, bool inplace=False)", shows: "negative_slope={negative_slope}, inplace={inplace?}", doc: "x above zero, negative_slope * x below. Mirrors torch.nn.LeakyReLU.") {
    (x: Tensor, s: Double, i: Bool) in try put({ try $0.leakyRelu(slope: s) }, x, i)
  }
  layers.function(
    "Hardtanh(float min_val=-1.0, float max_val=1.0, bool inplace=False, float? min_value=None, float? max_value=None)",
    shows: "min_val={min_val}, max_val={max_val}, inplace={inplace?}", doc: "x held between min_val and max_val. Mirrors torch.nn.Hardtanh.",
    setUp: { layer in
      for (old, new) in [("min_value", "min_val"), ("max_value", "max_val")] {
        if layer.number(old) != nil { layer.attributes[new] = layer.attributes[old] }
        layer.attributes[old] = nil
      }
      if (layer.number("max_val") ?? 1) <= (layer.number("min_val") ?? -1) { throw TorchError(.assertionError, "max_val must be greater than min_val") }
    }
  ) { (x: Tensor, low: Scalar, high: Scalar, i: Bool, _: Value, _: Value) in try put({ try $0.hardtanh(low, high) }, x, i) }
  layers.function("Threshold(float threshold, float value, bool inplace=False)", shows: "threshold={threshold}, value={value}, inplace={inplace?}", doc: "value in place of elements not above threshold. Mirrors torch.nn.Threshold.") {
    (x: Tensor, t: Scalar, v: Scalar, i: Bool) in try put({ try $0.threshold(t, v) }, x, i)
  }
  layers.function("Hardshrink(float lambd=0.5)", shows: "{lambd}", doc: "Zeroes the elements in [-lambd, lambd]. Mirrors torch.nn.Hardshrink.") {
    (x: Tensor, l: Double) in try x.hardshrink(lambd: l)
  }
  layers.function("Softshrink(float lambd=0.5)", shows: "{lambd}", doc: "Moves elements towards 0 by lambd. Mirrors torch.nn.Softshrink.") {
    (x: Tensor, l: Double) in try x.softshrink(lambd: l)
  }
  layers.function("Softplus(float beta=1.0, float threshold=20.0)", shows: "beta={beta}, threshold={threshold}", doc: "log(1 + exp(beta x)) / beta. Mirrors torch.nn.Softplus.") {
    (x: Tensor, b: Double, t: Double) in try x.softplus(beta: b, threshold: t)
  }
  layers.function("GELU(str approximate='none')", shows: "approximate={approximate!r}", doc: "x times the normal distribution's function. Mirrors torch.nn.GELU.") {
    (x: Tensor, a: String) in try x.gelu(approximate: a)
  }
  layers.function("GLU(int dim=-1)", shows: "dim={dim}", doc: "Half of dim times the sigmoid of its other half. Mirrors torch.nn.GLU.") { (x: Tensor, d: Int) in try x.glu(d) }
  layers.layer(
    "RReLU(float lower=0.125, float upper=0.3333333333333333, bool inplace=False)", shows: "lower={lower}, upper={upper}, inplace={inplace?}",
    doc: "leaky_relu with random slopes while training. Mirrors torch.nn.RReLU."
  ) { (layer: FunctionLayer, x: Tensor) in
    try put({ try $0.rrelu(layer.number("lower") ?? 0, layer.number("upper") ?? 0, training: layer.training) }, x, layer.isTrue("inplace"))
  }
  layers.layer(
    "PReLU(int num_parameters=1, float init=0.25, Device? device=None, ScalarType? dtype=None)", shows: "num_parameters={num_parameters}",
    doc: "x above zero, weight * x below. Mirrors torch.nn.PReLU.",
    setUp: { layer in try layer.addParameter("weight", [layer.integer("num_parameters") ?? 1]) },
    reset: { layer in try Initialize.constant(layer.tensor("weight"), .double(layer.number("init") ?? 0.25)) }
  ) { (layer: FunctionLayer, x: Tensor) in try x.prelu(layer.tensor("weight")) }
  for (name, doc, f) in [
    ("Softmax", "Softmax along dim.", { (x: Tensor, d: Int) in try Functional.softmax(x, d) }),
    ("LogSoftmax", "The logarithm of softmax along dim.", { (x: Tensor, d: Int) in try Functional.softmax(x, d, log: true) }),
    ("Softmin", "Softmax of the negated elements along dim.", { (x: Tensor, d: Int) in try Functional.softmax(x.neg(), d) }),
  ] {
    layers.function("\(name)(int? dim=None)", shows: "dim={dim}", doc: "\(doc) Mirrors torch.nn.\(name).") {
      (x: Tensor, d: Int?) in try f(x, d ?? Functional.usualSoftmaxDim(x))
    }
  }
  layers.function("Softmax2d()", doc: "Softmax over the channels of images. Mirrors torch.nn.Softmax2d.") {
    (x: Tensor) -> Tensor in
    if x.dim != 3 && x.dim != 4 { throw TorchError.value("Softmax2d: expected input to be 3D or 4D, got \(x.dim)D instead") }
    return try Functional.softmax(x, -3)
  }
}
