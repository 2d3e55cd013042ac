import Interface
import Kernels
import TensorCore

extension Shape {
  /// The offset of every element of a shape under strides, in row-major order.
  static func offsets(_ sizes: Dims, _ strides: Dims) -> [Int] {
    if sizes.contains(0) { return [] }
    var all = [0]
    for d in 0..<sizes.count where sizes[d] != 1 {
      let (size, step) = (sizes[d], strides[d])
      all = [Int](unsafeUninitializedCapacity: all.count * size) { buffer, count in
        for base in all {
          for i in 0..<size {
            buffer[count] = base + i * step
            count += 1
          }
        }
      }
    }
    return all
  }
}

extension Tensor {
  /// Where the elements that `index` names along dimension `d` lie, one place for each of its elements.
  /// - Throws: an error for an index outside, which `outside` makes from the index.
  func places(along d: Int, _ index: Tensor, _ outside: (Int) -> TorchError) throws -> [Int] {
    var steps = strides
    if dim > 0 { steps[d] = 0 }
    // A vector can index a tensor without dimensions and the other way round.
    var places = Shape.offsets(index.sizes, dim == index.dim ? steps : Dims(repeating: 0, count: index.dim))
    let wide = try index.dense(.int64)
    let (p, size, step) = (wide.elements(Int.self), dim == 0 ? 1 : sizes[d], dim == 0 ? 0 : strides[d])
    for i in places.indices {
      if p[i] < 0 || p[i] >= size { throw outside(p[i]) }
      places[i] += p[i] * step
    }
    return withExtendedLifetime(wide) { places }
  }

  /// The elements at these places, dense, of these sizes; outside autograd.
  func taken(_ places: [Int], _ sizes: Dims) throws -> Tensor {
    let y = try Tensor(uninitialized: sizes, dtype: dtype)
    Placement.take(pointer, places, count: places.count, into: y.pointer, itemSize: dtype.itemSize)
    y.quantizer = quantizer
    return y
  }

  /// Puts elements at places: those of `source` in order, or its only one everywhere; combined with what is there where a rule says so.
  func place(_ source: Tensor, _ places: [Int], _ rule: Placement.Rule? = nil) throws {
    let values = try source.dense(dtype)
    let step = source.dim == 0 ? 0 : 1
    withExtendedLifetime(values) {
      if let rule {
        Placement.combine(rule, values.pointer, step: step, places, count: places.count, into: pointer, dtype: dtype)
      } else {
        Placement.put(values.pointer, step: step, places, count: places.count, into: pointer, itemSize: dtype.itemSize)
      }
    }
  }

  /// The first elements of each dimension, as many as `window` has.
  func window(_ window: Dims) throws -> Tensor {
    var result = self
    for d in 0..<Swift.min(dim, window.count) where window[d] != sizes[d] { result = try result.cut(d, 0, window[d]) }
    return result
  }

  /// An index tensor of one dimension laid along dimension `d` of a shape.
  func laid(along d: Int, of sizes: Dims) throws -> Tensor {
    if sizes.isEmpty { return try reshape([]) }
    var shape = Array(repeating: 1, count: sizes.count)
    shape[d] = count
    var whole = Array(sizes)
    whole[d] = count
    return try reshape(shape).expand(whole)
  }
}
