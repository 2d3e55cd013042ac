import TensorCore

/// Discrete Fourier transforms of the lines of dense tensors.
public enum Fourier {
  /// What stands at both ends of a transform.
  public enum Kind: Sendable {
    /// Complex numbers become complex numbers.
    case complex
    /// Real numbers become the first n / 2 + 1 complex ones.
    case fromReal
    /// The first n / 2 + 1 complex numbers of a Hermitian line become real numbers.
    case toReal
  }

  /// y = scale · transform of x along one dimension: by e^(−2πi jk/n) forward, by e^(+2πi jk/n) else.
  /// - Parameters:
  ///   - outer: how many indices the dimensions before have together, `inner`: those behind.
  ///   - n: the length of the transform.
  public static func run(
    _ kind: Kind, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, isDouble: Bool, outer: Int, n: Int, inner: Int, forward: Bool,
    scale: Double
  ) {
    if isDouble {
      lines(kind, x, y, outer, n, inner, forward, scale, FourierPlan<Double>(n), Double.self)
    } else if FourierPlan<Float>.convolves(n) {
      // A convolution in single precision would cost two digits.
      lines(kind, x, y, outer, n, inner, forward, scale, FourierPlan<Double>(n), Float.self)
    } else {
      lines(kind, x, y, outer, n, inner, forward, Float(scale), FourierPlan<Float>(n), Float.self)
    }
  }

  private static func lines<R: BinaryFloatingPoint, S: BinaryFloatingPoint>(
    _ kind: Kind, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ outer: Int, _ n: Int, _ inner: Int, _ forward: Bool, _ scale: R,
    _ plan: FourierPlan<R>, _ stored: S.Type
  ) {
    typealias Number = Complex<R>
    let half = n / 2 + 1
    let (before, after) = (kind == .toReal ? half : n, kind == .fromReal ? half : n)
    Threads.run(outer * inner, grain: max(1, Threads.grain / (8 * n))) { part in
      let room = UnsafeMutablePointer<Number>.allocate(capacity: n + plan.scratchCount)
      defer { room.deallocate() }
      let scratch = room + n
      for line in part {
        let (o, i) = (line / inner, line % inner)
        // Backward is forward with the parts exchanged, before and behind.
        switch kind {
        case .fromReal:
          let p = x.assumingMemoryBound(to: S.self) + o * before * inner + i
          for k in 0..<n { room[k] = forward ? Number(R(p[k * inner]), 0) : Number(0, R(p[k * inner])) }
        case .complex:
          let p = x.assumingMemoryBound(to: Complex<S>.self) + o * before * inner + i
          for k in 0..<n { room[k] = forward ? Number(R(p[k * inner].real), R(p[k * inner].imaginary)) : Number(R(p[k * inner].imaginary), R(p[k * inner].real)) }
        case .toReal:
          let p = x.assumingMemoryBound(to: Complex<S>.self) + o * before * inner + i
          for k in 0..<half {
            var z = Number(R(p[k * inner].real), R(p[k * inner].imaginary))
            if k == 0 || 2 * k == n { z.imaginary = 0 }
            room[k] = forward ? z : Number(z.imaginary, z.real)
            if k > 0 && 2 * k < n { room[n - k] = forward ? Number(z.real, -z.imaginary) : Number(-z.imaginary, z.real) }
          }
        }
        plan.run(room, scratch)
        switch kind {
        case .toReal:
          let q = y.assumingMemoryBound(to: S.self) + o * after * inner + i
          for k in 0..<n { q[k * inner] = S((forward ? room[k].real : room[k].imaginary) * scale) }
        default:
          let q = y.assumingMemoryBound(to: Complex<S>.self) + o * after * inner + i
          for k in 0..<after {
            let z = room[k]
            q[k * inner] = forward ? Complex(S(z.real * scale), S(z.imaginary * scale)) : Complex(S(z.imaginary * scale), S(z.real * scale))
          }
        }
      }
    }
  }
}
