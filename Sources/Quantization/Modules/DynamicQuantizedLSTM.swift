import Interface
import NN
import OrderedCollections
import TensorCore
import Torch

/// An LSTM with int8 or float16 weights and float inputs, states and outputs. Mirrors `torch.ao.nn.quantized.dynamic.LSTM`.
public final class DynamicQuantizedLSTM: Module, QuantizedLayer {
  /// The features of the inputs and of the hidden state.
  public let inputSize, hiddenSize: Int
  /// Layers upon each other.
  public let layerCount: Int
  /// Whether each layer also goes from the last step to the first.
  public let isBidirectional: Bool
  /// Whether the batch is the first dimension.
  public let batchFirst: Bool
  /// The part dropped between layers in training.
  public let dropout: Double
  /// `qint8` or `float16`.
  public let dtype: DType
  let scratch = ScratchMemory()
  /// The cells in order, so that a call reads no dictionary.
  private var cells: [PackedParameter] = []

  private init(_ options: Options, _ dtype: DType, _ cells: [PackedParameter]) {
    (inputSize, hiddenSize, layerCount) = (options.inputSize, options.hiddenSize, options.layerCount)
    (isBidirectional, batchFirst, dropout) = (options.isBidirectional, options.batchFirst, options.dropout)
    self.dtype = dtype
    super.init()
    training = false
    attributes = [
      "mode": .string("LSTM"), "input_size": .integer(inputSize), "hidden_size": .integer(hiddenSize), "num_layers": .integer(layerCount),
      "bias": .boolean(true), "batch_first": .boolean(batchFirst), "dropout": .number(dropout), "bidirectional": .boolean(isBidirectional),
      "dtype": dtype.asValue, "version": .integer(2),
    ]
    self.cells = cells
    if !cells.isEmpty { modules["_all_weight_values"] = ModuleList(cells) }
  }

  /// What a caller may choose of an LSTM's shape.
  struct Options {
    var inputSize, hiddenSize, layerCount: Int
    var batchFirst, isBidirectional: Bool
    var dropout: Double
  }

  /// An LSTM with random weights. Mirrors the constructor; draws as PyTorch does.
  /// - Throws: PyTorch's sentences for a dropout that is no probability and for other dtypes.
  public convenience init(
    _ inputSize: Int, _ hiddenSize: Int, layerCount: Int = 1, batchFirst: Bool = false, dropout: Double = 0, isBidirectional: Bool = false,
    dtype: DType = .qint8
  ) throws {
    if !(0...1).contains(dropout) {
      throw TorchError.value(
        "dropout should be a number in range [0, 1] representing the probability of an element being zeroed")
    }
    if dtype != .qint8 && dtype != .float16 { throw TorchError.runtime("Unsupported dtype for dynamic RNN quantization: torch.\(dtype.name)") }
    func drawn(_ sizes: Dims) throws -> Tensor { try Tensor(uninitialized: sizes, dtype: .float32).normal(0, 1, nil) }
    func packed(_ weight: Tensor, _ bias: Tensor) throws -> PackedLinearParams {
      try dtype == .qint8 ? .prepack(weight.quantizedPerTensor(scale: 0.1, zeroPoint: 0, dtype: .qint8), bias) : .prepackHalf(weight, bias)
    }
    let (directions, gates) = (isBidirectional ? 2 : 1, 4 * hiddenSize)
    var cells: [PackedParameter] = []
    for i in 0..<(layerCount * directions) {
      let (ih, hh) = (try drawn([gates, i < directions ? inputSize : hiddenSize * directions]), try drawn([gates, hiddenSize]))
      let (bih, bhh) = (try drawn([gates]), try drawn([gates]))
      cells.append(PackedParameter(try CellParams(inputWeight: packed(ih, bih), hiddenWeight: packed(hh, bhh), reduceRange: true)))
    }
    self.init(
      Options(
        inputSize: inputSize, hiddenSize: hiddenSize, layerCount: layerCount, batchFirst: batchFirst, isBidirectional: isBidirectional,
        dropout: dropout), dtype, cells)
  }

