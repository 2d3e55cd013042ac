import Interface
import TensorCore
import Torch

extension Functional {
  /// A function made of others that stands in the graph as one: its gradient runs it again and differentiates that.
  static func whole(_ name: String, _ inputs: [Tensor], _ body: @escaping ([Tensor]) throws -> Tensor) throws -> Tensor {
    let y = try GradMode.with(false) { try body(inputs) }
    let saved = inputs.map { SavedTensor($0) }
    Tensor.recordNode(name, inputs: inputs, results: [y]) { node, gradients in
      guard let g = gradients[0] else { return inputs.map { _ in nil } }
      let twice = GradMode.isEnabled
      let originals = try saved.map { try $0.unpack() }
      let used = try originals.enumerated().map { i, t -> Tensor in
        // Who differentiates once more needs the tensors with their history.
        if twice { return t }
        let leaf = t.detached()
        if node.needs(i) { try leaf.setRequiresGrad(true) }
        return leaf
      }
      let again = try GradMode.with(true) { try body(used) }
      let wanted = used.indices.filter { node.needs($0) }
      let found = again.requiresGrad
        ? try Backward.gradients(of: [again], [g], inputs: wanted.map { used[$0] }, retainGraph: twice, createGraph: twice, allowUnused: true)
        : wanted.map { _ in nil }
      var result = [Tensor?](repeating: nil, count: inputs.count)
      for (i, gradient) in zip(wanted, found) { result[i] = try gradient ?? .zeros(inputs[i].sizes, dtype: inputs[i].dtype) }
      return result
    }
    return y
  }
}
