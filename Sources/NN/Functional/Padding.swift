import Interface
import Kernels
import TensorCore
import Torch

extension Functional {
  /// Zeros (or another number) around the last dimensions, or a part of them where a pad is negative. `pads` holds before and after for
  /// the last dimension, then for the one before it. Mirrors `torch.constant_pad_nd`.
  static func constantPad(_ x: Tensor, _ pads: [Int], _ value: Scalar) throws -> Tensor {
    if pads.count % 2 != 0 { throw TorchError.runtime("Length of pad must be even but instead it equals \(pads.count)") }
    let n = pads.count / 2
    if n > x.dim {
      throw TorchError.runtime(
        "Length of pad should be no more than twice the number of dimensions of the input. Pad length is \(pads.count)while the input has \(x.dim)dimensions.")
    }
    let first = x.dim - n
    var sizes = x.sizes
    for d in 0..<n {
      let (before, after) = (pads[2 * (n - 1 - d)], pads[2 * (n - 1 - d) + 1])
      sizes[first + d] += before + after
      if sizes[first + d] < 0 {
        throw TorchError.runtime(
          "The input size \(x.sizes[first + d]), plus negative padding \(before) and \(after) resulted in a negative output size, which is invalid. Check dimension \(first + d) of your input.")
      }
    }
    /// The part of a tensor of the sizes before (or after) that both have, cut out by what the pads say.
    func window(_ t: Tensor, _ sign: Int, _ other: Dims) throws -> Tensor {
      var part = t
      for d in 0..<n {
        let before = sign * pads[2 * (n - 1 - d)]
        let from = max(-before, 0)
        part = try part.slice(first + d, from, max(from, min(t.sizes[first + d], other[first + d] - before)))
      }
      return part
    }
    let (whole, padded) = (x.sizes, sizes)
    func place(_ t: Tensor, _ target: Dims, _ fill: Scalar, _ sign: Int) throws -> Tensor {
      let result = try Tensor.full(target, fill, dtype: t.dtype)
      let (from, to) = (try window(t, sign, target), try window(result, -sign, t.sizes))
      if from.count > 0 { try to.copyElements(from: from) }
      return result
    }
    let y = try GradMode.with(false) { try place(x, padded, value, 1) }
    Tensor.recordNode("ConstantPadNdBackward0", inputs: [x], results: [y]) { _, gradients in
      guard let g = gradients[0] else { return [nil] }
      return [
        try LinearMap("ConstantPadNdBackward", { try place($0, whole, .integer(0), -1) }, transpose: { try place($0, padded, .integer(0), 1) })(g)
      ]
    }
    return y
  }

  /// How places outside the input are filled, for all but constants.
  enum PaddingMode: String {
    case reflect, replicate, circular
  }

  /// Where outputs of one dimension come from.
  private static func map(_ mode: PaddingMode, _ size: Int, _ before: Int, _ after: Int) -> AxisMap {
    AxisMap(
      inputSize: size,
      gathering: (0..<max(size + before + after, 0)).map { j in
        let i = j - before
        switch mode {
        case .replicate: return min(max(i, 0), size - 1)
        case .circular:
          // What negative pads cut off takes no part in the wrapping.
          let period = max(size + min(before, 0) + min(after, 0), 1)
          return max(-before, 0) + (((j - max(before, 0)) % period) + period) % period
        case .reflect: return i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i
        }
      })
  }

  /// Mirrors `F.pad` with a mode other than constant.
  static func pad(_ x: Tensor, _ pads: [Int], _ mode: PaddingMode) throws -> Tensor {
    let n = pads.count / 2
    if mode == .circular { return try circularPad(x, pads) }
    // Batch dimensions may be missing.
    if !(1...3).contains(n) || (x.dim != n + 1 && x.dim != n + 2) {
      throw unsupported(x, pads)
    }
    let last = Array(x.sizes.suffix(n))
    if x.dim == n + 2 ? x.sizes.dropFirst().contains(0) : x.sizes.contains(0) {
      throw emptyPad(x, n, mode)
    }
    for d in 0..<n {
      let (before, after) = (pads[2 * (n - 1 - d)], pads[2 * (n - 1 - d) + 1])
      if mode == .reflect, before >= last[d] || after >= last[d] {
        throw TorchError.runtime(
          "Argument #\(2 + 2 * (n - d)): Padding size should be less than the corresponding input dimension, but got: padding (\(before), \(after)) at dimension \(x.dim - n + d) of input \(x.sizes.text)")
      }
    }
    let made = (0..<n).map { last[$0] + pads[2 * (n - 1 - $0)] + pads[2 * (n - 1 - $0) + 1] }
    if made.contains(where: { $0 < 1 }) { throw smallPad(last, made, n) }
    let name = "\(mode == .reflect ? "Reflection" : "Replication")Pad\(n)D"
    return try LinearMap.along(name, (0..<n).map { map(mode, last[$0], pads[2 * (n - 1 - $0)], pads[2 * (n - 1 - $0) + 1]) })(x)
  }

