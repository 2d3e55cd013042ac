import Interface
import TensorCore

extension Tensor {
  /// Switches gradients on where asked and gives the tensor back.
  func wanting(gradient: Bool) throws -> Tensor {
    if gradient {
      if !dtype.isInexact { throw TorchError.runtime("Only Tensors of floating point and complex dtype can require gradients") }
      try setRequiresGrad(true)
    }
    return self
  }

  /// Zeros under any strides. Mirrors `torch.empty_strided`.
  /// - Throws: PyTorch's sentences for strides that do not fit the sizes.
  static func emptyStrided(_ size: [Int], _ stride: [Int], dtype: DType) throws -> Tensor {
    if size.count != stride.count {
      throw TorchError.runtime("dimensionality of sizes (\(size.count)) must match dimensionality of strides (\(stride.count))")
    }
    for n in size where n < 0 { throw TorchError.runtime("Trying to create tensor with negative dimension \(n): \(Dims(size).text)") }
    let window = Geometry(sizes: Dims(size), strides: Dims(stride), offset: 0)
    if stride.contains(where: { $0 < 0 }) || zip(size, stride).contains(where: { $0.multipliedReportingOverflow(by: $1).overflow }) {
      throw TorchError.runtime("Storage size calculation overflowed with sizes=\(Dims(size).text) and strides=\(Dims(stride).text)")
    }
    let whole = try zeros([window.end], dtype: dtype)
    return whole.alias(window.sizes, window.strides, 0)
  }

  /// The strides of a dense tensor whose dimensions lie in this order, the outermost first.
  static func permutedStrides(_ size: [Int], _ layout: [Int]) throws -> [Int] {
    if size.count != layout.count {
      throw TorchError.runtime(
        "Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = \(size.count) is not equal to len(physical_layout) = \(layout.count)")
    }
    var strides = Array(repeating: 0, count: size.count)
    var seen: Set<Int> = []
    var step = 1
    for (i, d) in layout.enumerated() {
      if d < 0 || d >= size.count {
        throw TorchError.runtime(
          "Dimension out of range (expected to be between 0 and \(size.count - 1), but got \(d) at index \(i)).  NB: negative dims not currently supported; file an issue if you want it.")
      }
      if !seen.insert(d).inserted { throw TorchError.runtime("Duplicate dim not allowed") }
    }
    for d in layout.reversed() {
      strides[d] = step
      step *= Swift.max(size[d], 1)
    }
    return strides
  }

  /// All elements the same, where the number must fit the dtype. Mirrors `torch.full`.
  static func filled(_ sizes: Dims, _ value: Scalar, dtype: DType?) throws -> Tensor {
    let target = dtype ?? value.dtype
    try value.mustFit(target)
    return try full(sizes, value, dtype: target)
  }

  /// Ones on the diagonal. Mirrors `torch.eye`.
  public static func eye(_ n: Int, _ m: Int, dtype: DType) throws -> Tensor {
    if n < 0 { throw TorchError.runtime("n must be greater or equal to 0, got \(n)") }
    if m < 0 { throw TorchError.runtime("m must be greater or equal to 0, got \(m)") }
    let x = try zeros([n, m], dtype: dtype)
    x.alias([Swift.min(n, m)], [m + 1], 0).fillElements(.integer(1))
    return x
  }
}

extension Scalar {
  /// - Throws: PyTorch's sentence where the number is too large for the dtype.
  func mustFit(_ dtype: DType) throws {
    let fits: Bool
    switch self {
    case .boolean: return
    case .complex(_, let imaginary): fits = dtype.isComplex || imaginary == 0
    case .integer(let i):
      if dtype.isIntegral {
        // A negative number goes into an unsigned type by wrapping round.
        fits = dtype == .uint8 ? i >= -255 && i <= 255 : dtype.integerRange.contains(i)
      } else {
        fits = dtype != .float16 || Swift.abs(i) <= 65504
      }
    case .double(let d):
      if dtype.isIntegral {
        let range = dtype.integerRange
        fits = d >= (dtype == .uint8 ? -255 : Double(range.lowerBound)) && d <= Double(range.upperBound) && d < 0x1p63
      } else {
        fits = !d.isFinite || dtype == .bool || dtype == .float64 || d.magnitude <= (dtype == .float16 ? 65504 : dtype == .bfloat16 ? 3.3895313892515355e38 : 3.4028234663852886e38)
      }
    }
    if !fits {
      let names: [DType: String] = [.int64: "int64_t", .int32: "int", .int16: "int16_t", .int8: "int8_t", .uint8: "uint8_t", .float16: "at::Half", .bfloat16: "at::BFloat16"]
      throw TorchError.runtime("value cannot be converted to type \(names[dtype] ?? dtype.capitalized.lowercased()) without overflow")
    }
  }
}

