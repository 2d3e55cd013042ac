import Interface
import TensorCore

/// Complex numbers: making them, their parts, and what asks about them.
public let complexNumbers = OperationFamily("torch") { ops in
  ops.define("complex(Tensor real, Tensor imag) -> Tensor", doc: "Complex numbers of real and imaginary parts. Of two bare numbers, what Python writes as 1+2j. Mirrors torch.complex.", variants: [.function]) {
    (a: TensorOrNumber, b: TensorOrNumber) -> Tensor in
    if a.tensor.isWrappedNumber && b.tensor.isWrappedNumber && !a.tensor.dtype.isComplex && !b.tensor.dtype.isComplex {
      return try .wrapped(.complex(a.tensor.scalar(at: 0).doubleValue, b.tensor.scalar(at: 0).doubleValue))
    }
    for (i, (x, name)) in [(a, "real"), (b, "imag")].enumerated() where x.tensor.isWrappedNumber {
      let kind = switch x.tensor.dtype { case .bool: "bool"; case .int64: "int"; case .complex128: "complex"; default: "float" }
      throw TorchError.type("complex(): argument '\(name)' (position \(i + 1)) must be Tensor, not \(kind)")
    }
    return try .complex(a.tensor, b.tensor)
  }
  ops.define("polar(Tensor abs, Tensor angle) -> Tensor", doc: "Complex numbers of magnitudes and angles. Mirrors torch.polar.", variants: [.function]) {
    (a: Tensor, b: Tensor) in try Tensor.polar(a, b)
  }
  ops.define("view_as_real(Tensor self) -> Tensor", doc: "The parts along a last dimension of size two, as a view. Mirrors torch.view_as_real.", variants: [.function]) { (x: Tensor) in try x.viewAsReal() }
  ops.define("view_as_complex(Tensor self) -> Tensor", doc: "Pairs along the last dimension as complex numbers, as a view. Mirrors torch.view_as_complex.", variants: [.function]) { (x: Tensor) in try x.viewAsComplex() }
  ops.define("view_as_real_copy(Tensor self) -> Tensor", doc: "A copy of the parts along a last dimension of size two. Mirrors torch.view_as_real_copy.", variants: [.function]) { (x: Tensor) in try x.viewAsReal().clone() }
  ops.define("view_as_complex_copy(Tensor self) -> Tensor", doc: "A copy of pairs along the last dimension as complex numbers. Mirrors torch.view_as_complex_copy.", variants: [.function]) { (x: Tensor) in try x.viewAsComplex().clone() }
  ops.define("real(Tensor self) -> Tensor", doc: "The real part, as a view. Mirrors torch.real.", variants: [.function]) { (x: Tensor) in try x.real() }
  ops.define("imag(Tensor self) -> Tensor", doc: "The imaginary part, as a view. Mirrors torch.imag.", variants: [.function]) { (x: Tensor) in try x.imaginary() }
  ops.define("conj(Tensor self) -> Tensor", doc: "The conjugates; real tensors as they are. Mirrors torch.conj, which gives a view.") { (x: Tensor) in try x.conj() }
  for name in ["resolve_conj", "resolve_neg"] {
    ops.define("\(name)(Tensor self) -> Tensor", doc: "The tensor itself: what changes signs writes anew. Mirrors torch.\(name).") { (x: Tensor) in x }
  }
  ops.tensorOp("conj_physical(Tensor self) -> Tensor", doc: "The conjugates, written anew. Mirrors torch.conj_physical.", inPlace: .both) { (x: Tensor) in try x.conj() }
  ops.define("angle(Tensor self) -> Tensor", doc: "The angles in the complex plane; pi for negative real numbers, 0 for others. Mirrors torch.angle.") { (x: Tensor) in
    x.dtype.isComplex ? try x.complexAngle() : try x.apply(Exponentials.angle)
  }
  ops.define("is_complex(Tensor self) -> bool", doc: "Whether the dtype is complex. Mirrors torch.is_complex.") { (x: Tensor) in x.dtype.isComplex }
  for name in ["is_conj", "is_neg"] {
    ops.define("\(name)(Tensor self) -> bool", doc: "False: conjugates are written anew. Mirrors torch.\(name).") { (_: Tensor) in false }
  }
  ops.define("isreal(Tensor self) -> Tensor", doc: "Where the imaginary part is zero. Mirrors torch.isreal.") { (x: Tensor) in
    x.dtype.isComplex ? try x.imaginary().eq(.number(0)) : try Tensor.full(x.sizes, .boolean(true), dtype: .bool)
  }
}
