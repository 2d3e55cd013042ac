/// Sums over rows and places of dense [batch, channels, length].
public enum ChannelSum {
  /// y[c] = Σ x[·, c, ·]; partial sums of sixteen lanes, then in float64.
  public static func float(batch: Int, channels: Int, length: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>) {
    for c in 0..<channels {
      var total = 0.0
      for n in 0..<batch {
        let row = x + (n * channels + c) * length
        var i = 0
        while i < length {
          // Lanes are emptied now and then, so that long rows lose no digits.
          let end = min(length, i + 4096)
          var lanes = SIMD16<Float>(repeating: 0)
          while i + 16 <= end {
            lanes += UnsafeRawPointer(row + i).loadUnaligned(as: SIMD16<Float>.self)
            i += 16
          }
          total += Double(lanes.sum())
          while i < end {
            total += Double(row[i])
            i += 1
          }
        }
      }
      y[c] = Float(total)
    }
  }
}
