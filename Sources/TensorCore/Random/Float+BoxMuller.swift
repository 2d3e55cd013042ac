import CKernels

extension Float {
  public static func boxMuller16(_ samples: UnsafeMutablePointer<Float>, mean: Float, std: Float) { qk_box_muller_f32(1, samples, mean, std) }
}

extension Generator {
  /// `normal_` of 16 or more dense floats: uniform samples, a stretch that fits the processor's cache at a time, then normal ones.
  func fillNormal(_ output: UnsafeMutablePointer<Float>, count: Int, mean: Float, std: Float) {
    let stretch = 4096
    var start = 0
    while start < count {
      let n = min(stretch, count - start)
      engine.fill(output + start, count: n, low: 0, width: 1, end: 1)
      qk_box_muller_f32(n / 16, output + start, mean, std)
      start += n
    }
    // The uniform samples of a rest are thrown away, and the last 16 drawn anew.
    if count % 16 != 0 {
      let last = output + (count - 16)
      engine.fill(last, count: 16, low: 0, width: 1, end: 1)
      qk_box_muller_f32(1, last, mean, std)
    }
  }
}
