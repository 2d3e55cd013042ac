import Interface
import TensorCore
import Torch

/// What a dropout drops and what it leaves instead.
struct DropoutKind {
  /// Whole channels, not single elements.
  var channels = false
  /// Dropped elements become SELU's least value, and the rest is scaled to keep mean and variance.
  var keepsMoments = false
}

extension Functional {
  /// Zeroes elements with probability `p` and scales the others by 1 / (1 − p), while training. Mirrors `F.dropout`.
  /// - Throws: PyTorch's `ValueError` for p outside [0, 1].
  public static func dropout(_ x: Tensor, _ p: Double, training: Bool, inPlace: Bool = false) throws -> Tensor {
    try dropout(x, .double(p), DropoutKind(), training: training, inPlace: inPlace)
  }

  static func dropout(_ x: Tensor, _ p: Scalar, _ kind: DropoutKind, training: Bool, inPlace: Bool) throws -> Tensor {
    if !(0...1).contains(p.doubleValue) {
      throw TorchError.value("dropout probability has to be between 0 and 1, but got \(Module.shown(p.asValue))")
    }
    return try dropped(x, p.doubleValue, kind, training: training, inPlace: inPlace)
  }

  /// `at::dropout` and its kin.
  static func dropped(_ x: Tensor, _ p: Double, _ kind: DropoutKind, training: Bool, inPlace: Bool) throws -> Tensor {
    if !(0...1).contains(p) { throw TorchError.runtime("dropout probability has to be between 0 and 1, but got \(shortest(p))") }
    if p == 0 || !training || x.count == 0 { return x }
    func give(_ y: Tensor) throws -> Tensor { inPlace ? try x.become(y) : y }
    if p == 1 { return try give(x * Tensor.zeros(Dims(), dtype: x.dtype)) }
    if kind.channels && x.dim < 2 { throw TorchError.runtime("Feature dropout requires at least 2 dimensions in the input") }
    let noise = kind.channels
      ? try Tensor(uninitialized: Dims(Array(x.sizes.prefix(2)) + Array(repeating: 1, count: x.dim - 2)), dtype: x.dtype) : try x.emptyAlike()
    try noise.bernoulli(1 - p, nil)
    if kind.keepsMoments {
      let alpha = 1.7580993408473766
      let a = 1 / ((alpha * alpha * p + 1) * (1 - p)).squareRoot()
      let shift = try (noise - 1) * (alpha * a) + alpha * a * p
      return try give(x * (noise * a) + shift)
    }
    try noise.become(noise / (1 - p))
    return try give(x * noise)
  }

  /// Elements zeroed and scaled, and where they were kept. Mirrors `torch.native_dropout`.
  static func nativeDropout(_ x: Tensor, _ p: Double, _ training: Bool) throws -> (Tensor, Tensor) {
    if !training || x.count == 0 { return (try x.clone(), try .full(x.sizes, .boolean(true), dtype: .bool)) }
    let mask = try x.emptyAlike(.bool)
    try mask.bernoulli(1 - p, nil)
    return (try x * mask * (p == 1 ? 0 : 1 / (1 - p)), mask)
  }

  /// Whole channels zeroed, for inputs of one to three spatial dimensions. Mirrors `F.dropout1d`, `F.dropout2d`, `F.dropout3d`.
  static func channelDropout(_ x: Tensor, _ p: Scalar, _ spatial: Int, training: Bool, inPlace: Bool) throws -> Tensor {
    if !(0...1).contains(p.doubleValue) {
      throw TorchError.value("dropout probability has to be between 0 and 1, but got \(Module.shown(p.asValue))")
    }
    if spatial == 1 && x.dim != 2 && x.dim != 3 {
      throw TorchError.runtime(
        "dropout1d: Expected 2D or 3D input, but received a \(x.dim)D input. Note that dropout1d exists to provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch dimension (i.e. 2D or 3D inputs).")
    }
    let lacksBatch = spatial != 2 && x.dim != spatial + 2
    let wide = lacksBatch ? try x.unsqueeze(0) : x
    let y = try dropped(wide, p.doubleValue, DropoutKind(channels: true), training: training, inPlace: false)
    if y === wide { return x }
    let result = lacksBatch ? try y.squeeze([0]) : y
    return inPlace ? try x.become(result) : result
  }

