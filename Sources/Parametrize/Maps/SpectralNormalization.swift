import Interface
import NN
import Torch

/// A tensor divided by its largest singular value, which iterations of the power method estimate. Mirrors PyTorch's `_SpectralNorm`.
final class SpectralNormalization: Module, RightInverse {
  private let dimension: Int
  private let epsilon: Double
  private let iterations: Int

  /// - Throws: PyTorch's sentences for a dimension out of range and for numbers of iterations below one.
  init(_ weight: Tensor, iterations: Int = 1, dimension: Int = 0, epsilon: Double = 1e-12) throws {
    let count = weight.dim
    if dimension >= count || dimension < -count {
      throw TorchError.index("Dimension out of range (expected to be in range of [-\(count), \(count - 1)] but got \(dimension))")
    }
    if iterations <= 0 { throw TorchError.value("Expected n_power_iterations to be positive, but got n_power_iterations=\(iterations)") }
    (self.dimension, self.epsilon, self.iterations) = (dimension < 0 ? dimension + count : dimension, epsilon, iterations)
    super.init()
    attributes["dim"] = .integer(self.dimension)
    attributes["eps"] = .number(epsilon)
    if count < 2 { return }
    attributes["n_power_iterations"] = .integer(iterations)
    try GradMode.with(false) {
      let matrix = try SpectralNormalization.matrix(of: weight, self.dimension)
      let vectors = try (0..<2).map { try Tensor(uninitialized: [matrix.sizes[$0]], dtype: matrix.dtype).normal(0, 1, nil) }
      for (name, vector) in zip(["_u", "_v"], vectors) { try registerBuffer(name, vector.normalized(2, [0], epsilon: epsilon)) }
      // A start that is near already.
      try iterate(matrix, 15)
    }
  }

  private init(_ other: SpectralNormalization) {
    (dimension, epsilon, iterations) = (other.dimension, other.epsilon, other.iterations)
    super.init()
  }

  override var typeName: String { "_SpectralNorm" }
  override var typeModule: String { "torch.nn.utils.parametrizations" }
  override class var forwardSchema: String { "forward(Tensor weight) -> Tensor" }
  override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = SpectralNormalization(self)
    try copyContents(to: copy, memo)
    return copy
  }

  /// A weight as a matrix whose rows are along a dimension.
  static func matrix(of weight: Tensor, _ dimension: Int) throws -> Tensor {
    if dimension == 0 { return try weight.flatten(1) }
    return try weight.permute([dimension] + (0..<weight.dim).filter { $0 != dimension }).flatten(1)
  }

  private func iterate(_ matrix: Tensor, _ count: Int) throws {
    try GradMode.with(false) {
      let (u, v) = (try tensor("_u"), try tensor("_v"))
      for _ in 0..<count {
        _ = try u.copyElements(from: matrix.mv(v).normalized(2, [0], epsilon: epsilon))
        _ = try v.copyElements(from: matrix.adjoint.mv(u).normalized(2, [0], epsilon: epsilon))
      }
    }
  }

  override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    let weight = try inputTensor(inputs, 0, "weight")
    if weight.dim == 1 { return .object(try weight.normalized(2, [0], epsilon: epsilon)) }
    let matrix = try SpectralNormalization.matrix(of: weight, dimension)
    if training { try iterate(matrix, iterations) }
    // The next iteration changes the vectors in place; what was computed with these must still find them.
    let (u, v) = (try tensor("_u").clone(), try tensor("_v").clone())
    return .object(try weight.div(u.dot(matrix.mv(v))))
  }

  func rightInverse(_ value: Value) throws -> Value { value }
}
