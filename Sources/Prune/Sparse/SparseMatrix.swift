import CKernels
import Interface
import Kernels
import TensorCore
import Torch

/// The elements of a float32 matrix that are not zero, in the layout of the sparse kernel. It never changes.
public final class SparseMatrix {
  /// The numbers of rows and of columns: of outputs and of inputs.
  public let rows, columns: Int
  /// The number of stored elements.
  public let count: Int
  /// The number of steps of the kernel over all groups of rows.
  let steps: Int
  /// The order of the rows, the first step of each group, the first column of each step's window.
  private let order, first, base: Storage
  /// The places in the windows, a byte a lane, and the elements, a float a lane.
  private let places, values: Storage
  private var transpose: SparseMatrix?
  private weak var original: SparseMatrix?

  /// Packs compressed rows.
  /// - Parameters:
  ///   - offsets: where each row's elements begin, and their number: `rows + 1` numbers that do not fall.
  ///   - places: the column of each element; in a row they increase.
  ///   - elements: the elements.
  init(rows: Int, columns: Int, offsets: UnsafePointer<Int32>, places columnOf: UnsafePointer<Int32>, elements: UnsafePointer<Float>) throws {
    (self.rows, self.columns, count) = (rows, columns, Int(offsets[rows]))
    order = try Storage(byteCount: rows * 4)
    first = try Storage(byteCount: (qk_sparse_groups(rows) + 1) * 4)
    let order = order.pointer.assumingMemoryBound(to: UInt32.self)
    SparseMatrix.sortRows(rows, columns, offsets, order)
    let first = first.pointer.assumingMemoryBound(to: UInt32.self)
    var matrix = qk_sparse_rows(n: rows, k: columns, offsets: offsets, columns: columnOf, values: elements)
    steps = qk_sparse_pack(&matrix, order, first, nil, nil, nil)
    base = try Storage(byteCount: steps * 4)
    places = try Storage(byteCount: steps * Int(QK_SPARSE_LANES))
    values = try Storage(byteCount: steps * Int(QK_SPARSE_LANES) * 4)
    _ = qk_sparse_pack(
      &matrix, order, first, base.pointer.assumingMemoryBound(to: UInt32.self), places.pointer.assumingMemoryBound(to: UInt8.self),
      values.pointer.assumingMemoryBound(to: Float.self))
  }

  /// Puts the rows with most elements first, equals in their order, so that neighbours end together.
  private static func sortRows(_ rows: Int, _ columns: Int, _ offsets: UnsafePointer<Int32>, _ order: UnsafeMutablePointer<UInt32>) {
    var starts = [Int](repeating: 0, count: columns + 2)
    for r in 0..<rows { starts[columns - Int(offsets[r + 1] - offsets[r]) + 1] += 1 }
    for i in 1..<starts.count { starts[i] += starts[i - 1] }
    for r in 0..<rows {
      let length = columns - Int(offsets[r + 1] - offsets[r])
      order[starts[length]] = UInt32(r)
      starts[length] += 1
    }
  }

  /// Packs what is not zero in a matrix.
  /// - Parameter dense: `[rows, columns]`, of any float dtype; it is read as float32.
  convenience init(_ dense: Tensor) throws {
    let dense = try dense.dense(.float32)
    let (n, k) = (dense.sizes[0], dense.sizes[1])
    let x = dense.elements(Float.self)
    var offsets = [Int32](repeating: 0, count: n + 1)
    var count = 0
    for r in 0..<n {
      for c in 0..<k where x[r * k + c] != 0 { count += 1 }
      offsets[r + 1] = Int32(count)
    }
    var (places, elements) = (ContiguousArray<Int32>(), ContiguousArray<Float>())
    places.reserveCapacity(count)
    elements.reserveCapacity(count)
    for r in 0..<n {
      for c in 0..<k where x[r * k + c] != 0 {
        places.append(Int32(c))
        elements.append(x[r * k + c])
      }
    }
    withExtendedLifetime(dense) {}
    try self.init(rows: n, columns: k, compressed: offsets, places, elements)
  }

  private convenience init(
    rows: Int, columns: Int, compressed offsets: [Int32], _ places: ContiguousArray<Int32>, _ elements: ContiguousArray<Float>
  ) throws {
    // An empty array has no address that a kernel might be given.
    let none: (Int32, Float) = (0, 0)
    try self.init(
      rows: rows, columns: columns, offsets: offsets, places: places.isEmpty ? [none.0] : Array(places),
      elements: elements.isEmpty ? [none.1] : Array(elements))
  }

  /// The layout as the kernel takes it, valid while this matrix lives.
  private var packed: qk_sparse_weight {
    qk_sparse_weight(
      n: rows, k: columns, rows: order.pointer.assumingMemoryBound(to: UInt32.self), first: first.pointer.assumingMemoryBound(to: UInt32.self),
      base: base.pointer.assumingMemoryBound(to: UInt32.self), places: places.pointer.assumingMemoryBound(to: UInt8.self),
      values: values.pointer.assumingMemoryBound(to: Float.self))
  }

  /// The share of elements that are stored; 0 for a matrix without elements.
  public var density: Double { rows * columns == 0 ? 0 : Double(count) / Double(rows * columns) }
  /// The share of elements that the kernel goes over, lanes that wait among them.
  var workDensity: Double { rows * columns == 0 ? 0 : Double(steps * Int(QK_SPARSE_LANES)) / Double(rows * columns) }
  /// The bytes it takes in memory, without those for gradients.
  public var byteCount: Int { order.byteCount + first.byteCount + base.byteCount + places.byteCount + values.byteCount }

