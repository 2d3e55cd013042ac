import Interface
import TensorCore

extension Tensor {
  /// A view of this tensor's bytes, differentiable: `backward` turns the view's gradient into this tensor's.
  @inline(__always)
  func view(
    _ name: String, _ sizes: Dims, _ strides: Dims, _ offset: Int, _ backward: @escaping (Tensor) throws -> Tensor
  ) -> Tensor {
    let y = alias(sizes, strides, offset)
    if Tensor.records(self) { y.record(name, [self]) { _, g in [try backward(g)] } }
    y.becomeView(of: self)
    return y
  }

  /// The same elements under other sizes, without a copy. Mirrors `Tensor.view`.
  public func view(_ shape: [Int]) throws -> Tensor {
    let target = try Shape.infer(shape, count: count)
    guard let strides = Shape.viewStrides(sizes, strides, as: target) else {
      throw TorchError.runtime(
        "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.")
    }
    let before = Array(sizes)
    return view("ViewBackward0", target, strides, storageOffset) { try $0.reshape(before) }
  }

  /// The same elements under other sizes, copied where it must be. Mirrors `torch.reshape`.
  public func reshape(_ shape: [Int]) throws -> Tensor {
    let target = try Shape.infer(shape, count: count)
    if Shape.viewStrides(sizes, strides, as: target) != nil { return try view(Array(target)) }
    let before = Array(sizes)
    let copy = try contiguousCopy()
    let y = copy.alias(target, Shape.contiguousStrides(target), 0)
    if Tensor.records(self) { y.record("UnsafeViewBackward0", [copy]) { _, g in [try g.reshape(before)] } }
    return y
  }

  /// Dimensions in another order. Mirrors `torch.permute`.
  public func permute(_ order: [Int]) throws -> Tensor {
    if order.count != dim {
      throw TorchError.runtime(
        "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = \(dim) is not equal to len(dims) = \(order.count)")
    }
    let order = try order.map { try Shape.wrap($0, dim) }
    if Set(order).count != order.count { throw TorchError.runtime("permute(): duplicate dims are not allowed.") }
    var inverse = order
    for (i, d) in order.enumerated() { inverse[d] = i }
    return view("PermuteBackward0", Dims(order.map { sizes[$0] }), Dims(order.map { strides[$0] }), storageOffset) {
      try $0.permute(inverse)
    }
  }

  /// Two dimensions exchanged. Mirrors `torch.transpose`.
  public func transpose(_ a: Int, _ b: Int, name: String = "TransposeBackward0") throws -> Tensor {
    let (a, b) = (try Shape.wrap(a, dim), try Shape.wrap(b, dim))
    var (s, t) = (sizes, strides)
    if dim > 0 {
      s.swapAt(a, b)
      t.swapAt(a, b)
    }
    return view(name, s, t, storageOffset) { try $0.transpose(a, b) }
  }

  /// The transposed matrix; vectors stay. Mirrors `torch.t`.
  public func t() throws -> Tensor {
    if dim > 2 { throw TorchError.runtime("t() expects a tensor with <= 2 dimensions, but self is \(dim)D") }
    return try transpose(0, dim < 2 ? 0 : 1, name: "TBackward0")
  }

  /// A dimension of size one at `d`. Mirrors `torch.unsqueeze`.
  public func unsqueeze(_ d: Int) throws -> Tensor {
    let d = try Shape.wrap(d, dim + 1)
    var (s, t) = (sizes, strides)
    t.insert(d < dim ? sizes[d] * strides[d] : 1, at: d)
    s.insert(1, at: d)
    return view("UnsqueezeBackward0", s, t, storageOffset) { try $0.squeeze([d]) }
  }

  /// Without dimensions of size one: those named, or all. Mirrors `torch.squeeze`.
  public func squeeze(_ dims: [Int]? = nil) throws -> Tensor {
    let named = try dims.map { try Set($0.map { try Shape.wrap($0, dim) }) }
    var (s, t) = (Dims(), Dims())
    for d in 0..<dim where sizes[d] != 1 || (named.map { !$0.contains(d) } ?? false) {
      s.append(sizes[d])
      t.append(strides[d])
    }
    let before = Array(sizes)
    return view(named == nil ? "SqueezeBackward0" : dims?.count == 1 ? "SqueezeBackward1" : "SqueezeBackward2", s, t, storageOffset) { try $0.reshape(before) }
  }

  /// Dimensions of size one stretched without a copy. Mirrors `Tensor.expand`.
  public func expand(_ shape: [Int]) throws -> Tensor {
    if shape.count < dim {
      throw TorchError.runtime(
        "expand(\(dtype.tensorTypeName){\(sizes.text)}, size=\(Dims(shape).text)): the number of sizes provided (\(shape.count)) must be greater or equal to the number of dimensions in the tensor (\(dim))")
    }
    let lead = shape.count - dim
    var target = Dims(shape)
    var steps = Dims(repeating: 0, count: shape.count)
    for i in (0..<shape.count).reversed() {
      let own = i < lead ? 1 : sizes[i - lead]
      if shape[i] == -1 {
        if i < lead {
          throw TorchError.runtime(
            "The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension \(i)")
        }
        target[i] = own
      } else if own != 1 && shape[i] != own {
        throw TorchError.runtime(
          "The expanded size of the tensor (\(shape[i])) must match the existing size (\(own)) at non-singleton dimension \(i).  Target sizes: \(Dims(shape).text).  Tensor sizes: \(sizes.text)")
      }
      if dim > 0 && target[i] == own { steps[i] = i >= lead ? strides[i - lead] : i + 1 < shape.count ? target[i + 1] * steps[i + 1] : 1 }
    }
    let before = sizes
    return view("ExpandBackward0", target, steps, storageOffset) { try $0.summed(to: before) }
  }

