import Interface
import OrderedCollections
import TensorCore
import Torch

/// A softmax over many classes, frequent ones in a head and rare ones in clusters.
enum AdaptiveSoftmax {
  static func setUp(_ layer: FunctionLayer) throws {
    let (inputs, classes) = (layer.integer("in_features") ?? 0, layer.integer("n_classes") ?? 0)
    let cutoffs = layer.integers("cutoffs")
    if cutoffs.isEmpty { throw TorchError.value("cutoffs should be a sequence of length larger than 0") }
    if cutoffs != cutoffs.sorted() || cutoffs[0] <= 0 || (cutoffs.last ?? 0) > classes - 1 || Set(cutoffs).count != cutoffs.count {
      throw TorchError.value(
        "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value is between 1 and n_classes-1")
    }
    let all = cutoffs + [classes]
    layer.attributes["cutoffs"] = .list(all.map { .integer($0) })
    layer.attributes["shortlist_size"] = .integer(all[0])
    layer.attributes["n_clusters"] = .integer(all.count - 1)
    layer.attributes["head_size"] = .integer(all[0] + all.count - 1)
    layer.modules["head"] = try Linear(inputs, all[0] + all.count - 1, bias: layer.isTrue("head_bias"), dtype: layer.dtype)
    var width = Double(inputs)
    var tail: [Module] = []
    for i in 0..<(all.count - 1) {
      width = (Double(inputs) / power(layer.number("div_value") ?? 4, i + 1)).rounded(.down)
      tail.append(
        Sequential([
          try Linear(inputs, Int(width), bias: false, dtype: layer.dtype), try Linear(Int(width), all[i + 1] - all[i], bias: false, dtype: layer.dtype),
        ]))
    }
    layer.modules["tail"] = ModuleList(tail)
  }

  private static func power(_ x: Double, _ n: Int) -> Double { (0..<n).reduce(1) { y, _ in y * x } }

  private static func clusterLogs(_ layer: Module, _ i: Int, _ x: Tensor) throws -> Tensor {
    guard let cluster = try (layer.submodule("tail") as? ModuleList)?.module(at: i) else { throw TorchError.index("index \(i) is out of range") }
    return try Functional.softmax(cluster.call([.object(x)]).tensor(), 1, log: true)
  }

  /// The log-probability of each target, and the mean loss.
  static func run(_ layer: FunctionLayer, _ input: Tensor, _ target: Tensor) throws -> (Tensor, Tensor) {
    if target.dim > 1 { throw TorchError.runtime("0D or 1D target tensor expected, multi-target not supported") }
    if target.dim == 1 && input.sizes.first != target.sizes.first {
      throw TorchError.runtime("Input and target should have the same size in the batch dimension.")
    }
    if input.dim != target.dim + 1 {
      throw TorchError.runtime("('\(target.dim)D target tensor expects \(target.dim + 1)D input tensors, but found inputs with size', torch.Size(\(input.sizes.text)))")
    }
    let batched = target.dim == 1
    let x = batched ? input : try input.unsqueeze(0)
    let labels = try (batched ? target : target.unsqueeze(0)).detached().dense(.int64)
    let cutoffs = [0] + layer.integers("cutoffs")
    let (rows, shortlist) = (labels.count, cutoffs[1])
    let all = (0..<rows).map { labels.elements(Int.self)[$0] }
    if let low = all.min(), let high = all.max(), low < 0 || high >= cutoffs[cutoffs.count - 1] {
      throw TorchError.runtime("Target values should be in [0, \(cutoffs[cutoffs.count - 1] - 1)], but values in range [\(low), \(high)] were found. ")
    }
    var places = all
    var output: Tensor?
    for cluster in 1..<(cutoffs.count - 1) {
      let (low, high) = (cutoffs[cluster], cutoffs[cluster + 1])
      let mine = all.indices.filter { all[$0] >= low && all[$0] < high }
      if mine.isEmpty { continue }
      for row in mine { places[row] = shortlist + cluster - 1 }
      let index = try Tensor.vector(mine)
      let logs = try clusterLogs(layer, cluster - 1, x.rows(index, 0))
      let own = try logs.gatherAlong(1, Tensor.vector(mine.map { all[$0] - low }).unsqueeze(1))
      let spread = try Functional.addedRows(own, index, count: rows).squeeze([1])
      output = try output.map { try $0 + spread } ?? spread
    }
    let head = try Functional.softmax(layer.apply("head", x), 1, log: true).gatherAlong(1, Tensor.vector(places).unsqueeze(1)).squeeze([1])
    let y = try output.map { try $0 + head } ?? head
    return (batched ? y : try y.squeeze([0]), try y.neg().mean())
  }

  /// The log-probabilities of all classes.
  static func logs(_ layer: Module, _ x: Tensor) throws -> Tensor {
    let head = try Functional.softmax(layer.apply("head", x), 1, log: true)
    let shortlist = layer.integer("shortlist_size") ?? 0
    var parts = [try head.narrow(1, 0, shortlist)]
    for i in 0..<(layer.integer("n_clusters") ?? 0) { parts.append(try clusterLogs(layer, i, x) + head.narrow(1, shortlist + i, 1)) }
    return try .cat(parts, 1)
  }
}

/// Softmax over many classes, as a layer.
public let adaptiveLayers = LayerFamily(module: "adaptive") { layers in
  layers.layer(
    "AdaptiveLogSoftmaxWithLoss(int in_features, int n_classes, int[] cutoffs, float div_value=4.0, bool head_bias=False, Device? device=None, ScalarType? dtype=None)",
    doc: "Log-probabilities of targets among many classes, rare ones in clusters, and the mean loss. Mirrors torch.nn.AdaptiveLogSoftmaxWithLoss.",
    forward: "forward(Tensor input_, Tensor target_) -> (Tensor, Tensor)", setUp: AdaptiveSoftmax.setUp
  ) { (layer: FunctionLayer, x: Tensor, t: Tensor) -> Value in
    let (output, loss) = try AdaptiveSoftmax.run(layer, x, t)
    return .tuple([.object(output), .object(loss)])
  }
}

/// Methods of `AdaptiveLogSoftmaxWithLoss`.
public let adaptiveMethods = OperationFamily("torch.nn.Module.AdaptiveLogSoftmaxWithLoss") { ops in
  ops.define("log_prob(Module self, Tensor input) -> Tensor", doc: "The log-probabilities of all classes. Mirrors AdaptiveLogSoftmaxWithLoss.log_prob.", variants: [.method]) {
    (m: FunctionLayer, x: Tensor) in try AdaptiveSoftmax.logs(m, x)
  }
  ops.define("predict(Module self, Tensor input) -> Tensor", doc: "The likeliest classes. Mirrors AdaptiveLogSoftmaxWithLoss.predict.", variants: [.method]) {
    (m: FunctionLayer, x: Tensor) in try AdaptiveSoftmax.logs(m, x).extremeIndex(1, keepdim: false, greatest: true)
  }
}