  /// The elements row by row. Columns are int16 where they fit, else int32.
  func compressed() throws -> (values: Tensor, columns: Tensor, offsets: Tensor) {
    let elements = try Tensor(uninitialized: [count], dtype: .float32)
    let wide = try Tensor(uninitialized: [count], dtype: .int32)
    let offsets = try Tensor(uninitialized: [rows + 1], dtype: .int32)
    var weight = packed
    qk_sparse_unpack(&weight, offsets.elements(Int32.self), wide.elements(Int32.self), elements.elements(Float.self))
    withExtendedLifetime(self) {}
    return (elements, columns <= 32768 ? try wide.denseCopy(.int16) : wide, offsets)
  }

  /// The whole matrix, `[rows, columns]` float32.
  func dense() throws -> Tensor {
    let result = try Tensor.zeros([rows, columns], dtype: .float32)
    let (elements, columnOf, offsets) = try compressed()
    let wide = try columnOf.dense(.int32)
    let (x, c, o, y) = (elements.elements(Float.self), wide.elements(Int32.self), offsets.elements(Int32.self), result.elements(Float.self))
    for r in 0..<rows {
      for i in Int(o[r])..<Int(o[r + 1]) { y[r * columns + Int(c[i])] = x[i] }
    }
    withExtendedLifetime((elements, wide, offsets)) {}
    return result
  }

  /// The transpose, for gradients: made where it is first asked for, and kept.
  func transposed() throws -> SparseMatrix {
    if let known = transpose ?? original { return known }
    let (elements, columnOf, offsets) = try compressed()
    let wide = try columnOf.dense(.int32)
    let (x, c, o) = (elements.elements(Float.self), wide.elements(Int32.self), offsets.elements(Int32.self))
    var starts = [Int32](repeating: 0, count: columns + 1)
    for i in 0..<count { starts[Int(c[i]) + 1] += 1 }
    for i in 0..<columns { starts[i + 1] += starts[i] }
    var next = starts
    var (places, turned) = (ContiguousArray<Int32>(repeating: 0, count: count), ContiguousArray<Float>(repeating: 0, count: count))
    for r in 0..<rows {
      for i in Int(o[r])..<Int(o[r + 1]) {
        let to = Int(next[Int(c[i])])
        (places[to], turned[to]) = (Int32(r), x[i])
        next[Int(c[i])] += 1
      }
    }
    withExtendedLifetime((elements, wide, offsets)) {}
    let result = try SparseMatrix(rows: columns, columns: rows, compressed: starts, places, turned)
    result.original = self
    transpose = result
    return result
  }

  /// So many steps, times rows of the input, are worth a thread.
  private static let threadWork = 65536

  /// `x · selfᵀ + bias` over the last dimension, outside autograd.
  private func product(_ x: Tensor, _ bias: Tensor?) throws -> Tensor {
    var sizes = x.sizes
    sizes[x.dim - 1] = rows
    let y = try Tensor(uninitialized: sizes, dtype: .float32)
    let (x, bias) = (try x.dense(), try bias?.dense())
    let m = sizes.dropLast().reduce(1, *)
    let groups = qk_sparse_groups(rows)
    let work = max(steps * m / max(groups, 1), 1)
    let (from, to, added) = (x.elements(Float.self), y.elements(Float.self), bias?.elements(Float.self))
    Threads.run(groups, grain: max(SparseMatrix.threadWork / work, 1)) { part in
      var weight = packed
      qk_sparse_linear(m, from, columns, &weight, added, to, rows, part.lowerBound, part.upperBound)
    }
    withExtendedLifetime((self, x, bias)) {}
    return y
  }

  /// `x · selfᵀ + bias` over the last dimension. Gradients go to `x` and `bias`; the elements themselves do not learn.
  /// - Parameter x: float32 `[…, columns]`.
  /// - Throws: PyTorch's sentences for other dtypes and sizes.
  public func linear(_ x: Tensor, _ bias: Tensor?) throws -> Tensor {
    if x.dtype != .float32 { throw TorchError.runtime("mat1 and mat2 must have the same dtype, but got \(x.dtype.capitalized) and Float") }
    if let bias, bias.dtype != .float32 {
      throw TorchError.runtime("self and mat2 must have the same dtype, but got \(bias.dtype.capitalized) and Float")
    }
    if x.dim == 0 { throw TorchError.runtime("both arguments to linear need to be at least 1D, but they are 0D and 2D") }
    if x.sizes[x.dim - 1] != columns {
      let m = x.sizes.dropLast().reduce(1, *)
      throw TorchError.runtime("mat1 and mat2 shapes cannot be multiplied (\(m)x\(x.sizes[x.dim - 1]) and \(columns)x\(rows))")
    }
    let y = try GradMode.with(false) { try product(x, bias) }
    Tensor.recordNode("SparseLinearBackward0", inputs: [x] + (bias.map { [$0] } ?? []), results: [y]) { node, gradients in
      guard let g = gradients[0] else { return Array(repeating: nil, count: bias == nil ? 1 : 2) }
      let own = node.needs(0) ? try self.transposed().linear(g, nil) : nil
      guard bias != nil else { return [own] }
      return [own, node.needs(1) ? g.dim == 1 ? g : try g.sum(dims: Array(0..<(g.dim - 1))) : nil]
    }
    return y
  }
}
