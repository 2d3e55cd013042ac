import CKernels
import Glibc
import Testing

extension Kernels {
  @Suite struct Loops {
    /// Numbers of all sizes, and those that are special, in an order that puts each into several lanes.
    static func samples(_ seed: UInt64, _ count: Int) -> [Double] {
      var numbers = Numbers(state: seed)
      let odd: [Double] = [0, -0.0, .infinity, -.infinity, .nan, 1, -1, 0.5, -0.5, 2, 1e-40, -1e-40, 1e30, -1e30, 89, -104, 710, -746, 0.92, 1e-8]
      return (0..<count).map { i in
        let bits = numbers.bits()
        return bits % 7 == 0 ? odd[Int(bits >> 8) % odd.count] : Double(Int64(bitPattern: bits) >> 11) * 0x1p-50 * (i % 3 == 0 ? 1 : 0.01)
      }
    }

    static func bits(_ x: [Double]) -> [UInt64] { x.map { $0.isNaN ? 0x7ff8_0000_0000_0000 : $0.bitPattern } }
    static func bits(_ x: [Float]) -> [UInt64] { x.map { UInt64($0.isNaN ? 0x7fc0_0000 : $0.bitPattern) } }

    /// What a loop over `type` gives, as bits, for several lengths.
    static func results(_ type: qk_type, _ a: [Double], _ b: [Double], _ run: (Int, UnsafeRawPointer, UnsafeRawPointer, UnsafeMutableRawPointer) -> Void) -> [UInt64] {
      [1, 7, 16, 31, a.count].flatMap { n -> [UInt64] in
        if type == QK_F64 {
          var y = [Double](repeating: 55, count: n)
          run(n, a, b, &y)
          return bits(y)
        }
        let (p, q) = (a.map(Float.init), b.map(Float.init))
        var y = [Float](repeating: 55, count: n)
        run(n, p, q, &y)
        return bits(y)
      }
    }

    @Test(arguments: [QK_F32, QK_F64]) func areTheSameOnEachSet(_ type: qk_type) {
      let (a, b) = (Self.samples(1, 517), Self.samples(2, 517))
      for op in 0..<QK_UNARY_COUNT.rawValue {
        let all = onEachSet { Self.results(type, a, b) { n, x, _, y in qk_unary(qk_unary_op(op), type)?(n, x, y) } }
        for (set, result) in all { #expect(result == all[0].result, "\(set): function \(op)") }
      }
      for op in 0..<QK_BINARY_COUNT.rawValue {
        for form in [QK_BOTH, QK_SECOND_IS_ONE, QK_FIRST_IS_ONE] {
          let all = onEachSet { Self.results(type, a, b) { n, x, y, z in qk_binary(qk_binary_op(op), type, form)?(n, x, y, z) } }
          for (set, result) in all { #expect(result == all[0].result, "\(set): pair \(op) \(form)") }
        }
      }
      for op in 0..<QK_TERNARY_COUNT.rawValue {
        var value = (0.0, 0.0)
        if type == QK_F64 { value.0 = 0.7 } else { withUnsafeMutableBytes(of: &value) { $0.storeBytes(of: Float(0.7), as: Float.self) } }
        let all = onEachSet { Self.results(type, a, b) { n, x, y, z in qk_ternary(qk_ternary_op(op), type)?(n, x, y, x, &value, z) } }
        for (set, result) in all { #expect(result == all[0].result, "\(set): triple \(op)") }
      }
    }

    @Test func functionsAreNear() {
      let cases: [(String, (Double) -> Double)] = [
        ("exp", exp), ("log", log), ("log1p", log1p), ("sin", sin), ("cos", cos), ("tan", tan), ("tanh", tanh), ("erf", erf), ("sqrt", { $0.squareRoot() }),
      ]
      let x = (1...4000).map { Float($0) / 500 - 0.9 }
      for (name, exact) in cases {
        let op = qk_unary_named(name)
        #expect(op >= 0, "\(name)")
        var y = [Float](repeating: 55, count: x.count)
        qk_unary(qk_unary_op(UInt32(op)), QK_F32)?(x.count, x, &y)
        let worst = zip(x, y).map { Activation.distance($1, exact(Double($0))) }.max() ?? .infinity
        #expect(worst <= 1.5, "\(name): \(worst)")
      }
      #expect(qk_unary_named("nothing") == -1)
    }

    @Test func foldsAreTheSameOnEachSet() {
      let x = Self.samples(3, 1000).filter { $0.isFinite }
      let floats = x.map(Float.init)
      for n in [1, 5, 63, 64, 65, 200, x.count] {
        let all = onEachSet {
          Self.bits([qk_sum_f32(n, floats), qk_sum_f64(n, x), qk_squares_f32(n, floats, 0.5), Double(qk_extreme_f32(n, floats, true)), qk_extreme_f64(n, x, false)])
        }
        for (set, result) in all { #expect(result == all[0].result, "\(set): \(n)") }
        #expect(qk_extreme_f32(n, floats, true) == floats.prefix(n).max())
        #expect(qk_find_f32(n, floats, qk_extreme_f32(n, floats, false)) == floats.prefix(n).firstIndex(of: floats.prefix(n).min() ?? 0))
      }
      var holed = floats
      holed[70] = .nan
      #expect(qk_extreme_f32(holed.count, holed, true).isNaN && qk_find_f32(holed.count, holed, .nan) == 70)
    }

    @Test func sortsAreStable() {
      for n in [1, 2, 40, 100, 7000] {
        let x = Self.samples(UInt64(n), n).map(Float.init)
        var (y, places) = ([Float](repeating: 0, count: n), [Int64](repeating: 0, count: n))
        var scratch = [UInt64](repeating: 0, count: qk_sort_scratch(n) / 8 + 1)
        for descending in [false, true] {
          qk_sort(QK_F32, n, x, &y, &places, descending, &scratch)
          let order = (0..<n).sorted { i, j in
            let (a, b) = (x[i].isNaN ? Float.infinity : x[i], x[j].isNaN ? Float.infinity : x[j])
            let (p, q) = (x[i].isNaN, x[j].isNaN)
            if p != q { return descending ? p : q }
            return a == b || p ? i < j : descending ? a > b : a < b
          }
          #expect(places == order.map(Int64.init))
          #expect(Self.bits(y) == Self.bits(order.map { x[$0] }))
        }
      }
    }
  }
}
