import Interface
import Serialization
import TensorCore
import Torch

extension PackedLinearParams: PickleRepresentable {
  /// The TorchScript object that PyTorch saves: its state is the tuple of the unpacked weight and the bias.
  public func pickled(by pickler: inout TensorPickler) throws -> PickleValue {
    try pickler.scriptObject(
      className: Self.className, state: .tuple([.object(try unpackedWeight()), bias.map { .object($0) } ?? .none]))
  }

  /// The packed weight that a file's state describes, `[weight, bias]`.
  /// - Throws: a `RuntimeError` where it describes no weight that can be packed.
  static func unpickled(_ state: Value) throws -> PackedLinearParams {
    guard case .list(let parts) = state, parts.count == 2, case .object(let object) = parts[0], let weight = object as? Tensor else {
      throw malformed(className)
    }
    var bias: Tensor?
    switch parts[1] {
    case .none: break
    case .object(let object as Tensor): bias = object
    default: throw malformed(className)
    }
    // Packing copies: a view of few bytes that claims to be a vast matrix is refused before.
    guard weight.count > 0, weight.count <= weight.storage.byteCount / weight.dtype.itemSize else { throw malformed(className) }
    return try weight.dtype == .qint8 ? .prepack(weight, bias) : .prepackHalf(weight, bias)
  }

  fileprivate static func malformed(_ name: String) -> TorchError { .runtime("the state of a \(name) is malformed") }
}

extension CellParams: PickleRepresentable {
  /// The TorchScript object that PyTorch saves: kind of cell, biases, no doubles, flags and the two packed weights.
  public func pickled(by pickler: inout TensorPickler) throws -> PickleValue {
    try pickler.scriptObject(
      className: Self.className,
      state: .tuple([
        .string(kind), .list(pickledBiases.map { .object($0) }), .list([]), .list(pickledFlags.map { .integer($0) }),
        .list([.object(inputWeight), .object(hiddenWeight)]),
      ]))
  }

  /// The cell that a file's state describes.
  /// - Throws: a `RuntimeError` where it describes no cell, or one of another kind.
  static func unpickled(_ state: Value) throws -> CellParams {
    guard case .list(let parts) = state, parts.count == 5, case .string(let kind) = parts[0], case .list(let flags) = parts[3],
      case .list(let weights) = parts[4], weights.count == 2, case .object(let first) = weights[0], case .object(let second) = weights[1],
      let input = first as? PackedLinearParams, let hidden = second as? PackedLinearParams
    else { throw PackedLinearParams.malformed(className) }
    var reduceRange = false
    if case .integer(let flag)? = flags.first { reduceRange = flag != 0 }
    let cell = try CellParams(inputWeight: input, hiddenWeight: hidden, reduceRange: reduceRange)
    guard cell.kind == kind else { throw TorchError.runtime("a recurrent cell of kind '\(kind)' is not supported") }
    return cell
  }
}

/// A table of 8 bits as files hold it: the TorchScript object `EmbeddingPackedParamsBase`.
final class PackedTable: PickleRepresentable {
  static let className = "__torch__.torch.classes.quantized.EmbeddingPackedParamsBase"
  /// quint8 `[count, width]`.
  let weight: Tensor

  init(_ weight: Tensor) { self.weight = weight }

  /// Its state is the tuple of a version, the table, no doubles and the bits of an element.
  func pickled(by pickler: inout TensorPickler) throws -> PickleValue {
    try pickler.scriptObject(className: Self.className, state: .tuple([.integer(1), .list([.object(weight)]), .list([]), .list([.integer(8)])]))
  }

  /// The table that a file's state describes.
  /// - Throws: a `RuntimeError` where it describes none.
  static func unpickled(_ state: Value) throws -> PackedTable {
    guard case .list(let parts) = state, parts.count == 4, case .list(let tensors) = parts[1], case .object(let weight as Tensor)? = tensors.first,
      case .list(let bits) = parts[3], case .integer(8)? = bits.first
    else { throw PackedLinearParams.malformed(className) }
    return PackedTable(weight)
  }
}
