import Interface
import Kernels
import TensorCore
import Torch

/// A linear function of one tensor with its transpose: each is the other's gradient, however often one differentiates.
struct LinearMap {
  /// The name `grad_fn` shows, and that of the transpose.
  let names: (String, String)
  /// The function, outside autograd; gives a fresh tensor.
  let apply: (Tensor) throws -> Tensor
  /// What carries gradients back, outside autograd.
  let transpose: (Tensor) throws -> Tensor

  /// A function and its transpose.
  init(_ name: String, _ apply: @escaping (Tensor) throws -> Tensor, transpose: @escaping (Tensor) throws -> Tensor) {
    self.init(names: (name + "Backward0", name + "BackwardBackward0"), apply: apply, transpose: transpose)
  }

  private init(names: (String, String), apply: @escaping (Tensor) throws -> Tensor, transpose: @escaping (Tensor) throws -> Tensor) {
    self.names = names
    self.apply = apply
    self.transpose = transpose
  }

  /// The transpose as a map.
  var transposed: LinearMap { LinearMap(names: (names.1, names.0), apply: transpose, transpose: apply) }

  /// The function, recorded.
  func callAsFunction(_ x: Tensor) throws -> Tensor {
    let y = try GradMode.with(false) { try apply(x) }
    Tensor.recordNode(names.0, inputs: [x], results: [y]) { _, gradients in
      guard let g = gradients[0] else { return [nil] }
      return [try transposed(g)]
    }
    return y
  }

  /// Maps along the last dimensions, one for each; leading dimensions stay. Computed in the wide type and rounded once.
  /// - Parameters:
  ///   - before: scales the input, given as a tensor in the wide type that broadcasts to its sizes; for averages.
  ///   - after: scales the result likewise.
  ///   - exact: the maps that gradients go back through, where those of the values are rounded.
  ///   - forward: what gives the values in another way, rounded elsewhere.
  static func along(
    _ name: String, _ maps: [AxisMap], divisor: Tensor? = nil, exact: [AxisMap]? = nil, forward: ((Tensor) throws -> Tensor)? = nil
  ) -> LinearMap {
    let back = (exact ?? maps).map(\.transposed)
    return LinearMap(
      name,
      forward ??
      { x in
        let sums = try run(maps, x.dense(x.dtype.wide))
        return try (divisor.map { try divided(sums, $0) } ?? sums).settled(as: x)
      },
      transpose: { g in
        let wide = try g.dense(g.dtype.wide)
        return try run(back, divisor.map { try divided(wide, $0) } ?? wide).settled(as: g)
      })
  }

  private static func divided(_ x: Tensor, _ divisor: Tensor) throws -> Tensor {
    if x.dtype.isFloatingPoint { return try x.div(divisor.converted(to: x.dtype)) }
    // Integers are cut off, as in C.
    return try x.converted(to: .float64).div(divisor.converted(to: .float64)).converted(to: .int64)
  }

  /// The maps applied to the last dimensions of a dense tensor of a wide type; the one that shrinks most goes first.
  private static func run(_ maps: [AxisMap], _ x: Tensor) throws -> Tensor {
    var current = x
    let first = x.dim - maps.count
    let order = maps.indices.filter { !maps[$0].isIdentity }.sorted {
      maps[$0].outputSize * max(maps[$1].inputSize, 1) < maps[$1].outputSize * max(maps[$0].inputSize, 1)
    }
    for k in order {
      var sizes = current.sizes
      sizes[first + k] = maps[k].outputSize
      let next = try Tensor(uninitialized: sizes, dtype: x.dtype)
      let (outer, inner) = (sizes.prefix(first + k).reduce(1, *), sizes.suffix(maps.count - k - 1).reduce(1, *))
      maps[k].apply(x.dtype, current.pointer, next.pointer, outer: outer, inner: inner)
      withExtendedLifetime(current) {}
      current = next
    }
    return current
  }
}

extension Tensor {
  /// A result in the dtype of `x`, which it must not share bytes with.
  fileprivate func settled(as x: Tensor) throws -> Tensor {
    if dtype != x.dtype { return try converted(to: x.dtype) }
    return storage === x.storage ? try denseCopy() : self
  }

  /// A shape as PyTorch writes it in sentences: `[2, 3]`.
  var sizesText: String { sizes.text }
}
