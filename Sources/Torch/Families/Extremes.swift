import Interface
import TensorCore

extension Tensor {
  /// - Throws: PyTorch's sentence where there is nothing to choose from.
  fileprivate func refuseNothing(_ name: String, _ dims: [Int]?, hint: String = " Specify the reduction dim with the 'dim' argument.") throws {
    if count > 0 { return }
    guard let dims, !dims.isEmpty else {
      let text = "\(name)(): Expected reduction dim to be specified for input.numel() == 0."
      throw hint.isEmpty ? TorchError.index(text) : .runtime(text + hint)
    }
    for d in dims { try refuseEmpty(name, Shape.wrap(d, dim)) }
  }

  /// The greatest or least of all elements. Mirrors `torch.max(x)`.
  fileprivate func extremeOfAll(greatest: Bool) throws -> Tensor {
    try refuseNothing(greatest ? "max" : "min", nil)
    let y = try GradMode.with(false) { try extremeValue(nil, keepdim: false, greatest: greatest, name: "") }
    recordShared(y, greatest ? "MaxBackward1" : "MinBackward1")
    return y
  }

  /// The extreme value and its first index along one dimension. Mirrors `torch.max(x, dim)`.
  func extreme(_ d: Int, keepdim: Bool, greatest: Bool) throws -> (Tensor, Tensor) {
    let d = try Shape.wrap(d, dim)
    try refuseNothing(greatest ? "max" : "min", [d])
    let index = try extremeIndex(d, keepdim: true, greatest: greatest)
    return try selected(greatest ? "MaxBackward0" : "MinBackward0", d, index, keepdim: keepdim)
  }

  /// The index of the extreme value, of all elements or along one dimension. Mirrors `torch.argmax`.
  func extremePlace(_ d: Int?, keepdim: Bool, greatest: Bool) throws -> Tensor {
    let name = greatest ? "argmax" : "argmin"
    if dtype == .bool { throw TorchError.notImplemented("\(name)(): does not support bool input") }
    try refuseNothing(name, d.map { [$0] }, hint: "")
    if let d { return try detached().extremeIndex(d, keepdim: keepdim, greatest: greatest) }
    let index = try detached().reshape([-1]).extremeIndex(0, keepdim: false, greatest: greatest)
    return keepdim ? try index.reshape(Array(repeating: 1, count: dim)) : index
  }

  /// The extreme values over dimensions; ties share the gradient. Mirrors `torch.amax`.
  func extremes(_ dims: [Int], keepdim: Bool, greatest: Bool) throws -> Tensor {
    _ = try Folding(self, dims)
    try refuseNothing(greatest ? "amax" : "amin", dims)
    return try extremeValue(dims.isEmpty ? nil : dims, keepdim: keepdim, greatest: greatest, name: greatest ? "AmaxBackward0" : "AminBackward0")
  }
}

/// The greatest and least elements.
public let extremes = OperationFamily("torch") { ops in
  for (name, greatest) in [("max", true), ("min", false)] {
    let word = greatest ? "greatest" : "least"
    ops.define("\(name)(Tensor self) -> Tensor", doc: "The \(word) element. Mirrors torch.\(name).") { (x: Tensor) in try x.extremeOfAll(greatest: greatest) }
    ops.define("\(name).dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)", doc: "The \(word) elements along a dimension and their indices. Mirrors torch.\(name).") {
      (x: Tensor, d: Int, k: Bool) -> Value in
      let (v, i) = try x.extreme(d, keepdim: k, greatest: greatest)
      return .tuple([.object(v), .object(i)])
    }
    ops.define("\(name).other(Tensor self, Tensor other) -> Tensor", doc: "The \(word) of each pair. Mirrors torch.\(name).") { (x: Tensor, y: Tensor) in greatest ? try x.maximum(y) : try x.minimum(y) }
    ops.define("a\(name)(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor", doc: "The \(word) elements over dimensions; ties share the gradient. Mirrors torch.a\(name).") {
      (x: Tensor, d: [Int], k: Bool) in try x.extremes(d, keepdim: k, greatest: greatest)
    }
    ops.define("arg\(name)(Tensor self, int? dim=None, bool keepdim=False) -> Tensor", doc: "The index of the \(word) element, of all (flattened) or along a dimension. Mirrors torch.arg\(name).") {
      (x: Tensor, d: Int?, k: Bool) in try x.extremePlace(d, keepdim: k, greatest: greatest)
    }
  }
  ops.define("aminmax(Tensor self, *, int? dim=None, bool keepdim=False) -> (Tensor min, Tensor max)", doc: "The least and the greatest elements, of all or along dim; ties share the gradient. Mirrors torch.aminmax.") {
    (x: Tensor, d: Int?, k: Bool) -> Value in
    let axis = try d.map { try Shape.wrap($0, x.dim) }
    if let axis { if x.dim > 0 && x.sizes[axis] == 0 { throw TorchError.index("aminmax: Expected reduction dim \(axis) to have non-zero size.") } } else if x.count == 0 {
      throw TorchError.runtime("aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.")
    }
    return .tuple(try [false, true].map { .object(try x.extremeValue(axis.map { [$0] }, keepdim: k, greatest: $0, name: "AminmaxBackward0")) })
  }
}
