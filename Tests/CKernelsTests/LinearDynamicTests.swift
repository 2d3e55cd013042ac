import CKernels
import Testing

extension Kernels {
  @Suite struct LinearDynamic {
    /// Equal bits, or both NaN.
    static func same(_ a: [Float]?, _ b: [Float]?) -> Bool {
      guard let a, let b else { return (a == nil) == (b == nil) }
      return a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
    }

    @Test func givesPyTorchsBits() throws {
      for record in try FixtureRecords("linear_dynamic.txt").records {
        let shape = record[integers: "shape"]
        let weight = Int8Weight(
          try #require(record.array("w", of: Int8.self)), n: shape[1], k: shape[2], scales: record.floats("scales"),
          zeroPoints: record.array("zero_points", of: Int32.self), perChannel: record[integers: "per_channel"] == [1])
        let bias = record.array("bias", of: Float.self)
        for reduceRange in [false, true] {
          let expected = record.array(reduceRange ? "y1" : "y0", of: Float.self)
          for (set, y) in onEachSet({ weight.linear(record.floats("x"), rows: shape[0], bias: bias, reduceRange: reduceRange) }) {
            #expect(Self.same(y, expected), "\(set) \(record.name) \(shape) \(reduceRange)")
          }
        }
      }
    }

    /// The layer taken apart into public steps, each exact or rounded once.
    static func inSteps(_ x: [Float], _ m: Int, _ weight: Int8Weight, _ w: [Int8], _ bias: [Float]?, _ reduceRange: Bool) -> [Float] {
      let (n, k) = (weight.raw.n, weight.raw.k)
      var (low, high, scale, zeroPoint) = (Float(0), Float(0), 0.0, Int32(0))
      qk_minmax_f32(m * k, x, &low, &high)
      _ = qk_choose_qparams(low, high, 0, 255, false, false, reduceRange, &scale, &zeroPoint)
      var q = [UInt8](repeating: 0, count: m * k)
      qk_quantize_u8(m * k, x, Float(scale), zeroPoint, &q)
      var y: [Float] = []
      for i in 0..<m {
        for j in 0..<n {
          let channel = weight.raw.per_channel ? j : 0
          let wZero = weight.raw.zero_points.map { Int32($0[channel]) } ?? 0
          var sum: Int32 = 0
          for p in 0..<k { sum += (Int32(q[i * k + p]) - zeroPoint) * (Int32(w[j * k + p]) - wZero) }
          let factor = Float(scale) * weight.raw.scales[channel]
          y.append(bias.map { $0[j].addingProduct(Float(sum), factor) } ?? Float(sum) * factor)
        }
      }
      return y
    }

    @Test func everySetGivesTheBitsOfTheSteps() {
      var numbers = Numbers(state: 7)
      for trial in 0..<600 {
        let (m, n, k) = (numbers.integer(1..<10), numbers.integer(1..<80), numbers.integer(1..<60))
        let size: Float = [1, 0.01, 1e-4, 1e-6, 1e-30, 1e6, 1e30][trial % 7]
        // Every fourth input lies on a grid, where ties are many.
        var x = numbers.floats(m * k).map { (trial % 4 == 0 ? ($0 * 16).rounded() / 16 : $0) * size }
        let w = numbers.bytes(n * k, of: Int8.self)
        if trial % 4 == 1 || trial % 8 == 2 { x = numbers.nearTies(m * k, levels: trial % 2 == 1 ? 127 : 255) }
        let perChannel = trial % 3 == 0
        let count = perChannel ? n : 1
        let weight = Int8Weight(
          w, n: n, k: k, scales: numbers.floats(count).map { abs($0) + 0.01 },
          zeroPoints: trial % 5 == 0 ? (0..<count).map { _ in Int32(numbers.integer(-9..<9)) } : nil, perChannel: perChannel)
        let bias = trial % 2 == 0 ? numbers.floats(n) : nil
        let expected = Self.inSteps(x, m, weight, w, bias, trial % 2 == 1)
        let y = sameOnEachSet("m \(m) n \(n) k \(k) size \(size)") {
          weight.linear(x, rows: m, bias: bias, reduceRange: trial % 2 == 1) ?? []
        }
        #expect(Self.same(y, expected), "m \(m) n \(n) k \(k) size \(size)")
        let old = numbers.floats(m * n)
        let added = sameOnEachSet("added m \(m) n \(n) k \(k)") {
          weight.linear(x, rows: m, bias: bias, reduceRange: trial % 2 == 1, adding: old) ?? []
        }
        #expect(Self.same(added, zip(expected, old).map { $0 + $1 }))
      }
    }

    @Test func threadsMakeNoDifference() {
      qk_parallel_always(true)
      defer { qk_parallel_always(false) }
      var numbers = Numbers(state: 8)
      let (m, n, k) = (9, 20_001, 60)
      for perChannel in [false, true] {
        let count = perChannel ? n : 1
        let weight = Int8Weight(
          numbers.bytes(n * k), n: n, k: k, scales: numbers.floats(count).map { abs($0) + 0.01 },
          zeroPoints: (0..<count).map { _ in Int32(numbers.integer(-9..<9)) }, perChannel: perChannel)
        let (x, bias, old) = (numbers.floats(m * k), numbers.floats(n), numbers.floats(m * n))
        let alone = weight.linear(x, rows: m, bias: bias, reduceRange: true, adding: old)
        #expect(weight.linear(x, rows: m, bias: bias, reduceRange: true, adding: old, threads: 2) == alone)
        #expect(weight.linear(x, rows: m, bias: bias, reduceRange: true, adding: old, threads: 5) == alone)
      }
    }

    @Test func noRowsGiveNoOutput() {
      let weight = Int8Weight([1, 2, 3], n: 1, k: 3)
      for (_, y) in onEachSet({ weight.linear([], rows: 0, bias: nil, reduceRange: true) }) { #expect(y == []) }
    }
  }
}
