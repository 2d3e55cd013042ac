import CKernels
import Glibc
import Interface
import Kernels
import TensorCore

extension Tensor {
  /// Applies an activation: `kernel` is PyTorch's name of its loop, which takes floats alone. The slope is computed in float32
  /// for 16-bit floats and rounded once.
  private func activated<F: UnaryFunction>(
    _ f: F, kernel: String, _ node: String, _ slope: @escaping (_ g: Tensor, _ x: Tensor) throws -> Tensor
  ) throws -> Tensor {
    try refuse(kernel, DifferentiablePair.notFloats)
    return try shaped(f, node, slope)
  }

  private func shaped<F: UnaryFunction>(_ f: F, _ node: String, _ slope: @escaping (_ g: Tensor, _ x: Tensor) throws -> Tensor) throws -> Tensor {
    let y = try mapped(f)
    if Tensor.records(self) {
      let (saved, type) = (SavedTensor(self), dtype)
      y.record(node, [self]) { _, g in [try slope(g.widened(), saved.unpack().widened()).to(type)] }
    }
    return y
  }

  /// Elements held between two bounds. Mirrors `F.hardtanh`.
  public func hardtanh(_ low: Scalar, _ high: Scalar) throws -> Tensor {
    if dtype == .bool { throw TorchError.notImplemented("Bool inputs not supported for hardtanh") }
    return try shaped(Hold(low, high, as: dtype), "HardtanhBackward0") { g, x in try g.replaced(where: x.le(.wrapped(low)).logicalOr(x.ge(.wrapped(high))), by: 0) }
  }

  /// log(1 + e^(βx)) / β, x itself where βx is above the threshold. Mirrors `F.softplus`.
  public func softplus(beta: Double, threshold: Double) throws -> Tensor {
    let f = Formula(
      float: { $0 * Float(beta) > Float(threshold) ? $0 : log1pf(expf($0 * Float(beta))) / Float(beta) },
      double: { $0 * beta > threshold ? $0 : Glibc.log1p(Glibc.exp($0 * beta)) / beta })
    return try activated(f, kernel: "softplus_cpu", "SoftplusBackward0") { g, x in
      let z = try x * beta
      return try .where(z.over(threshold), g, g * z.sigmoid())
    }
  }

  /// scale · x above zero, scale · α (e^(s x) − 1) below. Mirrors `torch.elu`.
  public func elu(alpha: Double, scale: Double = 1, inputScale s: Double = 1, node: String = "EluBackward0") throws -> Tensor {
    let negative = alpha * scale
    let f = Formula(
      float: { $0 <= 0 ? expm1f($0 * Float(s)) * Float(negative) : $0 * Float(scale) },
      double: { $0 <= 0 ? Glibc.expm1($0 * s) * negative : $0 * scale })
    return try activated(f, kernel: "elu_cpu", node) { g, x in
      try .where(x.le(.wrapped(.integer(0))), g * (x * s).exp() * (negative * s), g * scale)
    }
  }

  /// max(0, x) + min(0, α (e^(x/α) − 1)). Mirrors `torch.celu`.
  public func celu(alpha: Double) throws -> Tensor {
    if alpha == 0 { throw TorchError.runtime("ZeroDivisionError: alpha cannot be 0 for CELU") }
    return try elu(alpha: alpha, inputScale: 1 / alpha, node: "CeluBackward0")
  }

  /// The self-normalizing elu. Mirrors `torch.selu`.
  public func selu() throws -> Tensor { try elu(alpha: 1.6732632423543772848170429916717, scale: 1.0507009873554804934193349852946) }

