import Interface
import TensorCore
import Testing
import Torch

/// What the tape promises, beyond the values that the Lua tests compare with PyTorch.
@Suite(.serialized) struct AutogradTests {
  private func leaf(_ values: [Double]) throws -> Tensor {
    let x = try Tensor.vector(values, dtype: .float64)
    try x.setRequiresGrad(true)
    return x
  }

  /// Central differences against the tape, for every differentiable function of one tensor that the library has by name.
  @Test func slopesAgreeWithDifferences() throws {
    let functions: [(String, (Tensor) throws -> Tensor)] = [
      ("exp", { try $0.exp() }), ("log", { try $0.log() }), ("sqrt", { try $0.sqrt() }), ("sigmoid", { try $0.sigmoid() }),
      ("tanh", { try $0.tanh() }), ("sin", { try $0.sin() }), ("cos", { try $0.cos() }), ("reciprocal", { try $0.reciprocal() }),
      ("neg", { try $0.neg() }), ("abs", { try $0.abs() }), ("relu", { try $0.relu() }),
      ("mul", { try $0.mul($0) }), ("div", { try $0.div($0.add(.wrapped(.integer(1)))) }),
      ("pow", { try $0.pow(.wrapped(.double(2.5))) }), ("exponent", { try Tensor.wrapped(.double(1.5)).pow($0) }),
      ("clamp", { try $0.clamp(.double(0.4), .double(1.1)) }), ("mean", { try $0.mean() }), ("prod", { try $0.prod(dims: nil, keepdim: false) }),
      ("expand", { try $0.expand([3, 4]) }), ("slice", { try $0.slice(0, 1, nil, 2) }), ("select", { try $0.select(0, 2) }),
      ("reshape", { try $0.reshape([2, 2]).permute([1, 0]).reshape([4]) }), ("cat", { try Tensor.cat([$0, $0], 0) }),
      ("matmul", { try $0.reshape([2, 2]).mm($0.reshape([2, 2])) }), ("flip", { try $0.flip([0]) }),
    ]
    let at = [0.3, 0.7, 1.3, 1.9]
    for (name, f) in functions {
      // A weight per element, so that no slope cancels another.
      func loss(_ x: Tensor) throws -> Tensor {
        let y = try f(x)
        let weights = try Tensor.vector((0..<y.count).map { 1 + 0.37 * Double($0) }, dtype: .float64).reshape(Array(y.sizes))
        return try y.mul(weights).sum()
      }
      let x = try leaf(at)
      try Backward.run([loss(x)])
      let found = try #require(x.grad, "\(name)")
      for i in at.indices {
        func moved(_ d: Double) throws -> Double {
          var values = at
          values[i] += d
          return try loss(Tensor.vector(values, dtype: .float64)).scalar(at: 0).doubleValue
        }
        let difference = try (moved(1e-6) - moved(-1e-6)) / 2e-6
        #expect(abs(found.scalar(at: i).doubleValue - difference) < 1e-6, "\(name) at \(at[i])")
      }
    }
  }

  @Test func savedValuesChangedInPlaceAreNoticed() throws {
    let x = try leaf([1, 2])
    let y = try x.mul(.wrapped(.integer(1)))
    let z = try y.mul(y).sum()
    _ = try y.fill(.integer(0))
    #expect(throws: TorchError.self) { try Backward.run([z]) }
  }

  @Test func aGraphIsUsedOnceUnlessRetained() throws {
    let x = try leaf([1, 2])
    let y = try x.mul(x).sum()
    try Backward.run([y], retainGraph: true)
    try Backward.run([y])
    #expect(throws: TorchError.self) { try Backward.run([y]) }
    #expect(x.grad?.scalar(at: 1) == .double(8))
  }

  @Test func aLongChainIsFreedWithoutRecursion() throws {
    let x = try leaf([1])
    var y = x
    for _ in 0..<200_000 { y = try y.add(x) }
    try Backward.run([y.sum()])
    #expect(x.grad?.scalar(at: 0) == .double(200_001))
  }
}
