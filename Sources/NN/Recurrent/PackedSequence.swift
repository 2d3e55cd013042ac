import Interface
import TensorCore
import Torch

/// Sequences of several lengths, all first steps before all second ones. Mirrors `torch.nn.utils.rnn.PackedSequence`.
public final class PackedSequence: SchemaArgument, SchemaResult, CustomStringConvertible {
  /// The rows [all steps of all sequences, …].
  public let data: Tensor
  /// How many sequences reach each step.
  public let batchSizes: Tensor
  /// Which sequence stands at each place, where they were sorted.
  public let sortedIndices: Tensor?
  /// At which place each sequence stands.
  public let unsortedIndices: Tensor?

  /// Rows, counts and orders as given; the second order follows from the first.
  public init(_ data: Tensor, _ batchSizes: Tensor, _ sorted: Tensor? = nil, _ unsorted: Tensor? = nil) throws {
    self.data = data
    self.batchSizes = batchSizes
    sortedIndices = sorted
    unsortedIndices = try unsorted ?? sorted.map(PackedSequence.inverse)
  }

  /// The order that undoes an order.
  static func inverse(_ order: Tensor) throws -> Tensor {
    let result = try Tensor(uninitialized: order.sizes, dtype: .int64)
    for i in 0..<order.count { result.elements(Int.self)[order.scalar(at: i).integerValue] = i }
    return result
  }

  /// The counts as an array.
  var batches: [Int] { (0..<batchSizes.count).map { batchSizes.scalar(at: $0).integerValue } }

  /// As Python prints the named tuple.
  public var description: String {
    func text(_ t: Tensor?) -> String { t?.text ?? "None" }
    return "PackedSequence(data=\(text(data)), batch_sizes=\(text(batchSizes)), sorted_indices=\(text(sortedIndices)), unsorted_indices=\(text(unsortedIndices)))"
  }

  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool { frame.object(i) is PackedSequence }
  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> Self {
    guard let packed = frame.object(i) as? Self else { throw frame.wrongType(i, parameter, expected: "PackedSequence") }
    return packed
  }
  public func give(to frame: CallFrame) throws -> Int { try frame.give(object: self) }

  /// A field by the name users know.
  public func field(_ name: String) -> Value? {
    func value(_ t: Tensor?) -> Value { t.map { .object($0) } ?? Value.none }
    switch name {
    case "data": return .object(data)
    case "batch_sizes": return .object(batchSizes)
    case "sorted_indices": return value(sortedIndices)
    case "unsorted_indices": return value(unsortedIndices)
    default: return nil
    }
  }

  /// Packs the sequences of a padded batch. Mirrors `pack_padded_sequence`.
  /// - Throws: PyTorch's sentences for lengths that do not fit or are not sorted.
  static func packing(_ input: Tensor, _ given: [Int], batchFirst: Bool, sorted: Bool) throws -> PackedSequence {
    var lengths = given
    var order: Tensor?
    let batchDim = batchFirst ? 0 : 1
    var x = input
    if !sorted {
      let places = lengths.indices.sorted { lengths[$0] != lengths[$1] ? lengths[$0] > lengths[$1] : $0 < $1 }
      let index = try Tensor.vector(places)
      lengths = places.map { lengths[$0] }
      order = index
      x = try x.rows(index, batchDim)
    }
    if batchFirst { x = try x.transpose(0, 1) }
    if x.count == 0 { throw TorchError.runtime("Cannot pack empty tensors.") }
    if lengths.count != x.sizes[1] {
      throw TorchError.runtime("Expected `len(lengths)` to be equal to batch_size, but got \(lengths.count) (batch_size=\(x.sizes[1]))")
    }
    if lengths.contains(where: { $0 <= 0 }) {
      throw TorchError.runtime("Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0")
    }
    if zip(lengths, lengths.dropFirst()).contains(where: { $0 < $1 }) {
      throw TorchError.runtime(
        "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass `enforce_sorted=False` to pad_packed_sequence and/or pack_sequence to sidestep this requirement if you do not need ONNX exportability.")
    }
    let steps = lengths[0]
    if steps > x.sizes[0] {
      throw TorchError.runtime("Expected all lengths to be at most \(x.sizes[0]), but got \(steps)")
    }
    let batches = (0..<steps).map { t in lengths.filter { $0 > t }.count }
    let rows = try batches.enumerated().map { t, n in try x.select(0, t).narrow(0, 0, n) }
    return try PackedSequence(.cat(rows, 0), .vector(batches), order)
  }

  /// The sequences as a padded batch, and their lengths. Mirrors `pad_packed_sequence`.
  func padded(batchFirst: Bool, value: Double, total: Int?) throws -> (Tensor, Tensor) {
    let batches = self.batches
    if let total, total < batches.count {
      throw TorchError.value(
        "Expected total_length to be at least the length of the longest sequence in input, but got total_length=\(total) and max sequence length being \(batches.count)")
    }
    let most = batches.first ?? 0
    let rest = Array(data.sizes.dropFirst())
    func filler(_ sizes: [Int]) throws -> Tensor { try .full(Dims(sizes), .double(value), dtype: data.dtype) }
    var steps = try zip(data.split(batches, 0), batches).map { rows, n in n == most ? rows : try Tensor.cat([rows, filler([most - n] + rest)], 0) }
    if let total { for _ in batches.count..<max(total, batches.count) { steps.append(try filler([most] + rest)) } }
    var x = try Tensor.stack(steps, 0)
    var lengths = try Tensor.vector((0..<most).map { i in batches.filter { $0 > i }.count })
    if let unsorted = unsortedIndices {
      x = try x.rows(unsorted, 1)
      lengths = try lengths.rows(unsorted, 0)
    }
    return (batchFirst ? try x.transpose(0, 1) : x, lengths)
  }
}

