import Interface
import TensorCore
import Torch

extension LossReduction {
  /// What PyTorch's numbers for reductions mean.
  fileprivate init(number: Int) { self = number == 1 ? .mean : number == 2 ? .sum : .none }
}

/// Functions of `torch` itself that `torch.nn.functional` has in a friendlier form. Their reduction is 0 (none), 1 (mean) or
/// 2 (sum); Python's binding leaves it at 0, whatever the schema says.
public let plainForms = OperationFamily("torch") { ops in
  let only: Variants = [.function]
  ops.define("kl_div(Tensor self, Tensor target, int reduction=0, *, bool log_target=False) -> Tensor", doc: "The divergence of target from the probabilities whose logarithms are self. Mirrors torch.kl_div.", variants: only) {
    (x: Tensor, t: Tensor, r: Int, l: Bool) in try Functional.klDivergence(x, t, LossReduction(number: r), logTarget: l)
  }
  ops.define("hinge_embedding_loss(Tensor self, Tensor target, float margin=1.0, int reduction=0) -> Tensor", doc: "self where target is 1, max(0, margin - self) where it is -1. Mirrors torch.hinge_embedding_loss.", variants: only) {
    (x: Tensor, t: Tensor, m: Double, r: Int) in try Functional.hingeEmbedding(x, t, LossReduction(number: r), margin: m)
  }
  ops.define("margin_ranking_loss(Tensor input1, Tensor input2, Tensor target, float margin=0.0, int reduction=0) -> Tensor", doc: "max(0, margin - target * (input1 - input2)). Mirrors torch.margin_ranking_loss.", variants: only) {
    (x: Tensor, y: Tensor, t: Tensor, m: Double, r: Int) in try Functional.marginRanking(x, y, t, margin: m, LossReduction(number: r))
  }
  ops.define("cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, float margin=0.0, int reduction=0) -> Tensor", doc: "1 - cosine where target is 1, max(0, cosine - margin) where it is -1. Mirrors torch.cosine_embedding_loss.", variants: only) {
    (x: Tensor, y: Tensor, t: Tensor, m: Double, r: Int) in try Functional.cosineEmbedding(x, y, t, margin: m, LossReduction(number: r))
  }
  ops.define("triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, float margin=1.0, float p=2.0, float eps=1e-06, bool swap=False, int reduction=0) -> Tensor", doc: "How much nearer the anchor is to positive than to negative. Mirrors torch.triplet_margin_loss.", variants: only) {
    (x: Tensor, y: Tensor, z: Tensor, m: Scalar, p: Double, e: Double, s: Bool, r: Int) in
    try Functional.triplet(x, y, z, margin: m, swap: s, LossReduction(number: r)) { try $0.pairwiseDistance($1, p, epsilon: e, keepdim: false) }
  }
  ops.define("poisson_nll_loss(Tensor input, Tensor target, bool log_input, bool full, float eps, int reduction) -> Tensor", doc: "The negative log-probability of Poisson counts. Mirrors torch.poisson_nll_loss.", variants: only) {
    (x: Tensor, t: Tensor, l: Bool, f: Bool, e: Double, r: Int) in try Functional.poisson(x, t, LossReduction(number: r), logInput: l, full: f, eps: e)
  }
  ops.define("binary_cross_entropy_with_logits(Tensor self, Tensor target, Tensor? weight=None, Tensor? pos_weight=None, int reduction=0) -> Tensor", doc: "The cross entropy of probabilities given as logits. Mirrors torch.binary_cross_entropy_with_logits.", variants: only) {
    (x: Tensor, t: Tensor, w: Tensor?, p: Tensor?, r: Int) in try Functional.binaryCrossEntropyWithLogits(x, t, w, p, LossReduction(number: r))
  }
  ops.define("embedding(Tensor weight, Tensor indices, int padding_idx=-1, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor", doc: "Rows of weight. Mirrors torch.embedding.", variants: only) {
    (w: Tensor, i: Tensor, p: Int, f: Bool, s: Bool) in
    try Functional.embedding(i, w, padding: p < 0 ? nil : p, maxNorm: nil, 2, byFrequency: f, sparse: s)
  }
  ops.define("embedding_renorm_(Tensor self, Tensor indices, float max_norm, float norm_type) -> Tensor", doc: "Shortens the rows that are asked for to a norm of at most max_norm, in place. Mirrors torch.embedding_renorm_.", variants: only) {
    (x: Tensor, i: Tensor, m: Double, p: Double) -> Tensor in
    try Functional.renormRows(x, i, m, p)
    return x
  }
  ops.define("norm_except_dim(Tensor v, int pow=2, int dim=0) -> Tensor", doc: "The norm over all dimensions but one. Mirrors torch.norm_except_dim.", variants: only) {
    (v: Tensor, p: Int, d: Int) -> Tensor in
    if d == -1 { return try v.vectorNorm(.integer(p)) }
    let at = try Shape.wrap(d, v.dim)
    let rows = try v.transpose(0, at).reshape([v.sizes[at], -1])
    var sizes = [Int](repeating: 1, count: v.dim)
    sizes[at] = v.sizes[at]
    return try rows.abs().pow(.wrapped(.integer(p))).sum(dims: [1]).pow(.wrapped(.double(1 / Double(p)))).reshape(sizes)
  }
  ops.define("is_distributed(Tensor self) -> bool", doc: "Never: there is one process. Mirrors torch.is_distributed.") { (_: Tensor) in false }
  let cells: [(String, RecurrentCell, String)] = [("rnn_tanh", .tanh, "tanh"), ("rnn_relu", .relu, "relu"), ("gru", .gru, "a gated unit")]
  for (name, cell, doc) in cells {
    ops.define("\(name)_cell(Tensor input, Tensor hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> Tensor", doc: "One step of \(doc). Mirrors torch.\(name)_cell.", variants: only) {
      (x: Tensor, h: Tensor, wi: Tensor, wh: Tensor, bi: Tensor?, bh: Tensor?) in try cell.step(x.linear(wi, bi), h, nil, wh, bh, nil).h
    }
  }
  ops.define("lstm_cell(Tensor input, Tensor[] hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> (Tensor, Tensor)", doc: "One step of a long short-term memory. Mirrors torch.lstm_cell.", variants: only) {
    (x: Tensor, state: [Tensor], wi: Tensor, wh: Tensor, bi: Tensor?, bh: Tensor?) -> Value in
    guard state.count == 2 else { throw TorchError.runtime("lstm_cell expects two hidden states") }
    let (h, c) = try RecurrentCell.lstm.step(x.linear(wi, bi), state[0], state[1], wh, bh, nil)
    return .tuple([.object(h), .object(c ?? h)])
  }
}

/// Methods of modules that concern memory.
public let memoryMethods = OperationFamily("torch.nn.Module") { ops in
  ops.define("to_empty(Module self, *, Device? device=None, bool recurse=True) -> Module", doc: "Gives parameters and buffers memory that nobody has written; gives self. Mirrors Module.to_empty.", variants: [.method]) {
    (m: Module, _: Device?, _: Bool) -> Module in
    try m.convertTensors { try Tensor(uninitialized: $0.sizes, dtype: $0.dtype) }
    return m
  }
  ops.define("compile(Module self, *, bool fullgraph=False, bool? dynamic=None, str? backend=None, str? mode=None) -> ()", doc: "Nothing: modules run as they are. Mirrors Module.compile.", variants: [.method]) {
    (_: Module, _: Bool, _: Bool?, _: String?, _: String?) in Nothing()
  }
  ops.define("cuda(Module self, int? device=None) -> Module", doc: "Refused: there is only cpu. Mirrors Module.cuda.", variants: [.method]) {
    (_: Module, _: Int?) -> Module in throw TorchError.runtime(
      "Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU and installed a driver from http://www.nvidia.com/Download/index.aspx")
  }
}
