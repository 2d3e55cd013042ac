import Interface
import TensorCore

/// How a tensor's indices become places in its storage: the places of a window's elements, one or more indices each.
struct Geometry {
  let sizes: Dims
  let strides: Dims
  let offset: Int

  /// One past the last place; 0 where there are no elements.
  var end: Int {
    if sizes.contains(0) { return 0 }
    var last = offset
    for d in 0..<sizes.count { last += (sizes[d] - 1) * strides[d] }
    return last + 1
  }

  /// Whether two indices may name one place. Mirrors `at::geometry_is_contiguous`' cautious sibling: sorted strides must clear what lies below.
  var overlaps: Bool {
    if sizes.contains(0) { return false }
    var reach = 0
    for d in sizes.indices.filter({ sizes[$0] > 1 }).sorted(by: { strides[$0] < strides[$1] }) {
      if strides[d] <= reach { return true }
      reach += (sizes[d] - 1) * strides[d]
    }
    return false
  }

  /// Calls `body` with the place of every index in row-major order.
  func forEachPlace(_ body: (Int) -> Void) {
    if sizes.contains(0) { return }
    var index = Array(repeating: 0, count: sizes.count)
    var place = offset
    while true {
      body(place)
      var d = sizes.count - 1
      while true {
        if d < 0 { return }
        index[d] += 1
        place += strides[d]
        if index[d] < sizes[d] { break }
        place -= strides[d] * sizes[d]
        index[d] = 0
        d -= 1
      }
    }
  }
}

/// Adds elements up at their places.
private struct PlaceSums: ElementVisitor {
  let source: Tensor
  let target: Tensor
  let geometry: Geometry

  mutating func visit<T: Element>(_ type: T.Type) throws {
    let (p, out) = (source.elements(T.self), target.elements(T.self))
    var i = 0
    geometry.forEachPlace { place in
      out[place] = T(wide: T.sum(out[place].wide, p[i].wide))
      i += 1
    }
  }
}

extension Element {
  /// a + b in the type of arithmetic; integers wrap round.
  @inline(__always)
  static func sum(_ a: Wide, _ b: Wide) -> Wide {
    if Wide.self == Double.self { return Wide(casting: a.asDouble + b.asDouble) }
    if Wide.self == Float.self { return Wide(casting: Float(a.asDouble) + Float(b.asDouble)) }
    return Wide(casting: a.asInt64 &+ b.asInt64)
  }
}

extension Tensor {
  /// Where this tensor's elements lie.
  var geometry: Geometry { Geometry(sizes: sizes, strides: strides, offset: storageOffset) }

  /// A vector of `count` elements in which this tensor's elements are summed at their places; differentiable.
  func summed(at geometry: Geometry, count: Int) throws -> Tensor {
    if dtype.isComplex { return try inParts { try $0.summed(at: geometry, count: count) } }
    let result = try Tensor.zeros([count], dtype: dtype)
    let source = try dense()
    var visitor = PlaceSums(source: source, target: result, geometry: geometry)
    try dtype.accept(&visitor)
    if Tensor.records(self) {
      result.record("IndexAddBackward0", [self]) { _, g in [try g.contiguous().asStrided(geometry)] }
    }
    return result
  }

  /// The elements of this tensor's storage at other places, counted from the storage's start; differentiable.
  func asStrided(_ window: Geometry) throws -> Tensor {
    let own = geometry
    return view("AsStridedBackward0", window.sizes, window.strides, window.offset) { g in
      let base = Swift.min(own.offset, window.offset)
      func moved(_ x: Geometry) -> Geometry { Geometry(sizes: x.sizes, strides: x.strides, offset: x.offset - base) }
      let (to, from) = (moved(window), moved(own))
      let count = Swift.max(to.end, from.end)
      var sums = try g.summed(at: to, count: count)
      // A place that several indices of the input name has its gradient shared among them.
      if from.overlaps {
        let shares = try GradMode.with(false) { try Tensor.ones(from.sizes, dtype: g.dtype).summed(at: from, count: count) }
        sums = try sums.div(shares)
      }
      return try sums.asStrided(from)
    }
  }

  /// A view of the storage under any sizes and strides. Mirrors `torch.as_strided`.
  /// - Throws: PyTorch's sentences for strides that do not fit the sizes and for places outside the storage.
  public func asStrided(_ size: [Int], _ stride: [Int], _ offset: Int?) throws -> Tensor {
    let window = try checkedWindow(size, stride, offset)
    return try asStrided(window)
  }

