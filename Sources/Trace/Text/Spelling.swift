import Interface
import NN
import Torch

/// How PyTorch's graphs name an operation of the catalog and which of its arguments they show.
struct OperationSpelling {
  private let entry: GraphOperation

  init(_ entry: GraphOperation) { self.entry = entry }

  /// `aten::relu`.
  func kind(_ arguments: [Term]) -> String {
    let name = entry.operation.name
    let parameters = entry.operation.schema.parameters
    let inPlace = zip(parameters, arguments).contains { $0.name == "inplace" && ($1.value.map { if case .boolean(true) = $0 { true } else { false } } ?? false) }
    let spelled = OperationSpelling.others[name] ?? name
    let prefix =
      switch entry.namespace {
      case "torch.linalg": "linalg_"
      case "torch.fft": "fft_"
      case "torch.special": "special_"
      default: ""
      }
    return "aten::\(prefix)\(spelled)\(inPlace ? "_" : "")"
  }

  /// Whether graphs show a parameter.
  func shows(_ parameter: Parameter) -> Bool { !["inplace", "_stacklevel"].contains(parameter.name) }

  private static let others = ["__truediv__": "div", "__sub__": "sub", "__pow__": "pow", "T": "numpy_T"]
}

/// How PyTorch's graphs spell the `forward` of a layer.
struct LayerSpelling {
  /// An argument.
  indirect enum Argument {
    /// An input of the layer.
    case input(Int)
    /// A tensor of the layer.
    case tensor(String)
    case constant(Value)
    case list([Argument])
  }

  /// `aten::linear`.
  let kind: String
  let arguments: [Argument]

  /// In the order of use.
  var tensorNames: [String] {
    func names(_ argument: Argument) -> [String] {
      switch argument {
      case .tensor(let name): [name]
      case .list(let parts): parts.flatMap(names)
      case .input, .constant: []
      }
    }
    return arguments.flatMap(names)
  }

  /// Layers whose operation does not take the inputs, the tensors and the attributes in this order under the layer's name.
  private static let spellings: [String: String] = [
    "Linear": "aten::linear($0, weight, bias)",
    "Embedding": "aten::embedding(weight, $0, padding_idx, scale_grad_by_freq, sparse)",
    "LayerNorm": "aten::layer_norm($0, normalized_shape, weight, bias, eps, True)",
    "GroupNorm": "aten::group_norm($0, num_groups, weight, bias, eps, True)",
    "BatchNorm1d": "aten::batch_norm($0, weight, bias, running_mean, running_var, training, momentum, eps, True)",
    "BatchNorm2d": "aten::batch_norm($0, weight, bias, running_mean, running_var, training, momentum, eps, True)",
    "BatchNorm3d": "aten::batch_norm($0, weight, bias, running_mean, running_var, training, momentum, eps, True)",
    "Dropout": "aten::dropout($0, p, training)",
    "Conv1d": "aten::_convolution($0, weight, bias, stride, padding, dilation, False, [0], groups, False, False, True, True)",
    "Conv2d": "aten::_convolution($0, weight, bias, stride, padding, dilation, False, [0, 0], groups, False, False, True, True)",
    "Conv3d": "aten::_convolution($0, weight, bias, stride, padding, dilation, False, [0, 0, 0], groups, False, False, True, True)",
    "ReLU": "aten::relu($0)", "SiLU": "aten::silu($0)", "Tanh": "aten::tanh($0)", "Sigmoid": "aten::sigmoid($0)", "GELU": "aten::gelu($0, approximate)",
    "Softmax": "aten::softmax($0, dim, None)", "LogSoftmax": "aten::log_softmax($0, dim, None)",
    "MaxPool2d": "aten::max_pool2d($0, kernel_size, stride, padding, dilation, ceil_mode)",
    "LSTM": "aten::lstm($0, $1, [*], bias, num_layers, dropout, training, bidirectional, batch_first)",
    "GRU": "aten::gru($0, $1, [*], bias, num_layers, dropout, training, bidirectional, batch_first)",
    "DynamicQuantizedLinear": "quantized::linear_dynamic($0, _packed_params._packed_params, True)",
    "DynamicQuantizedLSTM": "aten::quantized_lstm($0, $1, bias, num_layers, dropout, training, bidirectional, batch_first)",
    "QuantizedEmbedding": "quantized::embedding_byte(_packed_params._packed_weight, $0)",
  ]

  /// How the `forward` of this layer is spelt.
  init(_ layer: Module) {
    if let spelling = LayerSpelling.spellings[layer.typeName], let open = spelling.firstIndex(of: "(") {
      kind = String(spelling[..<open])
      arguments = LayerSpelling.pieces(spelling[spelling.index(after: open)...].dropLast()).map { LayerSpelling.argument($0, layer) }
      return
    }
    kind = "aten::" + LayerSpelling.snake(layer.typeName)
    let inputs = (try? Schema(parsing: layer.callSchema))?.parameters.count ?? 1
    let attributes = layer.attributes.filter { row in if case .object = row.value { false } else { true } }
    arguments =
      (0..<max(inputs, 1)).map { .input($0) } + layer.namedParameters().map { .tensor($0.name) } + attributes.map { .constant($0.value) }
  }

  private static func argument(_ text: Substring, _ layer: Module) -> Argument {
    let name = String(text)
    if name.hasPrefix("$"), let i = Int(name.dropFirst()) { return .input(i) }
    if name == "[*]" { return .list(layer.parameters.keys.map { .tensor($0) }) }
    if name.hasPrefix("[") { return .constant(.list(pieces(text.dropFirst().dropLast()).map { .integer(Int($0) ?? 0) })) }
    switch name {
    case "True": return .constant(.boolean(true))
    case "False": return .constant(.boolean(false))
    case "None": return .constant(.none)
    case "training": return .constant(.boolean(layer.training))
    case "padding_idx":
      if case .integer(let i)? = layer.attributes[name] { return .constant(.integer(i)) }
      return .constant(.integer(-1))
    default: break
    }
    if name.hasPrefix("_packed_params.") { return .tensor(name) }
    if let tensor = try? layer.optionalTensor(name) { return tensor.count >= 0 ? .tensor(name) : .constant(.none) }
    return .constant(layer.attributes[name] ?? .none)
  }

  private static func pieces(_ text: Substring) -> [Substring] {
    var pieces: [Substring] = []
    var depth = 0
    var start = text.startIndex
    for i in text.indices {
      switch text[i] {
      case "[": depth += 1
      case "]": depth -= 1
      case "," where depth == 0:
        pieces.append(text[start..<i])
        start = text.index(after: i)
      default: break
      }
    }
    pieces.append(text[start...])
    return pieces.map { $0.drop { $0 == " " } }
  }

  /// `MaxPool1d` as `max_pool1d`.
  private static func snake(_ name: String) -> String {
    var text = ""
    var wasLower = false
    for c in name.replacing("ReLU", with: "Relu").replacing("SiLU", with: "Silu") {
      if c.isUppercase && wasLower { text += "_" }
      wasLower = !c.isUppercase
      text += c.lowercased()
    }
    return text
  }
}
