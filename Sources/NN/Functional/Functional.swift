import Interface
import TensorCore
import Torch

/// Functions of layers without a state of their own. Mirrors `torch.nn.functional`.
public enum Functional {
  /// The dimension softmax takes where none is named.
  static func usualSoftmaxDim(_ x: Tensor) -> Int { [0, 1, 3].contains(x.dim) ? 0 : 1 }
}

/// `torch.nn.functional`: activations and the matrix product of a linear layer.
public let functions = OperationFamily("torch.nn.functional") { ops in
  ops.define("linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor", doc: "input times weight transposed, plus bias. Mirrors F.linear.", variants: [.function]) {
    (x: Tensor, w: Tensor, b: Tensor?) in try x.linear(w, b)
  }
  for (name, doc) in [
    ("softmax", "Exponentials divided by their sum"), ("log_softmax", "The logarithm of softmax"), ("softmin", "Softmax of the negated elements"),
  ] {
    ops.define("\(name)(Tensor input, int? dim=None, int _stacklevel=3, ScalarType? dtype=None) -> Tensor", doc: "\(doc) along dim. Mirrors F.\(name).", variants: [.function]) {
      (x: Tensor, d: Int?, _: Int, t: DType?) in
      if d == nil { UserWarning.tell("Implicit dimension choice for \(name) has been deprecated. Change the call to include dim=X as an argument.") }
      return try Functional.softmax(name == "softmin" ? x.neg() : x, d ?? Functional.usualSoftmaxDim(x), log: name == "log_softmax", dtype: t)
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
