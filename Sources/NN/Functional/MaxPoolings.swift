import Interface
import Kernels
import TensorCore
import Torch

/// One result or two, as `return_indices` says.
func pooled(_ pair: (Tensor, Tensor), indices: Bool) -> Value {
  indices ? .tuple([.object(pair.0), .object(pair.1)]) : .object(pair.0)
}

/// Pooling by the greatest element, and its inverse.
public let maxPoolings = OperationFamily("torch.nn.functional") { ops in
  for n in 1...3 {
    let name = "max_pool\(n)d"
    func pool(_ x: Tensor, _ k: [Int], _ s: [Int]?, _ p: [Int], _ d: [Int], _ c: Bool, _ i: Bool) throws -> Value {
      pooled(try Functional.maxPool(x, PoolingWindow(n, name, kernel: k, stride: s, padding: p, dilation: d, ceil: c), indices: i), indices: i)
    }
    let parameters = "Tensor input, int[\(n)] kernel_size, int[\(n)]? stride=None, int[\(n)] padding=0, int[\(n)] dilation=1, bool ceil_mode=False, bool return_indices=False"
    ops.define("\(name)(\(parameters)) -> Tensor", doc: "The greatest element of each window of the last \(n) dimensions. Mirrors F.\(name).", variants: [.function]) {
      (x: Tensor, k: [Int], s: [Int]?, p: [Int], d: [Int], c: Bool, i: Bool) in try pool(x, k, s, p, d, c, i)
    }
    ops.define("\(name)_with_indices(\(parameters)) -> (Tensor, Tensor)", doc: "The greatest element of each window and its place. Mirrors F.\(name)_with_indices.", variants: [.function]) {
      (x: Tensor, k: [Int], s: [Int]?, p: [Int], d: [Int], c: Bool, _: Bool) in try pool(x, k, s, p, d, c, true)
    }
    ops.define("adaptive_\(name)(Tensor input, Any[\(n)] output_size, bool return_indices=False) -> Tensor", doc: "The greatest element of output_size windows. Mirrors F.adaptive_\(name).", variants: [.function]) {
      (x: Tensor, s: [Value], i: Bool) in pooled(try Functional.adaptiveMaxPool(x, Functional.sizes(s, like: x, n), n), indices: i)
    }
    ops.define("adaptive_\(name)_with_indices(Tensor input, Any[\(n)] output_size, bool return_indices=False) -> (Tensor, Tensor)", doc: "The greatest element of output_size windows and its place. Mirrors F.adaptive_\(name)_with_indices.", variants: [.function]) {
      (x: Tensor, s: [Value], _: Bool) in pooled(try Functional.adaptiveMaxPool(x, Functional.sizes(s, like: x, n), n), indices: true)
    }
    ops.define("max_unpool\(n)d(Tensor input, Tensor indices, int[\(n)] kernel_size, int[\(n)]? stride=None, int[\(n)] padding=0, int[]? output_size=None) -> Tensor", doc: "Puts each element where max_pool\(n)d found it, among zeros. Mirrors F.max_unpool\(n)d.", variants: [.function]) {
      (x: Tensor, i: Tensor, k: [Int], s: [Int]?, p: [Int], o: [Int]?) in
      try Functional.maxUnpool(x, i, PoolingWindow(n, "max_unpool\(n)d", kernel: k, stride: s, padding: p, ceil: false), o)
    }
    if n == 1 { continue }
    let fractional = "Tensor input, int[\(n)] kernel_size, int[\(n)]? output_size=None, Any output_ratio=None, bool return_indices=False, Tensor? _random_samples=None"
    ops.define("fractional_\(name)(\(fractional)) -> Tensor", doc: "The greatest element of windows of random place. Mirrors F.fractional_\(name).", variants: [.function]) {
      (x: Tensor, k: [Int], o: [Int]?, r: Value, i: Bool, u: Tensor?) in pooled(try Functional.fractionalMaxPool(x, k, o, ratio: r, u, n), indices: i)
    }
    ops.define("fractional_\(name)_with_indices(\(fractional)) -> (Tensor, Tensor)", doc: "The same with the places. Mirrors F.fractional_\(name)_with_indices.", variants: [.function]) {
      (x: Tensor, k: [Int], o: [Int]?, r: Value, _: Bool, u: Tensor?) in pooled(try Functional.fractionalMaxPool(x, k, o, ratio: r, u, n), indices: true)
    }
  }
}

/// Pooling by the greatest element, as PyTorch also has it under `torch`.
public let plainMaxPoolings = OperationFamily("torch") { ops in
  for n in 1...3 {
    let name = "max_pool\(n)d"
    let parameters = "Tensor self, int[\(n)] kernel_size, int[\(n)]? stride=None, int[\(n)] padding=0, int[\(n)] dilation=1, bool ceil_mode=False"
    ops.define("\(name)(\(parameters)) -> Tensor", doc: "The greatest element of each window. Mirrors torch.\(name).", variants: [.function]) {
      (x: Tensor, k: [Int], s: [Int]?, p: [Int], d: [Int], c: Bool) in
      try Functional.maxPool(x, PoolingWindow(n, name, kernel: k, stride: s, padding: p, dilation: d, ceil: c)).0
    }
  }
  ops.define("max_pool1d_with_indices(Tensor self, int[1] kernel_size, int[1]? stride=None, int[1] padding=0, int[1] dilation=1, bool ceil_mode=False) -> (Tensor, Tensor)", doc: "The greatest element of each window and its place. Mirrors torch.max_pool1d_with_indices.", variants: [.function]) {
    (x: Tensor, k: [Int], s: [Int]?, p: [Int], d: [Int], c: Bool) in
    pooled(try Functional.maxPool(x, PoolingWindow(1, "max_pool1d", kernel: k, stride: s, padding: p, dilation: d, ceil: c), indices: true), indices: true)
  }
  ops.define("adaptive_max_pool1d(Tensor self, int[1] output_size) -> (Tensor, Tensor)", doc: "The greatest element of output_size windows and its place. Mirrors torch.adaptive_max_pool1d.", variants: [.function]) {
    (x: Tensor, s: [Int]) in pooled(try Functional.adaptiveMaxPool(x, s, 1), indices: true)
  }
  ops.define(
    "max_pool2d_with_indices_backward(Tensor grad_output, Tensor self, int[2] kernel_size, int[2] stride, int[2] padding, int[2] dilation, bool ceil_mode, Tensor indices) -> Tensor",
    doc: "Puts the gradients of a pooling at the places it found. Mirrors torch.ops.aten.max_pool2d_with_indices_backward.", variants: [.function]
  ) { (g: Tensor, x: Tensor, _: [Int], _: [Int], _: [Int], _: [Int], _: Bool, i: Tensor) in
    let placing = Functional.placing("MaxPool2DWithIndicesBackward", try i.dense(), whole: Array(x.sizes.suffix(2)), adding: true)
    let y = try GradMode.with(false) { try placing(g) }
    Tensor.recordNode("MaxPool2DWithIndicesBackwardBackward0", inputs: [g, x], results: [y]) { node, gradients in
      guard let gg = gradients[0] else { return [nil, nil] }
      return [node.needs(0) ? try placing.transposed(gg) : nil, node.needs(1) ? try .zeros(x.sizes, dtype: x.dtype) : nil]
    }
    return y
  }
}
