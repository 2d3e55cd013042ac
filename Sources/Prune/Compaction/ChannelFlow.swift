import TensorCore
import Torch

/// How units pass through the operations between layers, told by the operations' names, sizes and gradients.
struct ChannelFlow {
  /// An input of an operation.
  struct Input {
    let labels: ChannelLabels?
    let sizes: Dims
    /// Whether it is a number or a parameter, the same for every input of the model.
    let isConstant: Bool
  }

  private enum Rule { case elements, places, means, windows }

  /// Operations on elements that stand at the same place.
  private static let elements: Set<String> = [
    "Abs", "Acos", "Acosh", "Add", "Asin", "Asinh", "Atan", "Atanh", "Ceil", "Celu", "Clamp", "ClampMax", "ClampMin", "Clone", "Cos", "Cosh", "Div", "Elu",
    "Erf", "Erfc", "Exp", "Exp2", "Expm1", "Floor", "Frac", "Gelu", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyRelu", "Lerp", "Log",
    "Log10", "Log1P", "Log2", "LogSigmoid", "Maximum", "Minimum", "Mish", "Mul", "Neg", "Pow", "Reciprocal", "Relu", "Round", "Rsqrt", "Rsub", "Selu",
    "Sgn", "Sigmoid", "Sign", "Silu", "Sin", "Sinh", "Softplus", "Softshrink", "Sqrt", "Square", "Sub", "Tan", "Tanh", "Threshold", "ToCopy", "Trunc",
    "BackwardHookFunction",
  ]
  /// Operations that put elements elsewhere, each at one place at most: their gradients put them back.
  private static let places: Set<String> = [
    "Alias", "AsStrided", "Cat", "ChannelShuffle", "ConstantPadNd", "Diagonal", "Flip", "Permute", "PixelShuffle", "PixelUnshuffle", "Roll", "Select",
    "Slice", "Split", "SplitWithSizes", "Squeeze", "Stack", "T", "Transpose", "Unbind", "UnsafeSplit", "UnsafeSplitWithSizes", "UnsafeView", "Unsqueeze",
    "View",
  ]
  /// Operations whose result is a mean or sum of elements that it alone uses.
  private static let means: Set<String> = ["Mean", "Sum"]
  /// The beginnings of operations that work on the last dimensions, channel by channel; the number of those is in their names.
  private static let windows = [
    "MaxPool", "AvgPool", "AdaptiveAvgPool", "AdaptiveMaxPool", "FractionalMaxPool", "Upsample", "ReflectionPad", "ReplicationPad", "CircularPad", "LpPool",
    "MkldnnAdaptiveAvgPool",
  ]

  let units: ChannelUnits

  /// The units of result `index` of an operation; nil where they are lost, which fixes them.
  func labels(_ node: Node, _ index: Int, _ inputs: [Input], _ result: Tensor) throws -> ChannelLabels? {
    let name = node.shortName
    var labels: ChannelLabels?
    if ChannelFlow.elements.contains(name) {
      labels = elementwise(name, inputs, result.sizes)
    } else if name == "Expand" {
      labels = inputs[0].labels.map { spread($0, inputs[0].sizes, over: result.sizes) }
    } else if result.count >= 1 << 24 {
      labels = nil
    } else if ChannelFlow.places.contains(name) {
      labels = try moved(node, index, inputs, result)
    } else if ChannelFlow.means.contains(name) {
      labels = try averaged(node, index, inputs, result)
    } else if ChannelFlow.windows.contains(where: { name.hasPrefix($0) }), let rank = name.first(where: { $0.isNumber })?.wholeNumberValue {
      labels = windowed(rank, inputs, result.sizes)
    }
    if labels == nil { fix(inputs, "\(node.name) does not go channel by channel, as far as is known") }
    try labels?.noteZeros(result)
    return labels
  }

  private func fix(_ inputs: [Input], _ reason: String) {
    for input in inputs { if let labels = input.labels { units.fix(labels.units, reason) } }
  }

  private func spread(_ labels: ChannelLabels, _ sizes: Dims, over target: Dims) -> ChannelLabels {
    if sizes == target { return labels }
    var result = ChannelLabels(foreign: target.product)
    let steps = Shape.broadcastStrides(sizes, Shape.contiguousStrides(sizes), to: target)
    for p in result.units.indices {
      var (rest, q) = (p, 0)
      for d in stride(from: target.count - 1, through: 0, by: -1) {
        q += rest % target[d] * steps[d]
        rest /= target[d]
      }
      result.units[p] = labels.units[q]
      result.states[p] = labels.states[q]
    }
    return result
  }

