import CKernels
import Testing

extension Kernels {
  @Suite struct FloatGemm {
    static func pack(_ w: [Float], n: Int, k: Int) -> [Float] {
      var packed = [Float](repeating: .nan, count: qk_f32_packed_size(n, k))
      qk_f32_pack(n, k, w, k, &packed)
      return packed
    }

    /// The definition: start from c plus bias, then one fused multiply-add per k.
    static func reference(_ m: Int, _ n: Int, _ k: Int, _ a: [Float], _ w: [Float], _ bias: [Float]?, _ c: [Float]?) -> [Float] {
      var out: [Float] = []
      for i in 0..<m {
        for j in 0..<n {
          var sum: Float = 0
          switch (c, bias) {
          case (let c?, let bias?): sum = c[i * n + j] + bias[j]
          case (let c?, nil): sum = c[i * n + j]
          case (nil, let bias?): sum = bias[j]
          case (nil, nil): break
          }
          for p in 0..<k { sum = sum.addingProduct(a[i * k + p], w[j * k + p]) }
          out.append(sum)
        }
      }
      return out
    }

    @Test func everySetGivesTheDefinitionsBits() {
      var numbers = Numbers(state: 1)
      for trial in 0..<150 {
        let (m, n, k) = (trial == 0 ? 0 : numbers.integer(1..<16), numbers.integer(1..<150), numbers.integer(0..<70))
        let (a, w) = (numbers.floats(m * k), numbers.floats(n * k))
        let bias = trial % 2 == 0 ? numbers.floats(n) : nil
        let old = trial % 3 == 0 ? numbers.floats(m * n) : nil
        let packed = Self.pack(w, n: n, k: k)
        let c = sameOnEachSet("m \(m) n \(n) k \(k)") {
          var c = old ?? [Float](repeating: .nan, count: m * n)
          qk_f32_gemm(m, n, k, a, k, packed, bias, &c, n, old != nil)
          return c
        }
        #expect(c == Self.reference(m, n, k, a, w, bias, old), "m \(m) n \(n) k \(k)")
      }
    }

    @Test func manyRowsGiveTheSameBits() {
      var numbers = Numbers(state: 9)
      // Over the limits of blocks of rows, of panels, and of panels packed at a time.
      for (m, n, k) in [(1, 1, 1), (300, 70, 500), (50, 130, 5000), (7, 64, 0), (9, 700, 3000)] {
        let (x, w, bias) = (numbers.floats(m * k), numbers.floats(n * k), numbers.integer(0..<2) == 0 ? nil : numbers.floats(n))
        let y = sameOnEachSet("m \(m) n \(n) k \(k)") {
          var scratch = [Float](repeating: .nan, count: qk_f32_panels_size(n, k) + 1)
          var y = [Float](repeating: .nan, count: m * n)
          qk_f32_linear_panels(m, n, k, x, k, w, k, bias, &y, n, &scratch)
          return y
        }
        var own = [Float](repeating: .nan, count: m * n)
        qk_f32_gemm(m, n, k, x, k, Self.pack(w, n: n, k: k), bias, &own, n, false)
        #expect(y == own, "m \(m) n \(n) k \(k)")
      }
    }

    @Test func weightsInPlaceGiveTheSameBits() {
      var numbers = Numbers(state: 7)
      for trial in 0..<120 {
        // Over the limits of tiles, of blocks of outputs and of rows side by side.
        let (m, n, k) = (numbers.integer(1..<70), numbers.integer(1..<120), trial == 0 ? 0 : numbers.integer(1..<70))
        let (ldx, ldw, ldy) = (k + trial % 3, k + trial % 2, n + trial % 4)
        let (x, w, bias) = (numbers.floats(m * ldx), numbers.floats(n * ldw), trial % 2 == 0 ? numbers.floats(n) : nil)
        let rows = (0..<m).flatMap { x[($0 * ldx)..<($0 * ldx + k)] }
        let weight = (0..<n).flatMap { w[($0 * ldw)..<($0 * ldw + k)] }
        let y = sameOnEachSet("m \(m) n \(n) k \(k)") {
          var turned = [Float](repeating: .nan, count: qk_f32_turned_size(m, k))
          var y = [Float](repeating: 7, count: m * ldy)
          qk_f32_turn(m, k, x, ldx, &turned)
          qk_f32_linear(m, n, k, turned, w, ldw, bias, &y, ldy)
          return y
        }
        let expected = Self.reference(m, n, k, rows, weight, bias, nil)
        for i in 0..<m {
          #expect(Array(y[(i * ldy)..<(i * ldy + n)]) == Array(expected[(i * n)..<((i + 1) * n)]), "m \(m) n \(n) k \(k) row \(i)")
          #expect(y[(i * ldy + n)..<((i + 1) * ldy)].allSatisfy { $0 == 7 })
        }
      }
    }

    @Test func blocksOfKDoNotShow() {
      var numbers = Numbers(state: 2)
      let (m, n, k) = (7, 33, 2500)
      let (a, w, bias) = (numbers.floats(m * k), numbers.floats(n * k), numbers.floats(n))
      let packed = Self.pack(w, n: n, k: k)
      let c = sameOnEachSet("long k") {
        var c = [Float](repeating: 0, count: m * n)
        qk_f32_gemm(m, n, k, a, k, packed, bias, &c, n, false)
        return c
      }
      #expect(c == Self.reference(m, n, k, a, w, bias, nil))
    }

    @Test func strideGapsStayUntouched() {
      var numbers = Numbers(state: 3)
      let (m, n, k, lda, ldc) = (5, 21, 6, 9, 30)
      let (a, w) = (numbers.floats(m * lda), numbers.floats(n * k))
      let packed = Self.pack(w, n: n, k: k)
      let tight = (0..<m).flatMap { a[($0 * lda)..<($0 * lda + k)] }
      let expected = Self.reference(m, n, k, tight, w, nil, nil)
      let c = sameOnEachSet("strides") {
        var c = [Float](repeating: 7, count: m * ldc)
        qk_f32_gemm(m, n, k, a, lda, packed, nil, &c, ldc, false)
        return c
      }
      for i in 0..<m {
        #expect(Array(c[(i * ldc)..<(i * ldc + n)]) == Array(expected[(i * n)..<((i + 1) * n)]))
        #expect(c[(i * ldc + n)..<((i + 1) * ldc)].allSatisfy { $0 == 7 })
      }
    }

    @Test func unpackingIsTheInverse() {
      var numbers = Numbers(state: 4)
      for (n, k) in [(1, 1), (16, 3), (65, 5), (130, 17)] {
        let w = numbers.floats(n * k)
        var back = [Float](repeating: .nan, count: n * k)
        qk_f32_unpack(n, k, Self.pack(w, n: n, k: k), &back, k)
        #expect(back == w)
      }
    }

    @Test func halfWeightsComeNearPyTorchs() throws {
      for record in try FixtureRecords("linear_f16.txt").records {
        let shape = record[integers: "shape"], (m, n, k) = (shape[0], shape[1], shape[2])
        var w = record.floats("w")
        #expect(w.withUnsafeMutableBufferPointer { qk_f32_round_to_f16_saturated(n * k, $0.baseAddress, $0.baseAddress) } == 2)
        let packed = Self.pack(w, n: n, k: k)
        var y = [Float](repeating: 0, count: m * n)
        qk_f32_gemm(m, n, k, record.floats("x"), k, packed, record.floats("bias"), &y, n, false)
        for (ours, theirs) in zip(y, record.floats("y")) { #expect(abs(ours - theirs) <= 1e-6 * max(1, abs(theirs))) }
      }
    }
  }
}
