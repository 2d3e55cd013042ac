import Interface
import TensorCore
import Torch

/// Functions of layers without a state of their own. Mirrors `torch.nn.functional`.
public enum Functional {}

/// `torch.nn.functional`: activations and the matrix product of a linear layer.
public let functions = OperationFamily("torch.nn.functional") { ops in
  ops.define("linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor", doc: "input times weight transposed, plus bias. Mirrors F.linear.", variants: [.function]) {
    (x: Tensor, w: Tensor, b: Tensor?) in try x.linear(w, b)
  }
  ops.define("dropout(Tensor input, float p=0.5, bool training=True, bool inplace=False) -> Tensor", doc: "Zeroes elements with probability p and scales the others by 1/(1-p), while training. Mirrors F.dropout.", variants: [.function]) {
    (x: Tensor, p: Double, t: Bool, i: Bool) in try Functional.dropout(x, p, training: t, inPlace: i)
  }
  ops.define("embedding(Tensor input, Tensor weight, int? padding_idx=None, float? max_norm=None, float norm_type=2.0, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor", doc: "Rows of weight by index; row padding_idx gets no gradient. Mirrors F.embedding.", variants: [.function]) {
    (x: Tensor, w: Tensor, p: Int?, n: Double?, _: Double, f: Bool, s: Bool) -> Tensor in
    if n != nil || f || s { throw TorchError.notImplemented("embedding(): max_norm, scale_grad_by_freq and sparse are not supported") }
    return try Functional.embedding(x, w, padding: p)
  }
  ops.define("softmin(Tensor input, int? dim=None, int _stacklevel=3, ScalarType? dtype=None) -> Tensor", doc: "softmax of -input along dim. Mirrors F.softmin.", variants: [.function]) {
    (x: Tensor, d: Int?, _: Int, t: DType?) in try Functional.softmax(x.neg(), d ?? ([0, 1, 3].contains(x.dim) ? 0 : 1), dtype: t)
  }
  for (name, log) in [("softmax", false), ("log_softmax", true)] {
    ops.define("\(name)(Tensor input, int? dim=None, int _stacklevel=3, ScalarType? dtype=None) -> Tensor", doc: "\(log ? "The logarithm of softmax" : "Exponentials divided by their sum") along dim. Mirrors F.\(name).", variants: [.function]) {
      (x: Tensor, d: Int?, _: Int, t: DType?) in try Functional.softmax(x, d ?? ([0, 1, 3].contains(x.dim) ? 0 : 1), log: log, dtype: t)
    }
  }
}

/// Softmax as a function of `torch` and a method of tensors.
public let softmaxFunctions = OperationFamily("torch") { ops in
  for (name, log) in [("softmax", false), ("log_softmax", true)] {
    ops.define("\(name)(Tensor self, int dim, ScalarType? dtype=None) -> Tensor", doc: "\(log ? "The logarithm of softmax" : "Exponentials divided by their sum") along dim. Mirrors torch.\(name).") {
      (x: Tensor, d: Int, t: DType?) in try Functional.softmax(x, d, log: log, dtype: t)
    }
  }
}

/// Softmax as `torch.special` has it.
public let specialSoftmax = OperationFamily("torch.special") { ops in
  for (name, log, keyword) in [("softmax", false, ""), ("log_softmax", true, "*, ")] {
    ops.define("\(name)(Tensor self, int dim, \(keyword)ScalarType? dtype=None) -> Tensor", doc: "\(log ? "The logarithm of softmax" : "Exponentials divided by their sum") along dim. Mirrors torch.special.\(name).", variants: [.function]) {
      (x: Tensor, d: Int, t: DType?) in try Functional.softmax(x, d, log: log, dtype: t)
    }
  }
}
