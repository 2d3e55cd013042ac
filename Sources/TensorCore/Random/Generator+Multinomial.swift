extension Generator {
  /// `multinomial(weights, n, replacement=True)` for one row and n > 1: `output.count` indices into `weights`.
  ///
  /// One sample, and any number without replacement, PyTorch draws differently: the greatest of `weights / exponential_(1)`, see `raceWinner`.
  /// Throws `SamplingError` when a weight is negative or not finite, or all are zero; nothing is drawn then.
  public func fillMultinomial<W: RandomAccumulator>(_ output: UnsafeMutableBufferPointer<Int64>, weights: UnsafeBufferPointer<W>) throws {
    var cumulative: [W] = []
    cumulative.reserveCapacity(weights.count)
    var sum: W = 0
    for weight in weights {
      guard weight >= 0 else {
        throw SamplingError("invalid multinomial distribution (encountering probability entry < 0)")
      }
      guard weight.isFinite else {
        throw SamplingError("invalid multinomial distribution (encountering probability entry = infinity or NaN)")
      }
      sum += weight
      cumulative.append(sum)
    }
    guard sum > 0 else { throw SamplingError("invalid multinomial distribution (sum of probabilities <= 0)") }
    for index in cumulative.indices { cumulative[index] /= sum }
    cumulative[cumulative.count - 1] = 1
    for slot in output.indices {
      let sample = Double.drawUnit(from: self)
      var low = 0
      var high = cumulative.count
      while low < high {
        let middle = low + (high - low) / 2
        if Double(cumulative[middle]) < sample { low = middle + 1 } else { high = middle }
      }
      output[slot] = Int64(low)
    }
  }

  /// `multinomial(weights, 1)` for one row: the index of the greatest weight / exponential sample, the first of equals.
  ///
  /// One exponential sample is drawn per weight, rounded to the weight's type. Of a matrix PyTorch draws the samples row by row, as calls in
  /// turn do. The caller has checked the weights; an empty row gives 0.
  @_specialize(where W == Float)
  public func raceWinner<W: RandomAccumulator>(weights: UnsafeBufferPointer<W>) -> Int64 {
    var winner = 0
    var best = -W.infinity
    for index in weights.indices {
      let ratio = weights[index] / W(realSample: exponentialUnit())
      if ratio > best {
        best = ratio
        winner = index
      }
    }
    return Int64(winner)
  }
}
