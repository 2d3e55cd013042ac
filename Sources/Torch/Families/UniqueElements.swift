import Interface
import Kernels
import TensorCore

/// Distinct rows: which of the originals stand for them, which of them each original is, and how often each occurs.
private struct Distinct {
  var first: [Int] = []
  var inverse: [Int] = []
  var counts: [Int] = []

  /// Walks originals in `order`; `same` says whether two neighbours are equal.
  init(_ order: [Int], _ same: (Int, Int) -> Bool) {
    inverse = Array(repeating: 0, count: order.count)
    for (rank, place) in order.enumerated() {
      if rank == 0 || !same(order[rank - 1], place) {
        first.append(place)
        counts.append(0)
      }
      inverse[place] = first.count - 1
      counts[first.count - 1] += 1
    }
  }
}

extension Tensor {
  /// The distinct elements in ascending order. Mirrors `torch.unique`.
  func sortedUnique() throws -> Tensor { try unique(consecutive: false).0 }

  /// Distinct elements, sorted or only freed of repetitions, with each original's index among them and their counts.
  /// Mirrors `torch.unique` and `torch.unique_consecutive`.
  func unique(consecutive: Bool) throws -> (Tensor, Tensor, Tensor) {
    let flat = try detached().reshape([-1])
    let x = try flat.wideDense()
    let sorted = consecutive ? nil : try flat.argsort(0)
    let order = sorted.map { order in withExtendedLifetime(order) { Array(UnsafeBufferPointer(start: order.elements(Int.self), count: count)) } } ?? Array(0..<count)
    let found: Distinct
    if x.dtype == .float64 {
      let p = x.elements(Double.self)
      found = Distinct(order) { p[$0] == p[$1] }
    } else {
      let p = x.elements(Int.self)
      found = Distinct(order) { p[$0] == p[$1] }
    }
    return try withExtendedLifetime(x) {
      (try flat.gatherAlong(0, .vector(found.first)), try Tensor.vector(found.inverse).reshape(Array(sizes)), try Tensor.vector(found.counts))
    }
  }

  /// As `unique`, of the indices of one dimension.
  func unique(_ d: Int, consecutive: Bool) throws -> (Tensor, Tensor, Tensor) {
    let d = try Shape.wrap(d, dim)
    if dim == 0 { return try unique(consecutive: consecutive) }
    let others = sizes.indices.filter { $0 != d && sizes[$0] == 0 }
    if !others.isEmpty {
      if sizes[d] == 0 && others.count == 0 { return (self, try .vector([Int]()), try .vector([Int]())) }
      throw TorchError.runtime("There are 0 sized dimensions, and they aren't selected, so unique cannot be applied")
    }
    let n = sizes[d]
    let width = n == 0 ? 0 : count / n
    let x = try detached().permute([d] + (0..<dim).filter { $0 != d }).reshape([n, width]).wideDense()
    func find<T: Comparable>(_ p: UnsafePointer<T>) -> Distinct {
      func less(_ a: Int, _ b: Int) -> Bool {
        for i in 0..<width where p[a * width + i] != p[b * width + i] {
          if p[a * width + i] < p[b * width + i] { return true }
          if p[a * width + i] > p[b * width + i] { return false }
        }
        return a < b
      }
      let order = consecutive ? Array(0..<n) : (0..<n).sorted(by: less)
      return Distinct(order) { a, b in (0..<width).allSatisfy { p[a * width + $0] == p[b * width + $0] } }
    }
    let found = x.dtype == .float64 ? find(UnsafePointer(x.elements(Double.self))) : find(UnsafePointer(x.elements(Int.self)))
    return try withExtendedLifetime(x) {
      (try detached().indexSelect(d, .vector(found.first)), try Tensor.vector(found.inverse), try Tensor.vector(found.counts))
    }
  }

  /// Whether each element is among those of `others`. Mirrors `torch.isin`.
  func isIn(_ others: Tensor, invert: Bool) throws -> Tensor {
    for t in [self, others] where t.dtype == .bool { throw TorchError.notImplemented("Unsupported input type encountered for isin(): \(t.dtype.capitalized)") }
    let common = ResultType.of(self, others)
    let (x, y) = (try detached().converted(to: common).wideDense(), try others.detached().converted(to: common).wideDense())
    let result = try Tensor(uninitialized: sizes, dtype: .bool)
    let out = result.elements(UInt8.self)
    func mark<T: Hashable>(_ type: T.Type) {
      let known = Set(UnsafeBufferPointer(start: y.elements(T.self), count: y.count))
      let p = x.elements(T.self)
      for i in 0..<count { out[i] = known.contains(p[i]) != invert ? 1 : 0 }
    }
    if x.dtype == .float64 { mark(Double.self) } else { mark(Int.self) }
    return withExtendedLifetime((x, y)) { result }
  }
}

/// Distinct elements and membership.
public let uniqueElements = OperationFamily("torch") { ops in
  func results(_ found: (Tensor, Tensor, Tensor), _ inverse: Bool, _ counts: Bool) -> Value {
    .tuple([.object(found.0)] + (inverse ? [.object(found.1)] : []) + (counts ? [.object(found.2)] : []))
  }
  ops.define("unique(Tensor self, bool sorted=True, bool return_inverse=False, bool return_counts=False, int? dim=None) -> (Tensor, Tensor, Tensor)", doc: "The distinct elements (or indices of dim), sorted; then, where asked, each original's index among them and their counts. Mirrors torch.unique.") {
    (x: Tensor, _: Bool, i: Bool, c: Bool, d: Int?) in results(try d.map { try x.unique($0, consecutive: false) } ?? x.unique(consecutive: false), i, c)
  }
  ops.define("unique_consecutive(Tensor self, bool return_inverse=False, bool return_counts=False, int? dim=None) -> (Tensor, Tensor, Tensor)", doc: "The elements (or indices of dim) without repetitions side by side; then, where asked, each original's index among them and their counts. Mirrors torch.unique_consecutive.") {
    (x: Tensor, i: Bool, c: Bool, d: Int?) in results(try d.map { try x.unique($0, consecutive: true) } ?? x.unique(consecutive: true), i, c)
  }
  ops.define("isin(Tensor elements, Tensor test_elements, *, bool assume_unique=False, bool invert=False) -> Tensor", doc: "Whether each element is among test_elements. Mirrors torch.isin.", variants: [.function]) {
    (x: TensorOrNumber, y: TensorOrNumber, _: Bool, n: Bool) in try x.tensor.isIn(y.tensor, invert: n)
  }
  ops.define("isin.Tensor_Scalar(Tensor elements, Scalar test_element, *, bool assume_unique=False, bool invert=False) -> Tensor", doc: "Whether each element equals test_element. Mirrors torch.isin.", variants: [.function]) {
    (x: Tensor, y: Scalar, _: Bool, n: Bool) in try x.isIn(.wrapped(y), invert: n)
  }
  ops.define("isin.Scalar_Tensor(Scalar element, Tensor test_elements, *, bool assume_unique=False, bool invert=False) -> Tensor", doc: "Whether a number is among test_elements. Mirrors torch.isin.", variants: [.function]) {
    (x: Scalar, y: Tensor, _: Bool, n: Bool) in try Tensor.wrapped(x).isIn(y, invert: n)
  }
}
