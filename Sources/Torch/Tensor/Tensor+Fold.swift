import Interface
import Kernels
import TensorCore

extension Tensor {
  /// Folds dimensions of floats away by compiled loops, outside autograd. Nil for other types and for dimensions that are
  /// named twice, which the general form refuses.
  func folded(_ kind: Fold.Kind, dims: [Int]?, keepdim: Bool, result: DType) throws -> Tensor? {
    guard dtype.isFloatingPoint && result.isFloatingPoint else { return nil }
    var source = self
    var (outer, n, inner) = (1, 0, 1)
    var target = Dims()
    if dims == nil || dims?.isEmpty == true {
      n = count
      if keepdim { target = Dims(repeating: 1, count: dim) }
    } else if let dims, dims.count == 1, dim > 0 {
      let d = try Shape.wrap(dims[0], dim)
      n = sizes[d]
      for k in 0..<d { outer *= sizes[k] }
      for k in (d + 1)..<Swift.max(dim, d + 1) { inner *= sizes[k] }
      target = sizes
      if keepdim { target[d] = 1 } else { target.remove(at: d) }
    } else {
      let folding = try Folding(self, dims)
      n = folding.inner.product
      outer = folding.kept.product
      target = folding.sizes(self, keepdim: keepdim)
      source = alias(Dims(folding.order.map { sizes[$0] }), Dims(folding.order.map { strides[$0] }), storageOffset)
    }
    let y = try Tensor(uninitialized: target, dtype: result == .float32 ? .float32 : .float64)
    let x = try source.dense(dtype == .float64 ? .float64 : .float32)
    let fold = Fold(kind, x.pointer, x.dtype, outer: outer, n: n, inner: inner)
    if result == .float32 {
      let o = y.elements(Float.self)
      fold.run { o[$0] = Float($1) }
    } else {
      let o = y.elements(Double.self)
      fold.run { o[$0] = $1 }
    }
    withExtendedLifetime(x) {}
    return result == .float32 || result == .float64 ? y : try y.denseCopy(result)
  }

  /// The sum of all integers or truths, in int64, where they lie densely; nil for others.
  func summedWhole(dims: [Int]?, keepdim: Bool, result: DType) throws -> Tensor? {
    guard dims == nil || dims?.isEmpty == true, result == .int64, isContiguous, dtype == .int64 || dtype == .bool || dtype == .uint8 else { return nil }
    let y = try Tensor(uninitialized: keepdim ? Dims(repeating: 1, count: dim) : Dims(), dtype: .int64)
    y.elements(Int64.self).pointee = Fold.integers(pointer, wide: dtype == .int64, count: count)
    return y
  }

  /// The places of the extremes along a dimension of floats; nil for other types.
  func extremeIndexDense(_ d: Int, keepdim: Bool, greatest: Bool) throws -> Tensor? {
    guard dtype == .float32, dim > 0 else { return nil }
    let d = try Shape.wrap(d, dim)
    let n = sizes[d]
    guard n > 0 else { return nil }
    if d == dim - 1 && isContiguous {
      var target = sizes
      if keepdim { target[d] = 1 } else { target.remove(at: d) }
      let y = try Tensor(uninitialized: target, dtype: .int64)
      Fold.extremePlaces(elements(Float.self), rows: count / n, n: n, greatest: greatest, y.elements(Int64.self))
      return y
    }
    let turned = d == dim - 1 ? self : try GradMode.with(false) { try transpose(d, dim - 1) }
    let x = try turned.dense()
    var target = sizes
    target[d] = 1
    let y = try Tensor(uninitialized: target, dtype: .int64)
    // Whatever else turning does to the order of results, it exchanges two dimensions of which one has one index.
    let places = try Tensor(uninitialized: Dims(x.sizes.dropLast()), dtype: .int64)
    let out = places.elements(Int64.self)
    Fold.extremePlaces(x.elements(Float.self), rows: x.count / n, n: n, greatest: greatest, out)
    let shaped = places.alias(Dims(Array(places.sizes) + [1]), Shape.contiguousStrides(Dims(Array(places.sizes) + [1])), 0)
    let back = d == dim - 1 ? shaped : try GradMode.with(false) { try shaped.transpose(d, dim - 1) }
    Cast.copy(back.operand, to: y.operand, sizes: target)
    withExtendedLifetime((x, places)) {}
    if keepdim { return y }
    var flat = target
    flat.remove(at: d)
    return y.alias(flat, Shape.contiguousStrides(flat), 0)
  }
}
