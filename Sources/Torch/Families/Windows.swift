import Glibc
import Interface
import TensorCore

/// The modified Bessel function of the first kind of order zero, by Cephes' Chebyshev series.
func besselI0<T: BinaryFloatingPoint>(_ x: T) -> T {
  let small: [Double] = [
    -4.41534164647933937950E-18, 3.33079451882223809783E-17, -2.43127984654795469359E-16, 1.71539128555513303061E-15,
    -1.16853328779934516808E-14, 7.67618549860493561688E-14, -4.85644678311192946090E-13, 2.95505266312963983461E-12,
    -1.72682629144155570723E-11, 9.67580903537323691224E-11, -5.18979560163526290666E-10, 2.65982372468238665035E-9,
    -1.30002500998624804212E-8, 6.04699502254191894932E-8, -2.67079385394061173391E-7, 1.11738753912010371815E-6,
    -4.41673835845875056359E-6, 1.64484480707288970893E-5, -5.75419501008210370398E-5, 1.88502885095841655729E-4,
    -5.76375574538582365885E-4, 1.63947561694133579842E-3, -4.32430999505057594430E-3, 1.05464603945949983183E-2,
    -2.37374148058994688156E-2, 4.93052842396707084878E-2, -9.49010970480476444210E-2, 1.71620901522208775349E-1,
    -3.04682672343198398683E-1, 6.76795274409476084995E-1,
  ]
  let large: [Double] = [
    -7.23318048787475395456E-18, -4.83050448594418207126E-18, 4.46562142029675999901E-17, 3.46122286769746109310E-17,
    -2.82762398051658348494E-16, -3.42548561967721913462E-16, 1.77256013305652638360E-15, 3.81168066935262242075E-15,
    -9.55484669882830764870E-15, -4.15056934728722208663E-14, 1.54008621752140982691E-14, 3.85277838274214270114E-13,
    7.18012445138366623367E-13, -1.79417853150680611778E-12, -1.32158118404477131188E-11, -3.14991652796324136454E-11,
    1.18891471078464383424E-11, 4.94060238822496958910E-10, 3.39623202570838634515E-9, 2.26666899049817806459E-8,
    2.04891858946906374183E-7, 2.89137052083475648297E-6, 6.88975834691682398426E-5, 3.36911647825569408990E-3,
    8.04490411014108831608E-1,
  ]
  func series(_ coefficients: [Double], _ y: T) -> T {
    var (b0, b1, b2) = (T(coefficients[0]), T(0), T(0))
    for c in coefficients.dropFirst() { (b2, b1, b0) = (b1, b0, y * b0 - b1 + T(c)) }
    return (b0 - b2) / 2
  }
  let x = x.magnitude
  let power = T(exp(Double(x)))
  return x <= 8 ? power * series(small, x / 2 - 2) : power * series(large, 32 / x - 2) / x.squareRoot()
}

/// Windows as `torch.hann_window` and its like make them: symmetric ones of `length`, periodic ones cut from those of one more.
private func windowed(
  _ name: String, _ length: Int, _ periodic: Bool, _ dtype: DType?, _ value: (_ n: Tensor, _ last: Double) throws -> Tensor
) throws -> Tensor {
  let target = dtype ?? .defaultFloat
  if !target.isFloatingPoint {
    throw TorchError.runtime(
      "\(name) expects floating point dtypes, got: TensorOptions(dtype=\(target.spelledNativeName), device=cpu, layout=Strided (default), requires_grad=false (default), pinned_memory=false, memory_format=(nullopt))")
  }
  if length < 0 { throw TorchError.runtime("\(name) requires non-negative window_length, got window_length=\(length)") }
  if length <= 1 { return try .ones([length], dtype: target) }
  let whole = periodic ? length + 1 : length
  let n = try Tensor.arange(.integer(0), .integer(whole), .integer(1), dtype: target)
  let made = try value(n, Double(whole - 1))
  return periodic ? try made.narrow(0, 0, length) : made
}

extension Tensor {
  fileprivate func times(_ x: Double) throws -> Tensor { try mul(.wrapped(.double(x))) }
  fileprivate func plus(_ x: Double) throws -> Tensor { try add(.wrapped(.double(x))) }

  fileprivate static func hamming(_ name: String, _ length: Int, _ periodic: Bool, _ alpha: Double, _ beta: Double, _ t: DType?) throws -> Tensor {
    try windowed(name, length, periodic, t) { n, last in try n.times(.pi * 2 / last).cos().times(-beta).plus(alpha) }
  }
}

/// Element i of a Kaiser window around `middle`.
private func kaiser<T: BinaryFloatingPoint>(_ i: T, _ middle: T, _ beta: T) -> T {
  let r = (i - middle) / middle
  return besselI0(beta * max(0, 1 - r * r).squareRoot()) / besselI0(beta)
}

/// Windows for spectra.
public let windowFunctions = OperationFamily("torch") { ops in
  let options = "*, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, bool requires_grad=False"
  ops.define("hann_window(int window_length, bool periodic=True, \(options)) -> Tensor", doc: "A raised cosine. Mirrors torch.hann_window.", variants: [.function]) {
    (n: Int, p: Bool, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) in try Tensor.hamming("hann_window", n, p, 0.5, 0.5, t).wanting(gradient: g)
  }
  ops.define("hamming_window(int window_length, bool periodic=True, float alpha=0.54, float beta=0.46, \(options)) -> Tensor", doc: "A raised cosine that ends above zero. Mirrors torch.hamming_window.", variants: [.function]) {
    (n: Int, p: Bool, a: Double, b: Double, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) in try Tensor.hamming("hamming_window", n, p, a, b, t).wanting(gradient: g)
  }
  ops.define("bartlett_window(int window_length, bool periodic=True, \(options)) -> Tensor", doc: "A triangle. Mirrors torch.bartlett_window.", variants: [.function]) {
    (n: Int, p: Bool, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) in
    try windowed("bartlett_window", n, p, t) { x, last in
      let up = try x.times(2 / last)
      let half = (x.count - 1) / 2 + 1
      return try .cat([up.narrow(0, 0, half), up.narrow(0, half, x.count - half).neg().plus(2)], 0)
    }.wanting(gradient: g)
  }
  ops.define("blackman_window(int window_length, bool periodic=True, \(options)) -> Tensor", doc: "A sum of three cosines. Mirrors torch.blackman_window.", variants: [.function]) {
    (n: Int, p: Bool, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) in
    try windowed("blackman_window", n, p, t) { x, last in
      let x = try x.times(.pi / last)
      return try x.times(4).cos().times(0.08).sub(x.times(2).cos().times(0.5)).plus(0.42)
    }.wanting(gradient: g)
  }
  ops.define("kaiser_window(int window_length, bool periodic=True, float beta=12.0, \(options)) -> Tensor", doc: "A Bessel function's bell. Mirrors torch.kaiser_window.", variants: [.function]) {
    (n: Int, p: Bool, beta: Double, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) in
    try windowed("kaiser_window", n, p, t) { x, last in
      if x.dtype == .float64 { return try .vector((0..<x.count).map { kaiser(Double($0), last / 2, beta) }, dtype: .float64) }
      let numbers = try x.dense(.float32)
      let p = numbers.elements(Float.self)
      return try withExtendedLifetime(numbers) { try .vector((0..<x.count).map { Double(kaiser(p[$0], Float(last / 2), Float(beta))) }, dtype: x.dtype) }
    }.wanting(gradient: g)
  }
}
