import CKernels

/// Attention of float32 heads, each by one thread.
public enum HeadProducts {
  /// The result of `count` heads; see qk_attention.h.
  public static func forward(_ job: qk_attention, heads count: Int) { share(job, count, qk_attention_scratch, qk_attention_forward) }

  /// The gradients.
  public static func backward(_ job: qk_attention, heads count: Int) {
    share(job, count, qk_attention_backward_scratch, qk_attention_backward)
  }

  private static func share(
    _ job: qk_attention, _ count: Int, _ scratch: (UnsafePointer<qk_attention>?) -> Int,
    _ run: (UnsafePointer<qk_attention>?, Int, Int, UnsafeMutableRawPointer?) -> Void
  ) {
    withUnsafePointer(to: job) { job in
      let (bytes, work) = (scratch(job), job.pointee.queries * job.pointee.keys * (job.pointee.width + job.pointee.value_width))
      Threads.run(count, grain: max(1, (1 << 20) / max(work, 1))) { part in
        withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 64) { run(job, part.lowerBound, part.upperBound, $0.baseAddress) }
      }
    }
  }
}
