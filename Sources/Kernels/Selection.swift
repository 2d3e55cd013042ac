import TensorCore

/// Moving elements whole: choosing, gathering and scattering, whatever their type.
public enum Selection {
  /// out = condition ? a : b, all over one shape; a, b and out have one dtype, the condition has bytes.
  public static func choose(_ condition: Operand, _ a: Operand, _ b: Operand, into out: Operand, sizes: Dims) {
    let size = out.dtype.itemSize
    let strips = Strips(sizes: sizes, operands: [condition.strides, a.strides, b.strides, out.strides])
    let steps = strips.steps
    strips.forEach { at in
      for i in 0..<strips.length {
        let yes = (condition.pointer + at[0] + i * steps[0]).load(as: UInt8.self) != 0
        let source = yes ? a.pointer + (at[1] + i * steps[1]) * size : b.pointer + (at[2] + i * steps[2]) * size
        (out.pointer + (at[3] + i * steps[3]) * size).copyMemory(from: source, byteCount: size)
      }
    }
  }
}
