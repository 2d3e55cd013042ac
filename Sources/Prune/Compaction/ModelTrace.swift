import Interface
import NN
import TensorCore
import Torch

/// One run of a model that notes which layer's outputs become which layer's inputs.
///
/// Models join their layers by code of their own, so nothing but a run tells. Hooks mark where layers with weights begin
/// and end; between them, every recorded operation says where the units of its inputs go.
final class ModelTrace: NodeWatcher {
  let units = ChannelUnits()
  private(set) var layers: [TracedLayer] = []
  private var byModule: [ObjectIdentifier: TracedLayer] = [:]
  /// How many layers are running, one within the other.
  private var depth = 0
  private var pending: [ObjectIdentifier: (node: Node, inputs: [ChannelFlow.Input])] = [:]
  private var known: [ObjectIdentifier: (node: Node, labels: [Int: ChannelLabels])] = [:]
  private var problem: (any Error)?

  /// Runs a model in evaluation mode, whose parameters all want gradients, on the inputs of a call.
  /// - Throws: what the model throws.
  init(_ model: Module, _ inputs: [Value]) throws {
    var owners: [ObjectIdentifier: TracedLayer] = [:]
    for (index, row) in model.namedModules().enumerated() {
      guard let shape = TracedLayer.shape(of: row.module) else { continue }
      let layer = TracedLayer(index, row.name, row.module, shape)
      layers.append(layer)
      byModule[ObjectIdentifier(row.module)] = layer
      try describe(layer, layers.count - 1)
      for case let tensor? in row.module.parameters.values {
        guard let other = owners.updateValue(layer, forKey: ObjectIdentifier(tensor)) else { continue }
        shared[layer.index] = other.name
        shared[other.index] = layer.name
      }
    }
    let hooks = layers.map { layer in
      (
        layer.module.registerForwardPreHook { [unowned self] _, inputs in
          enter(layer, inputs)
          return nil
        },
        layer.module.registerForwardHook(ForwardHook(alwaysCalled: true) { [unowned self] _, _, result in
          leave(layer, result)
          return nil
        }, first: true)
      )
    }
    let before = Node.watcher
    Node.watcher = self
    defer {
      Node.watcher = before
      for (layer, ids) in zip(layers, hooks) {
        layer.module.removeHook(ids.0)
        layer.module.removeHook(ids.1)
      }
    }
    let output = try GradMode.with(true) { try model.call(inputs) }
    if let problem { throw problem }
    keep(output)
    for layer in layers where layer.calls != 1 {
      let reason = layer.calls == 0 ? "\(layer.name) is not called as a layer in this model" : "\(layer.name) is called \(layer.calls) times"
      fix(layer, reason)
    }
    for layer in layers {
      if let other = shared[layer.index] { fix(layer, "\(layer.name) shares a weight with \(other)") }
    }
  }

  private var shared: [Int: String] = [:]

  private func fix(_ layer: TracedLayer, _ reason: String) {
    for k in 0..<layer.unitCount { units.fix(layer.firstUnit + Int32(k), reason) }
    for column in layer.columns { units.fix(column.unit, reason) }
  }

  /// Units that the model gives out stay.
  private func keep(_ output: Value) {
    switch output {
    case .object(let tensor as Tensor): if let labels = labels(of: tensor) { units.fix(labels.units, "they are outputs of the model") }
    case .list(let items), .tuple(let items): for item in items { keep(item) }
    case .dictionary(let rows): for row in rows { keep(row.1) }
    default: break
    }
  }

  /// Reads the weights of a layer and makes its units.
  private func describe(_ layer: TracedLayer, _ place: Int) throws {
    let module = layer.module
    func outputs(_ count: Int) {
      layer.firstUnit = units.add(count, of: place)
      layer.unitCount = count
    }
    switch layer.shape {
    case .linear, .convolution, .depthwise:
      layer.matrices = [try WeightPattern(module.tensor("weight"))]
      if case .depthwise = layer.shape {} else { outputs(layer.matrices[0].rows) }
    case .embedding:
      layer.matrices = [try WeightPattern(module.tensor("weight"))]
      outputs(layer.matrices[0].columns)
    case .recurrent(let gates):
      try RecurrentUnits(module, gates).describe(layer)
      outputs(layer.matrices.count / 2 * (module.attributes["hidden_size"]?.count ?? 0))
    case .channelwise, .rigid: break
    }
  }

