/// The keyword texts behind a tensor's elements, in PyTorch's order. Dtypes are spelt as PyTorch's, e.g. `torch.float64`.
public enum TensorSuffixes {
  /// `size=` and `dtype=` of an ordinary tensor: the size of an empty tensor that is not one-dimensional, the dtype where the elements do not show it.
  public static func plain(shape: [Int], dtype: String, defaultDtype: String = "torch.float32", options: PrintOptions = .standard) -> [String] {
    var suffixes: [String] = []
    if shape.contains(0) {
      if shape.count != 1 { suffixes.append("size=" + tuple(shape)) }
      // No element tells an int64 from a float here, so every dtype but the default one is named.
      if dtype != defaultDtype { suffixes.append("dtype=" + dtype) }
      return suffixes
    }
    if options.edgeItems == 0 { suffixes.append("size=" + tuple(shape)) }
    if ![defaultDtype, "torch.int64", "torch.bool"].contains(dtype) { suffixes.append("dtype=" + dtype) }
    return suffixes
  }

  /// The suffixes of a tensor quantized with one scale; `scheme` is e.g. `torch.per_tensor_affine`.
  public static func quantized(shape: [Int], dtype: String, scheme: String, scale: Double, zeroPoint: Int64) -> [String] {
    [
      "size=" + tuple(shape), "dtype=" + dtype, "quantization_scheme=" + scheme,
      "scale=" + FloatText.shortest(scale), "zero_point=\(zeroPoint)",
    ]
  }

  /// The suffixes of a tensor quantized per channel; `scales` and `zeroPoints` are the printouts of those tensors.
  public static func quantized(
    shape: [Int], dtype: String, scheme: String, scales: String, zeroPoints: String, axis: Int
  ) -> [String] {
    [
      "size=" + tuple(shape), "dtype=" + dtype, "quantization_scheme=" + scheme,
      "scale=" + scales, "zero_point=" + zeroPoints, "axis=\(axis)",
    ]
  }

  /// What autograd adds: `grad_fn=<AddBackward0>`, else `requires_grad=True`, else nothing.
  public static func gradient(function: String?, requiresGradient: Bool) -> [String] {
    if let function { return ["grad_fn=<\(function)>"] }
    return requiresGradient ? ["requires_grad=True"] : []
  }

  /// A shape as Python prints a tuple: `()`, `(3,)`, `(2, 3)`.
  public static func tuple(_ values: [Int]) -> String {
    values.count == 1 ? "(\(values[0]),)" : "(" + values.map(String.init).joined(separator: ", ") + ")"
  }
}
