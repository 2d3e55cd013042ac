import Interface
import OrderedCollections
import TensorCore
import Torch

/// What RNN and GRU layers share with one another.
enum RecurrentParts {
  static func cell(_ layer: FunctionLayer) -> RecurrentCell { RecurrentCell(rawValue: layer.string("mode")) ?? .tanh }

  static func options(_ m: Module) -> LSTM.Options {
    LSTM.Options(
      inputSize: m.integer("input_size") ?? 0, hiddenSize: m.integer("hidden_size") ?? 0, layers: m.integer("num_layers") ?? 1, bias: m.isTrue("bias"),
      batchFirst: m.isTrue("batch_first"), dropout: m.number("dropout") ?? 0, bidirectional: m.isTrue("bidirectional"), projection: m.integer("proj_size") ?? 0)
  }

  static func names(_ o: LSTM.Options, _ index: Int) -> [String] {
    let suffix = "_l\(index / o.directions)" + (index % o.directions == 1 ? "_reverse" : "")
    return (["weight_ih", "weight_hh"] + (o.bias ? ["bias_ih", "bias_hh"] : [])).map { $0 + suffix }
  }

  static func setUp(_ layer: FunctionLayer, _ mode: String) throws {
    layer.attributes["mode"] = .string(mode)
    layer.attributes["proj_size"] = .integer(0)
    let o = options(layer)
    if !(0...1).contains(o.dropout) {
      throw TorchError.value("dropout should be a number in range [0, 1] representing the probability of an element being zeroed")
    }
    if o.dropout > 0 && o.layers == 1 {
      UserWarning.tell(
        "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater than 1, but got dropout=\(layer.shown("dropout")) and num_layers=1")
    }
    if o.inputSize <= 0 { throw TorchError.value("input_size must be greater than zero") }
    if o.hiddenSize <= 0 { throw TorchError.value("hidden_size must be greater than zero") }
    if o.layers <= 0 { throw TorchError.value("num_layers must be greater than zero") }
    let rows = cell(layer).gates * o.hiddenSize
    for index in 0..<(o.layers * o.directions) {
      let inputs = index < o.directions ? o.inputSize : o.hiddenSize * o.directions
      let sizes = [[rows, inputs], [rows, o.hiddenSize], [rows], [rows]]
      for (name, size) in zip(names(o, index), sizes) { try layer.addParameter(name, size) }
    }
  }

  /// Draws all weights evenly from ±1/√hidden_size.
  static func draw(_ layer: FunctionLayer) throws {
    let hidden = layer.integer("hidden_size") ?? 0
    let bound = hidden > 0 ? 1 / Double(hidden).squareRoot() : 0
    for (_, parameter) in layer.namedParameters() { try Initialize.uniform(parameter, -bound, bound) }
  }

  static var shows: LayerText { LayerText { m in
    var parts = [m.shown("input_size"), m.shown("hidden_size")]
    for (name, usual) in [("num_layers", "1"), ("bias", "True"), ("batch_first", "False"), ("dropout", "0.0"), ("bidirectional", "False")]
    where m.shown(name) != usual && !(name == "dropout" && m.number(name) == 0) { parts.append("\(name)=\(m.shown(name))") }
    return parts.joined(separator: ", ")
  } }

