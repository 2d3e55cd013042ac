import Glibc
import Interface
import TensorCore
import Torch

extension Initialize {
  /// Draws of a normal distribution cut off at a and b. Mirrors `torch.nn.init.trunc_normal_`.
  @discardableResult
  static func truncatedNormal(_ tensor: Tensor, _ mean: Double, _ std: Double, _ a: Double, _ b: Double, _ generator: Generator?) throws -> Tensor {
    func below(_ x: Double) -> Double { (1 + erf(x / 2.0.squareRoot())) / 2 }
    return try GradMode.with(false) {
      if below((b - mean) / std) - below((a - mean) / std) > 0.3 {
        // Bounds as the tensor's type holds them.
        let low = try Tensor.scalar(.double(a), dtype: tensor.dtype), high = try Tensor.scalar(.double(b), dtype: tensor.dtype)
        var result = try tensor.normal(mean, std, generator)
        while true {
          let outside = try result.lt(low).logicalOr(result.gt(high))
          if try outside.any().item() != .boolean(true) { break }
          result = try .choose(outside, tensor.emptyAlike().normal(mean, std, generator), result)
        }
        return result === tensor ? tensor : try tensor.become(result)
      }
      let mode = max(a, min(mean, b))
      let peak = -0.5 * ((mode - mean) / std) * ((mode - mean) / std)
      func logDensity(_ x: Tensor) throws -> Tensor { try ((x - mean) / std).pow(.wrapped(.integer(2))) * -0.5 - peak }
      func refused(_ x: Tensor) throws -> Tensor { try tensor.emptyAlike().uniform(0, 1, generator).log().gt(logDensity(x)) }
      var result = try tensor.uniform(a, b, generator).clone()
      var pending = try refused(result)
      while try pending.any().item() == .boolean(true) {
        let candidates = try tensor.emptyAlike().uniform(a, b, generator)
        result = try .choose(pending, candidates, result)
        pending = try pending.logicalAnd(refused(candidates))
      }
      return try tensor.become(result)
    }
  }

  /// The identity matrix. Mirrors `torch.nn.init.eye_`.
  static func identity(_ tensor: Tensor) throws -> Tensor {
    if tensor.dim != 2 { throw TorchError.value("Only tensors with 2 dimensions are supported") }
    return try GradMode.with(false) {
      try tensor.become(Tensor.arange(tensor.sizes[0]).unsqueeze(1).eq(Tensor.arange(tensor.sizes[1])).to(tensor.dtype))
    }
  }

  /// Convolutions that give what they get. Mirrors `torch.nn.init.dirac_`.
  static func dirac(_ tensor: Tensor, groups: Int) throws -> Tensor {
    if !(3...5).contains(tensor.dim) { throw TorchError.value("Only tensors with 3, 4, or 5 dimensions are supported") }
    let sizes = Array(tensor.sizes)
    if groups <= 0 || sizes[0] % groups != 0 { throw TorchError.value("dim 0 must be divisible by groups") }
    let each = sizes[0] / groups
    return try GradMode.with(false) {
      try tensor.fill(.integer(0))
      for g in 0..<groups {
        for d in 0..<min(each, sizes[1]) {
          let center = sizes.dropFirst(2).map { IndexItem.integer($0 / 2) }
          try tensor.assign([.integer(g * each + d), .integer(d)] + center, .wrapped(.integer(1)))
        }
      }
      return tensor
    }
  }

