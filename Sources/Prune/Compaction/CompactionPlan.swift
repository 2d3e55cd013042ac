import NN

/// Which units of a traced model go, and why others that do nothing stay.
struct CompactionPlan {
  /// A layer that reads a unit in one of its input channels.
  private struct Reader {
    let layer: TracedLayer
    let channel: Int
    let column: ChannelColumn
  }

  private let trace: ModelTrace
  private let groups: [Int32: [Int32]]
  private let order: [Int32]
  private var readers: [Int32: [Reader]] = [:]
  /// Groups that must stay whatever else goes, and why.
  private var forbidden: [Int32: String]
  /// The units that go.
  private(set) var removed: Set<Int32> = []
  /// What is said of units that do nothing and yet stay.
  private(set) var notes: [String] = []

  /// Finds what can go.
  /// - Parameter keeping: layers (by their place in the trace) whose units stay, and why.
  init(_ trace: ModelTrace, keeping: [Int: String] = [:]) {
    self.trace = trace
    let units = trace.units
    groups = units.groups
    order = groups.keys.sorted()
    forbidden = [:]
    for layer in trace.layers {
      for (channel, column) in layer.columns.enumerated() where column.unit >= 0 {
        readers[units.root(column.unit), default: []].append(Reader(layer: layer, channel: channel, column: column))
      }
    }
    for (root, members) in groups {
      if let place = members.map({ units.owners[Int($0)].layer }).first(where: { keeping[$0] != nil }) { forbidden[root] = keeping[place] }
    }
    repeat { solve() } while balance()
    explain()
  }

  /// The layers (by their place in the trace) that lose outputs, those whose units go together in one set.
  var clusters: [Set<Int>] {
    var sets: [Set<Int>] = []
    for (root, members) in groups where removed.contains(root) {
      var own = Set(members.map { trace.units.owners[Int($0)].layer })
      sets.removeAll { set in
        if set.isDisjoint(with: own) { return false }
        own.formUnion(set)
        return true
      }
      sets.append(own)
    }
    return sets.sorted { ($0.min() ?? 0) < ($1.min() ?? 0) }
  }

  private mutating func solve() {
    removed = []
    var changed = true
    while changed {
      changed = false
      for root in order where !removed.contains(root) && forbidden[root] == nil && trace.units.reason(root) == nil && obstacle(root) == nil {
        removed.formUnion(groups[root] ?? [])
        changed = true
      }
    }
  }

  /// Why a group cannot go while the others in `removed` do; nil where it can.
  private func obstacle(_ root: Int32) -> String? {
    let members = Set(groups[root] ?? [])
    var isRead = false
    for reader in readers[root] ?? [] {
      isRead = true
      if reader.column.value == 0 || !needs(reader, members) { continue }
      guard reader.column.value != nil else { return reader.column.isConstant ? "\(reader.layer.name) gets constants that differ from place to place" : "" }
      if !reader.layer.takesConstants {
        return "they are constant and not zero (by a bias), and \(reader.layer.name) cannot take that into its own bias\(reader.layer.whyNoConstants)"
      }
    }
    // Within recurrent layers, a unit that is not zero must go unread by the units that stay.
    for member in members {
      let layer = trace.layers[trace.units.owners[Int(member)].layer]
      guard case .recurrent(let gates) = layer.shape else { continue }
      let unit = Int(member - layer.firstUnit)
      if layer.zeroUnits.contains(Int32(unit)) { isRead = true } else if isReadWithin(layer, gates, unit, members) { return "" }
    }
    return isRead ? nil : "nothing is seen to read them"
  }

  /// Whether a layer has weights for a channel in rows that stay.
  private func needs(_ reader: Reader, _ members: Set<Int32>) -> Bool {
    let layer = reader.layer
    func stays(_ unit: Int32) -> Bool { !removed.contains(unit) && !members.contains(unit) }
    switch layer.shape {
    case .linear, .convolution:
      let pattern = layer.matrices[0]
      return (0..<pattern.rows).contains { pattern[$0, reader.channel] && stays(layer.firstUnit + Int32($0)) }
    case .recurrent(let gates):
      let parts = RecurrentUnits(layer.module, gates)
      return (0..<parts.directions).contains { k in
        let pattern = layer.matrices[2 * k]
        return (0..<pattern.rows).contains { pattern[$0, reader.channel] && stays(layer.firstUnit + Int32(k * parts.hidden + $0 % parts.hidden)) }
      }
    // These give the channel on under the same unit, whose readers are asked themselves.
    case .depthwise, .channelwise: return false
    case .embedding, .rigid: return true
    }
  }

