/// A Python `int` that does not fit 64 bits, kept as the bytes a pickle holds.
public struct PickleBigInteger: Hashable, Sendable, CustomStringConvertible {
  /// Two's complement, the lowest byte first, as few bytes as the value needs.
  public let bytes: [UInt8]

  /// Python refuses to print more digits than these by default, and so do we.
  static let greatestByteCount = 1785

  /// The number whose two's complement is `bytes`; bytes that only repeat the sign are dropped.
  init(bytes: some Collection<UInt8>) {
    var shortest = Array(bytes)
    while let last = shortest.last, shortest.count > 1,
      let sign = shortest.dropLast().last.map({ $0 >= 0x80 ? 0xFF : 0x00 as UInt8 }), last == sign
    {
      shortest.removeLast()
    }
    self.bytes = shortest
  }

  /// The decimal digits, with a minus sign where it is negative.
  public var description: String {
    let isNegative = (bytes.last ?? 0) >= 0x80
    var magnitude = bytes
    if isNegative {
      var carry: UInt16 = 1
      for index in magnitude.indices {
        carry += UInt16(~magnitude[index])
        magnitude[index] = UInt8(truncatingIfNeeded: carry)
        carry >>= 8
      }
    }
    var digits: [UInt8] = []
    while magnitude.contains(where: { $0 != 0 }) {
      var remainder: UInt16 = 0
      for index in magnitude.indices.reversed() {
        remainder = remainder << 8 | UInt16(magnitude[index])
        magnitude[index] = UInt8(remainder / 10)
        remainder %= 10
      }
      digits.append(UInt8(ascii: "0") + UInt8(remainder))
    }
    if digits.isEmpty { return "0" }
    return (isNegative ? "-" : "") + String(decoding: digits.reversed(), as: UTF8.self)
  }
}

extension PickleValue {
  /// The integer whose two's complement is `bytes`, the lowest first; no bytes are 0.
  static func integer(twosComplement bytes: some BidirectionalCollection<UInt8>) -> PickleValue {
    guard bytes.count <= 8 else {
      let number = PickleBigInteger(bytes: bytes)
      return number.bytes.count <= 8 ? integer(twosComplement: number.bytes) : .bigInteger(number)
    }
    var value: Int64 = (bytes.last ?? 0) >= 0x80 ? -1 : 0
    for byte in bytes.reversed() { value = value << 8 | Int64(byte) }
    return .integer(value)
  }
}