  /// A random orthogonal matrix. Mirrors `torch.nn.init.orthogonal_`.
  static func orthogonal(_ tensor: Tensor, gain: Double, _ generator: Generator?) throws -> Tensor {
    if tensor.dim < 2 { throw TorchError.value("Only tensors with 2 or more dimensions are supported") }
    if tensor.count == 0 { return tensor }
    return try GradMode.with(false) {
      let (rows, columns) = (tensor.sizes[0], tensor.count / tensor.sizes[0])
      var flat = try Tensor(uninitialized: [rows, columns], dtype: tensor.dtype).normal(0, 1, generator)
      if rows < columns { flat = try flat.t() }
      guard case .tuple(let parts) = try Functional.result("qr", in: "torch.linalg", .object(flat)), parts.count == 2 else {
        throw TorchError.runtime("linalg.qr must give two tensors")
      }
      let (q, r) = (try parts[0].tensor(), try parts[1].tensor())
      let size = min(r.sizes[0], r.sizes[1])
      let diagonal = try r.indexed([.tensor(.arange(size)), .tensor(.arange(size))])
      var y = try q * diagonal.sign()
      if rows < columns { y = try y.t() }
      return try tensor.become(y.reshape(Array(tensor.sizes)) * gain)
    }
  }

  /// Columns with a share of zeros, the rest normal. Mirrors `torch.nn.init.sparse_`.
  static func sparse(_ tensor: Tensor, _ share: Double, std: Double, _ generator: Generator?) throws -> Tensor {
    if tensor.dim != 2 { throw TorchError.value("Only tensors with 2 dimensions are supported") }
    let zeros = Int((share * Double(tensor.sizes[0])).rounded(.up))
    return try GradMode.with(false) {
      try tensor.normal(0, std, generator)
      for column in 0..<tensor.sizes[1] {
        let order = try Functional.result("randperm", in: "torch", .integer(tensor.sizes[0])).tensor()
        try tensor.assign([.tensor(order.narrow(0, 0, zeros)), .integer(column)], .wrapped(.integer(0)))
      }
      return tensor
    }
  }
}

extension Functional {
  /// What the function of a namespace gives.
  /// - Throws: what it throws; an `AttributeError` where there is none.
  static func result(_ name: String, in namespace: String, _ arguments: Value...) throws -> Value {
    for family in nnFamilies + tensorFamilies where family.namespace == namespace {
      for operation in family.operations where operation.schema.name == name {
        let frame = ValueFrame(name, arguments)
        if !operation.matches(frame) { continue }
        return try frame.results(of: operation)
      }
    }
    throw TorchError.attribute("module '\(namespace)' has no attribute '\(name)'")
  }
}

/// The rest of `torch.nn.init`.
public let structuredInitializers = OperationFamily("torch.nn.init") { ops in
  let plain: Variants = [.function]
  ops.define("trunc_normal_(Tensor tensor, float mean=0.0, float std=1.0, float a=-2.0, float b=2.0, Generator? generator=None) -> Tensor", doc: "Fills with draws of a normal distribution cut off at a and b. Mirrors torch.nn.init.trunc_normal_.", variants: plain) {
    (x: Tensor, m: Double, s: Double, a: Double, b: Double, g: Generator?) in try Initialize.truncatedNormal(x, m, s, a, b, g)
  }
  ops.define("eye_(Tensor tensor) -> Tensor", doc: "Makes it the identity matrix. Mirrors torch.nn.init.eye_.", variants: plain) { (x: Tensor) in try Initialize.identity(x) }
  ops.define("dirac_(Tensor tensor, int groups=1) -> Tensor", doc: "Makes it a convolution that gives what it gets. Mirrors torch.nn.init.dirac_.", variants: plain) {
    (x: Tensor, g: Int) in try Initialize.dirac(x, groups: g)
  }
  ops.define("orthogonal_(Tensor tensor, float gain=1, Generator? generator=None) -> Tensor", doc: "Fills with a random orthogonal matrix. Mirrors torch.nn.init.orthogonal_.", variants: plain) {
    (x: Tensor, k: Double, g: Generator?) in try Initialize.orthogonal(x, gain: k, g)
  }
  ops.define("sparse_(Tensor tensor, float sparsity, float std=0.01, Generator? generator=None) -> Tensor", doc: "Fills with normal draws and a share of zeros in each column. Mirrors torch.nn.init.sparse_.", variants: plain) {
    (x: Tensor, s: Double, d: Double, g: Generator?) in try Initialize.sparse(x, s, std: d, g)
  }
}
