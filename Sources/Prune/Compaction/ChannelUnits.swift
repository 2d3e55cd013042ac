/// The output channels of all layers of a model, those that must go together in one group.
///
/// A unit is one output channel of a convolution, one neuron of a linear layer, one column of an embedding, one hidden
/// unit of a recurrent layer. Units whose values are added or multiplied are bound: they stay or go together.
final class ChannelUnits {
  /// What a position of a tensor holds that is no unit.
  enum Foreign {
    /// A value that is no single unit's.
    static let value: Int32 = -1
    /// What padding put there.
    static let padding: Int32 = -2
  }

  private var parents: [Int32] = []
  private var reasons: [Int32: String] = [:]
  /// The layer and the output channel that each unit is.
  private(set) var owners: [(layer: Int, channel: Int)] = []

  /// How many there are.
  var count: Int { parents.count }

  /// Adds the output channels of a layer; gives the first.
  func add(_ count: Int, of layer: Int) -> Int32 {
    let first = Int32(parents.count)
    for channel in 0..<count {
      parents.append(first + Int32(channel))
      owners.append((layer, channel))
    }
    return first
  }

  /// The unit that stands for the group of `unit`.
  func root(_ unit: Int32) -> Int32 {
    var unit = unit
    while parents[Int(unit)] != unit {
      parents[Int(unit)] = parents[Int(parents[Int(unit)])]
      unit = parents[Int(unit)]
    }
    return unit
  }

  /// Lets two units stay or go together.
  func bind(_ a: Int32, _ b: Int32) {
    let (a, b) = (root(a), root(b))
    if a == b { return }
    parents[Int(b)] = a
    if let reason = reasons.removeValue(forKey: b), reasons[a] == nil { reasons[a] = reason }
  }

  /// Lets a unit stay, for the first reason given.
  func fix(_ unit: Int32, _ reason: @autoclosure () -> String) {
    if unit < 0 { return }
    let unit = root(unit)
    if reasons[unit] == nil { reasons[unit] = reason() }
  }

  /// Lets units stay.
  func fix(_ units: some Sequence<Int32>, _ reason: String) {
    // Neighbours are often the same unit.
    var last = Foreign.value
    for unit in units where unit != last {
      last = unit
      fix(unit, reason)
    }
  }

  /// Why a group must stay; nil where nothing says so.
  func reason(_ root: Int32) -> String? { reasons[root] }

  /// The members of each group, by the unit that stands for it.
  var groups: [Int32: [Int32]] {
    var all: [Int32: [Int32]] = [:]
    for unit in parents.indices { all[root(Int32(unit)), default: []].append(Int32(unit)) }
    return all
  }
}
