import CKernels
import Interface
import Kernels
import TensorCore
import Torch

/// The packed weights of one layer and direction of a recurrent module. Mirrors `torch.classes.rnn.CellParamsBase`.
///
/// Its pickled state is `(kind, biases, [], flags, [packed ih, packed hh])`.
public final class CellParams {
  /// The weight of the inputs.
  public let inputWeight: PackedLinearParams
  /// The weight of the hidden state.
  public let hiddenWeight: PackedLinearParams
  /// Whether activations use 7 bits; nothing to float16.
  public let reduceRange: Bool

  /// The name of the TorchScript class in pickles.
  public static let className = "__torch__.torch.classes.rnn.CellParamsBase"

  /// The parameters of one cell. Mirrors `make_quantized_cell_params_dynamic` and `make_quantized_cell_params_fp16`.
  /// - Throws: a `RuntimeError` where the two weights do not belong together.
  public init(inputWeight: PackedLinearParams, hiddenWeight: PackedLinearParams, reduceRange: Bool) throws {
    if inputWeight.dtype != hiddenWeight.dtype || inputWeight.outFeatures != hiddenWeight.outFeatures {
      throw TorchError.runtime(
        "the packed weights of a cell must have one dtype and as many outputs, got torch.\(inputWeight.dtype.name) with "
          + "\(inputWeight.outFeatures) and torch.\(hiddenWeight.dtype.name) with \(hiddenWeight.outFeatures)")
    }
    self.inputWeight = inputWeight
    self.hiddenWeight = hiddenWeight
    self.reduceRange = reduceRange
  }

  /// `quantized_dynamic` or `quantized_fp16`.
  public var kind: String { isInt8 ? "quantized_dynamic" : "quantized_fp16" }
  /// The biases as pickled beside the weights: two for int8, none for float16.
  public var pickledBiases: [Tensor] { isInt8 ? [inputWeight.bias, hiddenWeight.bias].compactMap { $0 } : [] }
  /// The numbers pickled beside the weights: `reduce_range` for int8.
  public var pickledFlags: [Int] { isInt8 ? [reduceRange ? 1 : 0] : [] }

  /// Whether the weights are int8.
  var isInt8: Bool { inputWeight.dtype == .qint8 }

  /// Runs the cell as an LSTM over all steps.
  /// - Throws: PyTorch's sentence where an input or state holds NaN, for int8.
  func runLSTM(_ shape: qk_lstm_shape, _ io: qk_lstm_io, _ scratch: ScratchMemory) throws {
    var (shape, io) = (shape, io)
    if isInt8 {
      var weights = qk_lstm_weights_s8(
        ih: inputWeight.int8Weight, hh: hiddenWeight.int8Weight, b_ih: inputWeight.biasPointer, b_hh: hiddenWeight.biasPointer,
        reduce_range: reduceRange)
      io.scratch = scratch.atLeast(qk_lstm_scratch_s8(&shape))
      try DynamicRange.check(qk_lstm_layer_s8(&shape, &weights, &io, UInt32(Threads.count)))
    } else {
      var weights = qk_lstm_weights_f32(
        ih: inputWeight.floatWeight, hh: hiddenWeight.floatWeight, hr: nil, b_ih: inputWeight.biasPointer,
        b_hh: hiddenWeight.biasPointer)
      io.scratch = scratch.atLeast(qk_lstm_scratch_f32(&shape))
      qk_lstm_layer_f32(&shape, &weights, &io, UInt32(Threads.count))
    }
  }
}
