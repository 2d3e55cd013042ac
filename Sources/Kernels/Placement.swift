import TensorCore

/// Elements at places of their own: taken from there, put there, or combined with what is there.
/// Places are offsets in elements from the first; where nothing else is said they were checked before.
public enum Placement {
  /// How a new element meets the one already there.
  public enum Rule: Sendable { case add, multiply, greatest, least }

  /// out[i] = x[places[i]], whatever the type.
  public static func take(_ x: UnsafeRawPointer, _ places: UnsafePointer<Int>, count: Int, into out: UnsafeMutableRawPointer, itemSize: Int) {
    func move<T>(_ type: T.Type) {
      let (x, out) = (x.assumingMemoryBound(to: T.self), out.assumingMemoryBound(to: T.self))
      for i in 0..<count { out[i] = x[places[i]] }
    }
    switch itemSize {
    case 1: move(UInt8.self)
    case 2: move(UInt16.self)
    case 4: move(UInt32.self)
    case 16: move(Complex<Double>.self)
    default: move(UInt64.self)
    }
  }

  /// x[places[i]] = source[i · step]; the last of several at one place stays.
  public static func put(_ source: UnsafeRawPointer, step: Int, _ places: UnsafePointer<Int>, count: Int, into x: UnsafeMutableRawPointer, itemSize: Int) {
    func move<T>(_ type: T.Type) {
      let (source, x) = (source.assumingMemoryBound(to: T.self), x.assumingMemoryBound(to: T.self))
      for i in 0..<count { x[places[i]] = source[i * step] }
    }
    switch itemSize {
    case 1: move(UInt8.self)
    case 2: move(UInt16.self)
    case 4: move(UInt32.self)
    case 16: move(Complex<Double>.self)
    default: move(UInt64.self)
    }
  }

  /// x[places[i]] = rule(x[places[i]], source[i · step]), in order, rounded at each.
  public static func combine(
    _ rule: Rule, _ source: UnsafeRawPointer, step: Int, _ places: UnsafePointer<Int>, count: Int, into x: UnsafeMutableRawPointer, dtype: DType
  ) {
    if dtype == .complex64 { return combine(rule, source, step, places, count, x, Float.self) }
    if dtype == .complex128 { return combine(rule, source, step, places, count, x, Double.self) }
    var work = Combine(rule: rule, source: source, step: step, places: places, count: count, target: x)
    // A visitor of loops never throws.
    _ = try? dtype.accept(&work)
  }

  /// Complex numbers have no order: there, the greatest and the least are refused before.
  private static func combine<R: BinaryFloatingPoint>(
    _ rule: Rule, _ source: UnsafeRawPointer, _ step: Int, _ places: UnsafePointer<Int>, _ count: Int, _ x: UnsafeMutableRawPointer, _ type: R.Type
  ) {
    let (source, x) = (source.assumingMemoryBound(to: Complex<R>.self), x.assumingMemoryBound(to: Complex<R>.self))
    for i in 0..<count {
      let (a, b) = (x[places[i]], source[i * step])
      if case .add = rule {
        x[places[i]] = Complex(a.real + b.real, a.imaginary + b.imaginary)
      } else {
        x[places[i]] = Complex(a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
      }
    }
  }

  private struct Combine: ElementVisitor {
    let rule: Rule
    let source: UnsafeRawPointer
    let step: Int
    let places: UnsafePointer<Int>
    let count: Int
    let target: UnsafeMutableRawPointer

    mutating func visit<T: Element>(_ type: T.Type) throws {
      switch rule {
      case .add: run(type) { (a: T.Wide, b: T.Wide) in T.Wide.sum(a, b) }
      case .multiply: run(type) { (a: T.Wide, b: T.Wide) in T.Wide.product(a, b) }
      case .greatest: run(type) { (a: T.Wide, b: T.Wide) in a != a || a > b ? a : b }
      case .least: run(type) { (a: T.Wide, b: T.Wide) in a != a || a < b ? a : b }
      }
    }

    @inline(__always)
    private func run<T: Element>(_ type: T.Type, _ f: (T.Wide, T.Wide) -> T.Wide) {
      let (source, x) = (source.assumingMemoryBound(to: T.self), target.assumingMemoryBound(to: T.self))
      for i in 0..<count { x[places[i]] = T(wide: f(x[places[i]].wide, source[i * step].wide)) }
    }
  }
}

extension WideElement {
  /// a + b, integers wrapping.
  @inline(__always)
  fileprivate static func sum(_ a: Self, _ b: Self) -> Self {
    Self.self == Int64.self ? Self(casting: a.asInt64 &+ b.asInt64) : Self(casting: a.asDouble + b.asDouble)
  }
  /// a · b, integers wrapping.
  @inline(__always)
  fileprivate static func product(_ a: Self, _ b: Self) -> Self {
    Self.self == Int64.self ? Self(casting: a.asInt64 &* b.asInt64) : Self(casting: a.asDouble * b.asDouble)
  }
}
