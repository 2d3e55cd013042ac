import CKernels
import TensorCore

/// Float or Double with eight at a time.
public protocol NormalizedElement: WideElement, BinaryFloatingPoint, SIMDScalar, Codable {
  /// The square root.
  func squareRoot() -> Self
}
extension Float: NormalizedElement {}
extension Double: NormalizedElement {}

/// Elements that share a mean: `segments` runs of `length`, `step` apart.
public struct NormalizedGroup {
  /// How many runs there are, the distance of their first elements, and how long each is.
  public let segments, step, length: Int

  /// Runs of `length` elements whose first ones are `step` apart.
  public init(segments: Int = 1, step: Int = 0, length: Int) {
    self.segments = segments
    self.step = step
    self.length = length
  }

  /// The number of elements.
  public var count: Int { segments * length }
}

/// Means, variances and the weighted sums that normalization and its gradients are made of.
public enum Normalization {
  /// Σ f over a run, eight lanes at a time, emptied into the total now and then so that long runs lose no digits.
  @inline(__always)
  private static func sum<T: NormalizedElement>(_ n: Int, _ lanes: (Int) -> SIMD8<T>, _ one: (Int) -> T) -> Double {
    var total = 0.0
    var i = 0
    while i < n {
      let end = min(n, i + 2048)
      var block = SIMD8<T>(repeating: 0)
      while i + 8 <= end {
        block += lanes(i)
        i += 8
      }
      total += block.sum().asDouble
      while i < end {
        total += one(i).asDouble
        i += 1
      }
    }
    return total
  }

  /// The same address, where T is Float.
  @inline(__always)
  private static func floats<T>(_ p: UnsafePointer<T>) -> UnsafePointer<Float> { UnsafeRawPointer(p).assumingMemoryBound(to: Float.self) }
  @inline(__always)
  private static func floats<T>(_ p: UnsafeMutablePointer<T>) -> UnsafeMutablePointer<Float> { UnsafeMutableRawPointer(p).assumingMemoryBound(to: Float.self) }

  @inline(__always)
  private static func eight<T: SIMDScalar>(_ p: UnsafePointer<T>, _ i: Int) -> SIMD8<T> { UnsafeRawPointer(p + i).loadUnaligned(as: SIMD8<T>.self) }

  /// The mean and the variance (over the count).
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func moments<T: NormalizedElement>(_ x: UnsafePointer<T>, _ group: NormalizedGroup) -> (mean: Double, variance: Double) {
    if group.count == 0 { return (0, 0) }
    var total = 0.0
    if T.self == Float.self {
      let p = floats(x)
      for s in 0..<group.segments { total += qk_sum_f32(group.length, p + s * group.step) }
      let mean = total / Double(group.count)
      total = 0
      for s in 0..<group.segments { total += qk_squares_f32(group.length, p + s * group.step, mean) }
      return (mean, total / Double(group.count))
    }
    for s in 0..<group.segments {
      let p = x + s * group.step
      total += sum(group.length, { eight(p, $0) }, { p[$0] })
    }
    let mean = total / Double(group.count)
    let (shift, wide) = (T(mean), SIMD8<T>(repeating: T(mean)))
    total = 0
    for s in 0..<group.segments {
      let p = x + s * group.step
      total += sum(
        group.length,
        {
          let d = eight(p, $0) - wide
          return d * d
        }, { (p[$0] - shift) * (p[$0] - shift) })
    }
    return (mean, total / Double(group.count))
  }

  /// Σ g · weight and Σ g · weight · (x − shift) of a run.
  @inline(__always)
  private static func dots(_ n: Int, _ g: UnsafePointer<Float>, _ weight: UnsafePointer<Float>?, _ x: UnsafePointer<Float>, shift: Double) -> (Double, Double) {
    var sums = InlineArray<2, Double>(repeating: 0)
    var span = sums.mutableSpan
    span.withUnsafeMutableBufferPointer { qk_dots_f32(n, g, weight, x, shift, $0.baseAddress) }
    return (sums[0], sums[1])
  }

  /// Σ g and Σ g · (x − shift).
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func dots<T: NormalizedElement>(_ g: UnsafePointer<T>, _ x: UnsafePointer<T>, _ group: NormalizedGroup, shift: T) -> (sum: Double, dot: Double) {
    var (total, dot) = (0.0, 0.0)
    if T.self == Float.self {
      for s in 0..<group.segments {
        let found = dots(group.length, floats(g + s * group.step), nil, floats(x + s * group.step), shift: shift.asDouble)
        total += found.0
        dot += found.1
      }
      return (total, dot)
    }
    let wide = SIMD8<T>(repeating: shift)
    for s in 0..<group.segments {
      let (p, q) = (g + s * group.step, x + s * group.step)
      total += sum(group.length, { eight(p, $0) }, { p[$0] })
      dot += sum(group.length, { eight(p, $0) * (eight(q, $0) - wide) }, { p[$0] * (q[$0] - shift) })
    }
    return (total, dot)
  }