  /// x times the normal distribution's function, or its approximation by tanh. Mirrors `F.gelu`.
  public func gelu(approximate: String = "none") throws -> Tensor {
    switch approximate {
    case "none":
      let f = Formula(
        float: { $0 * 0.5 * (1 + erff($0 * Float(0.5.squareRoot()))) }, double: { $0 * 0.5 * (1 + Glibc.erf($0 * 0.5.squareRoot())) },
        op: QK_GELU)
      return try activated(f, kernel: "GeluKernelImpl", "GeluBackward0") { g, x in
        if let slopes = try x.geluSlopes(g) { return slopes }
        let cdf = try ((x * 0.5.squareRoot()).erf() + 1) * 0.5
        let pdf = try (x * x * -0.5).exp() * (0.5 * M_2_SQRTPI * 0.5.squareRoot())
        return try g * (cdf + x * pdf)
      }
    case "tanh":
      let (root, cube) = (2.0.squareRoot() * M_2_SQRTPI * 0.5, 0.044715)
      let f = Formula(
        float: { $0 * 0.5 * (1 + tanhf(Float(root) * ($0 + Float(cube) * $0 * $0 * $0))) },
        double: { $0 * 0.5 * (1 + Glibc.tanh(root * ($0 + cube * $0 * $0 * $0))) }, op: QK_GELU_TANH)
      return try activated(f, kernel: "GeluKernelImpl", "GeluBackward0") { g, x in
        let square = try x * x
        let t = try ((x + square * x * cube) * root).tanh()
        let inner = try (square * (3 * cube) + 1) * root
        return try g * ((t + 1) * 0.5 + x * 0.5 * (1 - t * t) * inner)
      }
    default: throw TorchError.runtime("approximate argument must be either none or tanh.")
    }
  }