  private func isReadWithin(_ layer: TracedLayer, _ gates: RecurrentGates, _ unit: Int, _ members: Set<Int32>) -> Bool {
    let parts = RecurrentUnits(layer.module, gates)
    let (k, j) = (unit / parts.hidden, unit % parts.hidden)
    func stays(_ unit: Int) -> Bool {
      let unit = layer.firstUnit + Int32(unit)
      return !removed.contains(unit) && !members.contains(unit)
    }
    func reads(_ set: Int, _ pattern: WeightPattern, _ column: Int) -> Bool {
      (0..<pattern.rows).contains { pattern[$0, column] && stays(set * parts.hidden + $0 % parts.hidden) }
    }
    if reads(k, layer.matrices[2 * k + 1], j) { return true }
    return (0..<parts.count).contains { set in
      guard let range = parts.inputs(set), range.contains(unit) else { return false }
      return reads(set, layer.matrices[2 * set], unit - range.lowerBound)
    }
  }

  /// Lets units stay where a layer would lose all of them or, of a recurrent one, not as many in each direction; false where nothing was to do.
  private mutating func balance() -> Bool {
    for layer in trace.layers where layer.unitCount > 0 {
      let all = (0..<layer.unitCount).map { layer.firstUnit + Int32($0) }
      if case .recurrent(let gates) = layer.shape {
        let parts = RecurrentUnits(layer.module, gates)
        let sets = (0..<parts.count).map { k in all[(k * parts.hidden)..<((k + 1) * parts.hidden)].filter { removed.contains($0) } }
        let most = min(sets.map(\.count).min() ?? 0, parts.hidden - 1)
        for set in sets where set.count > most {
          let why = most == parts.hidden - 1
            ? "a layer keeps one at least" : "all layers and directions of \(layer.name) have the same number of hidden units, and another has no more to lose"
          for unit in set.dropFirst(most) { forbidden[trace.units.root(unit)] = why }
          return true
        }
      } else if let last = all.last, all.allSatisfy({ removed.contains($0) }) {
        forbidden[trace.units.root(last)] = "a layer keeps one at least"
        return true
      }
    }
    return false
  }

  /// Says of units that do nothing why they stay, layer by layer.
  private mutating func explain() {
    for layer in trace.layers {
      var reasons: [(why: String, count: Int)] = []
      for k in 0..<layer.unitCount {
        let unit = layer.firstUnit + Int32(k)
        if removed.contains(unit) || !layer.isIdle(k) { continue }
        let root = trace.units.root(unit)
        var why = trace.units.reason(root) ?? forbidden[root] ?? obstacle(root) ?? ""
        if why.isEmpty { why = (groups[root] ?? []).count > 1 ? "they are joined with channels that are not zero" : "what they give is used" }
        if let at = reasons.firstIndex(where: { $0.why == why }) { reasons[at].count += 1 } else { reasons.append((why, 1)) }
      }
      for (why, count) in reasons {
        notes.append("\(layer.name): \(count) of \(layer.unitCount) \(layer.unitNoun) \(count == 1 ? "has" : "have") no weights and \(count == 1 ? "stays" : "stay"): \(why)")
      }
    }
  }
}

extension TracedLayer {
  /// Whether an output channel has no weights of its own.
  fileprivate func isIdle(_ k: Int) -> Bool {
    switch shape {
    case .linear, .convolution: !(0..<matrices[0].columns).contains { matrices[0][k, $0] }
    case .embedding: !(0..<matrices[0].rows).contains { matrices[0][$0, k] }
    case .recurrent: zeroUnits.contains(Int32(k))
    default: false
    }
  }

  /// What its outputs are called.
  var unitNoun: String {
    switch shape {
    case .recurrent: "hidden units"
    case .embedding: "columns"
    case .linear: "neurons"
    default: "output channels"
    }
  }

  /// Why constants cannot become part of the bias, after a sentence that says so.
  fileprivate var whyNoConstants: String {
    switch shape {
    case .convolution: ", for at the borders its padding is zero"
    case .recurrent: ", for it has none"
    default: ""
    }
  }
}
