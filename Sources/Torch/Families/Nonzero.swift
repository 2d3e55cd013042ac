import Interface
import TensorCore

extension Tensor {
  /// Where elements are not zero: one row of indices each. Mirrors `torch.nonzero`.
  public func nonzero() throws -> Tensor {
    let flat = try detached().dense(.bool)
    let bytes = flat.elements(UInt8.self)
    let hits = withExtendedLifetime(flat) { (0..<count).filter { bytes[$0] != 0 } }
    // Column by column, as PyTorch lays them.
    let n = hits.count
    let result = try Tensor(uninitialized: [dim, n], dtype: .int64)
    let out = result.elements(Int.self)
    for (row, hit) in hits.enumerated() {
      var rest = hit
      for d in stride(from: dim - 1, through: 0, by: -1) {
        out[d * n + row] = rest % sizes[d]
        rest /= sizes[d]
      }
    }
    return try result.transpose(0, 1)
  }

  /// As `nonzero`, cut or filled up to `size` rows. Mirrors `torch.nonzero_static`.
  func nonzeroStatic(_ size: Int, fill: Int) throws -> Tensor {
    if size < 0 { throw TorchError.runtime("nonzero_static: 'size' must be an non-negative integer") }
    let rows = try nonzero()
    if rows.sizes[0] >= size { return try rows.narrow(0, 0, size).clone() }
    return try Tensor.cat([rows, .full([size - rows.sizes[0], dim], .integer(fill), dtype: .int64)], 0)
  }

  /// A vector of indices for each dimension of a shape, from indices into all its elements. Mirrors `torch.unravel_index`.
  func unraveled(_ shape: Value) throws -> [Tensor] {
    if dtype.isFloatingPoint || dtype == .bool { throw TorchError.type("expected 'indices' to be integer dtype, but got torch.\(dtype.name)") }
    let lengths: [Int]
    switch shape {
    case .integer(let n): lengths = [n]
    case .list(let items):
      lengths = try items.map { item in
        guard case .integer(let n) = item else { throw TorchError.type("expected 'shape' sequence to only contain ints, but got <class '\(item.pythonTypeName)'>") }
        return n
      }
    default: throw TorchError.type("expected 'shape' to be int or sequence of ints, but got <class '\(shape.pythonTypeName)'>")
    }
    if lengths.contains(where: { $0 < 0 }) {
      throw TorchError.value("'shape' cannot have negative values, but got (\(lengths.map(String.init).joined(separator: ", "))\(lengths.count == 1 ? "," : ""))")
    }
    var step = 1
    var parts: [Tensor] = []
    for n in lengths.reversed() {
      parts.insert(try div(.number(step), rounding: "floor").remainder(.number(n)), at: 0)
      step *= n
    }
    return try (0..<parts.count).map { try Tensor.stack(parts, -1).select(dim, $0) }
  }
}

/// Where elements are not zero, and what an index into all elements is in each dimension.
public let nonzeroPlaces = OperationFamily("torch") { ops in
  ops.define("nonzero(Tensor self, *, bool as_tuple=False) -> Tensor", doc: "The indices of elements that are not zero, a row each, or with as_tuple a table with a vector for each dimension. Mirrors torch.nonzero.") {
    (x: Tensor, tuple: Bool) -> Value in
    if !tuple { return .object(try x.nonzero()) }
    let wide = x.dim == 0 ? try x.unsqueeze(0) : x
    let rows = try wide.nonzero()
    return .list(try (0..<wide.dim).map { .object(try rows.select(1, $0)) })
  }
  ops.define("argwhere(Tensor self) -> Tensor", doc: "The indices of elements that are not zero, a row each. Mirrors torch.argwhere.") { (x: Tensor) in try x.nonzero() }
  ops.define("nonzero_static(Tensor self, *, int size, int fill_value=-1) -> Tensor", doc: "As nonzero, cut or filled up to size rows. Mirrors torch.nonzero_static.") {
    (x: Tensor, n: Int, f: Int) in try x.nonzeroStatic(n, fill: f)
  }
  ops.define("unravel_index(Tensor indices, any shape) -> Tensor[]", doc: "The indices in each dimension of a shape, a table. Mirrors torch.unravel_index.", variants: [.function]) {
    (x: Tensor, s: Value) in try x.unraveled(s)
  }
}
