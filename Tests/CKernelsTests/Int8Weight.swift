import CKernels

/// A packed int8 weight that owns what `qk_s8_weight` points to.
final class Int8Weight {
  let raw: qk_s8_weight
  private let packed: UnsafeMutablePointer<Int8>
  private let columnSums: UnsafeMutablePointer<Int32>
  private let scales: UnsafeMutablePointer<Float>
  private let zeroPoints: UnsafeMutablePointer<Int32>?

  init(_ w: [Int8], n: Int, k: Int, scales: [Float] = [1], zeroPoints: [Int32]? = nil, perChannel: Bool = false) {
    packed = .allocate(capacity: qk_s8_packed_size(n, k))
    columnSums = .allocate(capacity: n)
    self.scales = .allocate(capacity: scales.count)
    self.scales.initialize(from: scales, count: scales.count)
    self.zeroPoints = zeroPoints.map { values in
      let copy = UnsafeMutablePointer<Int32>.allocate(capacity: values.count)
      copy.initialize(from: values, count: values.count)
      return copy
    }
    qk_s8_pack(n, k, w, k, packed, columnSums)
    raw = qk_s8_weight(
      n: n, k: k, packed: packed, col_sums: columnSums, scales: self.scales, zero_points: self.zeroPoints,
      per_channel: perChannel)
  }

  deinit {
    packed.deallocate()
    columnSums.deallocate()
    scales.deallocate()
    zeroPoints?.deallocate()
  }

  var unpacked: [Int8] {
    var w = [Int8](repeating: 99, count: raw.n * raw.k)
    qk_s8_unpack(raw.n, raw.k, packed, &w, raw.k)
    return w
  }

  /// `qk_linear_dynamic_s8`; nil where it fails, which must leave `y` as it was.
  func linear(_ x: [Float], rows m: Int, bias: [Float]?, reduceRange: Bool, adding old: [Float]? = nil, threads: UInt32 = 1) -> [Float]? {
    var y = old ?? [Float](repeating: 77, count: m * raw.n)
    let size = qk_linear_dynamic_s8_scratch(m, raw.k)
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: size + 64, alignment: 64)
    defer { scratch.deallocate() }
    // Rubbish, and a fence behind the end.
    scratch.initializeMemory(as: UInt8.self, repeating: 0xcc, count: size + 64)
    let before = y
    let status = withUnsafePointer(to: raw) {
      qk_linear_dynamic_s8(m, x, raw.k, $0, bias, reduceRange, old != nil, &y, raw.n, threads, scratch)
    }
    precondition((size..<size + 64).allSatisfy { scratch.load(fromByteOffset: $0, as: UInt8.self) == 0xcc })
    if status != QK_OK { precondition(y == before) }
    return status == QK_OK ? y : nil
  }
}
