import Interface
import TensorCore
import Torch

/// A loss as users find it: as a function, whose arguments are the inputs and then the options, and as a layer made with the options.
// Holds pure functions only.
struct Loss: @unchecked Sendable {
  let function: (OperationFamily) -> Void
  let layer: (LayerFamily) -> Void

  /// - Parameters:
  ///   - inputs: the inputs' part of the function's schema.
  ///   - forward: the same for the layer, where names differ.
  ///   - options: the options' part of both schemas.
  ///   - byName: whether the layer takes its options by keyword alone.
  init<each A: SchemaArgument>(
    _ name: String, _ layerName: String, _ inputs: String, forward: String? = nil, _ options: String, byName: Bool = false, doc: String,
    _ body: @escaping (repeat each A) throws -> Tensor
  ) {
    function = { ops in
      ops.define("\(name)(\(inputs), \(options)) -> Tensor", doc: "\(doc) Mirrors F.\(name).", variants: [.function], body)
    }
    layer = { layers in
      layers.function(
        "\(layerName)(\(byName ? "*, " : "")\(options))", doc: "\(doc) Mirrors torch.nn.\(layerName).", forward: "forward(\(forward ?? inputs)) -> Tensor",
        setUp: { try Loss.settleReduction($0) }, body)
    }
  }

  /// Puts the word for `size_average` and `reduce` of old into `reduction`.
  static func settleReduction(_ layer: FunctionLayer) throws {
    func flag(_ name: String) -> Bool? { if case .boolean(let b)? = layer.attributes[name] { b } else { nil } }
    let (average, reduce) = (flag("size_average"), flag("reduce"))
    if average != nil || reduce != nil { layer.attributes["reduction"] = .string(try LossReduction("mean", average, reduce).rawValue) }
    layer.attributes["size_average"] = nil
    layer.attributes["reduce"] = nil
  }

  private static let pair = "Tensor input, Tensor target"
  private static let legacy = "bool? size_average=None, bool? reduce=None, str reduction='mean'"

  static let all: [Loss] = classLosses + pairLosses + vectorLosses

  private static let classLosses = [
    Loss(
      "nll_loss", "NLLLoss", pair, "Tensor? weight=None, bool? size_average=None, int ignore_index=-100, bool? reduce=None, str reduction='mean'",
      doc: "The negative of each row's log-probability at its target class."
    ) { (x: Tensor, t: Tensor, w: Tensor?, a: Bool?, i: Int, r: Bool?, n: String) in
      try Functional.nllLoss(x, t, weight: w, ignoring: i, reduction: LossReduction(n, a, r).rawValue)
    },
    Loss(
      "cross_entropy", "CrossEntropyLoss", pair,
      "Tensor? weight=None, bool? size_average=None, int ignore_index=-100, bool? reduce=None, str reduction='mean', float label_smoothing=0.0",
      doc: "nll_loss of log_softmax; targets are class indices or probabilities."
    ) { (x: Tensor, t: Tensor, w: Tensor?, a: Bool?, i: Int, r: Bool?, n: String, s: Double) in
      try Functional.crossEntropy(x, t, weight: w, ignoring: i, reduction: LossReduction(n, a, r).rawValue, smoothing: s)
    },
    Loss(
      "multi_margin_loss", "MultiMarginLoss", pair, "int p=1, float margin=1.0, Tensor? weight=None, \(legacy)",
      doc: "How near other classes' scores come to the target's."
    ) { (x: Tensor, t: Tensor, p: Scalar, m: Double, w: Tensor?, a: Bool?, r: Bool?, n: String) in
      try Functional.multiMargin(x, t, p: p.integerValue, margin: m, weight: w, LossReduction(n, a, r))
    },
    Loss(
      "multilabel_margin_loss", "MultiLabelMarginLoss", pair, legacy,
      doc: "How near the scores of other classes come to those of the targets, which end at -1."
    ) { (x: Tensor, t: Tensor, a: Bool?, r: Bool?, n: String) in try Functional.multilabelMargin(x, t, LossReduction(n, a, r)) },
    Loss(
      "multilabel_soft_margin_loss", "MultiLabelSoftMarginLoss", pair, "Tensor? weight=None, \(legacy)",
      doc: "The binary cross entropies of all classes of a row, averaged."
    ) { (x: Tensor, t: Tensor, w: Tensor?, a: Bool?, r: Bool?, n: String) in
      guard let how = LossReduction(rawValue: try a == nil && r == nil ? n : LossReduction(n, a, r).rawValue) else { throw TorchError.value("\(n) is not valid") }
      return try Functional.multilabelSoftMargin(x, t, w, how)
    },
    Loss(
      "ctc_loss", "CTCLoss", "Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths",
      "int blank=0, str reduction='mean', bool zero_infinity=False", doc: "The loss of label sequences whose place in time is not known."
    ) { (x: Tensor, t: Tensor, i: Value, l: Value, b: Int, n: String, z: Bool) in
      try Functional.ctcLoss(x, t, i.lengths("input_lengths"), l.lengths("target_lengths"), blank: b, LossReduction(n), zeroInfinity: z)
    },
  ]

