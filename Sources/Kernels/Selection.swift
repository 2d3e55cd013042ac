import CKernels
import TensorCore

/// Moving elements whole: choosing, gathering and scattering, whatever their type.
public enum Selection {
  /// out = condition ? a : b, all over one shape; a, b and out have one dtype, the condition has bytes.
  public static func choose(_ condition: Operand, _ a: Operand, _ b: Operand, into out: Operand, sizes: Dims) {
    let size = out.dtype.itemSize
    let strips = Strips(sizes: sizes, operands: [condition.strides, a.strides, b.strides, out.strides])
    let steps = strips.steps
    let dense = steps[0] == 1 && steps[3] == 1 && steps[1] >= 0 && steps[1] <= 1 && steps[2] >= 0 && steps[2] <= 1
    let loop = dense ? qk_choose(size, steps[1] == 0 ? 1 : 0, steps[2] == 0 ? 1 : 0) : nil
    strips.inParallel { at, n in
      let (c, p, q, o) = (condition.pointer + at[0], a.pointer + at[1] * size, b.pointer + at[2] * size, out.pointer + at[3] * size)
      if let loop { return loop(n, c, p, q, o) }
      for i in 0..<n {
        let yes = (c + i * steps[0]).load(as: UInt8.self) != 0
        (o + i * steps[3] * size).copyMemory(from: yes ? p + i * steps[1] * size : q + i * steps[2] * size, byteCount: size)
      }
    }
  }
}
