import CKernels
import Testing

extension Kernels {
  @Suite struct Attention {
    /// Values, weights and the three gradients of heads that lie side by side in rows.
    private static func run(_ heads: Int, _ n: Int, _ m: Int, _ d: Int, _ e: Int, mask: [Float]?, noise: [Float]?, _ numbers: Numbers) -> [Float] {
      var numbers = numbers
      var (q, k, v, g) = (numbers.floats(n * heads * d), numbers.floats(m * heads * d), numbers.floats(m * heads * e), numbers.floats(n * heads * e))
      var y = [Float](repeating: .nan, count: n * heads * e)
      var weights = [Float](repeating: .nan, count: heads * n * m)
      var (dq, dk, dv) = (q, k, v)
      var (mask, noise) = (mask ?? [], noise ?? [])
      func rows(_ p: UnsafeMutablePointer<Float>?, _ width: Int) -> qk_heads { qk_heads(at: p, batch: 0, head: width, row: heads * width) }
      var job = qk_attention()
      (job.heads, job.queries, job.keys, job.width, job.value_width, job.scale) = (heads, n, m, d, e, 0.3)
      (job.zeroes_empty_rows, job.noise_scale) = (true, 1.25)
      return q.withUnsafeMutableBufferPointer { q in
        k.withUnsafeMutableBufferPointer { k in
          v.withUnsafeMutableBufferPointer { v in
            mask.withUnsafeMutableBufferPointer { mask in
              noise.withUnsafeMutableBufferPointer { noise in
                (job.q, job.k, job.v) = (rows(q.baseAddress, d), rows(k.baseAddress, d), rows(v.baseAddress, e))
                if !mask.isEmpty { job.mask = qk_heads(at: mask.baseAddress, batch: 0, head: 0, row: m) }
                if !noise.isEmpty { job.noise = UnsafePointer(noise.baseAddress) }
                weights.withUnsafeMutableBufferPointer { weights in
                  job.weights = weights.baseAddress
                  y.withUnsafeMutableBufferPointer { y in
                    job.out = rows(y.baseAddress, e)
                    withUnsafeTemporaryAllocation(byteCount: qk_attention_scratch(&job), alignment: 64) { qk_attention_forward(&job, 0, heads, $0.baseAddress) }
                  }
                  g.withUnsafeMutableBufferPointer { g in
                    dq.withUnsafeMutableBufferPointer { dq in
                      dk.withUnsafeMutableBufferPointer { dk in
                        dv.withUnsafeMutableBufferPointer { dv in
                          job.out = rows(g.baseAddress, e)
                          (job.dq, job.dk, job.dv) = (rows(dq.baseAddress, d), rows(dk.baseAddress, d), rows(dv.baseAddress, e))
                          withUnsafeTemporaryAllocation(byteCount: qk_attention_backward_scratch(&job), alignment: 64) {
                            qk_attention_backward(&job, 0, heads, $0.baseAddress)
                          }
                        }
                      }
                    }
                  }
                }
                return y + weights + dq + dk + dv
              }
            }
          }
        }
      }
    }

    @Test func everySetGivesTheSameBits() {
      var numbers = Numbers(state: 11)
      for (heads, n, m, d, e) in [(1, 1, 1, 1, 1), (2, 37, 130, 20, 17), (3, 130, 16, 32, 48), (1, 7, 300, 64, 16), (2, 100, 100, 5, 33)] {
        for trial in 0..<3 {
          let mask = trial == 0 ? nil : (0..<(n * m)).map { _ in numbers.integer(0..<5) == 0 ? -Float.infinity : numbers.float() }
          let noise = trial < 2 ? nil : (0..<(heads * n * m)).map { _ in Float(numbers.integer(0..<2)) }
          let same = numbers
          let all = sameOnEachSet("\(heads) heads, \(n) x \(m), \(d), \(e)") { Self.run(heads, n, m, d, e, mask: mask, noise: noise, same) }
          #expect(mask != nil || all.allSatisfy { $0.isFinite })
        }
      }
    }
  }
}