  private static let pairLosses = [
    Loss("smooth_l1_loss", "SmoothL1Loss", pair, "\(legacy), float beta=1.0", doc: "The magnitude of differences, their square below beta.") {
      (x: Tensor, t: Tensor, a: Bool?, r: Bool?, n: String, b: Double) in try Functional.smoothL1(x, t, LossReduction(n, a, r), beta: b)
    },
    Loss("kl_div", "KLDivLoss", pair, "\(legacy), bool log_target=False", doc: "The divergence of target from the probabilities whose logarithms are input.") {
      (x: Tensor, t: Tensor, a: Bool?, r: Bool?, n: String, l: Bool) -> Tensor in
      if n == "mean" && a == nil && r == nil {
        UserWarning.tell(
          "reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' divides only by the batch size, and aligns with the KL div math definition.'mean' will be changed to behave the same as 'batchmean' in the next major release.")
      }
      let perBatch = n == "batchmean" && a == nil && r == nil
      let y = try Functional.klDivergence(x, t, perBatch ? .sum : LossReduction(n, a, r), logTarget: l)
      return perBatch && x.dim != 0 ? try y / Double(x.sizes[0]) : y
    },
    Loss(
      "poisson_nll_loss", "PoissonNLLLoss", pair, forward: "Tensor log_input, Tensor target",
      "bool log_input=True, bool full=False, bool? size_average=None, float eps=1e-08, bool? reduce=None, str reduction='mean'",
      doc: "The negative log-probability of Poisson counts."
    ) { (x: Tensor, t: Tensor, l: Bool, f: Bool, a: Bool?, e: Double, r: Bool?, n: String) in
      try Functional.poisson(x, t, LossReduction(n, a, r), logInput: l, full: f, eps: e)
    },
    Loss(
      "gaussian_nll_loss", "GaussianNLLLoss", "\(pair), Tensor var", "bool full=False, float eps=1e-06, str reduction='mean'", byName: true,
      doc: "The negative log-probability of normal distributions with variance var."
    ) { (x: Tensor, t: Tensor, v: TensorOrNumber, f: Bool, e: Double, n: String) in try Functional.gaussian(x, t, v.tensor, full: f, eps: e, n) },
    Loss("hinge_embedding_loss", "HingeEmbeddingLoss", pair, "float margin=1.0, \(legacy)", doc: "input where target is 1, max(0, margin - input) where it is -1.") {
      (x: Tensor, t: Tensor, m: Double, a: Bool?, r: Bool?, n: String) in try Functional.hingeEmbedding(x, t, LossReduction(n, a, r), margin: m)
    },
    Loss("soft_margin_loss", "SoftMarginLoss", pair, legacy, doc: "log(1 + exp(-target * input)).") {
      (x: Tensor, t: Tensor, a: Bool?, r: Bool?, n: String) in try Functional.softMargin(x, t, LossReduction(n, a, r))
    },
    Loss("binary_cross_entropy", "BCELoss", pair, "Tensor? weight=None, \(legacy)", doc: "The cross entropy of probabilities.") {
      (x: Tensor, t: Tensor, w: Tensor?, a: Bool?, r: Bool?, n: String) in try Functional.binaryCrossEntropy(x, t, w, LossReduction(n, a, r))
    },
    Loss(
      "binary_cross_entropy_with_logits", "BCEWithLogitsLoss", pair, "Tensor? weight=None, \(legacy), Tensor? pos_weight=None",
      doc: "The cross entropy of probabilities given as logits."
    ) { (x: Tensor, t: Tensor, w: Tensor?, a: Bool?, r: Bool?, n: String, p: Tensor?) in
      try Functional.binaryCrossEntropyWithLogits(x, t, w, p, LossReduction(n, a, r))
    },
  ]

