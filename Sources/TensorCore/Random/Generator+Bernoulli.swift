extension Generator {
  /// `bernoulli_(p)` with one probability: 1 where a 53-bit uniform sample is below `p`.
  ///
  /// `output` is in memory order. This is PyTorch's own stream; on Intel processors its PyPI build calls MKL instead, whose numbers differ.
  /// Throws `SamplingError` when `p` is outside [0, 1] or NaN; nothing is drawn then.
  @_specialize(where T == Float)
  public func fillBernoulli<T: RandomScalar>(_ output: UnsafeMutableBufferPointer<T>, probability: Double) throws {
    guard probability >= 0, probability <= 1 else {
      throw SamplingError("bernoulli_ expects p to be in [0, 1], but got p=\(Self.text(probability))")
    }
    let zero = T(integerSample: 0)
    let one = T(integerSample: 1)
    for index in output.indices { output[index] = Double.drawUnit(from: self) < probability ? one : zero }
  }

  /// `bernoulli(p)` with a tensor of probabilities: a Double is compared with 53 bits, a narrower type, widened to Float by `P`'s conversion, with 24.
  ///
  /// `probabilities[i]` belongs to `output[i]`. Throws `SamplingError` at the first probability outside [0, 1]; earlier elements are then already drawn, as in PyTorch.
  @_specialize(where T == Float, P == Float)
  public func fillBernoulli<T: RandomScalar, P: RandomAccumulator>(
    _ output: UnsafeMutableBufferPointer<T>, probabilities: UnsafeBufferPointer<P>
  ) throws {
    let zero = T(integerSample: 0)
    let one = T(integerSample: 1)
    for index in 0..<min(output.count, probabilities.count) {
      let probability = probabilities[index]
      guard probability >= 0, probability <= 1 else {
        throw SamplingError(
          "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If so, please report an enhancement request to PyTorch.)")
      }
      output[index] = P.drawUnit(from: self) < probability ? one : zero
    }
  }
}
