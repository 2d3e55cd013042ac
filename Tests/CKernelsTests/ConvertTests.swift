import CKernels
import Testing

extension Kernels {
  @Suite struct Convert {
    static func toHalf(_ x: [Float]) -> [UInt16] {
      var y = [UInt16](repeating: 0xdead, count: x.count)
      qk_f32_to_f16(x.count, x, &y)
      return y
    }

    static func fromHalf(_ x: [UInt16]) -> [Float] {
      var y = [Float](repeating: 55, count: x.count)
      qk_f16_to_f32(x.count, x, &y)
      return y
    }

    static func toBFloat(_ x: [Float]) -> [UInt16] {
      var y = [UInt16](repeating: 0xdead, count: x.count)
      qk_f32_to_bf16(x.count, x, &y)
      return y
    }

    static let halves = (0...UInt16.max).map { $0 }

    /// IEEE half precision from its definition.
    static func value(ofHalf h: UInt16) -> Float {
      let (exponent, fraction) = (Int(h >> 10 & 31), Float(h & 1023))
      let sign: Float = h >> 15 == 1 ? -1 : 1
      if exponent == 31 { return fraction == 0 ? sign * .infinity : .nan }
      return sign * (exponent == 0 ? fraction * 0x1p-24 : Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024))
    }

    @Test func everyHalfWidensAndComesBack() {
      let floats = sameOnEachSet("f16 to f32") { Self.fromHalf(Self.halves) }
      for (h, x) in zip(Self.halves, floats) {
        let expected = Self.value(ofHalf: h)
        #expect(x.bitPattern == expected.bitPattern || (x.isNaN && expected.isNaN), "\(h)")
      }
      for (set, back) in onEachSet({ Self.toHalf(floats) }) {
        // A signalling NaN comes back quiet.
        let expected = Self.halves.map { $0 & 0x7fff > 0x7c00 ? $0 | 0x200 : $0 }
        #expect(back == expected, "\(set)")
      }
    }

    @Test func halvesRoundToEvenBetweenNeighbours() {
      let finite = Self.halves.filter { $0 < 0x7c00 }
      // Between two neighbours: the middle goes to the even one, just off the middle to the nearer.
      let pairs = zip(finite, finite.dropFirst())
      let middles = pairs.map { (Self.value(ofHalf: $0) + Self.value(ofHalf: $1)) / 2 }
      for (set, rounded) in onEachSet({ [middles, middles.map(\.nextUp), middles.map(\.nextDown), middles.map { -$0 }].map(Self.toHalf) }) {
        #expect(rounded[0] == pairs.map { $0 % 2 == 0 ? $0 : $1 }, "\(set)")
        #expect(rounded[1] == pairs.map { $1 }, "\(set)")
        #expect(rounded[2] == pairs.map { a, _ in a }, "\(set)")
        #expect(rounded[3] == pairs.map { ($0 % 2 == 0 ? $0 : $1) | 0x8000 }, "\(set)")
      }
    }

    @Test func theLargestHalvesOverflow() {
      for (set, y) in onEachSet({ Self.toHalf([65504, 65519.996, 65520, 1e30, -.infinity, 1e-10, -.leastNonzeroMagnitude, .nan]) }) {
        #expect(y == [0x7bff, 0x7bff, 0x7c00, 0x7c00, 0xfc00, 0, 0x8000, 0x7e00], "\(set)")
      }
    }

    @Test func bfloatsRoundToEven() {
      var numbers = Numbers(state: 8)
      let x = (0..<20_001).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: numbers.bits())) }
        + (0..<1000).map { Float(bitPattern: UInt32($0) << 16 | 0x3f80_8000) } + [.infinity, -.infinity, .nan, -0.0, .greatestFiniteMagnitude]
      let expected = x.map { x -> UInt16 in
        if x.isNaN { return 0x7fc0 }
        let (low, high) = (x.bitPattern & 0xffff, UInt16(x.bitPattern >> 16))
        return low > 0x8000 || (low == 0x8000 && high % 2 == 1) ? high &+ 1 : high
      }
      for (set, y) in onEachSet({ Self.toBFloat(x) }) { #expect(y == expected, "\(set)") }
      var wide = [Float](repeating: 0, count: expected.count)
      qk_bf16_to_f32(expected.count, expected, &wide)
      #expect(wide.map(\.bitPattern) == expected.map { UInt32($0) << 16 })
    }

    @Test func saturatedHalvesStayFinite() {
      var x: [Float] = [1e9, -1e9, 65504, 65519, 0.1, 1e-9, .infinity, .nan] + [Float](repeating: 2, count: 100)
      let count = x.withUnsafeMutableBufferPointer { qk_f32_round_to_f16_saturated($0.count, $0.baseAddress, $0.baseAddress) }
      #expect(count == 4)
      #expect(Array(x[..<7]) == [65504, -65504, 65504, 65504, 0.099975586, 0, 65504])
      #expect(x[7].isNaN && x[8...].allSatisfy { $0 == 2 })
    }
  }
}
