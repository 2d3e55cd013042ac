import CKernels

/// The checksum zip uses (IEEE 802.3, reflected, polynomial 0xEDB88320), eight bytes a step.
///
/// Long stretches go by the processor's carry-less products where it has them.
/// Source: the table construction is the "slicing-by-8" of Kounavis and Berry (2005).
public struct CRC32: Sendable {
  private var state: UInt32 = 0xFFFF_FFFF

  /// A checksum of no bytes (value 0).
  public init() {}

  /// The checksum of all bytes given so far.
  public var value: UInt32 { ~state }

  /// Adds `bytes` to the checksum.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    var crc = state
    let folded = qk_crc32_fold(&crc, base, bytes.count)
    var cursor = base + folded
    var left = bytes.count - folded
    Self.table.withUnsafeBufferPointer { table in
      while left >= 8 {
        let word = cursor.loadUnaligned(as: UInt64.self).littleEndian ^ UInt64(crc)
        crc = table[0x700 + Int(truncatingIfNeeded: word & 0xFF)]
        crc ^= table[0x600 + Int(truncatingIfNeeded: (word >> 8) & 0xFF)]
        crc ^= table[0x500 + Int(truncatingIfNeeded: (word >> 16) & 0xFF)]
        crc ^= table[0x400 + Int(truncatingIfNeeded: (word >> 24) & 0xFF)]
        crc ^= table[0x300 + Int(truncatingIfNeeded: (word >> 32) & 0xFF)]
        crc ^= table[0x200 + Int(truncatingIfNeeded: (word >> 40) & 0xFF)]
        crc ^= table[0x100 + Int(truncatingIfNeeded: (word >> 48) & 0xFF)]
        crc ^= table[Int(truncatingIfNeeded: word >> 56)]
        cursor += 8
        left -= 8
      }
      while left > 0 {
        let byte = cursor.load(as: UInt8.self)
        crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8)
        cursor += 1
        left -= 1
      }
    }
    state = crc
  }

  /// The checksum of `bytes`.
  public static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var crc = CRC32()
    crc.update(bytes)
    return crc.value
  }

  /// `table[256 * k + b]`: byte `b` followed by `k` zero bytes.
  private static let table: [UInt32] = {
    var table = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var crc = UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
      table[byte] = crc
    }
    for index in 256..<table.count {
      let before = table[index - 256]
      table[index] = table[Int(before & 0xFF)] ^ (before >> 8)
    }
    return table
  }()
}