  /// Output and last state, as `nn.RNN` and `nn.GRU` give them.
  static func run(_ layer: FunctionLayer, _ input: Value, _ hx: Tensor?) throws -> Value {
    let o = options(layer)
    // Each is read once a call: it may be computed at every reading.
    let all = try (0..<(o.layers * o.directions)).map { try names(o, $0).map { try layer.tensor($0) } }
    func weights(_ index: Int) -> [Tensor] { all[index] }
    if case .object(let packed as PackedSequence) = input {
      let batches = packed.batches
      let h0 = try hx.map { h in try packed.sortedIndices.map { try h.rows($0, 1) } ?? h }
        ?? .zeros([o.layers * o.directions, batches.first ?? 0, o.hiddenSize], dtype: packed.data.dtype)
      try checkState(h0, o, batches.first ?? 0)
      let (y, h, _) = try RecurrentSequence(cell: cell(layer), batches: batches).run(packed.data, h0, nil, o, training: layer.training, weights)
      let out = try PackedSequence(y, packed.batchSizes, packed.sortedIndices, packed.unsortedIndices)
      return .tuple([.object(out), .object(try packed.unsortedIndices.map { try h.rows($0, 1) } ?? h)])
    }
    let given = try input.tensor()
    if given.dim != 2 && given.dim != 3 { throw TorchError.value("\(layer.typeName): Expected input to be 2D or 3D, got \(given.dim)D instead") }
    let batched = given.dim == 3
    if let hx, hx.dim != given.dim {
      throw TorchError.runtime("For \(batched ? "batched 3-D" : "unbatched 2-D") input, hx should also be \(given.dim)-D but got \(hx.dim)-D tensor")
    }
    let weight = all[0][0]
    if weight.dtype != given.dtype {
      throw TorchError.value(
        "RNN input dtype (torch.\(given.dtype.name)) does not match weight dtype (torch.\(weight.dtype.name)). Convert input: input.to(torch.\(weight.dtype.name)), or convert model: model.to(torch.\(given.dtype.name))")
    }
    if given.sizes[given.dim - 1] != o.inputSize {
      throw TorchError.runtime("input.size(-1) must be equal to input_size. Expected \(o.inputSize), got \(given.sizes[given.dim - 1])")
    }
    let x = !batched ? try given.unsqueeze(1) : o.batchFirst ? try given.transpose(0, 1) : given
    let (steps, batch) = (x.sizes[0], x.sizes[1])
    let h0 = try hx.map { batched ? $0 : try $0.unsqueeze(1) } ?? .zeros([o.layers * o.directions, batch, o.hiddenSize], dtype: x.dtype)
    try checkState(h0, o, batch)
    if steps == 0 { throw TorchError.runtime("Expected sequence length to be larger than 0 in RNN") }
    let sequence = RecurrentSequence(cell: cell(layer), batches: Array(repeating: batch, count: steps))
    let (rows, h, _) = try sequence.run(x.reshape([steps * batch, o.inputSize]), h0, nil, o, training: layer.training, weights)
    var y = try rows.reshape([steps, batch, o.hiddenSize * o.directions])
    if !batched { y = try y.squeeze([1]) } else if o.batchFirst { y = try y.transpose(0, 1) }
    return .tuple([.object(y), .object(batched ? h : try h.squeeze([1]))])
  }

  private static func checkState(_ h: Tensor, _ o: LSTM.Options, _ batch: Int) throws {
    let expected = [o.layers * o.directions, batch, o.hiddenSize]
    if Array(h.sizes) != expected {
      throw TorchError.runtime("Expected hidden size (\(expected.map(String.init).joined(separator: ", "))), got \(h.sizes.text)")
    }
  }

  /// One step of a cell layer.
  static func step(_ layer: FunctionLayer, _ cell: RecurrentCell, _ x: Tensor, _ states: [Tensor]?) throws -> (h: Tensor, c: Tensor?) {
    let (name, hidden) = (layer.typeName, layer.integer("hidden_size") ?? 0)
    if x.dim != 1 && x.dim != 2 { throw TorchError.value("\(name): Expected input to be 1D or 2D, got \(x.dim)D instead") }
    for (i, state) in (states ?? []).enumerated() where state.dim != 1 && state.dim != 2 {
      throw TorchError.value("\(name): Expected \(cell == .lstm ? "hx[\(i)]" : "hidden") to be 1D or 2D, got \(state.dim)D instead")
    }
    let batched = x.dim == 2
    let row = batched ? x : try x.unsqueeze(0)
    let size = layer.integer("input_size") ?? 0
    if row.sizes[1] != size { throw TorchError.runtime("input has inconsistent input_size: got \(row.sizes[1]) expected \(size)") }
    let given = try states?.map { batched ? $0 : try $0.unsqueeze(0) }
    for (i, state) in (given ?? []).enumerated() {
      if state.sizes[0] != row.sizes[0] { throw TorchError.runtime("Input batch size \(row.sizes[0]) doesn't match hidden\(i) batch size \(state.sizes[0])") }
      if state.sizes[1] != hidden { throw TorchError.runtime("hidden\(i) has inconsistent hidden_size: got \(state.sizes[1]), expected \(hidden)") }
    }
    let zeros = try Tensor.zeros([row.sizes[0], hidden], dtype: x.dtype)
    let (h, c) = try cell.step(
      row.linear(layer.tensor("weight_ih"), layer.optionalTensor("bias_ih")), given?[0] ?? zeros, cell == .lstm ? given?[1] ?? zeros : nil,
      layer.tensor("weight_hh"), layer.optionalTensor("bias_hh"), nil)
    return (batched ? h : try h.squeeze([0]), batched ? c : try c?.squeeze([0]))
  }

