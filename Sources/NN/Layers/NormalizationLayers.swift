import Interface
import OrderedCollections
import TensorCore
import Torch

/// What the normalization layers share.
private enum NormalizationLayer {
  static func hasBias(_ m: Module) -> String { (m.parameters["bias"] ?? nil) == nil ? "False" : "True" }

  /// Weight and bias of these sizes; None where they are not wanted.
  static func addWeights(_ layer: FunctionLayer, _ sizes: [Int], affine: String, bias: Bool = true) throws {
    let wanted = layer.isTrue(affine)
    let hasBias = layer.isTrue("bias") || layer.attributes["bias"] == nil
    layer.attributes["bias"] = nil
    try layer.addParameter("weight", sizes, isWanted: wanted)
    if bias { try layer.addParameter("bias", sizes, isWanted: wanted && hasBias) }
  }

  /// Ones and zeros. Mirrors `reset_parameters`.
  static func reset(_ layer: FunctionLayer) throws {
    if layer.isTrue("track_running_stats") { try resetStatistics(layer) }
    if let weight = layer.parameters["weight"] ?? nil { try Initialize.constant(weight, .integer(1)) }
    if let bias = layer.parameters["bias"] ?? nil { try Initialize.constant(bias, .integer(0)) }
  }

  /// Mirrors `reset_running_stats`.
  static func resetStatistics(_ layer: FunctionLayer) throws {
    for (name, value) in [("running_mean", 0), ("running_var", 1), ("num_batches_tracked", 0)] {
      if let buffer = layer.buffers[name] ?? nil { try Initialize.constant(buffer, .integer(value)) }
    }
  }

  /// What batch and instance normalization keep.
  static func setUpStatistics(_ layer: FunctionLayer) throws {
    guard let count = layer.integer("num_features") else { throw TorchError.type("num_features must be int") }
    try addWeights(layer, [count], affine: "affine")
    let tracks = layer.isTrue("track_running_stats")
    layer.buffers.updateValue(tracks ? try .zeros([count], dtype: layer.dtype) : nil, forKey: "running_mean")
    layer.buffers.updateValue(tracks ? try .ones([count], dtype: layer.dtype) : nil, forKey: "running_var")
    layer.buffers.updateValue(tracks ? try .zeros([], dtype: .int64) : nil, forKey: "num_batches_tracked")
  }

  /// Declares the lazy forms of layers that keep statistics.
  static func lazy(_ layers: LayerFamily, _ name: String) {
    let waiting = ["weight", "bias", "running_mean", "running_var"]
    layers.lazy(
      "Lazy\(name)(float eps=1e-05, float? momentum=0.1, bool affine=True, bool track_running_stats=True, Device? device=None, ScalarType? dtype=None, *, bool bias=True)",
      becomes: name, doc: "\(name) that learns num_features from its first input. Mirrors torch.nn.Lazy\(name).",
      delay: { layer in
        layer.attributes["num_features"] = .integer(0)
        try setUpStatistics(layer)
        try layer.delayTensors(waiting)
      },
      infer: { layer, x in
        guard layer.hasUninitializedTensors else { return }
        let count = try Module.size(x, 1)
        layer.attributes["num_features"] = .integer(count)
        for tensor in waiting { try layer.materialize(tensor, [count]) }
        try reset(layer)
      })
  }

  static func statisticsText(_ m: Module) -> String {
    m.filled("{num_features}, eps={eps}, momentum={momentum}, affine={affine}") + ", bias=\(hasBias(m)), track_running_stats=\(m.shown("track_running_stats"))"
  }

  /// Batch normalization with the layer's statistics, which are changed while it trains.
  static func batchNorm(_ layer: FunctionLayer, _ x: Tensor) throws -> Tensor {
    var factor = layer.number("momentum") ?? 0
    let tracks = layer.isTrue("track_running_stats")
    if layer.training && tracks, let count = try layer.optionalTensor("num_batches_tracked") {
      try GradMode.with(false) { _ = try count.copyElements(from: count.add(.wrapped(.integer(1)))) }
      if layer.number("momentum") == nil { factor = 1 / (try count.item().doubleValue) }
    }
    let (mean, variance) = (try layer.optionalTensor("running_mean"), try layer.optionalTensor("running_var"))
    let training = layer.training || (mean == nil && variance == nil)
    if training { try Functional.checkBatch(Array(x.sizes), "torch.Size(\(x.sizes.text))") }
    let used = !layer.training || tracks
    return try Functional.nativeBatchNorm(
      x, layer.optionalTensor("weight"), layer.optionalTensor("bias"), used ? mean : nil, used ? variance : nil, training: training, momentum: factor,
      eps: layer.number("eps") ?? 1e-5)[0]
  }

