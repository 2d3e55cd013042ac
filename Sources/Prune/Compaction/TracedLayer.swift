import Interface
import NN
import TensorCore
import Torch

/// What compaction can do with a layer.
enum LayerShape: Equatable {
  /// weight [out, in] over the last dimension.
  case linear
  /// weight [out, in, …] over so many dimensions.
  case convolution(Int)
  /// One kernel for each channel, over so many dimensions.
  case depthwise(Int)
  /// A few numbers for each channel, which stands at dimension 1: batch and instance normalization, PReLU.
  case channelwise
  /// weight [rows, out], looked up.
  case embedding
  /// Layers of hidden units with states.
  case recurrent(RecurrentGates)
  /// It keeps its sizes; units that enter it stay.
  case rigid(String)
}

/// The gates of a recurrent layer, in the order of its weights' rows.
enum RecurrentGates: Int {
  /// A plain tanh or relu layer.
  case plain = 1
  /// GRU.
  case gru = 3
  /// LSTM.
  case lstm = 4
  /// The gate whose value the state takes: a unit for which it is zero stays zero from a zero state.
  var candidate: Int { self == .plain ? 0 : 2 }
}

/// A layer with weights as the trace of a model sees it.
final class TracedLayer {
  /// Its place among all modules of the model.
  let index: Int
  let path: String
  let module: Module
  let shape: LayerShape
  /// How often it was called.
  var calls = 0
  /// The first unit of its outputs; those of a recurrent layer follow each other by layer and direction.
  var firstUnit: Int32 = -1
  var unitCount = 0
  /// What it finds in each channel of its input; empty where nothing is known.
  var columns: [ChannelColumn] = []
  /// Which weights are not zero: for each matrix, `rows × columns`.
  var matrices: [WeightPattern] = []
  /// Units of a recurrent layer that are zero for every input.
  var zeroUnits: Set<Int32> = []

  /// `conv1 (Conv2d)`; a model that is one layer has no path.
  var name: String { path.isEmpty ? module.typeName : "\(path) (\(module.typeName))" }

  init(_ index: Int, _ path: String, _ module: Module, _ shape: LayerShape) {
    (self.index, self.path, self.module, self.shape) = (index, path, module, shape)
  }

  /// Whether a constant input channel can become part of the bias, exactly.
  var takesConstants: Bool {
    switch shape {
    case .linear: return true
    case .convolution:
      if case .string(let mode)? = module.attributes["padding_mode"], mode != "zeros" { return true }
      if case .string(let padding)? = module.attributes["padding"] { return padding == "valid" }
      return module.integers("padding").allSatisfy { $0 == 0 }
    case .recurrent: return module.attributes["bias"].map { if case .boolean(true) = $0 { true } else { false } } ?? false
    default: return false
    }
  }

  /// What compaction can do with a module; nil for one that is no layer with weights of its own.
  static func shape(of module: Module) -> LayerShape? {
    if module.parameters.values.allSatisfy({ $0 == nil }) && module.buffers.values.allSatisfy({ $0 == nil }) { return nil }
    let name = module.typeName
    if module is LSTM { return recurrent(module, .lstm) }
    if module is Embedding {
      if case .none? = module.attributes["max_norm"] { return .embedding }
      return .rigid("max_norm looks at all of them")
    }
    if module is Linear { return name == "Linear" ? .linear : .rigid("its class is no plain Linear") }
    guard module is FunctionLayer else { return nil }
    for n in 1...3 {
      if name == "Conv\(n)d" {
        guard case .integer(let groups)? = module.attributes["groups"], groups != 1 else { return .convolution(n) }
        let isDepthwise = module.attributes["in_channels"]?.count == groups && module.attributes["out_channels"]?.count == groups
        return isDepthwise ? .depthwise(n) : .rigid("it works in \(groups) groups")
      }
      if name == "BatchNorm\(n)d" || name == "InstanceNorm\(n)d" { return .channelwise }
    }
    switch name {
    case "PReLU": return module.attributes["num_parameters"]?.count == 1 ? nil : .channelwise
    case "GRU": return recurrent(module, .gru)
    case "RNN": return recurrent(module, .plain)
    case "LayerNorm", "RMSNorm", "GroupNorm", "LocalResponseNorm": return .rigid("it normalizes over them, so that their number counts")
    default: return .rigid("layers of its kind keep their sizes")
    }
  }

  private static func recurrent(_ module: Module, _ gates: RecurrentGates) -> LayerShape {
    (module.attributes["proj_size"]?.count ?? 0) == 0 ? .recurrent(gates) : .rigid("its states are projected")
  }
}

extension Value {
  /// An integer attribute; nil for anything else.
  var count: Int? { if case .integer(let i) = self { i } else { nil } }
}

extension Module {
  /// An attribute that holds one number or a tuple of them, as a list.
  func integers(_ name: String) -> [Int] {
    switch attributes[name] {
    case .integer(let i)?: [i]
    case .tuple(let items)?, .list(let items)?: items.compactMap(\.count)
    default: []
    }
  }
}

/// Which blocks of a weight hold anything but zeros: block (r, c) is all elements at [r, c, …].
struct WeightPattern {
  let rows, columns: Int
  private let isUsed: [Bool]

  init(_ weight: Tensor) throws {
    let dense = try weight.dense(.float64)
    let (rows, columns) = (dense.sizes[0], dense.dim > 1 ? dense.sizes[1] : 1)
    let block = dense.sizes.dropFirst(2).reduce(1, *)
    let p = dense.elements(Double.self)
    isUsed = withExtendedLifetime(dense) {
      (0..<(rows * columns)).map { cell in
        // NaN is something, too.
        for i in (cell * block)..<((cell + 1) * block) where p[i] != 0 { return true }
        return false
      }
    }
    (self.rows, self.columns) = (rows, columns)
  }

  subscript(row: Int, column: Int) -> Bool { isUsed[row * columns + column] }
}
