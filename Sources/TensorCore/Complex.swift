/// A complex number as tensors store it: the real part, then the imaginary.
public struct Complex<Real> {
  /// The real part.
  public var real: Real
  /// The imaginary part.
  public var imaginary: Real
  /// A number of its parts.
  @inlinable @inline(__always) public init(_ real: Real, _ imaginary: Real) {
    self.real = real
    self.imaginary = imaginary
  }
}

/// To code that knows of real numbers alone a complex one is its real part; what only moves elements moves it whole.
extension Complex: Element where Real: WideElement {
  @inlinable @inline(__always) public init(wide: Real) { self.init(wide, Real(casting: Int64(0))) }
  @inlinable @inline(__always) public var wide: Real { real }
}
