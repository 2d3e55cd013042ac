import Interface
import OrderedCollections
import TensorCore
import Torch

// What Python keeps of some layers in other words than they do here, so that its files and ours are the same.

extension ConvolutionLayer {
  /// With the padding before and after each dimension, the last first, and with sizes for each of n dimensions.
  static func saves(_ n: Int) -> SavedAttributes {
    SavedAttributes(
      writing: { layer, saved in
        let (kernel, dilation) = (try layer.integers("kernel_size", n), try layer.integers("dilation", n))
        var pads: [Int] = []
        for d in (0..<n).reversed() {
          switch layer.attributes["padding"] {
          case .string("same")?:
            let total = dilation[d] * (kernel[d] - 1)
            pads += [total / 2, total - total / 2]
          case .string?: pads += [0, 0]
          default: pads += try Array(repeating: layer.integers("padding", n)[d], count: 2)
          }
        }
        let values = pads.map { Value.integer($0) }
        if case .string? = layer.attributes["padding"] {
          saved["_reversed_padding_repeated_twice"] = .list(values)
        } else {
          saved["_reversed_padding_repeated_twice"] = .tuple(values)
        }
      },
      reading: { state in
        state.attributes["_reversed_padding_repeated_twice"] = nil
        for name in ["kernel_size", "stride", "padding", "dilation", "output_padding"] {
          if name == "padding", case .string? = state.attributes[name] { continue }
          guard case .tuple(let items)? = state.attributes[name], items.count == n, items.allSatisfy({ if case .integer = $0 { true } else { false } }) else {
            throw TorchError.value("\(name) of a convolution over \(n) dimensions must be \(n) integers")
          }
        }
      })
  }
}

extension RecurrentParts {
  /// With the names of all weights, and the weights in a row.
  static var saves: SavedAttributes { SavedAttributes(writing: { try write($0, &$1) }, reading: { try read(&$0) }) }

  static func write(_ layer: Module, _ saved: inout OrderedDictionary<String, Value>) throws {
    let o = options(layer)
    let groups = (0..<(o.layers * o.directions)).map { index in
      names(o, index) + (o.projection > 0 ? ["weight_hr_l\(index / o.directions)" + (index % o.directions == 1 ? "_reverse" : "")] : [])
    }
    let all = groups.flatMap { $0 }
    saved["_flat_weights_names"] = .list(all.map { .string($0) })
    saved["_all_weights"] = .list(groups.map { .list($0.map { .string($0) }) })
    saved["_flat_weights"] = .list(try all.map { try layer.optionalTensor($0).map { .object($0) } ?? Value.none })
  }

  static func read(_ state: inout ModuleState) throws {
    for name in ["_flat_weights_names", "_all_weights", "_flat_weights"] { state.attributes[name] = nil }
    if state.attributes["proj_size"] == nil { state.attributes["proj_size"] = .integer(0) }
    guard case .integer(let layers)? = state.attributes["num_layers"], layers <= state.parameters.count + state.attributes.count else {
      throw TorchError.value("num_layers of a recurrent layer does not fit its weights")
    }
  }
}

extension AttentionParts {
  /// With what Python derives from the sizes of keys and values.
  static var saves: SavedAttributes { SavedAttributes(
    writing: { layer, saved in
      saved["_qkv_same_embed_dim"] = .boolean(layer.integer("kdim") == layer.integer("embed_dim") && layer.integer("vdim") == layer.integer("embed_dim"))
    },
    reading: { $0.attributes["_qkv_same_embed_dim"] = nil }) }
}

extension TransformerParts {
  private static let functions: [(name: String, function: (module: String, name: String))] = [
    ("relu", ("torch.nn.functional", "relu")), ("gelu", ("torch._C._nn", "gelu")),
  ]

  /// With the activation as a function.
  static var saves: SavedAttributes { SavedAttributes(
    writing: { layer, saved in
      let isEncoder = layer.typeName == "TransformerEncoderLayer"
      guard case .string(let name)? = layer.attributes["activation"], let i = functions.firstIndex(where: { $0.name == name }) else {
        if isEncoder { saved["activation_relu_or_gelu"] = .integer(0) }
        return
      }
      if isEncoder { saved["activation_relu_or_gelu"] = .integer(i + 1) }
      saved["activation"] = .object(NamedFunction(functions[i].function.module, functions[i].function.name))
    },
    reading: { state in
      state.attributes["activation_relu_or_gelu"] = nil
      if case .object(let function as NamedFunction)? = state.attributes["activation"] { state.attributes["activation"] = .string(function.name) }
    }) }
}
