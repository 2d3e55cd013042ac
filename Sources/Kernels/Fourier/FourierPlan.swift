import Glibc
import TensorCore

/// How a discrete Fourier transform of one length is computed: by Stockham's method where the length is a product of small
/// primes, by Bluestein's convolution elsewhere. Plans may be used by several threads at once.
final class FourierPlan<R: BinaryFloatingPoint> {
  typealias Number = Complex<R>

  /// The length.
  let n: Int
  /// How many numbers of scratch memory a transform needs.
  let scratchCount: Int
  private let factors: [Int]
  /// e^(−2πi k/n).
  private let roots: [Number]
  private let bluestein: Bluestein?

  /// What Bluestein's method needs: e^(−πi k²/n), the transform of its conjugates, and the convolution's own plan.
  private struct Bluestein {
    let chirp: [Number]
    let kernel: [Number]
    let plan: FourierPlan
  }

  /// A plan for lines of `n` numbers, at least one.
  init(_ n: Int) {
    self.n = n
    let (factors, rest) = FourierPlan.factored(n)
    if rest == 1 {
      self.factors = factors
      bluestein = nil
      roots = (0..<n).map { FourierPlan.root($0, n) }
      scratchCount = n
      return
    }
    self.factors = []
    roots = []
    var m = 1
    while m < 2 * n - 1 { m *= 2 }
    // k² is taken modulo 2n, so that the angle stays small and exact.
    let chirp = (0..<n).map { FourierPlan.root($0 * $0 % (2 * n), 2 * n) }
    let plan = FourierPlan(m)
    var kernel = Array(repeating: Number(0, 0), count: m)
    for k in 0..<n {
      kernel[k] = Number(chirp[k].real, -chirp[k].imaginary)
      if k > 0 { kernel[m - k] = kernel[k] }
    }
    var scratch = Array(repeating: Number(0, 0), count: m)
    kernel.withUnsafeMutableBufferPointer { k in
      scratch.withUnsafeMutableBufferPointer { s in
        if let k = k.baseAddress, let s = s.baseAddress { plan.run(k, s) }
      }
    }
    bluestein = Bluestein(chirp: chirp, kernel: kernel, plan: plan)
    scratchCount = 2 * m
  }

  /// The small factors of a length and what is left of it.
  private static func factored(_ n: Int) -> (factors: [Int], rest: Int) {
    var (factors, rest): ([Int], Int) = ([], n)
    for p in [4, 2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61] {
      while rest % p == 0 {
        factors.append(p)
        rest /= p
      }
    }
    return (factors, rest)
  }

  /// Whether a length is computed by Bluestein's convolution.
  static func convolves(_ n: Int) -> Bool { factored(n).rest != 1 }

  /// e^(−2πi k/n), exact at the quarters.
  private static func root(_ k: Int, _ n: Int) -> Number {
    // By symmetry an eighth of the circle is enough, and no angle is large.
    let eighth = 8 * k / n
    let turn = { (x: Int) -> (Double, Double) in
      let angle = 2 * Double.pi * Double(x) / Double(n)
      return (cos(angle), sin(angle))
    }
    let quarter = 2.0 * Double.pi / Double(4 * n)
    let (c, s): (Double, Double)
    switch eighth {
    case 0: (c, s) = turn(k)
    case 1, 2:
      let angle = quarter * Double(n - 4 * k)
      (c, s) = (sin(angle), cos(angle))
    case 3, 4:
      let angle = quarter * Double(2 * n - 4 * k)
      (c, s) = (-cos(angle), sin(angle))
    case 5, 6:
      let angle = quarter * Double(3 * n - 4 * k)
      (c, s) = (-sin(angle), -cos(angle))
    default:
      let angle = quarter * Double(4 * n - 4 * k)
      (c, s) = (cos(angle), -sin(angle))
    }
    return Number(R(c), R(-s))
  }