  /// One index of a dimension, which goes. Mirrors `torch.select`.
  public func select(_ d: Int, _ index: Int) throws -> Tensor {
    if dim == 0 { throw TorchError.index("select() cannot be applied to a 0-dim tensor.") }
    let d = try Shape.wrap(d, dim)
    let size = sizes[d]
    if index < -size || index >= size {
      throw TorchError.index("select(): index \(index) out of range for tensor of size \(sizes.text) at dimension \(d)")
    }
    let at = index < 0 ? index + size : index
    var (s, t) = (sizes, strides)
    s.remove(at: d)
    t.remove(at: d)
    let whole = sizes
    return view("SelectBackward0", s, t, storageOffset + at * strides[d]) { g in
      try Tensor.embedded(g, in: whole) { try $0.select(d, at) }
    }
  }

  /// Every `step`th index from `start` up to `end` of a dimension. Bounds are cut to what there is. Mirrors `t[start:end:step]`.
  public func slice(_ d: Int, _ start: Int?, _ end: Int?, _ step: Int = 1) throws -> Tensor {
    if dim == 0 { throw TorchError.runtime("slice() cannot be applied to a 0-dim tensor.") }
    let d = try Shape.wrap(d, dim)
    if step <= 0 { throw TorchError.value("step must be greater than zero") }
    let size = sizes[d]
    func bound(_ i: Int) -> Int { Swift.min(Swift.max(i < 0 ? i + size : i, 0), size) }
    let from = bound(start ?? 0)
    let to = Swift.max(bound(end ?? size), from)
    var (s, t) = (sizes, strides)
    s[d] = (to - from + step - 1) / step
    t[d] = strides[d] * step
    let whole = sizes
    return view("SliceBackward0", s, t, storageOffset + from * strides[d]) { g in
      try Tensor.embedded(g, in: whole) { try $0.slice(d, from, to, step) }
    }
  }

  /// Zeros of the sizes `whole` with `g` in the window that `place` names; differentiable in `g`.
  static func embedded(_ g: Tensor, in whole: Dims, _ place: @escaping (Tensor) throws -> Tensor) throws -> Tensor {
    let result = try Tensor.zeros(whole, dtype: g.dtype)
    try GradMode.with(false) { _ = try place(result).copyElements(from: g) }
    if Tensor.records(g) { result.record("EmbedBackward", [g]) { _, gg in [try place(gg)] } }
    return result
  }

  /// `length` indices of a dimension from `start`. Mirrors `torch.narrow`.
  public func narrow(_ d: Int, _ start: Int, _ length: Int) throws -> Tensor {
    if dim == 0 { throw TorchError.runtime("narrow() cannot be applied to a 0-dim tensor.") }
    if length < 0 { throw TorchError.runtime("narrow(): length must be non-negative.") }
    let d = try Shape.wrap(d, dim)
    if start < -sizes[d] || start > sizes[d] {
      throw TorchError.index("start out of range (expected to be in range of [\(-sizes[d]), \(sizes[d])], but got \(start))")
    }
    let from = start < 0 ? start + sizes[d] : start
    if from + length > sizes[d] {
      throw TorchError.runtime("start (\(start)) + length (\(length)) exceeds dimension size (\(sizes[d])).")
    }
    return try slice(d, from, from + length)
  }

  /// Dimensions `start` to `end` as one. Mirrors `torch.flatten`.
  public func flatten(_ start: Int = 0, _ end: Int = -1) throws -> Tensor {
    let (a, b) = (try Shape.wrap(start, dim), try Shape.wrap(end, dim))
    if a > b { throw TorchError.runtime("flatten() has invalid args: start_dim cannot come after end_dim") }
    if dim == 0 { return try reshape([1]) }
    if a == b { return self }
    return try reshape(Array(sizes[..<a]) + [sizes[a...b].reduce(1, *)] + Array(sizes[(b + 1)...]))
  }

  /// A dense copy, differentiable. Mirrors `torch.clone`.
  public func clone() throws -> Tensor {
    let y = try denseCopy()
    if Tensor.records(self) { y.record("CloneBackward0", [self]) { _, g in [g] } }
    return y
  }

  private func contiguousCopy() throws -> Tensor { try clone() }

  /// Itself where it is dense in row-major order, else a dense copy. Mirrors `Tensor.contiguous`.
  public func contiguous() throws -> Tensor { isContiguous ? self : try clone() }

  /// The same bytes without history. Mirrors `Tensor.detach`.
  public func detached() -> Tensor { alias(sizes, strides, storageOffset) }
}