  public override var typeName: String { "DynamicQuantizedLSTM" }
  public override var typeModule: String { "torch.ao.nn.quantized.dynamic.modules.rnn" }
  public override class var forwardSchema: String { "forward(Tensor input, Tensor[]? hx=None) -> (Tensor, Tensor[])" }
  public override var stateVersion: Int { 2 }
  public override var description: String { "\(typeName)(\(extraRepr()))" }
  public override func extraRepr() -> String {
    var text = "\(inputSize), \(hiddenSize)"
    if layerCount != 1 { text += ", num_layers=\(layerCount)" }
    if batchFirst { text += ", batch_first=True" }
    if dropout != 0 { text += ", dropout=\(FloatText.shortest(dropout))" }
    if isBidirectional { text += ", bidirectional=True" }
    return text
  }

  /// The packed weights, layer by layer and forward before backward.
  public var allWeightValues: [PackedParameter] { cells }

  /// The names PyTorch gives to the weights of each cell, and the cells.
  private var namedCells: [(suffix: String, cell: CellParams)] {
    let directions = isBidirectional ? 2 : 1
    return cells.enumerated().map { ("l\($0 / directions)\($0 % directions == 1 ? "_reverse" : "")", $1.param) }
  }

  /// The weights by name as tensors. Mirrors `get_weight()`.
  public func weights() throws -> OrderedDict {
    let result = OrderedDict()
    for (suffix, cell) in namedCells {
      result["weight_ih_\(suffix)"] = .object(try cell.inputWeight.unpackedWeight())
      result["weight_hh_\(suffix)"] = .object(try cell.hiddenWeight.unpackedWeight())
    }
    return result
  }

  /// The biases by name. Mirrors `get_bias()`.
  public func biases() -> OrderedDict {
    let result = OrderedDict()
    for (suffix, cell) in namedCells {
      result["bias_ih_\(suffix)"] = cell.inputWeight.bias.map { .object($0) } ?? Value.none
      result["bias_hh_\(suffix)"] = cell.hiddenWeight.bias.map { .object($0) } ?? Value.none
    }
    return result
  }