  private static func unsupported(_ x: Tensor, _ pads: [Int]) -> TorchError {
    .notImplemented(
      "Padding size \(pads.count) is not supported for \(x.dim)D input tensor.\nSupported combinations for non-constant padding:\n  - 2D or 3D input: padding size = 2 (pads last dimension)\n  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)")
  }

  private static func emptyPad(_ x: Tensor, _ n: Int, _ mode: PaddingMode) -> TorchError {
    let forms = ["2D or 3D (batch mode)", "3D or 4D (batch mode)", "4D or 5D (batch mode)"]
    return .runtime("Expected \(forms[n - 1]) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: \(x.sizes.text)")
  }

  private static func smallPad(_ before: [Int], _ after: [Int], _ n: Int) -> TorchError {
    let names = [["W"], ["H", "W"], ["D", "H", "W"]][n - 1]
    func list(_ values: [Int]) -> String { zip(names, values).map { "\($0): \($1)" }.joined(separator: " ") }
    if n == 2 { return .runtime("Calculated output \(list(after)) must be >= 1 in every dimension (input H: \(before[0]), W: \(before[1]))") }
    return .runtime("input (\(list(before))) is too small. Calculated output \(list(after))")
  }

  private static func circularPad(_ x: Tensor, _ pads: [Int]) throws -> Tensor {
    let n = pads.count / 2
    if x.dim < n + 1 || x.dim > n + 2 || n > 3 || n < 1 { throw unsupported(x, pads) }
    let last = Array(x.sizes.suffix(n))
    for d in 0..<n {
      let (before, after) = (pads[2 * (n - 1 - d)], pads[2 * (n - 1 - d) + 1])
      if before > last[d] || after > last[d] { throw TorchError.runtime("Padding value causes wrapping around more than once.") }
      if last[d] + before + after < 0 {
        throw TorchError.runtime("Negative padding value is resulting in an empty dimension")
      }
    }
    return try LinearMap.along("PadCircular", (0..<n).map { map(.circular, last[$0], pads[2 * (n - 1 - $0)], pads[2 * (n - 1 - $0) + 1]) })(x)
  }

  /// Mirrors `F.pad`.
  static func pad(_ x: Tensor, _ pads: [Int], mode: String, value: Scalar?) throws -> Tensor {
    if pads.count % 2 != 0 { throw TorchError.runtime("Padding length must be divisible by 2") }
    if pads.count > 2 * x.dim { throw TorchError.runtime("Padding length should be less than or equal to two times the input dimension but got padding length \(pads.count) and input of dimension \(x.dim)") }
    if mode == "constant" { return try constantPad(x, pads, value ?? .integer(0)) }
    if let value, value.doubleValue != 0 { throw TorchError.runtime("Padding mode \"\(mode)\" doesn't take in value argument") }
    guard let known = PaddingMode(rawValue: mode) else { throw TorchError.notImplemented("Unrecognised padding mode \(mode)") }
    return x.dtype.isComplex ? try x.inParts { try pad($0, pads, known) } : try pad(x, pads, known)
  }
}

/// Padding of the last dimensions.
public let paddings = OperationFamily("torch") { ops in
  ops.define(
    "constant_pad_nd(Tensor self, int[] pad, Scalar value=0) -> Tensor", doc: "A number around the last dimensions; negative pads cut. Mirrors torch.constant_pad_nd.",
    variants: [.function]
  ) { (x: Tensor, p: [Int], v: Scalar) in try Functional.constantPad(x, p, v) }
  ops.define(
    "pad(Tensor input, int[] pad, str mode='constant', Scalar? value=None) -> Tensor",
    doc: "Pads the last dimensions: mode constant, reflect, replicate or circular; pad holds before and after, the last dimension first. Mirrors F.pad.",
    variants: [.functional]
  ) { (x: Tensor, p: [Int], m: String, v: Scalar?) in try Functional.pad(x, p, mode: m, value: v) }
}
