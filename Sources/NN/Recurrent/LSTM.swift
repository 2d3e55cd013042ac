import Interface
import Kernels
import OrderedCollections
import TensorCore
import Torch

/// A long short-term memory over a sequence. Mirrors `torch.nn.LSTM`.
///
/// Input [T, B, input_size] ([B, T, input_size] with `batch_first`, [T, input_size] unbatched); gives the output and
/// the list of the last hidden state and cell.
public final class LSTM: Module {
  /// What the constructor was told.
  struct Options {
    var inputSize, hiddenSize, layers: Int
    var bias, batchFirst: Bool
    var dropout: Double
    var bidirectional: Bool
    var projection: Int
    var directions: Int { bidirectional ? 2 : 1 }
    var state: Int { projection > 0 ? projection : hiddenSize }
    /// Tensors for each direction of a layer.
    var tensorsEach: Int { 2 + (bias ? 2 : 0) + (projection > 0 ? 1 : 0) }
  }

  /// Weights of all layers and directions as last read, and their packed forms.
  let weights = LSTMWeights()
  let scratch = Scratch()
  /// Zeros for states that are not given.
  let zeros = Scratch()
  var zeroCount = 0

  /// - Throws: PyTorch's `ValueError` for sizes that are not positive and dropout outside [0, 1].
  public init(
    _ inputSize: Int, _ hiddenSize: Int, numLayers: Int = 1, bias: Bool = true, batchFirst: Bool = false, dropout: Double = 0,
    bidirectional: Bool = false, projSize: Int = 0, dtype: DType = .defaultFloat
  ) throws {
    super.init()
    if !(0...1).contains(dropout) {
      throw TorchError.value("dropout should be a number in range [0, 1] representing the probability of an element being zeroed")
    }
    if dropout > 0 && numLayers == 1 {
      UserWarning.tell(
        "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater than 1, but got dropout=\(Module.shown(.number(dropout))) and num_layers=1")
    }
    if inputSize <= 0 { throw TorchError.value("input_size must be greater than zero") }
    if hiddenSize <= 0 { throw TorchError.value("hidden_size must be greater than zero") }
    if numLayers <= 0 { throw TorchError.value("num_layers must be greater than zero") }
    if projSize < 0 { throw TorchError.value("proj_size should be a positive integer or zero to disable projections") }
    if projSize >= hiddenSize { throw TorchError.value("proj_size has to be smaller than hidden_size") }
    attributes = [
      "mode": .string("LSTM"), "input_size": .integer(inputSize), "hidden_size": .integer(hiddenSize),
      "num_layers": .integer(numLayers), "bias": .boolean(bias), "batch_first": .boolean(batchFirst), "dropout": .number(dropout),
      "bidirectional": .boolean(bidirectional), "proj_size": .integer(projSize),
    ]
    let options = Options(
      inputSize: inputSize, hiddenSize: hiddenSize, layers: numLayers, bias: bias, batchFirst: batchFirst, dropout: dropout,
      bidirectional: bidirectional, projection: projSize)
    for (name, sizes) in LSTMWeights.shapes(options) {
      parameters[name] = try Tensor.parameter(Tensor(uninitialized: sizes, dtype: dtype))
    }
    try resetParameters()
  }

  private override init() { super.init() }

  static var savedForm: SavedForm { .blank { LSTM() } }

  /// Draws all weights anew, evenly from ±1/√hidden_size. Mirrors `RNNBase.reset_parameters`.
  public func resetParameters() throws {
    guard case .integer(let hidden)? = attributes["hidden_size"] else { return }
    let bound = hidden > 0 ? 1 / Double(hidden).squareRoot() : 0
    for (_, parameter) in namedParameters() { try Initialize.uniform(parameter, -bound, bound) }
  }

  public override var typeName: String { "LSTM" }
  public override var typeModule: String { "torch.nn.modules.rnn" }
  public override class var forwardSchema: String { "forward(Tensor input, Tensor[]? hx=None) -> (Tensor, Tensor[])" }

