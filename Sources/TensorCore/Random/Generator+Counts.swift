import Glibc

extension Generator {
  /// One sample of a Poisson distribution, drawn as PyTorch's `poisson` draws it: by Hörmann's transformed rejection from a mean of 10 on,
  /// by multiplying uniform samples below.
  ///
  /// Throws `SamplingError` for a negative rate.
  public func poisson(rate: Double) throws -> Int64 {
    guard rate >= 0 else { throw SamplingError("invalid Poisson rate, expected rate to be non-negative") }
    if rate == 0 { return 0 }
    if rate < 10 {
      let bound = exp(-rate)
      var count: Int64 = 0
      var product = 1.0
      while true {
        product *= Double.drawUnit(from: self)
        if product <= bound { return count }
        count += 1
      }
    }
    let root = rate.squareRoot()
    let logRate = log(rate)
    let b = 0.931 + 2.53 * root
    let a = -0.059 + 0.02483 * b
    let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
    let vr = 0.9277 - 3.6224 / (b - 2)
    while true {
      let u = Double.drawUnit(from: self) - 0.5
      let v = Double.drawUnit(from: self)
      let us = 0.5 - u.magnitude
      let floored = floor((2 * a / us + b) * u + rate + 0.43)
      let k = floored.magnitude < 9e18 ? Int64(floored) : Int64.min
      if us >= 0.07 && v <= vr { return k }
      if k < 0 || (us < 0.013 && v > us) { continue }
      if log(v) + log(inverseAlpha) - log(a / (us * us) + b) <= -rate + Double(k) * logRate - lgamma(Double(k) + 1) { return k }
    }
  }

  /// One sample of a binomial distribution, drawn as PyTorch's `binomial` draws it: by inversion where few successes are expected, else by
  /// Hörmann's BTRS. `round` rounds to the element type, in which PyTorch computes.
  public func binomial(count: Double, probability: Double, round: (Double) -> Double) -> Double {
    if count <= 0 || probability <= 0 { return 0 }
    if probability >= 1 { return count }
    if probability.isNaN || count.isNaN { return .nan }
    if probability <= 0.5 {
      return count * probability >= 10 ? rejected(count, probability, round) : inverted(count, probability, round)
    }
    let failure = round(1 - probability)
    return count - (count * failure >= 10 ? rejected(count, failure, round) : inverted(count, failure, round))
  }

  private func inverted(_ count: Double, _ p: Double, _ round: (Double) -> Double) -> Double {
    var (sum, successes) = (0.0, 0.0)
    let scale = round(log1p(-p))
    while true {
      let u = round(Double.drawUnit(from: self))
      sum = round(sum + round(round(log(u) / scale).rounded(.up)))
      if sum > count { return successes }
      successes += 1
    }
  }

  private func rejected(_ n: Double, _ p: Double, _ round: (Double) -> Double) -> Double {
    let m = floor((n + 1) * p)
    let deviation = (n * p * (1 - p)).squareRoot()
    let b = 1.15 + 2.53 * deviation
    let a = -0.0873 + 0.0248 * b + 0.01 * p
    let c = n * p + 0.5
    let vr = 0.92 - 4.2 / b
    let r = p / (1 - p)
    let alpha = (2.83 + 5.1 / b) * deviation
    while true {
      let u = round(Double.drawUnit(from: self)) - 0.5
      var v = round(Double.drawUnit(from: self))
      let us = 0.5 - u.magnitude
      let k = floor((2 * a / us + b) * u + c)
      if us >= 0.07 && v <= vr { return k }
      if k < 0 || k > n { continue }
      v = log(v * alpha / (a / (us * us) + b))
      let bound =
        (m + 0.5) * log((m + 1) / (r * (n - m + 1))) + (n + 1) * log((n - m + 1) / (n - k + 1))
        + (k + 0.5) * log(r * (n - k + 1) / (k + 1)) + Self.stirlingTail(m) + Self.stirlingTail(n - m) - Self.stirlingTail(k)
        - Self.stirlingTail(n - k)
      if v <= bound { return k }
    }
  }

  /// What Stirling's formula for ln k! lacks.
  private static func stirlingTail(_ k: Double) -> Double {
    let tail = [
      0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211, 0.0138761288230707,
      0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287,
    ]
    if k <= 9 { return tail[Int(Swift.max(k, 0))] }
    let square = (k + 1) * (k + 1)
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1)
  }
}