/// Tensors from nothing.
public let creation = OperationFamily("torch") { ops in
  let options = "*, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, bool requires_grad=False"
  let formatted = options + ", MemoryFormat? memory_format=None"
  ops.define("tensor(any data, \(options)) -> Tensor", doc: "A tensor of nested tables of numbers: int64 of integers, float32 where one is a float. Mirrors torch.tensor.", variants: [.function]) {
    (v: Value, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) -> Tensor in
    if case .object(is Tensor) = v {
      UserWarning.tell(
        "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).")
    }
    return try Tensor.make(from: v, dtype: t).wanting(gradient: g)
  }
  for name in ["as_tensor", "asarray"] {
    ops.define("\(name)(any data, *, ScalarType? dtype=None, Device? device=None, bool? copy=None, bool requires_grad=False) -> Tensor", doc: "The tensor itself, or one made of nested tables. Mirrors torch.\(name).", variants: [.function]) {
      (v: Value, t: DType?, _: Device?, copy: Bool?, g: Bool) -> Tensor in
      if case .object(let x as Tensor) = v { return try x.to(t ?? x.dtype, copy: copy ?? false) }
      return try Tensor.make(from: v, dtype: t).wanting(gradient: g)
    }
  }
  for (name, value, doc) in [("zeros", 0, "zeros"), ("ones", 1, "ones"), ("empty", 0, "zeros (memory is not left unset)")] {
    ops.define("\(name)(int[1] size, \(formatted)) -> Tensor", doc: "A tensor of \(doc). Mirrors torch.\(name).", variants: [.function]) {
      (s: [Int], t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool, f: MemoryFormat?) -> Tensor in
      if name == "zeros" && s.contains(where: { $0 < 0 }) { throw TorchError.runtime("zeros: Dimension size must be non-negative.") }
      let x = try Tensor.full(Dims(s), .integer(value), dtype: t ?? .defaultFloat)
      if let f, f.dimensions > 0 { x.strides = try f.strides(x.sizes) }
      return try x.wanting(gradient: g)
    }
    ops.define("\(name)_like(Tensor self, \(formatted)) -> Tensor", doc: "A tensor of \(doc) with the sizes and dtype of self. Mirrors torch.\(name)_like.", variants: [.function]) {
      (x: Tensor, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool, f: MemoryFormat?) -> Tensor in
      let y = try Tensor.full(x.sizes, .integer(value), dtype: t ?? x.dtype)
      if let f, f.dimensions > 0 { y.strides = try f.strides(y.sizes) }
      return try y.wanting(gradient: g)
    }
    ops.define("new_\(name)(Tensor self, int[1] size, \(options)) -> Tensor", doc: "A tensor of \(doc) with the dtype of self. Mirrors Tensor.new_\(name).", variants: [.method]) {
      (x: Tensor, s: [Int], t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) in try Tensor.full(Dims(s), .integer(value), dtype: t ?? x.dtype).wanting(gradient: g)
    }
  }
  ops.define("full(int[1] size, Scalar fill_value, \(options)) -> Tensor", doc: "All elements the same. Mirrors torch.full.", variants: [.function]) {
    (s: [Int], v: Scalar, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) in try Tensor.filled(Dims(s), v, dtype: t).wanting(gradient: g)
  }
  ops.define("full_like(Tensor self, Scalar fill_value, \(formatted)) -> Tensor", doc: "All elements the same, with the sizes and dtype of self. Mirrors torch.full_like.", variants: [.function]) {
    (x: Tensor, v: Scalar, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool, _: MemoryFormat?) in try Tensor.filled(x.sizes, v, dtype: t ?? x.dtype).wanting(gradient: g)
  }
  ops.define("new_full(Tensor self, int[1] size, Scalar fill_value, \(options)) -> Tensor", doc: "All elements the same, with the dtype of self. Mirrors Tensor.new_full.", variants: [.method]) {
    (x: Tensor, s: [Int], v: Scalar, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) in try Tensor.filled(Dims(s), v, dtype: t ?? x.dtype).wanting(gradient: g)
  }
  ops.define("new_tensor(Tensor self, any data, \(options)) -> Tensor", doc: "A tensor of nested tables with the dtype of self. Mirrors Tensor.new_tensor.", variants: [.method]) {
    (x: Tensor, v: Value, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) in try Tensor.make(from: v, dtype: t ?? x.dtype).wanting(gradient: g)
  }
  ops.define("scalar_tensor(Scalar s, \(options)) -> Tensor", doc: "A tensor without dimensions; float32 where no dtype is given. Mirrors torch.scalar_tensor.", variants: [.function]) {
    (s: Scalar, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) in try Tensor.filled(Dims(), s, dtype: t ?? .defaultFloat).wanting(gradient: g)
  }
  ops.define("eye(int n, int? m=None, \(options)) -> Tensor", doc: "Ones on the diagonal. Mirrors torch.eye.", variants: [.function]) {
    (n: Int, m: Int?, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) in try Tensor.eye(n, m ?? n, dtype: t ?? .defaultFloat).wanting(gradient: g)
  }
  ops.define("empty_strided(int[] size, int[] stride, \(options)) -> Tensor", doc: "A tensor of zeros under any strides. Mirrors torch.empty_strided.", variants: [.function]) {
    (s: [Int], d: [Int], t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) in try Tensor.emptyStrided(s, d, dtype: t ?? .defaultFloat).wanting(gradient: g)
  }
  ops.define("new_empty_strided(Tensor self, int[] size, int[] stride, \(options)) -> Tensor", doc: "A tensor of zeros under any strides with the dtype of self. Mirrors Tensor.new_empty_strided.", variants: [.method]) {
    (x: Tensor, s: [Int], d: [Int], t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) in try Tensor.emptyStrided(s, d, dtype: t ?? x.dtype).wanting(gradient: g)
  }
  ops.define("empty_permuted(int[] size, int[] physical_layout, \(options)) -> Tensor", doc: "A tensor of zeros whose dimensions lie in memory in the given order. Mirrors torch.empty_permuted.", variants: [.function]) {
    (s: [Int], l: [Int], t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) in
    try Tensor.emptyStrided(s, Tensor.permutedStrides(s, l), dtype: t ?? .defaultFloat).wanting(gradient: g)
  }
}