  private static let vectorLosses = [
    Loss("margin_ranking_loss", "MarginRankingLoss", "Tensor input1, Tensor input2, Tensor target", "float margin=0.0, \(legacy)", doc: "max(0, margin - target * (input1 - input2)).") {
      (x: Tensor, y: Tensor, t: Tensor, m: Double, a: Bool?, r: Bool?, n: String) in try Functional.marginRanking(x, y, t, margin: m, LossReduction(n, a, r))
    },
    Loss(
      "cosine_embedding_loss", "CosineEmbeddingLoss", "Tensor input1, Tensor input2, Tensor target", "float margin=0.0, \(legacy)",
      doc: "1 - cosine where target is 1, max(0, cosine - margin) where it is -1."
    ) { (x: Tensor, y: Tensor, t: Tensor, m: Double, a: Bool?, r: Bool?, n: String) in
      try Functional.cosineEmbedding(x, y, t, margin: m, LossReduction(n, a, r))
    },
    Loss(
      "triplet_margin_loss", "TripletMarginLoss", "Tensor anchor, Tensor positive, Tensor negative",
      "float margin=1.0, float p=2.0, float eps=1e-06, bool swap=False, \(legacy)", doc: "How much nearer the anchor is to positive than to negative."
    ) { (x: Tensor, y: Tensor, z: Tensor, m: Scalar, p: Double, e: Double, s: Bool, a: Bool?, r: Bool?, n: String) in
      try Functional.triplet(x, y, z, margin: m, swap: s, LossReduction(n, a, r)) { try $0.pairwiseDistance($1, p, epsilon: e, keepdim: false) }
    },
    Loss(
      "triplet_margin_with_distance_loss", "TripletMarginWithDistanceLoss", "Tensor anchor, Tensor positive, Tensor negative",
      "Function? distance_function=None, float margin=1.0, bool swap=False, str reduction='mean'", byName: true,
      doc: "How much nearer the anchor is to positive than to negative, by a distance of one's own."
    ) { (x: Tensor, y: Tensor, z: Tensor, f: Value, m: Scalar, s: Bool, n: String) in
      try Functional.triplet(x, y, z, margin: m, swap: s, LossReduction(n)) { a, b in
        if case .none = f { return try a.pairwiseDistance(b, 2, epsilon: 1e-6, keepdim: false) }
        guard let result = try Tensor.element(from: f.call([.object(a), .object(b)])) else { throw TorchError.type("distance_function must give a Tensor") }
        return result
      }
    },
  ]
}

extension Value {
  /// The lengths of sequences, from a tensor, a list or one number.
  fileprivate func lengths(_ name: String) throws -> [Int] {
    switch self {
    case .integer(let i): return [i]
    case .list(let items): return items.compactMap { Int.element(from: $0) }
    case .object(let object as Tensor):
      if !object.dtype.isIntegral { throw TorchError.runtime("\(name) must be integral") }
      return (0..<object.count).map { object.scalar(at: $0).integerValue }
    default: throw TorchError.type("ctc_loss(): argument '\(name)' must be tuple of ints, not \(pythonTypeName)")
    }
  }
}

/// Losses, in `torch.nn.functional`.
public let lossFunctions = OperationFamily("torch.nn.functional") { ops in
  let pair = "Tensor input, Tensor target, bool? size_average=None, bool? reduce=None, str reduction='mean', Tensor? weight=None"
  ops.define("mse_loss(\(pair)) -> Tensor", doc: "The squared differences, their mean or sum. Mirrors F.mse_loss.", variants: [.function]) {
    (x: Tensor, t: Tensor, a: Bool?, r: Bool?, n: String, w: Tensor?) in try Functional.mseLoss(x, t, LossReduction(n, a, r), w)
  }
  ops.define("l1_loss(\(pair)) -> Tensor", doc: "The magnitudes of differences, their mean or sum. Mirrors F.l1_loss.", variants: [.function]) {
    (x: Tensor, t: Tensor, a: Bool?, r: Bool?, n: String, w: Tensor?) in
    try Functional.l1Loss(x, t, LossReduction(n, a, r), w)
  }
  ops.define("huber_loss(Tensor input, Tensor target, str reduction='mean', float delta=1.0, Tensor? weight=None) -> Tensor", doc: "Half the square of differences up to delta, from there on straight. Mirrors F.huber_loss.", variants: [.function]) {
    (x: Tensor, t: Tensor, n: String, d: Double, w: Tensor?) in try Functional.huber(x, t, LossReduction(n), delta: d, weight: w)
  }
  ops.define(
    "linear_cross_entropy(Tensor input, Tensor linear_weight, Tensor target, *, Tensor? linear_bias=None, Tensor? weight=None, str reduction='mean', int? ignore_index=None, float label_smoothing=0.0, Any? options=None) -> Tensor",
    doc: "cross_entropy of linear; options are not used. Mirrors F.linear_cross_entropy.", variants: [.function]
  ) { (x: Tensor, m: Tensor, t: Tensor, b: Tensor?, w: Tensor?, n: String, i: Int?, s: Double, _: Value) in
    try Functional.linearCrossEntropy(x, m, t, bias: b, weight: w, reduction: n, ignoring: i, smoothing: s)
  }
  for loss in Loss.all { loss.function(ops) }
}
