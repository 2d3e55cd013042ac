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

  @inline(__always)
  private static func eight<T: SIMDScalar>(_ p: UnsafePointer<T>, _ i: Int) -> SIMD8<T> { UnsafeRawPointer(p + i).loadUnaligned(as: SIMD8<T>.self) }

  /// The mean and the variance (over the count).
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func moments<T: NormalizedElement>(_ x: UnsafePointer<T>, _ group: NormalizedGroup) -> (mean: Double, variance: Double) {
    if group.count == 0 { return (0, 0) }
    var total = 0.0
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

  /// Σ g and Σ g · (x − shift).
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func dots<T: NormalizedElement>(_ g: UnsafePointer<T>, _ x: UnsafePointer<T>, _ group: NormalizedGroup, shift: T) -> (sum: Double, dot: Double) {
    var (total, dot) = (0.0, 0.0)
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
    for i in 0..<n { y[i] = x[i] * a + b }
  }

  /// y = a · g + b · x + c over a run.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func combine<T: NormalizedElement>(_ n: Int, _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>, _ a: T, _ b: T, _ c: T) {
    for i in 0..<n { y[i] = g[i] * a + (x[i] * b + c) }
  }

  /// Rows of n normalized one by one, weighted element by element. Gives each row's mean and 1 / √(variance + eps).
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func rows<T: NormalizedElement>(
    _ count: Int, _ n: Int, eps: Double, _ x: UnsafePointer<T>, _ weight: UnsafePointer<T>?, _ bias: UnsafePointer<T>?, _ y: UnsafeMutablePointer<T>,
    _ mean: UnsafeMutablePointer<T>, _ scale: UnsafeMutablePointer<T>
  ) {
    for r in 0..<count {
      let (p, q) = (x + r * n, y + r * n)
      let found = moments(p, NormalizedGroup(length: n))
      let (m, s) = (T(found.mean), T(1 / (found.variance + eps).squareRoot()))
      mean[r] = m
      scale[r] = s
      switch (weight, bias) {
      case (let w?, let b?): for j in 0..<n { q[j] = (p[j] - m) * s * w[j] + b[j] }
      case (let w?, nil): for j in 0..<n { q[j] = (p[j] - m) * s * w[j] }
      case (nil, let b?): for j in 0..<n { q[j] = (p[j] - m) * s + b[j] }
      case (nil, nil): for j in 0..<n { q[j] = (p[j] - m) * s }
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
    for r in 0..<count {
      let (p, q) = (g + r * n, x + r * n)
      let (m, s) = (mean[r], scale[r])
      if let dWeight { for j in 0..<n { dWeight[j] += p[j] * ((q[j] - m) * s) } }
      if let dBias { for j in 0..<n { dBias[j] += p[j] } }
      guard let dx else { continue }
      let out = dx + r * n
      let wide = SIMD8<T>(repeating: m)
      let total: Double
      let dot: Double
      if let weight {
        total = sum(n, { eight(p, $0) * eight(weight, $0) }, { p[$0] * weight[$0] })
        dot = sum(n, { eight(p, $0) * eight(weight, $0) * (eight(q, $0) - wide) }, { p[$0] * weight[$0] * (q[$0] - m) })
      } else {
        (total, dot) = dots(p, q, NormalizedGroup(length: n), shift: m)
      }
      let b = T(-dot / Double(n)) * s * s * s
      let c = T(-total / Double(n)) * s - b * m
      if let weight {
        for j in 0..<n { out[j] = p[j] * weight[j] * s + (q[j] * b + c) }
      } else {
        combine(n, p, q, out, s, b, c)
      }
    }
  }
}