  @inline(__always)
  private static func product(_ a: Number, _ b: Number) -> Number {
    Number(a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
  }

  /// Transforms `x` in place; `scratch` has room for `scratchCount` numbers.
  func run(_ x: UnsafeMutablePointer<Number>, _ scratch: UnsafeMutablePointer<Number>) {
    if let bluestein { return convolve(bluestein, x, scratch) }
    var (from, to) = (x, scratch)
    var (length, stride) = (n, 1)
    roots.withUnsafeBufferPointer { w in
      guard let w = w.baseAddress else { return }
      for factor in factors {
        pass(factor, length, stride, from, to, w)
        swap(&from, &to)
        length /= factor
        stride *= factor
      }
    }
    if from != x { x.update(from: from, count: n) }
  }

  private func convolve(_ b: Bluestein, _ x: UnsafeMutablePointer<Number>, _ scratch: UnsafeMutablePointer<Number>) {
    let m = b.plan.n
    let (a, inner) = (scratch, scratch + m)
    for k in 0..<n { a[k] = FourierPlan.product(x[k], b.chirp[k]) }
    for k in n..<m { a[k] = Number(0, 0) }
    b.plan.run(a, inner)
    // Back by the same transform of the conjugates.
    for k in 0..<m {
      let y = FourierPlan.product(a[k], b.kernel[k])
      a[k] = Number(y.real, -y.imaginary)
    }
    b.plan.run(a, inner)
    let scale = 1 / R(m)
    for k in 0..<n { x[k] = FourierPlan.product(Number(a[k].real * scale, -a[k].imaginary * scale), b.chirp[k]) }
  }

  /// One step of Stockham's method: `length` numbers in `stride` interleaved sequences are split by `factor`.
  private func pass(
    _ factor: Int, _ length: Int, _ stride: Int, _ x: UnsafeMutablePointer<Number>, _ y: UnsafeMutablePointer<Number>,
    _ w: UnsafePointer<Number>
  ) {
    let m = length / factor
    switch factor {
    case 2:
      for p in 0..<m {
        let w1 = w[p * stride]
        for q in 0..<stride {
          let (a, b) = (x[q + stride * p], x[q + stride * (p + m)])
          y[q + stride * 2 * p] = Number(a.real + b.real, a.imaginary + b.imaginary)
          y[q + stride * (2 * p + 1)] = FourierPlan.product(Number(a.real - b.real, a.imaginary - b.imaginary), w1)
        }
      }
    case 4:
      for p in 0..<m {
        let (w1, w2, w3) = (w[p * stride], w[2 * p * stride], w[3 * p * stride])
        for q in 0..<stride {
          let (a, b) = (x[q + stride * p], x[q + stride * (p + m)])
          let (c, d) = (x[q + stride * (p + 2 * m)], x[q + stride * (p + 3 * m)])
          let (s, t) = (Number(a.real + c.real, a.imaginary + c.imaginary), Number(a.real - c.real, a.imaginary - c.imaginary))
          let u = Number(b.real + d.real, b.imaginary + d.imaginary)
          // −i (b − d)
          let v = Number(b.imaginary - d.imaginary, d.real - b.real)
          let o = q + stride * 4 * p
          y[o] = Number(s.real + u.real, s.imaginary + u.imaginary)
          y[o + stride] = FourierPlan.product(Number(t.real + v.real, t.imaginary + v.imaginary), w1)
          y[o + 2 * stride] = FourierPlan.product(Number(s.real - u.real, s.imaginary - u.imaginary), w2)
          y[o + 3 * stride] = FourierPlan.product(Number(t.real - v.real, t.imaginary - v.imaginary), w3)
        }
      }
    default:
      // The roots of the small transform are among those of the whole.
      let step = n / factor
      for p in 0..<m {
        for q in 0..<stride {
          for k in 0..<factor {
            var sum = x[q + stride * p]
            for t in 1..<factor {
              let z = FourierPlan.product(x[q + stride * (p + m * t)], w[t * k % factor * step])
              sum = Number(sum.real + z.real, sum.imaginary + z.imaginary)
            }
            y[q + stride * (factor * p + k)] = FourierPlan.product(sum, w[p * k * stride])
          }
        }
      }
    }
  }
}
