import Interface
import TensorCore
import Testing
import Torch

/// Views, versions, hooks and the modes of the tape.
@Suite(.serialized) struct ViewGraphTests {
  private func leaf(_ values: [Double]) throws -> Tensor {
    let x = try Tensor.vector(values, dtype: .float64)
    try x.setRequiresGrad(true)
    return x
  }

  private func numbers(_ x: Tensor?) -> [Double] { x.map { x in (0..<x.count).map { x.scalar(at: $0).doubleValue } } ?? [] }

  @Test func aViewChangedInPlaceTellsItsBase() throws {
    let w = try leaf([2, 3])
    let base = try Tensor.vector([1, 1, 1], dtype: .float64)
    let part = try base.slice(0, 0, 2)
    try part.become(part.clone().mul(w))
    #expect(base.requiresGrad && base.gradFn?.name == "CopySlices" && part.gradFn?.name == "AsStridedBackward0")
    try Backward.run([base.mul(base).sum()])
    #expect(numbers(w.grad) == [4, 6])
  }

  @Test func aViewLearnsOfItsBase() throws {
    let w = try leaf([2])
    let base = try Tensor.vector([1, 4], dtype: .float64)
    let part = try base.select(0, 1)
    #expect(!part.requiresGrad)
    try base.become(base.clone().mul(w))
    #expect(part.requiresGrad && part.gradFn?.name == "AsStridedBackward0")
    try Backward.run([part])
    #expect(numbers(w.grad) == [4])
  }

  @Test func versionsAreSharedByViewsAndNotByData() throws {
    let x = try Tensor.vector([1, 2], dtype: .float64)
    try x.select(0, 0).fill(.integer(3))
    try x.detached().fill(.integer(4))
    #expect(x.version == 2)
    try x.unwatched().fill(.integer(5))
    #expect(x.version == 2 && numbers(x) == [5, 5])
  }

  @Test func aGraphWithoutSavedValuesIsUsedAgain() throws {
    let x = try leaf([1, 2])
    let y = try x.add(.wrapped(.integer(1))).sum()
    try Backward.run([y])
    try Backward.run([y])
    #expect(numbers(x.grad) == [2, 2])
  }

  @Test func onlyTheInputsAskedForAreReached() throws {
    let (x, w) = (try leaf([1, 2]), try leaf([3, 4]))
    var visited = 0
    let y = try x.mul(.wrapped(.integer(2)))
    try y.registerHook { _ in
      visited += 1
      return nil
    }
    try Backward.run([y.mul(w).sum()], inputs: [w])
    #expect(x.grad == nil && numbers(w.grad) == [2, 4] && visited == 0)
  }

  @Test func hooksChangeGradientsUntilTheyAreRemoved() throws {
    let x = try leaf([1])
    let removal = try x.registerHook { try $0.mul(.wrapped(.integer(3))) }
    try Backward.run([x.sum()])
    removal()
    try Backward.run([x.sum()])
    #expect(numbers(x.grad) == [4])
  }

  @Test func gradientsHaveTheDtypeOfTheirTensors() throws {
    let x = try Tensor.vector([1, 2], dtype: .float32)
    try x.setRequiresGrad(true)
    let w = try leaf([3, 4])
    let found = try Backward.gradients(of: [x.mul(w).sum()], inputs: [x, w])
    #expect(found.map { $0?.dtype } == [.float32, .float64])
  }

  @Test func retainingAGradientKeepsNothingAlive() throws {
    weak var node: Node?
    do {
      let y = try leaf([1]).mul(.wrapped(.integer(2)))
      try y.retainGrad()
      node = y.gradFn
      #expect(node != nil)
    }
    #expect(node == nil)
  }

  @Test func tensorsOfInferenceModeStayOutOfGraphs() throws {
    InferenceMode.isEnabled = true
    let y = try Tensor.vector([1, 2], dtype: .float64)
    InferenceMode.isEnabled = false
    #expect(y.isInference)
    #expect(throws: TorchError.self) { try y.fill(.integer(0)) }
    _ = try leaf([1, 2]).mul(y)
    #expect(throws: TorchError.self) { try RecordingMistake.raise() }
  }
}
