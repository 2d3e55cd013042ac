import Interface
import TensorCore

/// Activations that are functions of torch or methods too.
public let activations = OperationFamily("torch") { ops in
  ops.tensorOp("relu(Tensor self) -> Tensor", doc: "max(x, 0). Mirrors torch.relu.", inPlace: .both) { (x: Tensor) in try x.relu() }
  ops.tensorOp("celu(Tensor self, Scalar alpha=1.0) -> Tensor", doc: "max(0, x) + min(0, alpha (exp(x/alpha) - 1)). Mirrors torch.celu.", inPlace: .function, variants: [.function]) {
    (x: Tensor, a: Scalar) in try x.celu(alpha: a.doubleValue)
  }
  ops.tensorOp("selu(Tensor self) -> Tensor", doc: "The self-normalizing elu. Mirrors torch.selu.", inPlace: .function, variants: [.function]) { (x: Tensor) in try x.selu() }
  ops.tensorOp("threshold(Tensor self, Scalar threshold, Scalar value) -> Tensor", doc: "value in place of elements not above threshold. Mirrors torch.threshold.", inPlace: .function, variants: [.function]) {
    (x: Tensor, t: Scalar, v: Scalar) in try x.threshold(t, v)
  }
  ops.tensorOp("rrelu(Tensor self, Scalar lower=0.125, Scalar upper=0.3333333333333333, bool training=False) -> Tensor", doc: "leaky_relu with random slopes while training. Mirrors torch.rrelu.", inPlace: .function, variants: [.function]) {
    (x: Tensor, l: Scalar, u: Scalar, t: Bool) in try x.rrelu(l.doubleValue, u.doubleValue, training: t)
  }
  ops.define("prelu(Tensor self, Tensor weight) -> Tensor", doc: "x above zero, weight * x below. Mirrors torch.prelu.") { (x: Tensor, w: Tensor) in try x.prelu(w) }
  ops.define("hardshrink(Tensor self, Scalar lambd=0.5) -> Tensor", doc: "Zeroes the elements in [-lambd, lambd]. Mirrors torch.hardshrink.") {
    (x: Tensor, l: Scalar) in try x.hardshrink(lambd: l.doubleValue)
  }
}