  static func instanceNorm(_ layer: FunctionLayer, _ x: Tensor) throws -> Tensor {
    let usesInput = layer.training || !layer.isTrue("track_running_stats")
    if usesInput, x.sizes.dropFirst(2).reduce(1, *) == 1 {
      throw TorchError.value("Expected more than 1 spatial element when training, got input size torch.Size(\(x.sizes.text))")
    }
    return try Functional.instanceNorm(
      x, layer.optionalTensor("running_mean"), layer.optionalTensor("running_var"), layer.optionalTensor("weight"), layer.optionalTensor("bias"),
      usesInput: usesInput, momentum: layer.number("momentum") ?? 0, eps: layer.number("eps") ?? 1e-5)
  }

  /// Lets `normalized_shape` be a tuple and gives it.
  static func shape(_ layer: FunctionLayer) -> [Int] {
    if case .integer? = layer.attributes["normalized_shape"] { layer.attributes["normalized_shape"] = .tuple([layer.attributes["normalized_shape"] ?? .none]) }
    return layer.integers("normalized_shape")
  }
}

/// Layers that normalize batches and instances.
public let batchNormalizationLayers = LayerFamily(module: "batchnorm") { layers in
  let rest = "float eps=1e-05, float? momentum=0.1, bool affine=True, bool track_running_stats=True"
  for n in 1...3 {
    layers.layer(
      "BatchNorm\(n)d(int num_features, \(rest), Device? device=None, ScalarType? dtype=None, *, bool bias=True)", shows: LayerText(NormalizationLayer.statisticsText),
      doc: "Each channel to mean 0 and variance 1 over the batch (in evaluation by running statistics), then weighted. Mirrors torch.nn.BatchNorm\(n)d.",
      version: 2, setUp: NormalizationLayer.setUpStatistics, reset: NormalizationLayer.reset
    ) { (layer: FunctionLayer, x: Tensor) in
      if n == 1 ? x.dim != 2 && x.dim != 3 : x.dim != n + 2 {
        throw TorchError.value("expected \(n == 1 ? "2D or 3D" : "\(n + 2)D") input (got \(x.dim)D input)")
      }
      return try NormalizationLayer.batchNorm(layer, x)
    }
    NormalizationLayer.lazy(layers, "BatchNorm\(n)d")
  }
  layers.layer(
    "SyncBatchNorm(int num_features, \(rest), Any process_group=None, Device? device=None, ScalarType? dtype=None, *, bool bias=True)",
    shows: LayerText(NormalizationLayer.statisticsText), doc: "BatchNorm over several processes; here in evaluation alone. Mirrors torch.nn.SyncBatchNorm.", version: 2,
    setUp: NormalizationLayer.setUpStatistics, reset: NormalizationLayer.reset
  ) { (layer: FunctionLayer, x: Tensor) in
    if x.dim < 2 { throw TorchError.value("expected at least 2D input (got \(x.dim)D input)") }
    if layer.training { throw TorchError.value("SyncBatchNorm expected input tensor to be on GPU or XPU or privateuseone") }
    return try NormalizationLayer.batchNorm(layer, x)
  }
}

/// Layers that normalize instances.
public let instanceNormalizationLayers = LayerFamily(module: "instancenorm") { layers in
  for n in 1...3 {
    layers.layer(
      "InstanceNorm\(n)d(int num_features, float eps=1e-05, float? momentum=0.1, bool affine=False, bool track_running_stats=False, Device? device=None, ScalarType? dtype=None, *, bool bias=True)",
      shows: LayerText(NormalizationLayer.statisticsText), doc: "Each channel of each row to mean 0 and variance 1, then weighted. Mirrors torch.nn.InstanceNorm\(n)d.",
      version: 2, setUp: NormalizationLayer.setUpStatistics, reset: NormalizationLayer.reset
    ) { (layer: FunctionLayer, x: Tensor) in
      if x.dim != n + 1 && x.dim != n + 2 { throw TorchError.value("expected \(n + 1)D or \(n + 2)D input (got \(x.dim)D input)") }
      let channel = x.dim - n - 1
      if let count = layer.integer("num_features"), x.sizes[channel] != count, layer.isTrue("affine") {
        throw TorchError.value("expected input's size at dim=\(channel) to match num_features (\(count)), but got: \(x.sizes[channel]).")
      }
      if x.dim == n + 1 { return try NormalizationLayer.instanceNorm(layer, x.unsqueeze(0)).squeeze([0]) }
      return try NormalizationLayer.instanceNorm(layer, x)
    }
    NormalizationLayer.lazy(layers, "InstanceNorm\(n)d")
  }
}

