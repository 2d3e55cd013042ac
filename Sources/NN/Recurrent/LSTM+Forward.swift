import Interface
import Kernels
import TensorCore
import Torch

extension LSTM {
  /// The output, the last hidden states and the last cells.
  /// - Throws: PyTorch's sentences for inputs and states of wrong type or shape.
  public func run(_ input: Tensor, _ state: (Tensor, Tensor)? = nil) throws -> (Tensor, Tensor, Tensor) {
    try weights.refresh(self)
    let o = weights.options
    if input.dim != 2 && input.dim != 3 {
      throw TorchError.value("LSTM: Expected input to be 2D or 3D, got \(input.dim)D instead")
    }
    let isBatched = input.dim == 3
    if let state, state.0.dim != input.dim || state.1.dim != input.dim {
      throw TorchError.runtime(
        "For \(isBatched ? "batched 3-D" : "unbatched 2-D") input, hx and cx should also be \(input.dim)-D but got (\(state.0.dim)-D, \(state.1.dim)-D) tensors")
    }
    if let weight = weights.flat.first, weight.dtype != input.dtype {
      throw TorchError.value(
        "RNN input dtype (torch.\(input.dtype.name)) does not match weight dtype (torch.\(weight.dtype.name)). Convert input: input.to(torch.\(weight.dtype.name)), or convert model: model.to(torch.\(input.dtype.name))")
    }
    if input.sizes[input.dim - 1] != o.inputSize {
      throw TorchError.runtime("input.size(-1) must be equal to input_size. Expected \(o.inputSize), got \(input.sizes[input.dim - 1])")
    }
    var x = input
    var state = state
    if !isBatched {
      x = try x.unsqueeze(1)
      state = try state.map { (try $0.0.unsqueeze(1), try $0.1.unsqueeze(1)) }
    } else if o.batchFirst {
      x = try x.transpose(0, 1)
    }
    if let state { try checkState(state, o, batch: x.sizes[1], input.dtype) }
    if x.sizes[0] == 0 { throw TorchError.runtime("Expected sequence length to be larger than 0 in RNN") }
    var (out, h, c) = try layers(x.contiguous(), state.map { (try $0.0.contiguous(), try $0.1.contiguous()) })
    if !isBatched {
      out = try out.squeeze([1])
      h = try h.squeeze([1])
      c = try c.squeeze([1])
    } else if o.batchFirst {
      out = try out.transpose(0, 1)
    }
    return (out, h, c)
  }

  private func checkState(_ state: (Tensor, Tensor), _ o: Options, batch: Int, _ dtype: DType) throws {
    for (i, tensor, features) in [(0, state.0, o.state), (1, state.1, o.hiddenSize)] {
      let expected: Dims = [o.layers * o.directions, batch, features]
      if tensor.sizes != expected {
        let wanted = expected.map(String.init).joined(separator: ", ")
        throw TorchError.runtime("Expected hidden[\(i)] size (\(wanted)), got \(tensor.sizes.text)")
      }
      if tensor.dtype != dtype {
        throw TorchError.runtime(
          "Input and hidden tensors are not the same dtype, found input tensor with \(dtype.capitalized) and hidden tensor with \(tensor.dtype.capitalized)")
      }
    }
  }

  /// All layers over a dense [T, B, input], dropout between them while training.
  private func layers(_ x: Tensor, _ state: (Tensor, Tensor)?) throws -> (Tensor, Tensor, Tensor) {
    let o = weights.options
    if weights.packed.isEmpty { return try composed(x, state) }
    let rows = o.layers * o.directions
    let h = try Tensor(uninitialized: [rows, x.sizes[1], o.state], dtype: .float32)
    let c = try Tensor(uninitialized: [rows, x.sizes[1], o.hiddenSize], dtype: .float32)
    var out = x
    var parts: [(Tensor, Tensor)] = []
    for layer in 0..<o.layers {
      if layer > 0 && training && o.dropout > 0 { out = try Functional.dropout(out, o.dropout, training: true) }
      let run = LSTMLayerRun(self, layer: layer, x: out)
      out = try run.forward(h, c, state, &parts)
    }
    if !parts.isEmpty {
      join(h, parts.map(\.0))
      join(c, parts.map(\.1))
    }
    return (out, h, c)
  }

  /// Lets gradients of the states of all layers flow to those of each.
  private func join(_ whole: Tensor, _ parts: [Tensor]) {
    let lengths = parts.map { $0.sizes[0] }
    Tensor.recordNode("StackBackward0", inputs: parts, results: [whole]) { _, gradients in
      guard let g = gradients[0] else { return lengths.map { _ in nil } }
      return lengths.count == 1 ? [g] : try g.split(lengths, 0)
    }
  }

  /// All layers from differentiable operations, for types the kernel does not compute in.
  private func composed(_ x: Tensor, _ state: (Tensor, Tensor)?) throws -> (Tensor, Tensor, Tensor) {
    let o = weights.options
    let rows = o.layers * o.directions
    let h0 = try state?.0 ?? .zeros([rows, x.sizes[1], o.state], dtype: x.dtype)
    let c0 = try state?.1 ?? .zeros([rows, x.sizes[1], o.hiddenSize], dtype: x.dtype)
    var out = x
    var (hs, cs): ([Tensor], [Tensor]) = ([], [])
    for layer in 0..<o.layers {
      if layer > 0 && training && o.dropout > 0 { out = try Functional.dropout(out, o.dropout, training: true) }
      var outs: [Tensor] = []
      for direction in 0..<o.directions {
        let index = layer * o.directions + direction
        let (y, h, c) = try LSTM.composedDirection(
          out, h0.select(0, index), c0.select(0, index), Array(weights.tensors(index)), o, reverse: direction == 1)
        outs.append(y)
        hs.append(h)
        cs.append(c)
      }
      out = outs.count == 1 ? outs[0] : try .cat(outs, 2)
    }
    return (out, try .stack(hs, 0), try .stack(cs, 0))
  }

  /// One direction of one layer from differentiable operations: x [T, B, I], h0 [B, P], c0 [B, H].
  static func composedDirection(
    _ x: Tensor, _ h0: Tensor, _ c0: Tensor, _ weights: [Tensor], _ o: Options, reverse: Bool
  ) throws -> (Tensor, Tensor, Tensor) {
    let (steps, hidden) = (x.sizes[0], o.hiddenSize)
    let projection = o.projection > 0 ? try weights.last?.t() : nil
    let fromInput = try x.linear(weights[0], o.bias ? weights[2] : nil)
    var (h, c) = (h0, c0)
    var outs: [Tensor] = []
    for s in 0..<steps {
      let gates = try h.linear(weights[1], o.bias ? weights[3] : nil).add(fromInput.select(0, reverse ? steps - 1 - s : s))
      func gate(_ i: Int) throws -> Tensor { try gates.narrow(1, i * hidden, hidden) }
      c = try gate(1).sigmoid().mul(c).add(gate(0).sigmoid().mul(gate(2).tanh()))
      h = try gate(3).sigmoid().mul(c.tanh())
      if let projection { h = try h.matmul(projection) }
      outs.append(h)
    }
    return (try .stack(reverse ? outs.reversed() : outs, 0), h, c)
  }
}
