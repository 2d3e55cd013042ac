import CKernels
import Interface
import TensorCore

/// Products with a float32 weight `[n, k]` that is read where it lies: of few rows without a packed copy, of many with one that lives as long as the product.
public enum LinearProduct {
  /// Turned inputs; used by the session's one thread.
  nonisolated(unsafe) private static let scratch = Scratch()
  /// Outputs that the kernel computes side by side.
  private static let block = 48
  /// Outputs of a panel.
  private static let panel = 64
  /// From so many rows on packing the weight costs little. The product then takes the library's time, give or take a tenth, and
  /// spares the pass that lays the bias under it.
  private static let many = 257

  /// Whether this is quicker than the library's product, which copies the weight into an order of its own and knows no bias. Found
  /// by trying both at fifteen numbers of rows and eight shapes.
  @inline(__always)
  public static func suits(m: Int, n: Int, k: Int, bias: Bool) -> Bool {
    if m < 4 || n < block || k < 16 { return false }
    return m < many ? isQuicker(m, n * k) : bias && qk_isa_active().rawValue >= QK_ISA_AVX512.rawValue
  }

  private static func isQuicker(_ m: Int, _ weights: Int) -> Bool {
    switch qk_isa_active() {
    case QK_ISA_NONE: false
    case QK_ISA_AVX2: weights >= 1 << 21 && (12...64).contains(m)
    default: weights >= 1 << 18 ? m <= 128 || weights >= 1 << 21 : weights >= 1 << 14 && (16...48).contains(m) && m != 20
    }
  }

  /// y[m, n] = x · wᵀ + bias; rows of x and w are `ldx` and `ldw` floats apart, those of y `n`. `bias` has n floats or is nil.
  /// - Throws: a `RuntimeError` where memory has run out.
  public static func float(
    m: Int, n: Int, k: Int, _ x: UnsafePointer<Float>, ldx: Int, _ w: UnsafePointer<Float>, ldw: Int, bias: UnsafePointer<Float>?,
    _ y: UnsafeMutablePointer<Float>, ldy: Int
  ) throws {
    if m >= many { return panels(m: m, n: n, k: k, x, ldx: ldx, w, ldw: ldw, bias: bias, y, ldy: ldy) }
    let turned = try scratch.reserve(qk_f32_turned_size(m, k) * 4).assumingMemoryBound(to: Float.self)
    qk_f32_turn(m, k, x, ldx, turned)
    // A thread is worth a million multiplications.
    let grain = max(1, (1 << 20) / (m * k * block))
    Threads.run((n + block - 1) / block, grain: grain) { part in
      let (from, to) = (part.lowerBound * block, min(part.upperBound * block, n))
      qk_f32_linear(m, to - from, k, turned, w + from * ldw, ldw, bias.map { $0 + from }, y + from, ldy)
    }
    scratch.trim(above: 4 << 20)
  }

  private static func panels(
    m: Int, n: Int, k: Int, _ x: UnsafePointer<Float>, ldx: Int, _ w: UnsafePointer<Float>, ldw: Int, bias: UnsafePointer<Float>?,
    _ y: UnsafeMutablePointer<Float>, ldy: Int
  ) {
    Threads.run((n + panel - 1) / panel, grain: max(1, (1 << 20) / (m * k * panel))) { part in
      let (from, to) = (part.lowerBound * panel, min(part.upperBound * panel, n))
      withUnsafeTemporaryAllocation(byteCount: qk_f32_panels_size(to - from, k) * 4, alignment: 64) {
        qk_f32_linear_panels(
          m, to - from, k, x, ldx, w + from * ldw, ldw, bias.map { $0 + from }, y + from, ldy, $0.baseAddress?.assumingMemoryBound(to: Float.self))
      }
    }
  }
}
