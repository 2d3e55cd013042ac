import Glibc

extension Generator {
  /// `normal_(mean, std)`.
  ///
  /// A contiguous output of 16 or more elements goes through blocks of 16 (`boxMuller16`), the last 16 drawn anew when the size is no
  /// multiple of 16; fewer, or a non-contiguous output (`contiguous: false`, `output` in memory order), through the scalar pairs of `nextNormal`.
  /// Throws `SamplingError` when `std` is negative or NaN; nothing is drawn then.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Float16)
  public func fillNormal<T: RandomReal>(
    _ output: UnsafeMutableBufferPointer<T>, mean: Double = 0, std: Double = 1, contiguous: Bool = true
  ) throws {
    guard std >= 0 else { throw SamplingError("normal expects std >= 0.0, but found std \(Self.text(std))") }
    guard output.count >= 16, contiguous else {
      for index in output.indices { output[index] = T(realSample: nextNormal(mean: mean, std: std)) }
      return
    }
    let mean = T.Accumulator(parameter: mean)
    let std = T.Accumulator(parameter: std)
    if T.self == Float.self, let start = output.baseAddress, let mean = mean as? Float, let std = std as? Float {
      // T is Float, so this is where they lie already.
      UnsafeMutableRawPointer(start).withMemoryRebound(to: Float.self, capacity: output.count) {
        fillNormal($0, count: output.count, mean: mean, std: std)
      }
      return
    }
    withUnsafeTemporaryAllocation(of: T.Accumulator.self, capacity: 16) { block in
      guard let samples = block.baseAddress else { return }
      func fill(at start: Int) {
        for lane in 0..<16 { samples[lane] = T.Accumulator.drawUnit(from: self) }
        T.Accumulator.boxMuller16(samples, mean: mean, std: std)
        for lane in 0..<16 { output[start + lane] = T(sample: samples[lane]) }
      }
      // PyTorch draws all uniform samples first; the order of draws is the same block by block.
      var start = 0
      while start + 16 <= output.count {
        fill(at: start)
        start += 16
      }
      // The tail is drawn after everything before it, also in PyTorch, where its first uniforms are thrown away.
      if start < output.count {
        if T.Accumulator.self == T.self {
          for _ in start..<output.count { _ = T.Accumulator.drawUnit(from: self) }
        }
        fill(at: output.count - 16)
      }
    }
  }

  /// One sample of the scalar path: Box-Muller in double precision, the second value of a pair kept for the next call.
  public func nextNormal(mean: Double, std: Double) -> Double {
    if let cached = nextDoubleNormalSample {
      nextDoubleNormalSample = nil
      return mean.addingProduct(cached, std)
    }
    let first = Double.drawUnit(from: self)
    let second = Double.drawUnit(from: self)
    let radius = (-2 * log1p(-second)).squareRoot()
    let theta = 2 * Double.pi * first
    nextDoubleNormalSample = radius * sin(theta)
    return mean.addingProduct(radius * cos(theta), std)
  }
}

extension Double {
  public static func boxMuller16(_ samples: UnsafeMutablePointer<Double>, mean: Double, std: Double) {
    for lane in 0..<8 {
      let radius = (-2 * log(1 - samples[lane])).squareRoot()
      let theta = 2 * Double.pi * samples[lane + 8]
      samples[lane] = mean.addingProduct(radius * cos(theta), std)
      samples[lane + 8] = mean.addingProduct(radius * sin(theta), std)
    }
  }
}