/// `torch.nn.functional`: activations.
public let activationFunctional = OperationFamily("torch.nn.functional") { ops in
  /// Declares `F.name(input, …, inplace=False)` and, where PyTorch has it, `F.name_`.
  func plain(_ name: String, _ doc: String, inPlace: Bool = true, underscored: Bool = false, _ f: @escaping (Tensor) throws -> Tensor) {
    if inPlace {
      ops.define("\(name)(Tensor input, bool inplace=False) -> Tensor", doc: "\(doc) Mirrors F.\(name).", variants: [.function]) {
        (x: Tensor, i: Bool) in i ? try x.changed(f) : try f(x)
      }
    } else {
      ops.define("\(name)(Tensor input) -> Tensor", doc: "\(doc) Mirrors F.\(name).", variants: [.function]) { (x: Tensor) in try f(x) }
    }
    if underscored {
      ops.define("\(name)_(Tensor input) -> Tensor", doc: "\(doc) Changes the input. Mirrors F.\(name)_.", variants: [.function]) { (x: Tensor) in try x.changed(f) }
    }
  }
  plain("relu", "max(x, 0).", underscored: true) { try $0.relu() }
  plain("relu6", "x held between 0 and 6.") { try $0.hardtanh(.integer(0), .integer(6)) }
  plain("selu", "The self-normalizing elu.", underscored: true) { try $0.selu() }
  plain("silu", "x * sigmoid(x).") { try $0.silu() }
  plain("mish", "x * tanh(softplus(x)).") { try $0.mish() }
  plain("hardsigmoid", "A line from 0 at -3 to 1 at 3, flat beyond.") { try $0.hardsigmoid() }
  plain("hardswish", "x * hardsigmoid(x).") { try $0.hardswish() }
  plain("sigmoid", "1 / (1 + exp(-x)).", inPlace: false) { try $0.sigmoid() }
  plain("tanh", "The hyperbolic tangent.", inPlace: false) { try $0.tanh() }
  plain("logsigmoid", "log(sigmoid(x)).", inPlace: false) { try $0.logSigmoid() }
  plain("tanhshrink", "x - tanh(x).", inPlace: false) { try $0.sub($0.tanh()) }
  plain("softsign", "x / (1 + |x|).", inPlace: false) { try $0.div($0.abs().add(.wrapped(.integer(1)))) }

  let scaled: [(String, String, String, (Tensor, Scalar) throws -> Tensor)] = [
    ("elu", "float alpha=1.0", "x above zero, alpha (exp(x) - 1) below.", { try $0.elu(alpha: $1.doubleValue) }),
    ("celu", "float alpha=1.0", "max(0, x) + min(0, alpha (exp(x/alpha) - 1)).", { try $0.celu(alpha: $1.doubleValue) }),
    ("leaky_relu", "float negative_slope=0.01", "x above zero, negative_slope * x below.", { try $0.leakyRelu(slope: $1.doubleValue) }),
  ]
  for (name, parameter, doc, f) in scaled {
    ops.define("\(name)(Tensor input, \(parameter), bool inplace=False) -> Tensor", doc: "\(doc) Mirrors F.\(name).", variants: [.function]) {
      (x: Tensor, a: Scalar, i: Bool) in i ? try x.changed { try f($0, a) } : try f(x, a)
    }
    ops.define("\(name)_(Tensor input, \(parameter)) -> Tensor", doc: "\(doc) Changes the input. Mirrors F.\(name)_.", variants: [.function]) {
      (x: Tensor, a: Scalar) in try x.changed { try f($0, a) }
    }
  }
  for (name, doc, f) in [
    ("hardshrink", "Zeroes the elements in [-lambd, lambd].", { (x: Tensor, l: Scalar) in try x.hardshrink(lambd: l.doubleValue) }),
    ("softshrink", "Moves elements towards 0 by lambd.", { (x: Tensor, l: Scalar) in try x.softshrink(lambd: l.doubleValue) }),
  ] {
    ops.define("\(name)(Tensor input, float lambd=0.5) -> Tensor", doc: "\(doc) Mirrors F.\(name).", variants: [.function]) { (x: Tensor, l: Scalar) in try f(x, l) }
  }
  ops.define("hardtanh(Tensor input, float min_val=-1.0, float max_val=1.0, bool inplace=False) -> Tensor", doc: "x held between min_val and max_val. Mirrors F.hardtanh.", variants: [.function]) {
    (x: Tensor, l: Scalar, h: Scalar, i: Bool) -> Tensor in
    if l.doubleValue > h.doubleValue { throw TorchError.value("min_val cannot be greater than max_val") }
    return i ? try x.changed { try $0.hardtanh(l, h) } : try x.hardtanh(l, h)
  }
  ops.define("hardtanh_(Tensor input, float min_val=-1.0, float max_val=1.0) -> Tensor", doc: "Holds elements between min_val and max_val. Mirrors F.hardtanh_.", variants: [.function]) {
    (x: Tensor, l: Scalar, h: Scalar) in try x.changed { try $0.hardtanh(l, h) }
  }
  ops.define("threshold(Tensor input, float threshold, float value, bool inplace=False) -> Tensor", doc: "value in place of elements not above threshold. Mirrors F.threshold.", variants: [.function]) {
    (x: Tensor, t: Scalar, v: Scalar, i: Bool) in i ? try x.changed { try $0.threshold(t, v) } : try x.threshold(t, v)
  }
  ops.define("threshold_(Tensor input, float threshold, float value) -> Tensor", doc: "Writes value over elements not above threshold. Mirrors F.threshold_.", variants: [.function]) {
    (x: Tensor, t: Scalar, v: Scalar) in try x.changed { try $0.threshold(t, v) }
  }
  ops.define("rrelu(Tensor input, float lower=0.125, float upper=0.3333333333333333, bool training=False, bool inplace=False) -> Tensor", doc: "leaky_relu with random slopes while training. Mirrors F.rrelu.", variants: [.function]) {
    (x: Tensor, l: Scalar, u: Scalar, t: Bool, i: Bool) in
    let f = { (x: Tensor) in try x.rrelu(l.doubleValue, u.doubleValue, training: t) }
    return i ? try x.changed(f) : try f(x)
  }
  ops.define("rrelu_(Tensor input, float lower=0.125, float upper=0.3333333333333333, bool training=False) -> Tensor", doc: "leaky_relu with random slopes while training, in place. Mirrors F.rrelu_.", variants: [.function]) {
    (x: Tensor, l: Scalar, u: Scalar, t: Bool) in try x.changed { try $0.rrelu(l.doubleValue, u.doubleValue, training: t) }
  }
  ops.define("prelu(Tensor input, Tensor weight) -> Tensor", doc: "x above zero, weight * x below. Mirrors F.prelu.", variants: [.function]) { (x: Tensor, w: Tensor) in try x.prelu(w) }
  ops.define("softplus(Tensor input, Scalar beta=1, Scalar threshold=20) -> Tensor", doc: "log(1 + exp(beta x)) / beta. Mirrors F.softplus.", variants: [.function]) {
    (x: Tensor, b: Scalar, t: Scalar) in try x.softplus(beta: b.doubleValue, threshold: t.doubleValue)
  }
  ops.define("gelu(Tensor input, *, str approximate='none') -> Tensor", doc: "x times the normal distribution's function. Mirrors F.gelu.", variants: [.function]) {
    (x: Tensor, a: String) in try x.gelu(approximate: a)
  }
  ops.define("glu(Tensor input, int dim=-1) -> Tensor", doc: "Half of dim times the sigmoid of its other half. Mirrors F.glu.", variants: [.function]) { (x: Tensor, d: Int) in try x.glu(d) }
}
