import Interface
import Kernels
import TensorCore
import Torch

/// What one call of a layer keeps for the backward pass, and the pass.
struct LSTMLayerBackward {
  let options: LSTM.Options
  let shape: LSTMShape
  /// x, the weights of all directions, and where they were given the states.
  let inputs: [SavedTensor]
  let weightCount: Int
  let hasState: Bool
  let out: SavedTensor
  let kept: Storage

  /// The gradients of the inputs from those of output, states and cells.
  func run(_ node: Node, _ gradients: [Tensor?]) throws -> [Tensor?] {
    if gradients.allSatisfy({ $0 == nil }) { return inputs.map { _ in nil } }
    let inputs = try self.inputs.map { try $0.unpack() }
    if GradMode.isEnabled { return try composed(node, inputs, gradients) }
    let directions = options.directions
    var results: [Tensor?] = []
    for (i, input) in inputs.enumerated() {
      results.append(node.needs(i) ? try Tensor(uninitialized: input.sizes, dtype: .float32) : nil)
    }
    func floats(_ t: Tensor?) -> UnsafeMutablePointer<Float>? { t?.elements(Float.self) }
    let dense = try inputs.map { try $0.dense() }
    let given = try gradients.map { try $0?.dense() }
    let y = try out.unpack()
    let each = options.tensorsEach
    let (hStep, cStep) = (shape.batch * shape.state, shape.batch * shape.hidden)
    for d in 0..<directions {
      let w = 1 + d * each
      let offset = d * shape.state
      let rows = directions * shape.state
      let hr = options.projection > 0 ? w + each - 1 : nil
      let backward = LSTMDirectionBackward(
        shape, reverse: d == 1, ih: dense[w].elements(Float.self), hh: dense[w + 1].elements(Float.self),
        hr: hr.map { UnsafePointer(dense[$0].elements(Float.self)) }, x: dense[0].elements(Float.self),
        h0: hasState ? UnsafePointer(dense[1 + weightCount].elements(Float.self) + d * hStep) : nil,
        c0: hasState ? UnsafePointer(dense[2 + weightCount].elements(Float.self) + d * cStep) : nil,
        out: .init(y.elements(Float.self) + offset, rows),
        kept: UnsafePointer(kept.pointer.assumingMemoryBound(to: Float.self) + d * shape.keptCount),
        outGradient: floats(given[0]).map { .init($0 + offset, rows) },
        hnGradient: floats(given[1]).map { UnsafePointer($0 + d * hStep) },
        cnGradient: floats(given[2]).map { UnsafePointer($0 + d * cStep) })
      var targets = LSTMDirectionBackward.Targets()
      targets.x = floats(results[0])
      targets.addX = d == 1
      targets.ih = floats(results[w])
      targets.hh = floats(results[w + 1])
      if options.bias { targets.bias = floats(results[w + 2]) ?? floats(results[w + 3]) }
      if let hr { targets.hr = floats(results[hr]) }
      if hasState {
        targets.h0 = floats(results[1 + weightCount]).map { $0 + d * hStep }
        targets.c0 = floats(results[2 + weightCount]).map { $0 + d * cStep }
      }
      try backward.run(targets)
      // Both biases are added at the same place, so they have the same gradient.
      if options.bias, let one = results[w + 2], results[w + 3] != nil { results[w + 3] = try one.denseCopy() }
    }
    return results
  }

  /// The same through differentiable operations, so that the gradients have gradients themselves.
  private func composed(_ node: Node, _ inputs: [Tensor], _ gradients: [Tensor?]) throws -> [Tensor?] {
    // Each input under a name of its own, so that what an input was made of does not count twice.
    let own = try inputs.map { $0.requiresGrad ? try $0.view(Array($0.sizes)) : $0 }
    let directions = options.directions
    let each = options.tensorsEach
    var (outs, hs, cs): ([Tensor], [Tensor], [Tensor]) = ([], [], [])
    for d in 0..<directions {
      let weights = Array(own[(1 + d * each)..<(1 + (d + 1) * each)])
      let h0 = hasState ? try own[1 + weightCount].select(0, d) : try .zeros([shape.batch, shape.state])
      let c0 = hasState ? try own[2 + weightCount].select(0, d) : try .zeros([shape.batch, shape.hidden])
      let (y, h, c) = try LSTM.composedDirection(own[0], h0, c0, weights, options, reverse: d == 1)
      outs.append(y)
      hs.append(h)
      cs.append(c)
    }
    let results = [directions == 1 ? outs[0] : try .cat(outs, 2), try Tensor.stack(hs, 0), try Tensor.stack(cs, 0)]
    var (roots, seeds): ([Tensor], [Tensor?]) = ([], [])
    for (result, gradient) in zip(results, gradients) where gradient != nil {
      roots.append(result)
      seeds.append(gradient)
    }
    let wanted = inputs.indices.filter { node.needs($0) }
    let found = try Backward.gradients(of: roots, seeds, inputs: wanted.map { own[$0] }, createGraph: true, allowUnused: true)
    var all: [Tensor?] = inputs.map { _ in nil }
    for (i, gradient) in zip(wanted, found) { all[i] = gradient }
    return all
  }
}
