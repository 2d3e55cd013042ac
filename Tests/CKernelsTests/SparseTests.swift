import CKernels
import Testing

extension Kernels {
  @Suite struct Sparse {
    /// Compressed rows of random elements, and their packed form.
    struct Weight {
      let (n, k): (Int, Int)
      var offsets: [Int32] = [0]
      var columns: [Int32] = []
      var values: [Float] = []
      var (rows, first, base): ([UInt32], [UInt32], [UInt32]) = ([], [], [])
      var places: [UInt8] = []
      var lanes: [Float] = []

      init(_ n: Int, _ k: Int, density: Double, _ numbers: inout Numbers) {
        (self.n, self.k) = (n, k)
        for _ in 0..<n {
          // Some rows are empty, some are full.
          let share = switch numbers.integer(0..<8) { case 0: 0.0; case 1: 1.0; default: density }
          for c in 0..<k where share == 1 && density > 0 || Double(numbers.integer(0..<1000)) < share * 1000 {
            columns.append(Int32(c))
            values.append(numbers.float())
          }
          offsets.append(Int32(columns.count))
        }
        rows = (0..<UInt32(n)).sorted { (length($0), $1) > (length($1), $0) }
        first = [UInt32](repeating: .max, count: qk_sparse_groups(n) + 1)
        let (rows, offsets, columns, values) = (self.rows, self.offsets, self.columns, self.values)
        let steps = offsets.withUnsafeBufferPointer { o in
          columns.withUnsafeBufferPointer { c in
            values.withUnsafeBufferPointer { v in
              var matrix = qk_sparse_rows(n: n, k: k, offsets: o.baseAddress, columns: c.baseAddress, values: v.baseAddress)
              let steps = qk_sparse_pack(&matrix, rows, &first, nil, nil, nil)
              base = [UInt32](repeating: .max, count: steps)
              places = [UInt8](repeating: 0xff, count: steps * 16)
              lanes = [Float](repeating: .nan, count: steps * 16)
              #expect(qk_sparse_pack(&matrix, rows, &first, &base, &places, &lanes) == steps)
              return steps
            }
          }
        }
        #expect(first.last == UInt32(steps))
        #expect(base.allSatisfy { Int($0) + 32 <= max(k, 32) })
      }

      private func length(_ r: UInt32) -> Int32 { offsets[Int(r) + 1] - offsets[Int(r)] }

      func withPacked<R>(_ body: (qk_sparse_weight) -> R) -> R {
        rows.withUnsafeBufferPointer { r in
          first.withUnsafeBufferPointer { f in
            base.withUnsafeBufferPointer { b in
              places.withUnsafeBufferPointer { p in
                lanes.withUnsafeBufferPointer { v in
                  body(qk_sparse_weight(n: n, k: k, rows: r.baseAddress, first: f.baseAddress, base: b.baseAddress, places: p.baseAddress, values: v.baseAddress))
                }
              }
            }
          }
        }
      }

      /// The definition: from 0 one fused multiply-add for each stored element in order, then the bias.
      func reference(_ m: Int, _ x: [Float], _ ldx: Int, _ bias: [Float]?) -> [Float] {
        (0..<m).flatMap { i in
          (0..<n).map { r in
            var sum: Float = 0
            for e in Int(offsets[r])..<Int(offsets[r + 1]) { sum.addProduct(values[e], x[i * ldx + Int(columns[e])]) }
            return bias.map { sum + $0[r] } ?? sum
          }
        }
      }
    }

    @Test func everySetGivesTheDefinitionsBits() {
      var numbers = Numbers(state: 41)
      for trial in 0..<160 {
        let density = [0, 0.01, 0.1, 0.3, 0.7, 1][trial % 6]
        let (n, k, m) = (numbers.integer(1..<70), trial % 7 == 0 ? numbers.integer(1..<32) : numbers.integer(1..<300), numbers.integer(1..<40))
        let weight = Weight(n, k, density: density, &numbers)
        let ldx = k + numbers.integer(0..<3), ldy = n + numbers.integer(0..<3)
        var x = numbers.floats(m * ldx)
        // Infinities and NaN reach only those outputs that have an element for them.
        if trial % 4 == 0 { for value in [Float.infinity, -.infinity, .nan] { x[numbers.integer(0..<x.count)] = value } }
        let bias = trial % 2 == 0 ? numbers.floats(n) : nil
        let expected = weight.reference(m, x, ldx, bias)
        let y = sameOnEachSet("n \(n) k \(k) m \(m) density \(density)") {
          var y = [Float](repeating: 7, count: m * ldy)
          weight.withPacked { packed in
            var packed = packed
            // In two parts, as threads would.
            let groups = qk_sparse_groups(n)
            qk_sparse_linear(m, x, ldx, &packed, bias, &y, ldy, groups / 2, groups)
            qk_sparse_linear(m, x, ldx, &packed, bias, &y, ldy, 0, groups / 2)
          }
          return y
        }
        for i in 0..<m {
          let (row, wanted) = (y[(i * ldy)..<(i * ldy + n)], expected[(i * n)..<((i + 1) * n)])
          #expect(zip(row, wanted).allSatisfy { $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN }, "n \(n) k \(k) m \(m) density \(density)")
          #expect(y[(i * ldy + n)..<((i + 1) * ldy)].allSatisfy { $0 == 7 })
        }
      }
    }

    @Test func unpackingIsTheInverse() {
      var numbers = Numbers(state: 42)
      for (n, k, density) in [(1, 1, 1.0), (16, 32, 0.5), (17, 33, 0.1), (100, 1000, 0.05), (5, 7, 0), (40, 40, 1)] {
        let weight = Weight(n, k, density: density, &numbers)
        var offsets = [Int32](repeating: -1, count: n + 1)
        var columns = [Int32](repeating: -1, count: weight.columns.count)
        var values = [Float](repeating: .nan, count: weight.columns.count)
        weight.withPacked { packed in
          var packed = packed
          qk_sparse_unpack(&packed, &offsets, &columns, &values)
        }
        #expect(offsets == weight.offsets)
        #expect(columns == weight.columns)
        #expect(values == weight.values)
      }
    }
  }
}