  private func elementwise(_ name: String, _ inputs: [Input], _ sizes: Dims) -> ChannelLabels? {
    let known = inputs.compactMap { input in input.labels.map { (labels: $0, sizes: input.sizes) } }
    guard let whole = known.first(where: { $0.sizes == sizes }) else { return nil }
    var result = whole.labels
    /// The dimensions in which sizes differ from the result's.
    func isSpread(_ other: Dims, _ d: Int) -> Bool {
      let at = d - (sizes.count - other.count)
      return sizes[d] > 1 && (at < 0 || other[at] == 1)
    }
    var isFirst = true
    for (labels, own) in known {
      if isFirst && own == sizes {
        isFirst = false
        continue
      }
      if own != sizes, (0..<sizes.count).contains(where: { isSpread(own, $0) && result.varies(along: $0, sizes) }) {
        units.fix(labels.units, "\(name) spreads them over the channels of another tensor")
        if name != "Mul" { for p in result.states.indices { result.states[p] = ChannelLabels.State.varying } }
        continue
      }
      let other = spread(labels, own, over: sizes)
      for p in result.units.indices {
        let (a, b) = (result.units[p], other.units[p])
        if a >= 0 && b >= 0 { units.bind(a, b) } else if a == ChannelUnits.Foreign.value { units.fix(b, "\(name) joins them with what is no layer's output channel") } else if b == ChannelUnits.Foreign.value { units.fix(a, "\(name) joins them with what is no layer's output channel") }
        if a < 0 { result.units[p] = b }
        result.states[p] = ChannelFlow.together(name, result.states[p], other.states[p])
      }
    }
    for input in inputs where input.labels == nil && (input.sizes.product != 1 || !input.isConstant) {
      let meets = (0..<sizes.count).contains { d in
        let at = d - (sizes.count - input.sizes.count)
        return at >= 0 && input.sizes[at] > 1 && result.varies(along: d, sizes)
      }
      if meets { units.fix(result.units, "\(name) joins them with a tensor that has their size") }
      if !input.isConstant {
        for p in result.states.indices { result.states[p] = ChannelFlow.together(name, result.states[p], ChannelLabels.State.varying) }
      }
    }
    return result
  }

  /// The state of a combination: nothing times zero is more than zero.
  private static func together(_ name: String, _ a: UInt8, _ b: UInt8) -> UInt8 {
    if name == "Mul" && (a == ChannelLabels.State.zero || b == ChannelLabels.State.zero) { return ChannelLabels.State.zero }
    return a == ChannelLabels.State.varying || b == ChannelLabels.State.varying ? ChannelLabels.State.varying : ChannelLabels.State.constant
  }

  /// For each element of each input, the place in the result that its gradient comes from, counted from 1; nil for no input.
  private func origins(_ node: Node, _ index: Int, _ result: Tensor) throws -> [[Double]?] {
    try GradMode.with(false) {
      func gradients(_ values: (Int) -> Double) throws -> [[Double]?] {
        let seed = try Tensor(uninitialized: result.sizes, dtype: .float64)
        for p in 0..<seed.count { seed.elements(Double.self)[p] = values(p) }
        var all = [Tensor?](repeating: nil, count: index)
        all.append(try seed.denseCopy(result.dtype))
        return try node.inputGradients(all).map { gradient in
          try gradient.map { g in
            let dense = try g.dense(.float64)
            return withExtendedLifetime(dense) { Array(UnsafeBufferPointer(start: dense.elements(Double.self), count: dense.count)) }
          }
        }
      }
      let (places, shares) = (try gradients { Double($0 + 1) }, try gradients { _ in 1 })
      return zip(places, shares).map { places, shares in
        places.map { zip($0, shares ?? []).map { $1 == 0 ? 0 : ($0 / $1).rounded() } }
      }
    }
  }

  private func moved(_ node: Node, _ index: Int, _ inputs: [Input], _ result: Tensor) throws -> ChannelLabels? {
    var labels = ChannelLabels(foreign: result.count)
    if node.shortName == "ConstantPadNd" {
      for p in labels.units.indices {
        labels.units[p] = ChannelUnits.Foreign.padding
        labels.states[p] = ChannelLabels.State.constant
      }
    }
    for (input, places) in zip(inputs, try origins(node, index, result)) {
      guard let known = input.labels, let places, places.count == known.units.count else { continue }
      for (p, place) in places.enumerated() where place > 0 && Int(place) <= result.count {
        labels.units[Int(place) - 1] = known.units[p]
        labels.states[Int(place) - 1] = known.states[p]
      }
    }
    return labels
  }

  private func averaged(_ node: Node, _ index: Int, _ inputs: [Input], _ result: Tensor) throws -> ChannelLabels? {
    guard let known = inputs.first?.labels, let places = try origins(node, index, result).first ?? nil, places.count == known.units.count else { return nil }
    return gathered(known, count: result.count) { Int(places[$0]) - 1 }
  }

  private func windowed(_ rank: Int, _ inputs: [Input], _ sizes: Dims) -> ChannelLabels? {
    guard let input = inputs.first, let known = input.labels, input.sizes.count == sizes.count, sizes.count > rank else { return nil }
    let lead = sizes.count - rank
    if input.sizes.prefix(lead).elementsEqual(sizes.prefix(lead)) == false { return nil }
    let (before, after) = (input.sizes.dropFirst(lead).reduce(1, *), sizes.dropFirst(lead).reduce(1, *))
    guard let cells = gathered(known, count: sizes.prefix(lead).reduce(1, *), { $0 / max(before, 1) }) else { return nil }
    var labels = ChannelLabels(foreign: sizes.product)
    for p in labels.units.indices {
      labels.units[p] = cells.units[p / after]
      labels.states[p] = cells.states[p / after]
    }
    return labels
  }

  /// One label for all positions of a cell; nil where units meet in one.
  private func gathered(_ known: ChannelLabels, count: Int, _ cell: (Int) -> Int) -> ChannelLabels? {
    var labels = ChannelLabels(foreign: count)
    for c in 0..<count {
      labels.units[c] = ChannelUnits.Foreign.padding
      labels.states[c] = ChannelLabels.State.constant
    }
    for p in known.units.indices {
      let c = cell(p)
      if c < 0 || c >= count { return nil }
      if labels.units[c] == ChannelUnits.Foreign.padding { labels.units[c] = known.units[p] }
      if known.units[p] != ChannelUnits.Foreign.padding && known.units[p] != labels.units[c] { return nil }
      if known.states[p] == ChannelLabels.State.varying { labels.states[c] = ChannelLabels.State.varying }
    }
    return labels
  }
}