  /// y = a · x + b over a run.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func affine<T: NormalizedElement>(_ n: Int, _ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>, _ a: T, _ b: T) {
    if T.self == Float.self { return qk_affine_f32(n, floats(x), floats(y), Float(a), Float(b)) }
    for i in 0..<n { y[i] = x[i] * a + b }
  }

  /// y = a · g + b · x + c over a run.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func combine<T: NormalizedElement>(_ n: Int, _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>, _ a: T, _ b: T, _ c: T) {
    if T.self == Float.self { return qk_combine_f32(n, floats(g), floats(x), floats(y), Float(a), Float(b), Float(c)) }
    for i in 0..<n { y[i] = g[i] * a + (x[i] * b + c) }
  }

  /// Rows of n normalized one by one, weighted element by element. Gives each row's mean and 1 / √(variance + eps).
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func rows<T: NormalizedElement>(
    _ count: Int, _ n: Int, eps: Double, _ x: UnsafePointer<T>, _ weight: UnsafePointer<T>?, _ bias: UnsafePointer<T>?, _ y: UnsafeMutablePointer<T>,
    _ mean: UnsafeMutablePointer<T>, _ scale: UnsafeMutablePointer<T>
  ) {
    Threads.run(count, grain: max(1, Threads.grain / max(1, n))) { part in
      for r in part {
        let (p, q) = (x + r * n, y + r * n)
        let found = moments(p, NormalizedGroup(length: n))
        let (m, s) = (T(found.mean), T(1 / (found.variance + eps).squareRoot()))
        mean[r] = m
        scale[r] = s
        if T.self == Float.self {
          qk_normalize_f32(n, floats(p), weight.map { floats($0) }, bias.map { floats($0) }, Float(m), Float(s), floats(q))
          continue
        }
        for j in 0..<n { q[j] = (p[j] - m) * s }
        if let weight { for j in 0..<n { q[j] *= weight[j] } }
        if let bias { for j in 0..<n { q[j] += bias[j] } }
      }
    }
  }

  /// The gradients of `rows`: of x, and added up over rows, of weight and bias, where they are wanted.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func rowsBackward<T: NormalizedElement>(
    _ count: Int, _ n: Int, _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, _ weight: UnsafePointer<T>?, _ mean: UnsafePointer<T>, _ scale: UnsafePointer<T>,
    dx: UnsafeMutablePointer<T>?, dWeight: UnsafeMutablePointer<T>?, dBias: UnsafeMutablePointer<T>?
  ) {
    if let dx {
      Threads.run(count, grain: max(1, Threads.grain / max(1, n))) { part in
        for r in part { slopes(n, g + r * n, x + r * n, weight, mean[r], scale[r], dx + r * n) }
      }
    }
    if dWeight == nil && dBias == nil { return }
    // Columns are shared out, so that each sum is made in the order of the rows.
    Threads.run(n, grain: max(64, Threads.grain / max(1, count))) { part in
      let (first, columns) = (part.lowerBound, part.count)
      for r in 0..<count {
        let (p, q) = (g + (r * n + first), x + (r * n + first))
        if T.self == Float.self {
          qk_row_weights_f32(
            columns, floats(p), floats(q), Float(mean[r]), Float(scale[r]), dWeight.map { floats($0 + first) }, dBias.map { floats($0 + first) })
          continue
        }
        if let dWeight { for j in 0..<columns { dWeight[first + j] += p[j] * ((q[j] - mean[r]) * scale[r]) } }
        if let dBias { for j in 0..<columns { dBias[first + j] += p[j] } }
      }
    }
  }

  /// The gradient of one row.
  @inline(__always)
  private static func slopes<T: NormalizedElement>(
    _ n: Int, _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, _ weight: UnsafePointer<T>?, _ m: T, _ s: T, _ out: UnsafeMutablePointer<T>
  ) {
    var (total, dot) = (0.0, 0.0)
    if T.self == Float.self {
      (total, dot) = dots(n, floats(g), weight.map { floats($0) }, floats(x), shift: m.asDouble)
    } else if let weight {
      let wide = SIMD8<T>(repeating: m)
      total = sum(n, { eight(g, $0) * eight(weight, $0) }, { g[$0] * weight[$0] })
      dot = sum(n, { eight(g, $0) * eight(weight, $0) * (eight(x, $0) - wide) }, { g[$0] * weight[$0] * (x[$0] - m) })
    } else {
      (total, dot) = dots(g, x, NormalizedGroup(length: n), shift: m)
    }
    let b = T(-dot / Double(n)) * s * s * s
    let c = T(-total / Double(n)) * s - b * m
    if T.self == Float.self {
      qk_row_slopes_f32(n, floats(g), weight.map { floats($0) }, floats(x), Float(s), Float(b), Float(c), floats(out))
    } else if let weight {
      for j in 0..<n { out[j] = g[j] * weight[j] * s + (x[j] * b + c) }
    } else {
      combine(n, g, x, out, s, b, c)
    }
  }
}