extension Tensor {
  /// The named indices of a dimension.
  func rows(_ index: Tensor, _ d: Int) throws -> Tensor { try indexed(Array(repeating: .slice(nil, nil, 1), count: d) + [.tensor(index)]) }
}

/// Sequences of several lengths: `torch.nn.utils.rnn`.
public let sequenceFunctions = OperationFamily("torch.nn.utils.rnn") { ops in
  func lengths(_ value: Value) throws -> [Int] {
    switch value {
    case .list(let items): return items.compactMap { Int.element(from: $0) }
    case .object(let object as Tensor): return (0..<object.count).map { object.scalar(at: $0).integerValue }
    default: throw TorchError.type("lengths must be a Tensor or a list of ints, not \(value.pythonTypeName)")
    }
  }
  func padding(_ all: [Tensor], batchFirst: Bool, _ value: Double, left: Bool) throws -> Tensor {
    guard let first = all.first else { throw TorchError.runtime("received an empty list of sequences") }
    let most = all.map { $0.dim == 0 ? 0 : $0.sizes[0] }.max() ?? 0
    let same = try all.map { x -> Tensor in
      let missing = most - x.sizes[0]
      if missing == 0 { return x }
      let filler = try Tensor.full(Dims([missing] + Array(x.sizes.dropFirst())), .double(value), dtype: first.dtype)
      return try .cat(left ? [filler, x] : [x, filler], 0)
    }
    return try .stack(same, batchFirst ? 0 : 1)
  }
  func list(_ value: Value) throws -> [Tensor] {
    switch value {
    case .list(let items): return try items.map { try $0.tensor() }
    case .object(let object as Tensor): return try (0..<object.sizes[0]).map { try object.select(0, $0) }
    default: throw TorchError.runtime("pad_sequence: Expected iterable for input sequences, but got arg of type: <class '\(value.pythonTypeName)'>")
    }
  }
  let plain: Variants = [.function]
  ops.define("PackedSequence(Tensor data, Tensor? batch_sizes=None, Tensor? sorted_indices=None, Tensor? unsorted_indices=None) -> PackedSequence", doc: "Sequences of several lengths, step by step. Mirrors PackedSequence.", variants: plain) {
    (d: Tensor, b: Tensor?, s: Tensor?, u: Tensor?) -> PackedSequence in
    guard let b else { throw TorchError.type("PackedSequence() missing 1 required positional argument: 'batch_sizes'") }
    return try PackedSequence(d, b, s, u)
  }
  ops.define("__getattr__(PackedSequence self, str name) -> Tensor", doc: "A field. Mirrors PackedSequence.data and the others.", variants: []) {
    (p: PackedSequence, name: String) -> Value in
    guard let value = p.field(name) else { throw TorchError.attribute("'PackedSequence' object has no attribute '\(name)'") }
    return value
  }
  ops.define("pack_padded_sequence(Tensor input, Tensor lengths, bool batch_first=False, bool enforce_sorted=True) -> PackedSequence", doc: "Packs the sequences of a padded batch. Mirrors pack_padded_sequence.", variants: plain) {
    (x: Tensor, l: Value, f: Bool, s: Bool) in try PackedSequence.packing(x, lengths(l), batchFirst: f, sorted: s)
  }
  ops.define("pad_packed_sequence(PackedSequence sequence, bool batch_first=False, float padding_value=0.0, int? total_length=None) -> (Tensor, Tensor)", doc: "The sequences as a padded batch, and their lengths. Mirrors pad_packed_sequence.", variants: plain) {
    (p: PackedSequence, f: Bool, v: Double, t: Int?) -> Value in
    let (x, l) = try p.padded(batchFirst: f, value: v, total: t)
    return .tuple([.object(x), .object(l)])
  }
  ops.define("pad_sequence(Tensor[] sequences, bool batch_first=False, float padding_value=0.0, str padding_side='right') -> Tensor", doc: "Sequences filled up to one length. Mirrors pad_sequence.", variants: plain) {
    (s: Value, f: Bool, v: Double, side: String) in try padding(list(s), batchFirst: f, v, left: side == "left")
  }
  ops.define("unpad_sequence(Tensor padded_sequences, Tensor lengths, bool batch_first=False) -> Tensor[]", doc: "The sequences of a padded batch. Mirrors unpad_sequence.", variants: plain) {
    (x: Tensor, l: Value, f: Bool) -> [Tensor] in
    let rows = f ? x : try x.transpose(0, 1)
    return try lengths(l).enumerated().map { i, n in try rows.select(0, i).narrow(0, 0, n) }
  }
  ops.define("pack_sequence(Tensor[] sequences, bool enforce_sorted=True) -> PackedSequence", doc: "Packs sequences. Mirrors pack_sequence.", variants: plain) {
    (s: [Tensor], sorted: Bool) in
    try PackedSequence.packing(padding(s, batchFirst: false, 0, left: false), s.map { $0.sizes[0] }, batchFirst: false, sorted: sorted)
  }
  ops.define("unpack_sequence(PackedSequence packed_sequences) -> Tensor[]", doc: "The sequences one by one. Mirrors unpack_sequence.", variants: plain) {
    (p: PackedSequence) -> [Tensor] in
    let (x, l) = try p.padded(batchFirst: true, value: 0, total: nil)
    return try (0..<l.count).map { try x.select(0, $0).narrow(0, 0, l.scalar(at: $0).integerValue) }
  }
}