  private func checkedWindow(_ size: [Int], _ stride: [Int], _ offset: Int?) throws -> Geometry {
    let offset = offset ?? storageOffset
    if size.count != stride.count { throw TorchError.runtime("mismatch in length of strides and shape") }
    if stride.contains(where: { $0 < 0 }) {
      throw TorchError.runtime("as_strided: Negative strides are not supported at the moment, got strides: \(Dims(stride).text)")
    }
    if size.contains(where: { $0 < 0 }) {
      throw TorchError.runtime("Storage size calculation overflowed with sizes=\(Dims(size).text) and strides=\(Dims(stride).text)")
    }
    if offset < 0 { throw TorchError.runtime("Tensor: invalid storage offset \(offset)") }
    var end = size.contains(0) ? 0 : offset + 1
    if end > 0 {
      for (n, step) in zip(size, stride) {
        let (p, o) = (n - 1).multipliedReportingOverflow(by: step)
        let (sum, o2) = end.addingReportingOverflow(p)
        if o || o2 || sum > Int.max / 16 {
          throw TorchError.runtime("Storage size calculation overflowed with sizes=\(Dims(size).text) and strides=\(Dims(stride).text)")
        }
        end = sum
      }
    }
    if end * dtype.itemSize > storage.byteCount {
      throw TorchError.runtime(
        "setStorage: sizes \(Dims(size).text), strides \(Dims(stride).text), storage offset \(offset), and itemsize \(dtype.itemSize) requiring a storage size of \(end * dtype.itemSize) are out of bounds for storage of size \(storage.byteCount)")
    }
    return Geometry(sizes: Dims(size), strides: Dims(stride), offset: offset)
  }

  /// A copy with `source` written where `as_strided` would look. Mirrors `torch.as_strided_scatter`.
  func asStridedScatter(_ source: Tensor, _ size: [Int], _ stride: [Int], _ offset: Int?) throws -> Tensor {
    let copy = try GradMode.with(false) { try clone() }
    // The copy lies densely: its places are those of a row-major tensor.
    let window = try GradMode.with(false) { try copy.asStrided(size, stride, offset) }
    if window.sizes != source.sizes {
      throw TorchError.runtime("expected src to have a size equal to the slice of self. src size = \(source.sizes.text), slice size = \(window.sizes.text)")
    }
    if window.geometry.overlaps {
      throw TorchError.runtime(
        "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.")
    }
    try GradMode.with(false) { _ = try window.copyElements(from: source) }
    if Tensor.records(self, source) {
      let (place, whole) = (window.geometry, sizes)
      copy.record("AsStridedScatterBackward0", [self, source]) { node, g in
        let part = try g.contiguous().asStrided(place)
        // PyTorch keeps the gradient under the window for self, where one would expect zeros, and drops it elsewhere.
        return [node.needs(0) ? try part.summed(at: place, count: whole.product).view(Array(whole)) : nil, node.needs(1) ? part : nil]
      }
    }
    return copy
  }

  /// Lets this tensor look where `change` makes a view of it look, as part of the graph. Mirrors `unsqueeze_` and its like.
  @discardableResult
  func looking(_ change: (Tensor) throws -> Tensor) throws -> Tensor {
    try refuseInPlaceOnLeaf()
    let before = alias(sizes, strides, storageOffset)
    if let edge = gradientEdge { before.attach(edge.node, edge.index) }
    let seen = try change(before)
    let node = seen.requiresGrad ? seen.gradFn : nil
    sizes = seen.sizes
    strides = seen.strides
    storageOffset = seen.storageOffset
    bumpVersion()
    if let node { attach(node, seen.autograd?.outputIndex ?? 0) }
    viewVersion = version
    return self
  }
}

/// Views given by strides.
public let strided = OperationFamily("torch") { ops in
  let window = "int[] size, int[] stride, int? storage_offset=None"
  ops.define("as_strided(Tensor self, \(window)) -> Tensor", doc: "A view of the storage under any sizes and strides. Mirrors torch.as_strided.") {
    (x: Tensor, s: [Int], t: [Int], o: Int?) in try x.asStrided(s, t, o)
  }
  ops.define("as_strided_copy(Tensor self, \(window)) -> Tensor", doc: "A copy of the elements that as_strided would show. Mirrors torch.as_strided_copy.", variants: [.function]) {
    (x: Tensor, s: [Int], t: [Int], o: Int?) in try x.asStrided(s, t, o).clone()
  }
  ops.define("as_strided_(Tensor self, \(window)) -> Tensor", doc: "Looks at the storage under other sizes and strides. Mirrors Tensor.as_strided_.", variants: [.function, .method]) {
    (x: Tensor, s: [Int], t: [Int], o: Int?) in try x.looking { try $0.asStrided(s, t, o) }
  }
  ops.define("as_strided_scatter(Tensor self, Tensor src, \(window)) -> Tensor", doc: "A copy with src written where as_strided would look. Mirrors torch.as_strided_scatter.") {
    (x: Tensor, y: Tensor, s: [Int], t: [Int], o: Int?) in try x.asStridedScatter(y, s, t, o)
  }
  ops.define("resize_(Tensor self, int[1] size, *, str? memory_format=None) -> Tensor", doc: "Other sizes over the same storage, which grows where it must. Mirrors Tensor.resize_.", variants: [.method]) {
    (x: Tensor, s: [Int], _: String?) in try x.resize(Dims(s))
  }
  ops.define("resize_as_(Tensor self, Tensor the_template, *, str? memory_format=None) -> Tensor", doc: "Resized to the sizes of another tensor. Mirrors Tensor.resize_as_.", variants: [.function, .method]) {
    (x: Tensor, y: Tensor, _: String?) in try x.resize(y.sizes)
  }
}
