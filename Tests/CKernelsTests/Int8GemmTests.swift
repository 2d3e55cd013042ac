import CKernels
import Testing

extension Kernels {
  @Suite struct Int8Gemm {
    static func reference(_ m: Int, _ n: Int, _ k: Int, _ a: [UInt8], _ lda: Int, _ w: [Int8]) -> [Int32] {
      var out: [Int32] = []
      for i in 0..<m {
        for j in 0..<n {
          out.append((0..<k).reduce(Int32(0)) { $0 &+ Int32(a[i * lda + $1]) * Int32(w[j * k + $1]) })
        }
      }
      return out
    }

    static func product(_ m: Int, _ a: [UInt8], _ lda: Int, _ weight: Int8Weight) -> [Int32] {
      var c = [Int32](repeating: .min, count: m * weight.raw.n)
      withUnsafePointer(to: weight.raw) { qk_s8_gemm_s32(m, a, lda, $0, &c, weight.raw.n) }
      return c
    }

    @Test func everySetIsExact() {
      var numbers = Numbers(state: 5)
      for trial in 0..<150 {
        let (m, n, k) = (trial == 0 ? 0 : numbers.integer(1..<16), numbers.integer(1..<150), numbers.integer(1..<90))
        let lda = roundedUp(k, to: 4) + (trial % 2) * 4
        let (a, w) = (numbers.bytes(m * lda, of: UInt8.self), numbers.bytes(n * k, of: Int8.self))
        let weight = Int8Weight(w, n: n, k: k)
        let expected = Self.reference(m, n, k, a, lda, w)
        for (set, c) in onEachSet({ Self.product(m, a, lda, weight) }) { #expect(c == expected, "\(set) \(m) \(n) \(k)") }
      }
    }

    @Test(arguments: [Int8.min, -127, -1, 127]) func nothingSaturates(_ extreme: Int8) {
      let (m, n, k) = (3, 40, 300)
      for byte in [UInt8(127), 128, 129, 255] {
        let weight = Int8Weight([Int8](repeating: extreme, count: n * k), n: n, k: k)
        let a = [UInt8](repeating: byte, count: m * k)
        let expected = [Int32](repeating: Int32(byte) * Int32(extreme) * Int32(k), count: m * n)
        for (set, c) in onEachSet({ Self.product(m, a, k, weight) }) { #expect(c == expected, "\(set) \(byte)") }
      }
    }

    @Test func sumsWrapAsInt32Does() {
      // 70,000 * 255 * 127 is above 2^31.
      let k = 70_000
      let weight = Int8Weight([Int8](repeating: 127, count: k), n: 1, k: k)
      let a = [UInt8](repeating: 255, count: k)
      let expected = Int32(truncatingIfNeeded: k * 255 * 127)
      for (set, c) in onEachSet({ Self.product(1, a, k, weight) }) { #expect(c == [expected], "\(set)") }
    }

    @Test func packingKeepsTheWeightAndItsSums() {
      var numbers = Numbers(state: 6)
      for (n, k) in [(1, 1), (16, 3), (65, 5), (130, 17)] {
        let w = numbers.bytes(n * k, of: Int8.self)
        let weight = Int8Weight(w, n: n, k: k)
        #expect(weight.unpacked == w)
        for j in 0..<n { #expect(Int(weight.raw.col_sums[j]) == (0..<k).reduce(0) { $0 + Int(w[j * k + $1]) }) }
      }
    }
  }
}