  static func setUpCell(_ layer: FunctionLayer, _ gates: Int) throws {
    let (inputs, hidden, bias) = (layer.integer("input_size") ?? 0, layer.integer("hidden_size") ?? 0, layer.isTrue("bias"))
    try layer.addParameter("weight_ih", [gates * hidden, inputs])
    try layer.addParameter("weight_hh", [gates * hidden, hidden])
    try layer.addParameter("bias_ih", [gates * hidden], isWanted: bias)
    try layer.addParameter("bias_hh", [gates * hidden], isWanted: bias)
  }
}

/// Layers that carry a state from step to step, beside the LSTM.
public let plainRecurrentLayers = LayerFamily(module: "rnn") { layers in
  let rest = "bool bias=True, bool batch_first=False, float dropout=0.0, bool bidirectional=False, Device? device=None, ScalarType? dtype=None"
  let forward = "forward(Tensor input, Tensor? hx=None) -> (Tensor, Tensor)"
  layers.layer(
    "RNN(int input_size, int hidden_size, int num_layers=1, str nonlinearity='tanh', \(rest))", shows: RecurrentParts.shows,
    doc: "tanh or relu of weighted input and state, step by step. Gives the output and the last state. Mirrors torch.nn.RNN.", forward: forward,
    setUp: { layer in
      let kind = layer.string("nonlinearity")
      if kind != "tanh" && kind != "relu" { throw TorchError.value("Unknown nonlinearity '\(kind)'. Select from 'tanh' or 'relu'.") }
      try RecurrentParts.setUp(layer, kind == "tanh" ? "RNN_TANH" : "RNN_RELU")
    }, reset: RecurrentParts.draw, saves: RecurrentParts.saves
  ) { (layer: FunctionLayer, x: Value, h: Tensor?) in try RecurrentParts.run(layer, x, h) }
  layers.layer(
    "GRU(int input_size, int hidden_size, int num_layers=1, \(rest))", shows: RecurrentParts.shows,
    doc: "A gated recurrent unit over sequences. Gives the output and the last state. Mirrors torch.nn.GRU.", forward: forward,
    setUp: { try RecurrentParts.setUp($0, "GRU") }, reset: RecurrentParts.draw, saves: RecurrentParts.saves
  ) { (layer: FunctionLayer, x: Value, h: Tensor?) in try RecurrentParts.run(layer, x, h) }
  let cellText = LayerText { m in
    var text = m.filled("{input_size}, {hidden_size}")
    if !m.isTrue("bias") { text += ", bias=\(m.shown("bias"))" }
    if let kind = m.attributes["nonlinearity"], case .string(let word) = kind, word != "tanh" { text += ", nonlinearity=\(word)" }
    return text
  }
  let types = "Device? device=None, ScalarType? dtype=None"
  let cellForward = "forward(Tensor input, Tensor? hx=None) -> Tensor"
  layers.layer(
    "RNNCell(int input_size, int hidden_size, bool bias=True, str nonlinearity='tanh', \(types))", shows: cellText,
    doc: "One step of an RNN. Mirrors torch.nn.RNNCell.", forward: cellForward, setUp: { try RecurrentParts.setUpCell($0, 1) }, reset: RecurrentParts.draw
  ) { (layer: FunctionLayer, x: Tensor, h: Tensor?) in
    let kind = layer.string("nonlinearity")
    if kind != "tanh" && kind != "relu" { throw TorchError.runtime("Unknown nonlinearity: \(kind)") }
    return try RecurrentParts.step(layer, kind == "relu" ? .relu : .tanh, x, h.map { [$0] }).h
  }
  layers.layer(
    "GRUCell(int input_size, int hidden_size, bool bias=True, \(types))", shows: cellText, doc: "One step of a GRU. Mirrors torch.nn.GRUCell.",
    forward: cellForward, setUp: { try RecurrentParts.setUpCell($0, 3) }, reset: RecurrentParts.draw
  ) { (layer: FunctionLayer, x: Tensor, h: Tensor?) in try RecurrentParts.step(layer, .gru, x, h.map { [$0] }).h }
  layers.layer(
    "LSTMCell(int input_size, int hidden_size, bool bias=True, \(types))", shows: cellText,
    doc: "One step of an LSTM; gives the state and the cell. Mirrors torch.nn.LSTMCell.", forward: "forward(Tensor input, Tensor[]? hx=None) -> (Tensor, Tensor)",
    setUp: { try RecurrentParts.setUpCell($0, 4) }, reset: RecurrentParts.draw
  ) { (layer: FunctionLayer, x: Tensor, states: [Tensor]?) -> Value in
    let (h, c) = try RecurrentParts.step(layer, .lstm, x, states)
    return .tuple([.object(h), c.map { .object($0) } ?? Value.none])
  }
}
