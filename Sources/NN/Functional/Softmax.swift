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
      throw TorchError.notImplemented("\(log ? "log_" : "")softmax_\(d == x.dim - 1 || x.dim == 0 ? "lastdim_" : "")kernel_impl", for: x.dtype)
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
      if !Tensor.graphIsWanted(g, y), let slopes = try rowSlopes(y, g, d, log: log) { return [slopes] }
      if log { return [try g.sub(y.exp().mul(g.sum(dims: dims, keepdim: true)))] }
      return [try y.mul(g.sub(g.mul(y).sum(dims: dims, keepdim: true)))]
    }
    return y
  }

  /// The gradient by the kernel over rows; nil where elements are no float32 rows.
  private static func rowSlopes(_ y: Tensor, _ g: Tensor, _ d: Int, log: Bool) throws -> Tensor? {
    guard y.dtype == .float32, g.dtype == .float32, y.dim > 0, d == y.dim - 1, y.count > 0 else { return nil }
    let (y, g) = (try y.dense(), try g.dense())
    let result = try Tensor(uninitialized: y.sizes, dtype: .float32)
    let columns = y.sizes[d]
    Softmax.backward(
      rows: y.count / columns, columns: columns, y.elements(Float.self), g.elements(Float.self), result.elements(Float.self), log: log)
    return result
  }
}

extension Tensor {
  /// Whether a backward pass over these is recorded itself.
  static func graphIsWanted(_ tensors: Tensor...) -> Bool { GradMode.isEnabled && tensors.contains { $0.requiresGrad } }
}