  /// Draws of a relaxed categorical distribution. Mirrors `F.gumbel_softmax`.
  static func gumbelSoftmax(_ logits: Tensor, tau: Double, hard: Bool, _ d: Int) throws -> Tensor {
    let draws = try Tensor(uninitialized: logits.sizes, dtype: logits.dtype == .float64 ? .float64 : .float32)
    do {
      if draws.dtype == .float64 {
        try Generator.default.fillExponential(UnsafeMutableBufferPointer(start: draws.elements(Double.self), count: draws.count))
      } else {
        try Generator.default.fillExponential(UnsafeMutableBufferPointer(start: draws.elements(Float.self), count: draws.count))
      }
    } catch let error as SamplingError { throw TorchError.runtime(error.message) }
    let noise = try draws.to(logits.dtype).log().neg()
    let soft = try softmax((logits + noise) / tau, d)
    if !hard { return soft }
    let index = try soft.detached().extremeIndex(d, keepdim: true, greatest: true)
    let sizes = Array(soft.sizes)
    let last = d < 0 ? d + sizes.count : d
    var shape = [Int](repeating: 1, count: sizes.count)
    shape[last] = sizes[last]
    let hot = try Tensor.arange(sizes[last]).reshape(shape).eq(index).to(soft.dtype)
    return try hot - soft.detached() + soft
  }
}

extension Tensor {
  /// Uninitialized, with the same sizes, and with the same strides where elements lie densely in some order. Mirrors `torch.empty_like`.
  func emptyAlike(_ dtype: DType? = nil) throws -> Tensor {
    let fresh = try Tensor(uninitialized: sizes, dtype: dtype ?? self.dtype)
    if isContiguous { return fresh }
    let order = (0..<dim).sorted { strides[$0] != strides[$1] ? strides[$0] > strides[$1] : $0 < $1 }
    var step = 1
    for d in order.reversed() where sizes[d] != 1 {
      if strides[d] != step { return fresh }
      step *= sizes[d]
    }
    return Tensor(storage: fresh.storage, sizes: sizes, strides: strides, dtype: fresh.dtype)
  }
}

/// Dropping elements at random.
public let dropoutFunctions = OperationFamily("torch.nn.functional") { ops in
  let one: Variants = [.function]
  func define(_ name: String, _ training: String, doc: String, _ body: @escaping (Tensor, Scalar, Bool, Bool) throws -> Tensor) {
    ops.define("\(name)(Tensor input, float p=0.5, bool training=\(training), bool inplace=False) -> Tensor", doc: "\(doc) Mirrors F.\(name).", variants: one) {
      (x: Tensor, p: Scalar, t: Bool, i: Bool) in try body(x, p, t, i)
    }
  }
  define("dropout", "True", doc: "Zeroes elements with probability p and scales the others by 1/(1-p), while training.") {
    try Functional.dropout($0, $1, DropoutKind(), training: $2, inPlace: $3)
  }
  define("alpha_dropout", "False", doc: "Drops elements to SELU's least value and keeps mean and variance, while training.") {
    try Functional.dropout($0, $1, DropoutKind(keepsMoments: true), training: $2, inPlace: $3)
  }
  define("feature_alpha_dropout", "False", doc: "Drops whole channels to SELU's least value and keeps mean and variance, while training.") {
    try Functional.dropout($0, $1, DropoutKind(channels: true, keepsMoments: true), training: $2, inPlace: $3)
  }
  for spatial in 1...3 {
    define("dropout\(spatial)d", "True", doc: "Zeroes whole channels with probability p and scales the others by 1/(1-p), while training.") {
      try Functional.channelDropout($0, $1, spatial, training: $2, inPlace: $3)
    }
  }
  ops.define("gumbel_softmax(Tensor logits, float tau=1, bool hard=False, float eps=1e-10, int dim=-1) -> Tensor", doc: "Draws of a relaxed categorical distribution; one-hot where hard. Mirrors F.gumbel_softmax.", variants: one) {
    (x: Tensor, t: Double, h: Bool, _: Double, d: Int) in try Functional.gumbelSoftmax(x, tau: t, hard: h, d)
  }
}

/// Dropping elements at random, as functions of `torch`.
public let dropoutOperations = OperationFamily("torch") { ops in
  let kinds: [(String, DropoutKind)] = [
    ("dropout", DropoutKind()), ("alpha_dropout", DropoutKind(keepsMoments: true)), ("feature_dropout", DropoutKind(channels: true)),
    ("feature_alpha_dropout", DropoutKind(channels: true, keepsMoments: true)),
  ]
  for (name, kind) in kinds {
    for inPlace in [false, true] {
      let name = inPlace ? name + "_" : name
      ops.define("\(name)(Tensor self, float p, bool train) -> Tensor", doc: "Drops \(kind.channels ? "channels" : "elements") with probability p while training. Mirrors torch.\(name).", variants: [.function]) {
        (x: Tensor, p: Double, t: Bool) in try Functional.dropped(x, p, kind, training: t, inPlace: inPlace)
      }
    }
  }
  ops.define("native_dropout(Tensor self, float p, bool? train) -> (Tensor, Tensor)", doc: "Elements dropped, and where they were kept. Mirrors torch.native_dropout.", variants: [.function]) {
    (x: Tensor, p: Double, t: Bool?) -> Value in
    let (y, mask) = try Functional.nativeDropout(x, p, t ?? true)
    return .tuple([.object(y), .object(mask)])
  }
}
