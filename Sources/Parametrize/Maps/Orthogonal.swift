import Interface
import NN
import TensorCore
import Torch

/// Makes matrices orthogonal: of the free numbers in a triangle it makes Q. Mirrors PyTorch's `_Orthogonal`.
final class Orthogonal: Module, RightInverse {
  /// How Q is made.
  enum Map: String { case matrixExp = "matrix_exp", cayley, householder }

  private let map: Map
  private let shape: Dims

  /// - Throws: PyTorch's sentence for complex matrices, which reflections cannot give.
  init(_ weight: Tensor, _ map: Map, trivializes: Bool) throws {
    if weight.dtype.isComplex && map == .householder { throw TorchError.value("The householder parametrization does not support complex tensors.") }
    self.map = map
    shape = weight.sizes
    super.init()
    attributes["shape"] = .tuple(shape.map { .integer($0) })
    // With it, Q is what the free numbers make, times this matrix, which assigning to the tensor sets.
    if trivializes { buffers.updateValue(nil, forKey: "base") }
  }

  private init(_ other: Orthogonal) {
    (map, shape) = (other.map, other.shape)
    super.init()
  }

  override var typeName: String { "_Orthogonal" }
  override var typeModule: String { "torch.nn.utils.parametrizations" }
  override class var forwardSchema: String { "forward(Tensor X) -> Tensor" }
  override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = Orthogonal(self)
    try copyContents(to: copy, memo)
    return copy
  }

  private var trivializes: Bool { buffers.keys.contains("base") }

  override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    var x = try inputTensor(inputs, 0, "X")
    let transposed = x.sizes[x.dim - 2] < x.sizes[x.dim - 1]
    if transposed { x = try x.mT }
    let (n, k) = (x.sizes[x.dim - 2], x.sizes[x.dim - 1])
    var q: Tensor
    if map == .householder {
      let a = try x.triangle(upper: false, -1)
      let tau = try Tensor.wrapped(.double(2)).div(a.mul(a).sum(dims: [-2]).add(.wrapped(.double(1))))
      // The diagonal of x is ±1 and is not learned.
      q = try a.householderProduct(tau).mul(x.diagonal(0, -2, -1).to(.int32).unsqueeze(-2))
    } else {
      x = try x.triangle(upper: false)
      if n != k {
        let rest = try Tensor.zeros([n, n - k], dtype: x.dtype).expand(Array(x.sizes.dropLast(2)) + [n, n - k])
        x = try .cat([x, rest], -1)
      }
      let a = try x.sub(x.adjoint)
      if map == .matrixExp {
        q = try a.matrixExp()
      } else {
        let one = try Tensor.eye(n, n, dtype: a.dtype)
        q = try one.add(a, alpha: .double(-0.5)).solveEx(one.add(a, alpha: .double(0.5)), checking: "torch.linalg.solve").0
      }
      if n != k { q = try q.narrow(-1, 0, k) }
    }
    if trivializes {
      // A second parametrization of a tensor never sees the value from which it would make one.
      guard let base = try optionalTensor("base") else { throw TorchError.type("unsupported operand type(s) for @: 'NoneType' and 'Tensor'") }
      q = try base.matmul(q)
    }
    return .object(transposed ? try q.mT : q)
  }

  func rightInverse(_ value: Value) throws -> Value {
    guard let given = Tensor.element(from: value) else { throw TorchError.attribute("'\(value.typeName)' object has no attribute 'shape'") }
    if given.sizes != shape {
      throw TorchError.value("Expected a matrix or batch of matrices of shape \(shape.pythonName). Got a tensor of shape \(given.sizes.pythonName).")
    }
    return .object(try GradMode.with(false) { try original(given) })
  }

  private func original(_ given: Tensor) throws -> Tensor {
    let (rows, columns) = (given.sizes[given.dim - 2], given.sizes[given.dim - 1])
    var q = rows < columns ? try given.mT : given
    let (n, k) = (Swift.max(rows, columns), Swift.min(rows, columns))
    if !trivializes {
      if map != .householder {
        throw TorchError.notImplemented("It is not possible to assign to the matrix exponential or the Cayley parametrizations when use_trivialization=False.")
      }
      let (a, tau) = try q.reflectors()
      let diagonal = try a.diagonal(0, -2, -1)
      // LAPACK sets tau to exactly zero for a reflection it does not need.
      let unused = try tau.eq(.wrapped(.integer(0)))
      let sign = try diagonal.sign()
      _ = try diagonal.copyElements(from: .where(unused, sign.neg(), sign))
      return rows < columns ? try a.mT : a
    }
    if n == k {
      q = try Orthogonal.isOrthogonal(q) ? q.clone() : Orthogonal.orthogonalized(q)
    } else {
      let more = try Tensor(uninitialized: Dims(Array(q.sizes.dropLast(2)) + [n, n - k]), dtype: q.dtype).normal(0, 1, nil)
      q = try Orthogonal.orthogonalized(.cat([q, more], -1))
    }
    try setAttribute("base", .object(q))
    let minus = try Tensor.zeros(given.sizes, dtype: given.dtype)
    try minus.diagonal(0, -2, -1).fill(.integer(-1))
    return minus
  }

  /// Whether QᵀQ is the identity, but for rounding.
  private static func isOrthogonal(_ q: Tensor) throws -> Bool {
    let (n, k) = (q.sizes[q.dim - 2], q.sizes[q.dim - 1])
    let epsilon = q.dtype == .float64 ? Double.ulpOfOne : Double(Float.ulpOfOne)
    let one = try Tensor.eye(k, k, dtype: q.dtype)
    let limit = try one.mul(.wrapped(.double(1e-5))).add(.wrapped(.double(10 * Double(n) * epsilon)))
    return try q.adjoint.matmul(q).sub(one).abs().le(limit).all().item() == .boolean(true)
  }

  /// The Q of A = QR where the diagonal of R is not negative.
  private static func orthogonalized(_ a: Tensor) throws -> Tensor {
    let (x, tau) = try a.reflectors()
    return try x.householderProduct(tau).mul(x.diagonal(0, -2, -1).sign().unsqueeze(-2))
  }
}

extension Tensor {
  /// The matrices transposed, their elements conjugated. Mirrors `Tensor.mH`.
  var adjoint: Tensor { get throws { dtype.isComplex ? try mT.conj() : try mT } }
}
