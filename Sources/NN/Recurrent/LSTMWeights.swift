import Interface
import Kernels
import TensorCore
import Torch

/// The weights of an LSTM's layers and directions: as tensors, read again when the module's dictionaries changed, and
/// packed for the float32 kernel, packed again when their bytes changed.
final class LSTMWeights {
  /// Which bytes something was made of. Holds the storage, so that no other can take its address meanwhile.
  private struct Stamp {
    let storage: Storage
    let version, offset: Int
    @inline(__always) func fits(_ t: Tensor) -> Bool {
      t.storage === storage && storage.version == version && t.storageOffset == offset
    }
  }

  private(set) var options = LSTM.Options(
    inputSize: 0, hiddenSize: 0, layers: 0, bias: false, batchFirst: false, dropout: 0, bidirectional: false, projection: 0)
  /// All tensors in the order of registration.
  private(set) var flat: [Tensor] = []
  /// Packed weights by layer and direction; empty where they are not all float32.
  private(set) var packed: [LSTMDirection] = []
  /// The dense tensors that `packed` points into.
  private var dense: [Tensor] = []
  private var stamps: [Stamp] = []
  private var revision = -1

  /// Names and shapes of all weights, in the order of registration.
  static func shapes(_ o: LSTM.Options) -> [(String, Dims)] {
    var rows: [(String, Dims)] = []
    for layer in 0..<o.layers {
      for direction in 0..<o.directions {
        let suffix = "_l\(layer)" + (direction == 1 ? "_reverse" : "")
        let input = layer == 0 ? o.inputSize : o.state * o.directions
        rows.append(("weight_ih" + suffix, [4 * o.hiddenSize, input]))
        rows.append(("weight_hh" + suffix, [4 * o.hiddenSize, o.state]))
        if o.bias {
          rows.append(("bias_ih" + suffix, [4 * o.hiddenSize]))
          rows.append(("bias_hh" + suffix, [4 * o.hiddenSize]))
        }
        if o.projection > 0 { rows.append(("weight_hr" + suffix, [o.projection, o.hiddenSize])) }
      }
    }
    return rows
  }

  /// Makes `options`, `flat` and `packed` those of the module now.
  /// - Throws: a `RuntimeError` where a weight has not the shape its options ask for.
  @inline(__always)
  func refresh(_ module: LSTM) throws {
    if revision != module.revision || module.instanceClass != nil { try read(module) }
    var fresh = stamps.count == flat.count
    for i in 0..<flat.count where fresh { fresh = stamps[i].fits(flat[i]) }
    if !fresh { try pack() }
  }

  private func read(_ module: LSTM) throws {
    func integer(_ name: String) throws -> Int {
      if case .integer(let i)? = module.attributes[name] { return i }
      throw TorchError.type("\(name) should be of type int")
    }
    func boolean(_ name: String) -> Bool { if case .boolean(true)? = module.attributes[name] { true } else { false } }
    let dropout: Double =
      switch module.attributes["dropout"] {
      case .number(let d): d
      case .integer(let i): Double(i)
      default: 0
      }
    options = LSTM.Options(
      inputSize: try integer("input_size"), hiddenSize: try integer("hidden_size"), layers: try integer("num_layers"),
      bias: boolean("bias"), batchFirst: boolean("batch_first"), dropout: dropout, bidirectional: boolean("bidirectional"),
      projection: try integer("proj_size"))
    if options.layers <= 0 || options.hiddenSize <= 0 || options.projection < 0 {
      throw TorchError.value("num_layers and hidden_size must be greater than zero")
    }
    flat = try LSTMWeights.shapes(options).map { try module.tensor($0.0) }
    stamps = []
    revision = module.revision
  }

  private func pack() throws {
    stamps = []
    packed = []
    dense = []
    for ((name, sizes), tensor) in zip(LSTMWeights.shapes(options), flat) where tensor.sizes != sizes {
      throw TorchError.runtime("LSTM: \(name) has shape \(tensor.sizes.text), expected \(sizes.text)")
    }
    if flat.allSatisfy({ $0.dtype == .float32 }) {
      dense = try flat.map { try $0.dense() }
      let o = options
      func matrix(_ t: Tensor) throws -> PackedMatrix {
        try PackedMatrix(t.elements(Float.self), n: t.sizes[0], k: t.sizes[1], stride: t.sizes[1])
      }
      for k in 0..<(o.layers * o.directions) {
        let own = Array(dense[(k * o.tensorsEach)..<((k + 1) * o.tensorsEach)])
        packed.append(
          LSTMDirection(
            ih: try matrix(own[0]), hh: try matrix(own[1]), hr: o.projection > 0 ? try own.last.map(matrix) : nil,
            ihBias: o.bias ? UnsafePointer(own[2].elements(Float.self)) : nil,
            hhBias: o.bias ? UnsafePointer(own[3].elements(Float.self)) : nil))
      }
    }
    stamps = flat.map { Stamp(storage: $0.storage, version: $0.storage.version, offset: $0.storageOffset) }
  }

  /// The tensors of one layer and direction.
  func tensors(_ index: Int) -> ArraySlice<Tensor> { flat[(index * options.tensorsEach)..<((index + 1) * options.tensorsEach)] }
}
