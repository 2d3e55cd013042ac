import Interface
import TensorCore
import Torch

/// Fills tensors for a start of training, drawing as PyTorch draws. Mirrors `torch.nn.init`.
public enum Initialize {
  /// How many inputs and outputs each unit of a weight has.
  /// - Throws: PyTorch's `ValueError` for fewer than two dimensions.
  public static func fans(_ weight: Tensor) throws -> (in: Int, out: Int) {
    if weight.dim < 2 {
      throw TorchError.value("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    }
    let field = weight.sizes.dropFirst(2).reduce(1, *)
    return (weight.sizes[1] * field, weight.sizes[0] * field)
  }

  /// PyTorch's recommended factor for a nonlinearity. Mirrors `torch.nn.init.calculate_gain`.
  /// - Throws: PyTorch's `ValueError` for an unknown name.
  public static func gain(_ nonlinearity: String, _ parameter: Double? = nil) throws -> Double {
    switch nonlinearity {
    case "linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "sigmoid": return 1
    case "tanh": return 5.0 / 3
    case "relu": return 2.0.squareRoot()
    case "leaky_relu":
      let slope = parameter ?? 0.01
      return (2 / (1 + slope * slope)).squareRoot()
    case "selu": return 3.0 / 4
    default: throw TorchError.value("Unsupported nonlinearity \(nonlinearity)")
    }
  }

  /// Even draws from [a, b).
  @discardableResult
  public static func uniform(_ tensor: Tensor, _ a: Double, _ b: Double, _ generator: Generator? = nil) throws -> Tensor {
    try GradMode.with(false) { try tensor.uniform(a, b, generator) }
  }

  /// Draws of a normal distribution.
  @discardableResult
  public static func normal(_ tensor: Tensor, _ mean: Double, _ std: Double, _ generator: Generator? = nil) throws -> Tensor {
    try GradMode.with(false) { try tensor.normal(mean, std, generator) }
  }

  /// One number everywhere.
  @discardableResult
  public static func constant(_ tensor: Tensor, _ value: Scalar) throws -> Tensor {
    try GradMode.with(false) { try tensor.fill(value) }
  }

  private static func kaimingStd(_ tensor: Tensor, _ a: Double, _ mode: String, _ nonlinearity: String) throws -> Double {
    let mode = mode.lowercased()
    if mode != "fan_in" && mode != "fan_out" {
      throw TorchError.value("Mode \(mode) not supported, please use one of ['fan_in', 'fan_out']")
    }
    let fans = try fans(tensor)
    return try gain(nonlinearity, a) / Double(mode == "fan_in" ? fans.in : fans.out).squareRoot()
  }

  /// Whether there is nothing to draw, of which PyTorch warns.
  private static func isNothing(_ tensor: Tensor) -> Bool {
    if !tensor.sizes.contains(0) { return false }
    UserWarning.tell("Initializing zero-element tensors is a no-op")
    return true
  }

  /// He initialization from an even distribution. Mirrors `torch.nn.init.kaiming_uniform_`.
  @discardableResult
  public static func kaimingUniform(
    _ tensor: Tensor, a: Double = 0, mode: String = "fan_in", nonlinearity: String = "leaky_relu", _ generator: Generator? = nil
  ) throws -> Tensor {
    if isNothing(tensor) { return tensor }
    let bound = try 3.0.squareRoot() * kaimingStd(tensor, a, mode, nonlinearity)
    return try uniform(tensor, -bound, bound, generator)
  }

  /// He initialization from a normal distribution. Mirrors `torch.nn.init.kaiming_normal_`.
  @discardableResult
  public static func kaimingNormal(
    _ tensor: Tensor, a: Double = 0, mode: String = "fan_in", nonlinearity: String = "leaky_relu", _ generator: Generator? = nil
  ) throws -> Tensor {
    if isNothing(tensor) { return tensor }
    return try normal(tensor, 0, kaimingStd(tensor, a, mode, nonlinearity), generator)
  }

  private static func xavierStd(_ tensor: Tensor, _ gain: Double) throws -> Double {
    let fans = try fans(tensor)
    return gain * (2 / Double(fans.in + fans.out)).squareRoot()
  }

  /// Glorot initialization from an even distribution. Mirrors `torch.nn.init.xavier_uniform_`.
  @discardableResult
  public static func xavierUniform(_ tensor: Tensor, gain: Double = 1, _ generator: Generator? = nil) throws -> Tensor {
    let bound = try 3.0.squareRoot() * xavierStd(tensor, gain)
    return try uniform(tensor, -bound, bound, generator)
  }

  /// Glorot initialization from a normal distribution. Mirrors `torch.nn.init.xavier_normal_`.
  @discardableResult
  public static func xavierNormal(_ tensor: Tensor, gain: Double = 1, _ generator: Generator? = nil) throws -> Tensor {
    try normal(tensor, 0, xavierStd(tensor, gain), generator)
  }
}

/// `torch.nn.init`.
public let initializers = OperationFamily("torch.nn.init") { ops in
  ops.define("calculate_gain(str nonlinearity, float? param=None) -> float", doc: "The factor for weights before a nonlinearity. Mirrors torch.nn.init.calculate_gain.", variants: [.function]) { (n: String, p: Double?) in try Initialize.gain(n, p) }
  ops.define("uniform_(Tensor tensor, float a=0.0, float b=1.0, Generator? generator=None) -> Tensor", doc: "Fills with even draws from [a, b). Mirrors torch.nn.init.uniform_.", variants: [.function]) { (x: Tensor, a: Double, b: Double, g: Generator?) in try Initialize.uniform(x, a, b, g) }
  ops.define("normal_(Tensor tensor, float mean=0.0, float std=1.0, Generator? generator=None) -> Tensor", doc: "Fills with draws of a normal distribution. Mirrors torch.nn.init.normal_.", variants: [.function]) { (x: Tensor, m: Double, s: Double, g: Generator?) in try Initialize.normal(x, m, s, g) }
  ops.define("constant_(Tensor tensor, Scalar val) -> Tensor", doc: "Fills with one number. Mirrors torch.nn.init.constant_.", variants: [.function]) { (x: Tensor, v: Scalar) in try Initialize.constant(x, v) }
  ops.define("ones_(Tensor tensor) -> Tensor", doc: "Fills with ones. Mirrors torch.nn.init.ones_.", variants: [.function]) { (x: Tensor) in try Initialize.constant(x, .integer(1)) }
  ops.define("zeros_(Tensor tensor) -> Tensor", doc: "Fills with zeros. Mirrors torch.nn.init.zeros_.", variants: [.function]) { (x: Tensor) in try Initialize.constant(x, .integer(0)) }
  ops.define("kaiming_uniform_(Tensor tensor, float a=0, str mode='fan_in', str nonlinearity='leaky_relu', Generator? generator=None) -> Tensor", doc: "He initialization from an even distribution. Mirrors torch.nn.init.kaiming_uniform_.", variants: [.function]) {
    (x: Tensor, a: Double, m: String, n: String, g: Generator?) in try Initialize.kaimingUniform(x, a: a, mode: m, nonlinearity: n, g)
  }
  ops.define("kaiming_normal_(Tensor tensor, float a=0, str mode='fan_in', str nonlinearity='leaky_relu', Generator? generator=None) -> Tensor", doc: "He initialization from a normal distribution. Mirrors torch.nn.init.kaiming_normal_.", variants: [.function]) {
    (x: Tensor, a: Double, m: String, n: String, g: Generator?) in try Initialize.kaimingNormal(x, a: a, mode: m, nonlinearity: n, g)
  }
  ops.define("xavier_uniform_(Tensor tensor, float gain=1.0, Generator? generator=None) -> Tensor", doc: "Glorot initialization from an even distribution. Mirrors torch.nn.init.xavier_uniform_.", variants: [.function]) { (x: Tensor, k: Double, g: Generator?) in try Initialize.xavierUniform(x, gain: k, g) }
  ops.define("xavier_normal_(Tensor tensor, float gain=1.0, Generator? generator=None) -> Tensor", doc: "Glorot initialization from a normal distribution. Mirrors torch.nn.init.xavier_normal_.", variants: [.function]) { (x: Tensor, k: Double, g: Generator?) in try Initialize.xavierNormal(x, gain: k, g) }
}
