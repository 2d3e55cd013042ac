import Interface

/// Sizes and strides: the questions that need no bytes.
public enum Shape {
  /// The strides of a dense row-major tensor of these sizes, in elements.
  @inlinable
  @inline(__always)
  public static func contiguousStrides(_ sizes: Dims) -> Dims {
    var strides = sizes
    var step = 1
    var i = sizes.count - 1
    while i >= 0 {
      strides[i] = step
      step &*= Swift.max(sizes[i], 1)
      i -= 1
    }
    return strides
  }

  /// Whether elements lie densely in row-major order.
  @inlinable
  @inline(__always)
  public static func isContiguous(_ sizes: Dims, _ strides: Dims) -> Bool {
    if sizes.count == 1 { return strides[0] == 1 || sizes[0] <= 1 }
    var expected = 1
    var i = sizes.count - 1
    while i >= 0 {
      let size = sizes[i]
      if size == 0 { return true }
      if size != 1 {
        if strides[i] != expected { return false }
        expected &*= size
      }
      i -= 1
    }
    return true
  }

  /// The sizes both broadcast to.
  /// - Throws: PyTorch's sentence when they do not.
  public static func broadcast(_ a: Dims, _ b: Dims) throws -> Dims {
    if a == b { return a }
    let n = Swift.max(a.count, b.count)
    var result = Dims(repeating: 1, count: n)
    for i in 0..<n {
      let x = i < n - a.count ? 1 : a[i - (n - a.count)]
      let y = i < n - b.count ? 1 : b[i - (n - b.count)]
      if x != y && x != 1 && y != 1 {
        throw TorchError.runtime(
          "The size of tensor a (\(x)) must match the size of tensor b (\(y)) at non-singleton dimension \(i)")
      }
      result[i] = x == 1 ? y : x
    }
    return result
  }

  /// The strides with which a tensor is read as if it had the sizes `target`.
  public static func broadcastStrides(_ sizes: Dims, _ strides: Dims, to target: Dims) -> Dims {
    var result = Dims(repeating: 0, count: target.count)
    let lead = target.count - sizes.count
    for i in 0..<sizes.count where sizes[i] != 1 { result[lead + i] = strides[i] }
    return result
  }

  /// A dimension counted from either end, as an index from the front. Zero-dimensional tensors take 0 and -1.
  /// - Throws: PyTorch's `IndexError`.
  @inline(__always)
  public static func wrap(_ dim: Int, _ count: Int) throws -> Int {
    let n = Swift.max(count, 1)
    if dim < -n || dim >= n {
      throw TorchError.index("Dimension out of range (expected to be in range of [\(-n), \(n - 1)], but got \(dim))")
    }
    return dim < 0 ? dim + n : dim
  }

  /// The strides that view elements of (`sizes`, `strides`) as `target`, or nil where a copy is needed.
  /// Mirrors `at::detail::computeStride`.
  public static func viewStrides(_ sizes: Dims, _ strides: Dims, as target: Dims) -> Dims? {
    if sizes.isEmpty { return Dims(repeating: 1, count: target.count) }
    if sizes.product == 0 { return sizes == target ? strides : contiguousStrides(target) }
    var result = Dims(repeating: 0, count: target.count)
    var v = target.count - 1
    var chunkStride = strides[sizes.count - 1]
    var tensorCount = 1
    var viewCount = 1
    for d in stride(from: sizes.count - 1, through: 0, by: -1) {
      tensorCount *= sizes[d]
      if d == 0 || (sizes[d - 1] != 1 && strides[d - 1] != tensorCount * chunkStride) {
        while v >= 0 && (viewCount < tensorCount || target[v] == 1) {
          result[v] = viewCount * chunkStride
          viewCount *= target[v]
          v -= 1
        }
        if viewCount != tensorCount { return nil }
        if d > 0 {
          chunkStride = strides[d - 1]
          tensorCount = 1
          viewCount = 1
        }
      }
    }
    return v == -1 ? result : nil
  }

  /// The sizes with one `-1` resolved.
  /// - Throws: PyTorch's sentences.
  public static func infer(_ shape: [Int], count: Int) throws -> Dims {
    var known = 1
    var hole: Int?
    for (i, size) in shape.enumerated() {
      if size == -1 {
        if hole != nil { throw TorchError.runtime("only one dimension can be inferred") }
        hole = i
      } else if size < 0 {
        throw TorchError.runtime("invalid shape dimension \(size) at index \(i) of shape \(Dims(shape).text)")
      } else {
        let (p, o) = known.multipliedReportingOverflow(by: size)
        if o { throw TorchError.runtime("shape '\(Dims(shape).text)' is invalid for input of size \(count)") }
        known = p
      }
    }
    var result = Dims(shape)
    if let hole {
      if known == 0 && count == 0 {
        throw TorchError.runtime(
          "cannot reshape tensor of 0 elements into shape \(Dims(shape).text) because the unspecified dimension size -1 can be any value and is ambiguous")
      }
      if known > 0 && count % known == 0 {
        result[hole] = count / known
        return result
      }
    } else if known == count {
      return result
    }
    throw TorchError.runtime("shape '\(Dims(shape).text)' is invalid for input of size \(count)")
  }
}
