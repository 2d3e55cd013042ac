import Glibc

extension Generator {
  /// `exponential_(lambda)`: -ln(1 - u) / lambda of 53-bit samples.
  ///
  /// `output` is in memory order. Throws `SamplingError` unless lambda > 0; nothing is drawn then.
  @_specialize(where T == Float)
  public func fillExponential<T: RandomReal>(_ output: UnsafeMutableBufferPointer<T>, lambda: Double = 1) throws {
    guard lambda > 0 else { throw SamplingError("exponential_ expects lambda > 0.0, but found lambda=\(Self.text(lambda))") }
    for index in output.indices {
      output[index] = T(realSample: -1 / lambda * log1p(-Double.drawUnit(from: self)))
    }
  }

  /// One sample of `exponential_(1)` in double precision.
  func exponentialUnit() -> Double { -log1p(-Double.drawUnit(from: self)) }

  /// `log_normal_(mean, std)`: e to the power of scalar normal samples.
  ///
  /// `output` is in memory order. Throws `SamplingError` unless std > 0; nothing is drawn then.
  public func fillLogNormal<T: RandomReal>(_ output: UnsafeMutableBufferPointer<T>, mean: Double = 1, std: Double = 2) throws {
    guard std > 0 else { throw SamplingError("log_normal_ expects std > 0.0, but found std=\(Self.text(std))") }
    for index in output.indices { output[index] = T(realSample: exp(nextNormal(mean: mean, std: std))) }
  }

  /// `cauchy_(median, sigma)`.
  ///
  /// `output` is in memory order. Throws `SamplingError` unless sigma > 0; nothing is drawn then.
  public func fillCauchy<T: RandomReal>(_ output: UnsafeMutableBufferPointer<T>, median: Double = 0, sigma: Double = 1) throws {
    guard sigma > 0 else { throw SamplingError("cauchy_ expects sigma > 0.0, but found sigma=\(Self.text(sigma))") }
    for index in output.indices {
      let slope = tan(Double.pi * (Double.drawUnit(from: self) - 0.5))
      output[index] = T(realSample: median.addingProduct(sigma, slope))
    }
  }

  /// `geometric_(p)`: trials up to the first success, 1 or more; for every type but bool.
  ///
  /// `output` is in memory order. Throws `SamplingError` unless 0 < p < 1; nothing is drawn then.
  public func fillGeometric<T: RandomScalar>(_ output: UnsafeMutableBufferPointer<T>, probability: Double) throws {
    guard probability > 0, probability < 1 else {
      throw SamplingError("geometric_ expects p to be in (0, 1), but got p=\(Self.text(probability))")
    }
    for index in output.indices {
      output[index] = T(realSample: (log(Double.drawUnit(from: self)) / log1p(-probability)).rounded(.up))
    }
  }
}