  // What layers take in and give out.

  private func enter(_ layer: TracedLayer, _ inputs: [Value]) {
    depth += 1
    layer.calls += 1
    guard depth == 1 else { return }
    do { try GradMode.with(false) { try read(layer, inputs) } } catch { problem = problem ?? error }
  }

  private func read(_ layer: TracedLayer, _ inputs: [Value]) throws {
    for (i, input) in inputs.enumerated() {
      for tensor in tensors(input) {
        guard let labels = labels(of: tensor) else {
          if i > 0, case .recurrent = layer.shape { fix(layer, "\(layer.name) gets its first state from outside") }
          continue
        }
        if i > 0 {
          units.fix(labels.units, "\(layer.name) gets them as its first state")
          if case .recurrent = layer.shape { fix(layer, "\(layer.name) gets its first state from outside") }
          continue
        }
        guard let axis = layer.channelAxis(tensor), layer.calls == 1, case .object = input else {
          let why = if case .rigid(let why) = layer.shape { why } else if layer.calls > 1 { "it is called \(layer.calls) times" } else { "its input has no channels" }
          units.fix(labels.units, "\(layer.name) gets them, and \(why)")
          continue
        }
        layer.columns = try ChannelColumn.columns(of: tensor, axis: axis, labels, units, reader: layer.name)
      }
    }
  }

  private func tensors(_ value: Value) -> [Tensor] {
    switch value {
    case .object(let tensor as Tensor): [tensor]
    case .object(let packed as PackedSequence): [packed.data]
    case .list(let items), .tuple(let items): items.flatMap(tensors)
    default: []
    }
  }

  private func leave(_ layer: TracedLayer, _ result: Value) {
    depth -= 1
    guard depth == 0, layer.calls == 1, problem == nil else { return }
    do { try GradMode.with(false) { try give(layer, result) } } catch { problem = error }
  }

  private func give(_ layer: TracedLayer, _ result: Value) throws {
    if case .recurrent = layer.shape {
      guard case .tuple(let parts) = result, parts.count == 2, case .object(let output as Tensor) = parts[0] else {
        return fix(layer, "\(layer.name) gives a packed sequence")
      }
      return try give(layer, output, states: tensors(parts[1]))
    }
    guard case .object(let output as Tensor) = result, let axis = layer.channelAxis(output) else { return }
    var labels: ChannelLabels
    switch layer.shape {
    case .linear, .convolution, .embedding:
      labels = ChannelLabels(output.sizes, axis: axis, first: layer.firstUnit, states: (0..<layer.unitCount).map { layer.outputState($0) })
    case .depthwise, .channelwise:
      guard !layer.columns.isEmpty else { return }
      labels = ChannelLabels(output.sizes, axis: axis, first: 0, states: try layer.columns.indices.map { try layer.passedState($0) })
      for p in labels.units.indices { labels.units[p] = layer.columns[Int(labels.units[p])].unit }
    case .recurrent, .rigid: return
    }
    try labels.noteZeros(output)
    note(output, labels)
  }