  /// The gradient of `gelu` at dense floats where nobody asks for its own; what the composition gives, a stretch that fits
  /// the processor's cache at a time.
  private func geluSlopes(_ g: Tensor) throws -> Tensor? {
    if Tensor.records(self, g) { return nil }
    guard dtype == .float32, g.dtype == .float32, g.sizes == sizes, isContiguous, g.isContiguous, let erf = qk_unary(QK_ERF, QK_F32), let exp = qk_unary(QK_EXP, QK_F32) else { return nil }
    let y = try Tensor(like: self, dtype: .float32)
    let (x, slope, out) = (elements(Float.self), g.elements(Float.self), y.elements(Float.self))
    let (root, height) = (Float(0.5.squareRoot()), Float(0.5 * M_2_SQRTPI * 0.5.squareRoot()))
    Threads.run(count) { part in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 1024) { buffer in
        // unreachable: an allocation of fixed size has an address
        let (cdf, pdf) = (buffer.baseAddress!, buffer.baseAddress! + 512)
        for start in stride(from: part.lowerBound, to: part.upperBound, by: 512) {
          let n = Swift.min(512, part.upperBound - start)
          let (x, g, out) = (x + start, slope + start, out + start)
          for i in 0..<n { (cdf[i], pdf[i]) = (x[i] * root, x[i] * x[i] * -0.5) }
          erf(n, cdf, cdf)
          exp(n, pdf, pdf)
          for i in 0..<n { out[i] = g[i] * ((cdf[i] + 1) * 0.5 + x[i] * (pdf[i] * height)) }
        }
      }
    }
    return withExtendedLifetime(g) { y }
  }

  /// x · sigmoid(x). Mirrors `F.silu`.
  public func silu() throws -> Tensor {
    let f = Formula(float: { $0 / (1 + expf(-$0)) }, double: { $0 / (1 + Glibc.exp(-$0)) }, op: QK_SILU)
    return try activated(f, kernel: "silu_cpu", "SiluBackward0") { g, x in
      let s = try x.sigmoid()
      return try g * s * (x * (1 - s) + 1)
    }
  }

  /// x · tanh(softplus(x)). Mirrors `F.mish`.
  public func mish() throws -> Tensor {
    let f = Formula(float: { $0 * tanhf(log1pf(expf($0))) }, double: { $0 * Glibc.tanh(Glibc.log1p(Glibc.exp($0))) })
    return try activated(f, kernel: "mish_cpu", "MishBackward0") { g, x in
      let t = try x.exp().log1p().tanh()
      return try g * (t + x * x.sigmoid() * (1 - t * t))
    }
  }

  /// A line from 0 at −3 to 1 at 3, flat beyond. Mirrors `F.hardsigmoid`.
  public func hardsigmoid() throws -> Tensor {
    let f = Formula(float: { min(max($0 + 3, 0), 6) / 6 }, double: { min(max($0 + 3, 0), 6) / 6 })
    return try activated(f, kernel: "hardsigmoid_cpu", "HardsigmoidBackward0") { g, x in
      try .where(x.over(-3).logicalAnd(x.under(3)), g / 6, .wrapped(.double(0)))
    }
  }

  /// x · hardsigmoid(x). Mirrors `F.hardswish`.
  public func hardswish() throws -> Tensor {
    let f = Formula(float: { $0 * min(max($0 + 3, 0), 6) / 6 }, double: { $0 * min(max($0 + 3, 0), 6) / 6 })
    return try activated(f, kernel: "hardswish_cpu", "HardswishBackward0") { g, x in
      try Tensor.where(x.ge(.wrapped(.integer(3))), g, g * (x / 3 + 0.5)).replaced(where: x.le(.wrapped(.integer(-3))), by: 0)
    }
  }

  /// x where |x| > lambd, else 0. Mirrors `torch.hardshrink`.
  public func hardshrink(lambd: Double) throws -> Tensor {
    if dtype.isFloatingPoint { try Scalar.double(lambd).checkFits(dtype) }
    let f = Formula(float: { $0.magnitude <= Float(lambd) ? 0 : $0 }, double: { $0.magnitude <= lambd ? 0 : $0 })
    return try activated(f, kernel: "hardshrink_cpu", "HardshrinkBackward0") { g, x in try shrunk(g, x, lambd) }
  }

  /// x moved towards 0 by lambd. Mirrors `F.softshrink`.
  public func softshrink(lambd: Double) throws -> Tensor {
    try refuse("softshrink_check", DifferentiablePair.notFloats)
    let greatest = dtype.greatestFinite
    if !(lambd >= 0 && lambd <= greatest) {
      throw TorchError.runtime("lambda must be in range [0, \(greatest.shortText)] for input dtype \(dtype.capitalized), but found \(lambd.shortText)")
    }
    let f = Formula(
      float: { $0 > Float(lambd) ? $0 - Float(lambd) : $0 < -Float(lambd) ? $0 + Float(lambd) : $0 * 0 },
      double: { $0 > lambd ? $0 - lambd : $0 < -lambd ? $0 + lambd : $0 * 0 })
    return try activated(f, kernel: "softshrink_cpu", "SoftshrinkBackward0") { g, x in try shrunk(g, x, lambd) }
  }

  /// x above zero, slope · x below. Mirrors `F.leaky_relu`.
  public func leakyRelu(slope: Double) throws -> Tensor { try leakyRelu(slope, "LeakyReluBackward0") }

  private func leakyRelu(_ slope: Double, _ node: String) throws -> Tensor {
    let f = Formula(float: { $0 > 0 ? $0 : $0 * Float(slope) }, double: { $0 > 0 ? $0 : $0 * slope })
    return try activated(f, kernel: "leaky_relu_cpu", node) { g, x in try .where(x.over(0), g, g * slope) }
  }

  /// x above the threshold, value elsewhere. Mirrors `torch.threshold`.
  public func threshold(_ threshold: Scalar, _ value: Scalar) throws -> Tensor {
    try refuse("threshold_cpu") { $0 == .bool }
    for number in [threshold, value] { try number.checkFits(dtype.isFloatingPoint ? dtype.wide : dtype) }
    let (t, v, it, iv) = (threshold.doubleValue, value.doubleValue, Int64(threshold.integerValue), Int64(value.integerValue))
    let f = Formula(float: { $0 <= Float(t) ? Float(v) : $0 }, double: { $0 <= t ? v : $0 }, integer: { $0 <= it ? iv : $0 })
    return try shaped(f, "ThresholdBackward0") { g, x in try g.replaced(where: x.le(.wrapped(threshold)), by: 0) }
  }

  /// log(sigmoid(x)). Mirrors `F.logsigmoid`.
  public func logSigmoid() throws -> Tensor {
    let f = Formula(
      float: { Swift.min(0, $0) - log1pf(expf(-$0.magnitude)) }, double: { Swift.min(0, $0) - Glibc.log1p(Glibc.exp(-$0.magnitude)) })
    return try activated(f, kernel: "log_sigmoid_cpu", "LogSigmoidBackward0") { g, x in try g * x.neg().sigmoid() }
  }

  /// x above zero, weight · x below, one weight in all or for each channel. Mirrors `torch.prelu`.
  public func prelu(_ weight: Tensor) throws -> Tensor {
    if weight.dtype != dtype {
      throw TorchError.runtime("prelu: Type promoting not supported. Got \(dtype.capitalized) and \(weight.dtype.capitalized)")
    }
    if weight.dim > 1 { throw TorchError.runtime("prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = \(weight.dim)") }
    if weight.count != 1 {
      if dim == 0 { throw TorchError.runtime("Not allow zero-dim input tensor.") }
      let channels = dim > 1 ? sizes[1] : 1
      if channels != weight.count {
        throw TorchError.runtime("Mismatch of parameter numbers and input channel size. Found parameter numbers = \(weight.count) and channel size = \(channels).")
      }
    }
    try refuse("prelu_cpu", DifferentiablePair.notFloats)
    let shape = dim > 1 ? (0..<dim).map { $0 == 1 ? weight.count : 1 } : Array(repeating: 1, count: dim)
    let w = try weight.reshape(shape)
    let value = PairFormula(float: { $0 > 0 ? $0 : $1 * $0 }, double: { $0 > 0 ? $0 : $1 * $0 })
    return try .apply(
      DifferentiablePair(
        node: "PreluKernelBackward0", value: value, first: { g, x, w, _ in try .where(x.over(0), g, g * w) },
        second: { g, x, _, _ in try (g * x).replaced(where: x.over(0), by: 0) }), self, w)
  }

  /// leaky_relu with slopes drawn between two bounds while training, with their mean otherwise. Mirrors `torch.rrelu`.
  public func rrelu(_ lower: Double, _ upper: Double, training: Bool) throws -> Tensor {
    if lower > upper { throw TorchError.runtime("Lower bound should be less than or equal to the upper bound") }
    if !training { return try leakyRelu((lower + upper) / 2, "RreluWithNoiseBackward0") }
    try refuse("rrelu_with_noise_out_cpu", DifferentiablePair.notFloats)
    let source = try GradMode.with(false) { try dense(.float64) }
    let noise = try Tensor(uninitialized: sizes, dtype: .float64)
    let (x, n) = (source.elements(Double.self), noise.elements(Double.self))
    for i in 0..<count {
      n[i] = 1
      if x[i] <= 0 { try Generator.default.fillUniform(UnsafeMutableBufferPointer(start: n + i, count: 1), from: lower, to: upper) }
    }
    let slopes = try withExtendedLifetime(source) { try noise.to(dtype) }
    let y = try GradMode.with(false) { try mul(slopes) }
    if Tensor.records(self) {
      let saved = SavedTensor(self)
      y.record("RreluWithNoiseBackward0", [self]) { _, g in
        if upper - lower > 1e-6 { return [try g * slopes] }
        return [try .where(saved.unpack().over(0), g, g * ((lower + upper) / 2))]
      }
    }
    return y
  }

  /// Half of a dimension times the sigmoid of its other half. Mirrors `F.glu`.
  public func glu(_ d: Int) throws -> Tensor {
    if dim == 0 { throw TorchError.runtime("glu does not support 0-dimensional tensors") }
    let axis = try Shape.wrap(d, dim)
    if sizes[axis] % 2 != 0 { throw TorchError.runtime("Halving dimension must be even, but dimension \(axis) is size \(sizes[axis])") }
    try refuse("glu_cpu", DifferentiablePair.notFloats)
    let half = sizes[axis] / 2
    let y = try GradMode.with(false) {
      let wide = try widened()
      return try (wide.narrow(axis, 0, half) * wide.narrow(axis, half, half).sigmoid()).to(dtype)
    }
    if Tensor.records(self) {
      let (saved, type) = (SavedTensor(self), dtype)
      y.record("GluBackward0", [self]) { _, g in
        let (x, g) = (try saved.unpack().widened(), try g.widened())
        let s = try x.narrow(axis, half, half).sigmoid()
        let kept = try g * s
        return [try Tensor.cat([kept, kept * x.narrow(axis, 0, half) * (1 - s)], axis).to(type)]
      }
    }
    return y
  }
}

/// A gradient that is zero within [−lambd, lambd].
private func shrunk(_ g: Tensor, _ x: Tensor, _ lambd: Double) throws -> Tensor {
  let inside = try x.ge(.wrapped(.double(-lambd))).logicalAnd(x.le(.wrapped(.double(lambd))))
  return try g.replaced(where: inside.logicalOr(x.ne(x)), by: 0)
}
