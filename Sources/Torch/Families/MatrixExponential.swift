import Glibc
import Interface
import TensorCore

// PyTorch's scheme: Taylor polynomials of degrees 1, 2, 4, 8, 12 and 18 in few products, by the matrix's norm
// (Bader, Blanes, Casas: Computing the matrix exponential with an optimized Taylor polynomial approximation, 2019).
extension Tensor {
  /// e to the power of each matrix. Mirrors `torch.linalg.matrix_exp`.
  public func matrixExp() throws -> Tensor {
    try Linalg.checkSquare(self, "linalg.matrix_exp")
    try Linalg.checkFloating(self, "linalg.matrix_exp")
    let y = try GradMode.with(false) { try exponential() }
    if Tensor.records(self) {
      let saved = SavedTensor(self)
      y.record("LinalgMatrixExpBackward0", [self]) { _, g in
        // The upper right block of exp [[Aᵀ, G], [0, Aᵀ]] is the gradient.
        let a = try saved.unpack().mT
        let n = a.rows
        if a.count == 0 { return [try .zeros(a.sizes, dtype: a.dtype)] }
        let zero = try Tensor.zeros(a.sizes, dtype: a.dtype)
        let whole = try Tensor.cat([.cat([a, g], -1), .cat([zero, a], -1)], -2)
        return [try whole.matrixExp().narrow(-2, 0, n).narrow(-1, n, n)]
      }
    }
    return y
  }

  /// What is done for a matrix of some norm.
  private struct Plan: Hashable {
    let degree: Int
    let squarings: Int

    init(norm: Double, isFloat: Bool) {
      // Up to which norm a degree is exact to the type's last place.
      let bounds = isFloat
        ? [1.192092800768788e-07, 5.978858893805233e-04, 5.116619363445086e-02, 5.800524627688768e-01, 1.461661507209034e+00, 3.010066362817634e+00]
        : [2.220446049250313e-16, 2.580956802971767e-08, 3.397168839976962e-04, 4.991228871115323e-02, 2.996158913811580e-01, 1.090863719290036e+00]
      if let small = (0..<5).first(where: { norm <= bounds[$0] }) {
        degree = [1, 2, 4, 8, 12][small]
        squarings = 0
      } else {
        degree = 18
        squarings = norm.isFinite ? Swift.max(Int(Glibc.ceil(Glibc.log2(norm / bounds[5]))), 0) : 0
      }
    }
  }

  private func exponential() throws -> Tensor {
    if count == 0 { return try clone() }
    if rows == 1 { return try exp() }
    let a = try contiguous().reshape([-1, rows, rows])
    let norms = try a.abs().sum(dims: [-2]).extremeValue([-1], keepdim: false, greatest: true, name: "")
    var groups: [Plan: [Int]] = [:]
    for i in 0..<norms.count { groups[Plan(norm: norms.scalar(at: i).doubleValue, isFloat: dtype == .float32), default: []].append(i) }
    let y = try Tensor(uninitialized: a.sizes, dtype: dtype)
    for (plan, members) in groups {
      let part = members.count == a.sizes[0] ? a : try a.indexed([.tensor(.vector(members))])
      var power = try part.taylor(plan)
      for _ in 0..<plan.squarings { power = try power.matmul(power) }
      for (k, i) in members.enumerated() { try y.select(0, i).copyElements(from: power.select(0, k)) }
    }
    return try y.reshape(Array(sizes))
  }

  /// Σ factorᵢ · matrixᵢ, in the order given; zero factors are left out.
  private static func combine(_ factors: [Double], _ matrices: [Tensor]) throws -> Tensor {
    var sum: Tensor?
    for (factor, matrix) in zip(factors, matrices) where factor != 0 {
      let term = factor == 1 ? matrix : try matrix.mul(.wrapped(.double(factor)))
      sum = try sum.map { try $0.add(term) } ?? term
    }
    return try sum ?? matrices[0].mul(.wrapped(.integer(0)))
  }

  private func taylor(_ plan: Plan) throws -> Tensor {
    let a = plan.squarings == 0 ? self : try div(.wrapped(.double(Glibc.pow(2, Double(plan.squarings)))))
    let unit = try Tensor.identity(rows, dtype: dtype)
    if plan.degree == 1 { return try unit.add(a) }
    let a2 = try a.matmul(a)
    switch plan.degree {
    case 2: return try Tensor.combine([1, 1, 0.5], [unit, a, a2])
    case 4:
      let rest = try a2.matmul(Tensor.combine([1 / 2.0, 1 / 6.0, 1 / 24.0], [unit, a, a2]))
      return try Tensor.combine([1, 1, 1], [unit, a, rest])
    case 8:
      let root = 177.0.squareRoot()
      let x3 = 2.0 / 3
      let (x1, x2) = (x3 * ((1 + root) / 88), x3 * ((1 + root) / 352))
      let (x4, x5) = ((-271 + 29 * root) / (315 * x3), (-11 + 11 * root) / (1260 * x3))
      let (x6, x7) = ((-99 + 11 * root) / (5040 * x3), (89 - root) / (5040 * x3 * x3))
      let a4 = try a2.matmul(Tensor.combine([x1, x2], [a, a2]))
      let a8 = try Tensor.combine([x3, 1], [a2, a4]).matmul(Tensor.combine([x4, x5, x6, x7], [unit, a, a2, a4]))
      return try Tensor.combine([1, 1, (857 - 58 * root) / 630, 1], [unit, a, a2, a8])
    case 12:
      let powers = [unit, a, a2, try a2.matmul(a)]
      let b = try Tensor.factors12.map { try Tensor.combine($0, powers) }
      let a6 = try b[2].add(b[3].matmul(b[3]))
      return try b[0].add(b[1].add(a6).matmul(a6))
    default:
      let a3 = try a2.matmul(a)
      let powers = [unit, a, a2, a3, try a3.matmul(a3)]
      let b = try Tensor.factors18.map { try Tensor.combine($0, powers) }
      let a9 = try b[0].matmul(b[4]).add(b[3])
      return try b[1].add(b[2].add(a9).matmul(a9))
    }
  }

  private static let factors12: [[Double]] = [
    [9.0198e-16, 0.46932117595418237389, -0.20099424927047284052, -0.04623946134063071740],
    [5.31597895759871264183, 1.19926790417132231573, 0.01179296240992997031, 0.01108844528519167989],
    [0.18188869982170434744, 0.05502798439925399070, 0.09351590770535414968, 0.00610700528898058230],
    [-2.0861320e-13, -0.13181061013830184015, -0.02027855540589259079, -0.00675951846863086359],
  ]

  private static let factors18: [[Double]] = [
    [0, -1.00365581030144618291e-01, -8.02924648241156932449e-03, -8.92138498045729985177e-04, 0],
    [0, 3.97849749499645077844e-01, 1.36783778460411720168e+00, 4.98289622525382669416e-01, -6.37898194594723280150e-04],
    [-1.09676396052962061844e+01, 1.68015813878906206114e+00, 5.71779846478865511061e-02, -6.98210122488052056106e-03, 3.34975017086070470649e-05],
    [-9.04316832390810593223e-02, -6.76404519071381882256e-02, 6.75961301770459654925e-02, 2.95552570429315521194e-02, -1.39180257516060693404e-05],
    [0, 0, -9.23364619367118555360e-02, -1.69364939002081722752e-02, -1.40086798182036094347e-05],
  ]
}
