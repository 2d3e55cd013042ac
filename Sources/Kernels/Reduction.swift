import TensorCore

/// Folding dimensions away. The reduced dimensions come as their own shape, so that the loops need not know which they were.
public enum Reduction {
  /// For each index of `outer`, calls `fold` with a function that walks the elements under it.
  /// `x` has strides for `outer` dimensions followed by `inner` ones.
  @inlinable
  public static func forEach<W: WideElement>(
    _ x: Operand, _ wide: DType, outer: Dims, inner: Dims, _ fold: (_ flat: Int, _ walk: ((W) -> Void) -> Void) -> Void
  ) {
    let outerStrides = Dims(x.strides.prefix(outer.count))
    let innerStrides = Dims(x.strides.suffix(inner.count))
    let strips = Strips(sizes: inner, operands: [innerStrides])
    let step = strips.steps[0]
    let size = x.dtype.itemSize
    let empty = inner.contains(0)
    withUnsafeTemporaryAllocation(of: W.self, capacity: 512) { buffer in
      // unreachable: a temporary allocation of fixed size has an address
      let block = buffer.baseAddress!
      var index = Array(repeating: 0, count: outer.count)
      var offset = 0
      for flat in 0..<outer.product {
        fold(flat) { body in
          if empty { return }
          strips.forEach { at in
            var i = 0
            while i < strips.length {
              let c = min(512, strips.length - i)
              Cast.run(x.pointer + (offset + at[0] + i * step) * size, x.dtype, step: step, to: block, wide, step: 1, count: c)
              for k in 0..<c { body(block[k]) }
              i += c
            }
          }
        }
        var d = outer.count - 1
        while d >= 0 {
          index[d] += 1
          offset += outerStrides[d]
          if index[d] < outer[d] { break }
          offset -= outerStrides[d] * outer[d]
          index[d] = 0
          d -= 1
        }
      }
    }
  }
}
