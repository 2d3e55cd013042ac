import Interface
import Kernels
import TensorCore
import Torch

extension Functional {
  /// Exponentials divided by their sum along a dimension, or the logarithm of that. Mirrors `torch.softmax` and `torch.log_softmax`.
  /// - Throws: PyTorch's sentences for dimensions out of range and integers.
  public static func softmax(_ x: Tensor, _ d: Int, log: Bool = false, dtype: DType? = nil) throws -> Tensor {
    let d = try Shape.wrap(d, max(x.dim, 1))
    let x = try x.to(dtype ?? x.dtype)
    if !x.dtype.isFloatingPoint {
      throw TorchError.notImplemented(
        "\"\(log ? "log_" : "")softmax_lastdim_kernel_impl\" not implemented for '\(x.dtype.capitalized)'")
    }
    let y = try GradMode.with(false) { () -> Tensor in
      let turned = x.dim > 1 && d != x.dim - 1 ? try x.transpose(d, x.dim - 1) : x
      let source = try turned.dense(x.dtype == .float64 ? .float64 : .float32)
      let result = try Tensor(uninitialized: source.sizes, dtype: source.dtype)
      let columns = source.dim == 0 ? 1 : source.sizes[source.dim - 1]
      let rows = columns == 0 ? 0 : source.count / columns
      if source.dtype == .float64 {
        Softmax.double(rows: rows, columns: columns, source.elements(Double.self), result.elements(Double.self), log: log)
      } else {
        Softmax.float(rows: rows, columns: columns, source.elements(Float.self), result.elements(Float.self), log: log)
      }
      let shaped = turned === x ? result : try result.transpose(d, x.dim - 1)
      return try shaped.dense().converted(to: x.dtype)
    }
    guard GradMode.isEnabled, x.requiresGrad else { return y }
    let saved = SavedTensor(result: y)
    let dims: [Int]? = x.dim == 0 ? nil : [d]
    Tensor.recordNode(log ? "LogSoftmaxBackward0" : "SoftmaxBackward0", inputs: [x], results: [y]) { node, gradients in
      guard let g = gradients[0] else { return [nil] }
      let y = try saved.unpack(node)
      if log { return [try g.sub(y.exp().mul(g.sum(dims: dims, keepdim: true)))] }
      return [try y.mul(g.sub(g.mul(y).sum(dims: dims, keepdim: true)))]
    }
    return y
  }
}