  public override func extraRepr() -> String {
    var parts = [shown("input_size"), shown("hidden_size")]
    for (name, usual) in [("proj_size", "0"), ("num_layers", "1"), ("bias", "True"), ("batch_first", "False"), ("dropout", "0.0"), ("bidirectional", "False")]
    where shown(name) != usual { parts.append("\(name)=\(shown(name))") }
    return parts.joined(separator: ", ")
  }

  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = LSTM()
    try copyContents(to: copy, memo)
    return copy
  }

  public override func savedAttributes() throws -> OrderedDictionary<String, Value> {
    var saved = attributes
    try RecurrentParts.write(self, &saved)
    return saved
  }
  public override func restore(_ state: ModuleState) throws {
    var state = state
    try RecurrentParts.read(&state)
    try super.restore(state)
  }

  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs, 2)
    if case .object(let packed as PackedSequence)? = inputs.first { return try run(packed, inputs.count > 1 ? state(from: inputs[1]) : nil) }
    let input = try inputTensor(inputs)
    let (output, hidden, cell) = try run(input, inputs.count > 1 ? try state(from: inputs[1]) : nil)
    return .tuple([.object(output), .list([.object(hidden), .object(cell)])])
  }

  /// The same over sequences of several lengths.
  private func run(_ packed: PackedSequence, _ state: (Tensor, Tensor)?) throws -> Value {
    try weights.refresh(self)
    let (o, batches) = (weights.options, packed.batches)
    let (rows, batch) = (o.layers * o.directions, batches.first ?? 0)
    func sorted(_ t: Tensor) throws -> Tensor { try packed.sortedIndices.map { try t.rows($0, 1) } ?? t }
    func unsorted(_ t: Tensor) throws -> Value { .object(try packed.unsortedIndices.map { try t.rows($0, 1) } ?? t) }
    let h0 = try state.map { try sorted($0.0) } ?? .zeros([rows, batch, o.state], dtype: packed.data.dtype)
    let c0 = try state.map { try sorted($0.1) } ?? .zeros([rows, batch, o.hiddenSize], dtype: packed.data.dtype)
    let (y, h, c) = try RecurrentSequence(cell: .lstm, batches: batches).run(packed.data, h0, c0, o, training: training) { Array(weights.tensors($0)) }
    let out = try PackedSequence(y, packed.batchSizes, packed.sortedIndices, packed.unsortedIndices)
    return .tuple([.object(out), .list([try unsorted(h), try unsorted(c ?? c0)])])
  }

  /// The initial state and cell among the inputs; nil for None.
  private func state(from value: Value) throws -> (Tensor, Tensor)? {
    switch value {
    case .none: return nil
    case .list(let pair), .tuple(let pair):
      if pair.count == 2, case .object(let a as Tensor) = pair[0], case .object(let b as Tensor) = pair[1] { return (a, b) }
    default: break
    }
    throw TorchError.type("LSTM.forward(): argument 'hx' (position 2) must be tuple of 2 Tensors, not \(value.pythonTypeName)")
  }
}

/// Layers that carry a state from step to step.
public let recurrentLayers = LayerFamily { layers in
  layers.define(
    "LSTM(int input_size, int hidden_size, int num_layers=1, bool bias=True, bool batch_first=False, float dropout=0.0, bool bidirectional=False, int proj_size=0, Device? device=None, ScalarType? dtype=None)",
    doc: "Long short-term memory over [T, B, input_size], unbatched [T, input_size], or [B, T, input_size] with batch_first. Gives the output and {hidden state, cell}. Mirrors torch.nn.LSTM.",
    saved: LSTM.savedForm
  ) { (input: Int, hidden: Int, count: Int, bias: Bool, first: Bool, dropout: Double, both: Bool, projection: Int, _: Device?, dtype: DType?) in
    try LSTM(
      input, hidden, numLayers: count, bias: bias, batchFirst: first, dropout: dropout, bidirectional: both, projSize: projection,
      dtype: dtype ?? .defaultFloat)
  }
}
