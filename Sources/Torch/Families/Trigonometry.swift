import Glibc
import Interface
import Kernels
import TensorCore

/// Circular and hyperbolic functions and their inverses.
enum Trigonometry {
  static let tan: Differentiable = .init(
    node: "TanBackward0", value: Formula(float: tanf, double: Glibc.tan),
    backward: { g, _, y in
      let y = try y()
      return try g * (y * y + 1)
    })
  static let asin: Differentiable = .init(
    node: "AsinBackward0", value: Formula(float: asinf, double: Glibc.asin),
    backward: { g, x, _ in
      let x = try x()
      return try g * (1 - x * x).rsqrt()
    })
  static let acos: Differentiable = .init(
    node: "AcosBackward0", value: Formula(float: acosf, double: Glibc.acos),
    backward: { g, x, _ in
      let x = try x()
      return try g * -(1 - x * x).rsqrt()
    })
  static let atan: Differentiable = .init(
    node: "AtanBackward0", value: Formula(float: atanf, double: Glibc.atan),
    backward: { g, x, _ in
      let x = try x()
      return try g / (x * x + 1)
    })
  static let sinh: Differentiable = .init(
    node: "SinhBackward0", value: Formula(float: sinhf, double: Glibc.sinh), backward: { g, x, _ in try g * x().apply(cosh) })
  static let cosh: Differentiable = .init(
    node: "CoshBackward0", value: Formula(float: coshf, double: Glibc.cosh), backward: { g, x, _ in try g * x().apply(sinh) })
  static let asinh: Differentiable = .init(
    node: "AsinhBackward0", value: Formula(float: asinhf, double: Glibc.asinh),
    backward: { g, x, _ in
      let x = try x()
      return try g * (x * x + 1).rsqrt()
    })
  static let acosh: Differentiable = .init(
    node: "AcoshBackward0", value: Formula(float: acoshf, double: Glibc.acosh),
    backward: { g, x, _ in
      let x = try x()
      return try g * (x * x - 1).rsqrt()
    })
  static let atanh: Differentiable = .init(
    node: "AtanhBackward0", value: Formula(float: atanhf, double: Glibc.atanh),
    backward: { g, x, _ in
      let x = try x()
      return try g / (1 - x * x)
    })
}

/// Circular and hyperbolic functions, element by element.
public let trigonometry = OperationFamily("torch") { ops in
  ops.pointwise("tan", "The tangent.", Trigonometry.tan)
  ops.pointwise("asin", "The inverse sine.", aliases: ["arcsin"], Trigonometry.asin)
  ops.pointwise("acos", "The inverse cosine.", aliases: ["arccos"], Trigonometry.acos)
  ops.pointwise("atan", "The inverse tangent.", aliases: ["arctan"], Trigonometry.atan)
  ops.pointwise("sinh", "The hyperbolic sine.", Trigonometry.sinh)
  ops.pointwise("cosh", "The hyperbolic cosine.", Trigonometry.cosh)
  ops.pointwise("asinh", "The inverse hyperbolic sine.", aliases: ["arcsinh"], Trigonometry.asinh)
  ops.pointwise("acosh", "The inverse hyperbolic cosine.", aliases: ["arccosh"], Trigonometry.acosh)
  ops.pointwise("atanh", "The inverse hyperbolic tangent.", aliases: ["arctanh"], Trigonometry.atanh)
}
