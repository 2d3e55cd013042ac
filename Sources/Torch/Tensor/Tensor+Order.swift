import Interface
import Kernels
import TensorCore

extension Tensor {
  /// Dense lines along the last dimension in order, by a compiled sort, with the elements' places; outside autograd. Nil where
  /// elements lie otherwise or have no such sort, and where equal ones would come in another order than PyTorch's. In long
  /// lines of floats, where a few always are, that is no matter.
  func sortedDense(_ d: Int, _ descending: Bool, stable: Bool) throws -> (Tensor, Tensor)? {
    guard dim > 0, d == dim - 1, isContiguous, count > 0, let sort = RowSort(dtype) else { return nil }
    let n = sizes[d]
    let anyOrder = stable || n <= 16 || (dtype.isFloatingPoint && n >= 32768) || (dtype.isIntegral && dim == 1 && n >= 32768)
    if !anyOrder && !dtype.isFloatingPoint { return nil }
    let (values, places) = (try Tensor(like: self, dtype: dtype), try Tensor(like: self, dtype: .int64))
    sort.run(pointer, rows: count / n, n: n, values.pointer, places.elements(Int64.self), descending: descending)
    return anyOrder || !RowSort.hasEqual(values.pointer, dtype, rows: count / n, n: n) ? (values, places) : nil
  }

  /// The first few of dense lines of floats along the last dimension, with their places; outside autograd. Nil for others.
  func topDense(_ k: Int, _ d: Int, _ largest: Bool) throws -> (Tensor, Tensor)? {
    guard dim > 0, d == dim - 1, isContiguous, dtype == .float32, k > 0, k <= 64, count > 0 else { return nil }
    // One more than is asked for tells whether the last has an equal that PyTorch might prefer.
    let (n, rows) = (sizes[d], count / sizes[d])
    var target = sizes
    target[d] = Swift.min(k + 1, n)
    let (values, places) = (try Tensor(uninitialized: target, dtype: dtype), try Tensor(uninitialized: target, dtype: .int64))
    RowSort.top(elements(Float.self), rows: rows, n: n, k: target[d], values.elements(Float.self), places.elements(Int64.self), largest: largest)
    if RowSort.hasEqual(values.pointer, dtype, rows: rows, n: target[d]) { return nil }
    if target[d] == k { return (values, places) }
    return try GradMode.with(false) { (try values.narrow(d, 0, k).denseCopy(), try places.narrow(d, 0, k).denseCopy()) }
  }

  /// Lets the gradients of picked elements go back to their places along a dimension.
  func recorded(_ name: String, _ d: Int, _ values: Tensor, _ places: Tensor) -> (Tensor, Tensor) {
    if Tensor.records(self) {
      let (whole, index) = (sizes, SavedTensor(places))
      values.record(name, [self]) { _, g in [try Tensor.zeros(whole, dtype: g.dtype).scatterAdd(d, index.unpack(), g)] }
    }
    return (values, places)
  }

  /// Elements that `index` names along a dimension, where both lie densely and differ in that dimension alone; nil elsewhere.
  func gatheredDense(_ d: Int, _ index: Tensor) throws -> Tensor? {
    guard dim > 0, index.dim == dim, index.dtype == .int64, isContiguous, index.isContiguous, quantizer == nil, dtype != .complex128 else { return nil }
    for k in 0..<dim where k != d && sizes[k] != index.sizes[k] { return nil }
    var (outer, inner) = (1, 1)
    for k in 0..<d { outer *= sizes[k] }
    for k in (d + 1)..<Swift.max(dim, d + 1) { inner *= sizes[k] }
    let y = try Tensor(uninitialized: index.sizes, dtype: dtype)
    let wrong = Rows.gather(
      pointer, size: dtype.itemSize, outer: outer, n: sizes[d], inner: inner, index.elements(Int.self), picks: index.sizes[d], y.pointer)
    return wrong == nil ? y : nil
  }

  /// The running sums of dense floats along the last dimension; nil for others.
  func cumulatedDense(_ d: Int) throws -> Tensor? {
    guard dim > 0, d == dim - 1, dtype == .float32, isContiguous, count > 0 else { return nil }
    let y = try Tensor(like: self, dtype: dtype)
    Rows.cumulate(elements(Float.self), rows: count / sizes[d], n: sizes[d], y.elements(Float.self))
    return y
  }
}
