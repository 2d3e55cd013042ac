import CKernels
import Interface
import NN
import TensorCore
import Torch

extension DynamicQuantizedLSTM {
  /// The output of all steps, and the last hidden state and cell.
  /// - Parameters:
  ///   - input: float32 `[steps, batch, input]`, or `[batch, steps, input]` with `batchFirst`.
  ///   - state: hidden state and cell, `[layers · directions, batch, hidden]` each; zeros where nil.
  /// - Throws: PyTorch's sentences for shapes, dtypes and inputs that hold NaN.
  public func run(_ input: Tensor, _ state: (hidden: Tensor, cell: Tensor)?) throws -> (output: Tensor, hidden: Tensor, cell: Tensor) {
    if input.dim == 1 && state == nil { _ = try Shape.wrap(batchFirst ? 0 : 1, 1) }
    if input.dim != 3 { throw TorchError.runtime("input must have 3 dimensions, got \(input.dim)") }
    if input.sizes[2] != inputSize {
      throw TorchError.runtime("input.size(-1) must be equal to input_size. Expected \(inputSize), got \(input.sizes[2])")
    }
    let (steps, batch) = batchFirst ? (input.sizes[1], input.sizes[0]) : (input.sizes[0], input.sizes[1])
    let directions = isBidirectional ? 2 : 1
    let expected: Dims = [layerCount * directions, batch, hiddenSize]
    if let state {
      try check(state.hidden, expected, 0)
      try check(state.cell, expected, 1)
    }
    try requireFloat(input)
    if let state {
      try requireFloat(state.hidden)
      try requireFloat(state.cell)
    }
    if steps == 0 { throw TorchError.runtime("Expected sequence length to be larger than 0 in RNN") }

    let (hn, cn) = (try Tensor(uninitialized: expected, dtype: .float32), try Tensor(uninitialized: expected, dtype: .float32))
    // States that are given are read where they are; zeros are read from where the results will stand.
    let (h0, c0) = (try state?.hidden.dense() ?? hn, try state?.cell.dense() ?? cn)
    if state == nil {
      hn.elements(Float.self).update(repeating: 0, count: hn.count)
      cn.elements(Float.self).update(repeating: 0, count: cn.count)
    }
    var x = try batchFirst ? GradMode.with(false) { try input.transpose(0, 1).dense() } : input.dense()
    if batch > 0 {
      for layer in 0..<layerCount {
        let width = hiddenSize * directions
        let y = try Tensor(uninitialized: [steps, batch, width], dtype: .float32)
        for direction in 0..<directions {
          let i = layer * directions + direction
          let shape = qk_lstm_shape(
            steps: steps, batch: batch, input: x.sizes[2], hidden: hiddenSize, projection: 0)
          let start = i * batch * hiddenSize
          let io = qk_lstm_io(
            x: x.elements(Float.self), ldx: x.sizes[2], h0: h0.elements(Float.self) + start, c0: c0.elements(Float.self) + start,
            out: y.elements(Float.self) + direction * hiddenSize, ldout: width,
            hn: hn.elements(Float.self) + start, cn: cn.elements(Float.self) + start, gates: nil, cells: nil, unprojected: nil,
            scratch: nil, reverse: direction == 1)
          // Pointers into tensors are good only as long as the tensors live.
          try withExtendedLifetime((x, h0, c0, hn, cn)) { try allWeightValues[i].param.runLSTM(shape, io, scratch) }
        }
        x = training && dropout > 0 && layer < layerCount - 1 ? try dropped(y) : y
      }
    } else {
      x = try Tensor(uninitialized: [steps, 0, hiddenSize * directions], dtype: .float32)
    }
    return (batchFirst ? try GradMode.with(false) { try x.transpose(0, 1) } : x, hn, cn)
  }

  @inline(__always)
  private func requireFloat(_ tensor: Tensor) throws {
    if tensor.dtype != .float32 { throw TorchError.runtime("expected scalar type Float but found \(tensor.dtype.capitalized)") }
  }

  private func check(_ state: Tensor, _ expected: Dims, _ place: Int) throws {
    if state.sizes == expected { return }
    let wanted = "(" + expected.map(String.init).joined(separator: ", ") + ")"
    throw TorchError.runtime("Expected hidden[\(place)] size \(wanted), got \(state.sizes.text)")
  }

  /// Zeroes elements with the probability `dropout` and scales the others up, as between the layers in training.
  private func dropped(_ y: Tensor) throws -> Tensor {
    let kept = try Tensor(uninitialized: y.sizes, dtype: .float32).bernoulli(1 - dropout, nil)
    let (k, v) = (kept.elements(Float.self), y.elements(Float.self))
    let factor = Float(dropout < 1 ? 1 / (1 - dropout) : 0)
    for i in 0..<y.count { v[i] *= k[i] * factor }
    return y
  }
}