/// Layers that normalize each row by itself.
public let normalizationLayers = LayerFamily(module: "normalization") { layers in
  layers.layer(
    "LayerNorm(int[1] normalized_shape, float eps=1e-05, bool elementwise_affine=True, bool bias=True, Device? device=None, ScalarType? dtype=None)",
    shows: LayerText { $0.filled("{normalized_shape}, eps={eps}, elementwise_affine={elementwise_affine}") + ", bias=\(NormalizationLayer.hasBias($0))" },
    doc: "The last dimensions to mean 0 and variance 1, then weighted. Mirrors torch.nn.LayerNorm.",
    setUp: { layer in try NormalizationLayer.addWeights(layer, NormalizationLayer.shape(layer), affine: "elementwise_affine") }, reset: NormalizationLayer.reset
  ) { (layer: FunctionLayer, x: Tensor) in
    try Functional.nativeLayerNorm(x, layer.integers("normalized_shape"), layer.optionalTensor("weight"), layer.optionalTensor("bias"), layer.number("eps") ?? 1e-5)[0]
  }
  layers.layer(
    "RMSNorm(int[1] normalized_shape, float? eps=None, bool elementwise_affine=True, Device? device=None, ScalarType? dtype=None)",
    shows: "{normalized_shape}, eps={eps}, elementwise_affine={elementwise_affine}", doc: "The last dimensions over the root of their mean square, then weighted. Mirrors torch.nn.RMSNorm.",
    setUp: { layer in try NormalizationLayer.addWeights(layer, NormalizationLayer.shape(layer), affine: "elementwise_affine", bias: false) },
    reset: NormalizationLayer.reset
  ) { (layer: FunctionLayer, x: Tensor) in
    try Functional.rmsNorm(x, layer.integers("normalized_shape"), layer.optionalTensor("weight"), layer.number("eps"))
  }
  layers.layer(
    "GroupNorm(int num_groups, int num_channels, float eps=1e-05, bool affine=True, Device? device=None, ScalarType? dtype=None, *, bool bias=True)",
    shows: LayerText { $0.filled("{num_groups}, {num_channels}, eps={eps}, affine={affine}") + ", bias=\(NormalizationLayer.hasBias($0))" },
    doc: "Groups of channels of each row to mean 0 and variance 1, then weighted. Mirrors torch.nn.GroupNorm.",
    setUp: { layer in
      guard let groups = layer.integer("num_groups"), let channels = layer.integer("num_channels") else { throw TorchError.type("num_groups and num_channels must be int") }
      if groups == 0 || channels % groups != 0 { throw TorchError.value("num_channels (\(channels)) must be divisible by num_groups (\(groups))") }
      try NormalizationLayer.addWeights(layer, [channels], affine: "affine")
    }, reset: NormalizationLayer.reset
  ) { (layer: FunctionLayer, x: Tensor) in
    let groups = layer.integer("num_groups") ?? 1
    if x.dim > 1, groups > 0 { try Functional.checkBatch([x.sizes[0] * x.sizes[1] / groups, groups] + Array(x.sizes.dropFirst(2)), x.sizes.text) }
    return try Functional.groupNorm(x, groups, layer.optionalTensor("weight"), layer.optionalTensor("bias"), layer.number("eps") ?? 1e-5)
  }
  layers.function(
    "LocalResponseNorm(int size, float alpha=0.0001, float beta=0.75, float k=1.0)", shows: "{size}, alpha={alpha}, beta={beta}, k={k}",
    doc: "Each element over a power of the mean square of size neighbouring channels. Mirrors torch.nn.LocalResponseNorm."
  ) { (x: Tensor, n: Int, a: Double, b: Double, k: Double) in try Functional.localResponseNorm(x, n, alpha: a, beta: b, k: k) }
  layers.function(
    "CrossMapLRN2d(int size, float alpha=0.0001, float beta=0.75, float k=1)", shows: "{size}, alpha={alpha}, beta={beta}, k={k}",
    doc: "Each element times a power of the sum of squares of neighbouring channels. Mirrors torch.nn.CrossMapLRN2d."
  ) { (x: Tensor, n: Int, a: Double, b: Double, k: Double) in
    if x.dim != 4 { throw TorchError.value("CrossMapLRN2d: Expected input to be 4D, got \(x.dim)D instead.") }
    let half = (n - 1) / 2
    let squares = try x.mul(x)
    let padded = try Functional.constantPad(squares, [0, 0, 0, 0, half, half], .integer(0))
    var sum = try padded.narrow(1, 0, x.sizes[1])
    for i in 1..<max(2 * half + 1, 1) { sum = try sum.add(padded.narrow(1, i, x.sizes[1])) }
    // PyTorch, which adds the next channel and takes the last away, never takes the first one away.
    let rest = x.sizes[1] - half - 1
    if rest > 0 { sum = try .cat([sum.narrow(1, 0, half + 1), sum.narrow(1, half + 1, rest).add(squares.narrow(1, 0, 1))], 1) }
    return try x.mul(sum.mul(.wrapped(.double(a / Double(n)))).add(.wrapped(.double(k))).pow(.wrapped(.double(-b))))
  }
}

/// Methods of layers that keep running statistics.
public let statisticsMethods = OperationFamily("torch.nn.Module") { ops in
  ops.define("reset_running_stats(Module self) -> ()", doc: "Forgets the running statistics. Mirrors BatchNorm.reset_running_stats.", variants: [.method]) { (m: FunctionLayer) -> Nothing in
    if m.isTrue("track_running_stats") { try NormalizationLayer.resetStatistics(m) }
    return Nothing()
  }
}