  public override func packedWeights() throws -> [(name: String, tensor: Tensor)] {
    (Array(try weights().entries) + Array(biases().entries)).compactMap { key, value in
      if case .string(let name) = key, case .object(let tensor as Tensor) = value { (name, tensor) } else { nil }
    }
  }

  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs, 2)
    let input = try inputTensor(inputs)
    var state: (Tensor, Tensor)?
    if inputs.count > 1 {
      switch inputs[1] {
      case .none: break
      case .list(let items), .tuple(let items):
        guard items.count == 2 else { throw TorchError.value("too many values to unpack (expected 2)") }
        state = (try inputTensor(items, 0, "hx[0]"), try inputTensor(items, 1, "hx[1]"))
      case .object(let object as Tensor):
        // Python's indexing takes a tensor's first two rows for hidden state and cell.
        state = try GradMode.with(false) { (try object.select(0, 0), try object.select(0, min(1, object.sizes[0] - 1))) }
      default: throw TorchError.type("hx must be a tuple of two Tensors, not \(inputs[1].pythonTypeName)")
      }
    }
    let (output, hidden, cell) = try run(input, state.map { (hidden: $0.0, cell: $0.1) })
    return .tuple([.object(output), .list([.object(hidden), .object(cell)])])
  }

  public override func loadFromStateDict(_ load: StateDictLoad, prefix: String) throws {
    attributes["version"] = load.version(at: prefix).map { .integer($0) } ?? Value.none
  }

  static var savedForm: SavedForm {
    SavedForm(("torch.ao.nn.quantized.dynamic.modules.rnn", "LSTM")) { state in
      // Anything that is not int8 or float16 weights of as many cells as the options say is refused.
      let shell = Module()
      shell.attributes = state.attributes
      let options = try Options(shell)
      let list = (state.modules["_all_weight_values"] ?? nil) as? ModuleList
      let cells = list?.modules.values.compactMap { $0 as? PackedParameter } ?? []
      guard let first = cells.first, options.layerCount > 0, options.layerCount < 1 << 20, cells.count == options.layerCount * (options.isBidirectional ? 2 : 1),
        (1..<(1 << 24)).contains(options.hiddenSize), (1..<(1 << 24)).contains(options.inputSize),
        cells.allSatisfy({ $0.param.hiddenWeight.inFeatures == options.hiddenSize && $0.param.hiddenWeight.outFeatures == 4 * options.hiddenSize }),
        cells.enumerated().allSatisfy({ i, cell in
          let directions = options.isBidirectional ? 2 : 1
          let inputs = i < directions ? options.inputSize : options.hiddenSize * directions
          return cell.param.inputWeight.inFeatures == inputs && cell.param.inputWeight.outFeatures == 4 * options.hiddenSize
        }),
        cells.allSatisfy({ $0.param.inputWeight.dtype == first.param.inputWeight.dtype && $0.param.hiddenWeight.dtype == first.param.inputWeight.dtype })
      else { throw TorchError.value("the weights of a quantized LSTM do not fit its options") }
      let layer = DynamicQuantizedLSTM(options, first.param.inputWeight.dtype, cells)
      try layer.restore(state)
      return layer
    }
  }
  public override var pythonClass: (module: String, name: String) { (typeModule, "LSTM") }

  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = DynamicQuantizedLSTM(try Options(self), dtype, [])
    try copyContents(to: copy, memo)
    copy.cells = (copy.modules["_all_weight_values"] as? ModuleList)?.modules.values.compactMap { $0 as? PackedParameter } ?? []
    return copy
  }

  public static func fromFloat(_ module: Module, _ config: QConfig?) throws -> DynamicQuantizedLSTM {
    guard type(of: module) == LSTM.self else {
      throw TorchError(.assertionError, "nn.quantized.dynamic.RNNBase.from_float only works for nn.LSTM and nn.GRU")
    }
    let factory = try (config ?? .defaultDynamic).weight
    let dtype = try factory.make().dtype
    if dtype != .qint8 && dtype != .float16 {
      throw TorchError.runtime("Unsupported dtype for dynamic RNN quantization: torch.\(dtype.name)")
    }
    if !module.flagAttribute("bias") { throw TorchError(.assertionError, "mod.bias must be True") }
    if case .integer(let projection)? = try module.attribute("proj_size"), projection > 0 {
      throw TorchError.runtime("quantized LSTM with projections is not supported")
    }
    func packed(_ part: String) throws -> PackedLinearParams {
      let (weight, bias) = (try module.tensor("weight_\(part)"), try module.tensor("bias_\(part)"))
      return try dtype == .qint8 ? .prepack(factory.make().quantizedWeight(weight), bias) : .prepackHalf(weight, bias)
    }
    var cells: [PackedParameter] = []
    for layer in 0..<(try module.integerAttribute("num_layers")) {
      for suffix in module.flagAttribute("bidirectional") ? ["", "_reverse"] : [""] {
        cells.append(
          PackedParameter(
            try CellParams(
              inputWeight: packed("ih_l\(layer)\(suffix)"), hiddenWeight: packed("hh_l\(layer)\(suffix)"), reduceRange: config?.reducesRange ?? true)))
      }
    }
    return DynamicQuantizedLSTM(try Options(module), dtype, cells)
  }
}

extension DynamicQuantizedLSTM.Options {
  /// The options of an LSTM of either kind, by PyTorch's names.
  init(_ module: Module) throws {
    inputSize = try module.integerAttribute("input_size")
    hiddenSize = try module.integerAttribute("hidden_size")
    layerCount = try module.integerAttribute("num_layers")
    isBidirectional = module.flagAttribute("bidirectional")
    batchFirst = module.flagAttribute("batch_first")
    dropout = module.numberAttribute("dropout")
  }
}