  /// The outputs and last states of a recurrent layer.
  private func give(_ layer: TracedLayer, _ output: Tensor, states: [Tensor]) throws {
    let hidden = layer.module.attributes["hidden_size"]?.count ?? 0
    let width = output.sizes[output.dim - 1]
    let last = layer.firstUnit + Int32(layer.unitCount - width)
    func state(_ unit: Int32) -> UInt8 { layer.zeroUnits.contains(unit - layer.firstUnit) ? ChannelLabels.State.zero : ChannelLabels.State.varying }
    note(output, ChannelLabels(output.sizes, axis: output.dim - 1, first: last, states: (0..<width).map { state(last + Int32($0)) }))
    for tensor in states {
      // [layers · directions, …, hidden]: each of the first has units of its own.
      var labels = ChannelLabels(foreign: tensor.count)
      let batch = tensor.count / max(layer.unitCount, 1)
      for p in labels.units.indices {
        labels.units[p] = layer.firstUnit + Int32(p / (hidden * batch) * hidden + p % hidden)
        labels.states[p] = state(labels.units[p])
      }
      note(tensor, labels)
    }
  }

  private func note(_ tensor: Tensor, _ labels: ChannelLabels) {
    guard let node = tensor.gradFn else { return }
    known[ObjectIdentifier(node), default: (node, [:])].labels[tensor.autograd?.outputIndex ?? 0] = labels
  }

  private func labels(of tensor: Tensor) -> ChannelLabels? {
    guard let node = tensor.gradFn else { return nil }
    return known[ObjectIdentifier(node)]?.labels[tensor.autograd?.outputIndex ?? 0]
  }

  // NodeWatcher

  func recorded(_ node: Node, _ inputs: [Tensor]) {
    guard depth == 0, problem == nil else { return }
    let flows = zip(inputs, node.edges).map { tensor, edge in
      ChannelFlow.Input(
        labels: edge.flatMap { known[ObjectIdentifier($0.node)]?.labels[$0.index] }, sizes: tensor.sizes,
        isConstant: tensor.isWrappedNumber || edge?.node.leaf?.isParameter ?? false)
    }
    if flows.contains(where: { $0.labels != nil }) { pending[ObjectIdentifier(node)] = (node, flows) }
  }

  func gave(_ node: Node, _ index: Int, _ result: Tensor) {
    guard let (_, inputs) = pending[ObjectIdentifier(node)], problem == nil else { return }
    do {
      guard let labels = try ChannelFlow(units: units).labels(node, index, inputs, result) else { return }
      known[ObjectIdentifier(node), default: (node, [:])].labels[index] = labels
    } catch { problem = error }
  }
}

extension TracedLayer {
  /// The dimension of an input or output that counts channels; nil where the layer has none that can change.
  fileprivate func channelAxis(_ tensor: Tensor) -> Int? {
    switch shape {
    case .linear, .embedding, .recurrent: tensor.dim > 0 ? tensor.dim - 1 : nil
    case .convolution(let n), .depthwise(let n): tensor.dim > n ? tensor.dim - n - 1 : nil
    case .channelwise: tensor.dim > 1 ? 1 : nil
    case .rigid: nil
    }
  }

  /// Whether an output channel depends on the input.
  fileprivate func outputState(_ channel: Int) -> UInt8 {
    if shape == .embedding {
      let pattern = matrices[0]
      return (0..<pattern.rows).contains { pattern[$0, channel] } ? ChannelLabels.State.varying : ChannelLabels.State.zero
    }
    let pattern = matrices[0]
    for c in 0..<pattern.columns where pattern[channel, c] {
      guard c < columns.count, columns[c].isConstant else { return ChannelLabels.State.varying }
      // At the borders a padded convolution sees zeros.
      if case .convolution = shape, columns[c].value != 0, columns[c].value == nil || !takesConstants { return ChannelLabels.State.varying }
    }
    return ChannelLabels.State.constant
  }

  /// Whether a channel that keeps its unit depends on the input once it has passed the layer.
  fileprivate func passedState(_ channel: Int) throws -> UInt8 {
    if columns[channel].isConstant { return ChannelLabels.State.constant }
    if case .depthwise = shape { return matrices[0][channel, 0] ? ChannelLabels.State.varying : ChannelLabels.State.constant }
    guard module.typeName != "PReLU", let weight = try module.optionalTensor("weight") else { return ChannelLabels.State.varying }
    return weight.scalar(at: channel).doubleValue == 0 ? ChannelLabels.State.constant : ChannelLabels.State.varying
  }
}
