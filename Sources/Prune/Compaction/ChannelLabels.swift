import TensorCore
import Torch

/// Which unit each position of a tensor holds, and whether its value depends on the model's input.
struct ChannelLabels {
  /// What is known of a value.
  enum State {
    /// It depends on the input.
    static let varying: UInt8 = 0
    /// It is the same for every input.
    static let constant: UInt8 = 1
    /// It is zero for every input.
    static let zero: UInt8 = 2
  }

  /// The unit at each position, in row-major order.
  var units: [Int32]
  /// The state at each position.
  var states: [UInt8]

  /// Positions that hold no unit and vary.
  init(foreign count: Int) {
    units = Array(repeating: ChannelUnits.Foreign.value, count: count)
    states = Array(repeating: State.varying, count: count)
  }

  /// A tensor of these sizes whose dimension `axis` counts units from `first` on.
  init(_ sizes: Dims, axis: Int, first: Int32, states channels: [UInt8]) {
    self.init(foreign: sizes.product)
    let inner = sizes.dropFirst(axis + 1).reduce(1, *)
    for p in units.indices {
      let channel = p / inner % sizes[axis]
      units[p] = first + Int32(channel)
      states[p] = channels[channel]
    }
  }

  /// Tells zeros among the constants by the values that the tensor has.
  mutating func noteZeros(_ tensor: Tensor) throws {
    guard states.contains(where: { $0 != State.varying }) else { return }
    let values = try tensor.dense(.float64)
    let p = values.elements(Double.self)
    withExtendedLifetime(values) {
      for i in states.indices where states[i] != State.varying { states[i] = p[i] == 0 ? State.zero : State.constant }
    }
  }

  /// Whether neighbours along a dimension differ.
  func varies(along d: Int, _ sizes: Dims) -> Bool {
    let inner = sizes.dropFirst(d + 1).reduce(1, *)
    return units.indices.contains { p in p / inner % sizes[d] > 0 && units[p] != units[p - inner] }
  }
}

/// What a layer finds in one channel of its input.
struct ChannelColumn {
  /// The unit that the channel holds; below zero for none.
  var unit: Int32
  /// Whether no value of the channel depends on the model's input.
  var isConstant: Bool
  /// The value of a channel that is constant and has the same value everywhere.
  var value: Double?

  /// The channels of a tensor along `axis`.
  ///
  /// Units that share a channel with anything else are fixed, for no channel can be taken out for them.
  static func columns(of tensor: Tensor, axis: Int, _ labels: ChannelLabels, _ units: ChannelUnits, reader: String) throws -> [ChannelColumn] {
    let sizes = tensor.sizes
    let inner = sizes.dropFirst(axis + 1).reduce(1, *)
    var columns = Array(repeating: ChannelColumn(unit: ChannelUnits.Foreign.padding, isConstant: true, value: nil), count: sizes[axis])
    var isMixed = Array(repeating: false, count: sizes[axis])
    let values = try tensor.dense(.float64)
    let v = values.elements(Double.self)
    withExtendedLifetime(values) {
      var seen = Array(repeating: false, count: sizes[axis])
      for p in labels.units.indices {
        let (c, unit) = (p / inner % sizes[axis], labels.units[p])
        if unit != ChannelUnits.Foreign.padding {
          if columns[c].unit == ChannelUnits.Foreign.padding { columns[c].unit = unit } else if columns[c].unit != unit { isMixed[c] = true }
        }
        if labels.states[p] == ChannelLabels.State.varying { columns[c].isConstant = false }
        if !seen[c] { columns[c].value = v[p] } else if columns[c].value != v[p] { columns[c].value = nil }
        seen[c] = true
      }
    }
    for c in columns.indices where !columns[c].isConstant { columns[c].value = nil }
    if isMixed.contains(true) {
      for p in labels.units.indices where isMixed[p / inner % sizes[axis]] {
        units.fix(labels.units[p], "\(reader) finds several of them in one of its input channels")
      }
      for c in columns.indices where isMixed[c] { columns[c].unit = ChannelUnits.Foreign.value }
    }
    return columns
  }
}
