import Glibc
import Interface
import Kernels
import TensorCore

private struct Add: BinaryFunction {
  @inline(__always) func callAsFunction(_ a: Float, _ b: Float) -> Float { a + b }
  @inline(__always) func callAsFunction(_ a: Double, _ b: Double) -> Double { a + b }
  @inline(__always) func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 { a &+ b }
}

private struct Sub: BinaryFunction {
  @inline(__always) func callAsFunction(_ a: Float, _ b: Float) -> Float { a - b }
  @inline(__always) func callAsFunction(_ a: Double, _ b: Double) -> Double { a - b }
  @inline(__always) func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 { a &- b }
}

private struct Mul: BinaryFunction {
  @inline(__always) func callAsFunction(_ a: Float, _ b: Float) -> Float { a * b }
  @inline(__always) func callAsFunction(_ a: Double, _ b: Double) -> Double { a * b }
  @inline(__always) func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 { a &* b }
}

/// Floor division as Python's; integers by zero are refused before.
private struct FloorDiv: BinaryFunction {
  func callAsFunction(_ a: Float, _ b: Float) -> Float { Float(callAsFunction(Double(a), Double(b))) }
  func callAsFunction(_ a: Double, _ b: Double) -> Double {
    if b == 0 { return a / b }
    let m = fmod(a, b)
    var d = (a - m) / b
    if m != 0 && (b < 0) != (m < 0) { d -= 1 }
    if d == 0 { return copysign(0, a / b) }
    let f = floor(d)
    return d - f > 0.5 ? f + 1 : f
  }
  func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 {
    if b == 0 { return 0 }
    let (q, r) = (a.dividedReportingOverflow(by: b).partialValue, b == -1 ? 0 : a % b)
    return r != 0 && (r < 0) != (b < 0) ? q - 1 : q
  }
}

private struct TrueDiv: BinaryFunction {
  @inline(__always) func callAsFunction(_ a: Float, _ b: Float) -> Float { a / b }
  @inline(__always) func callAsFunction(_ a: Double, _ b: Double) -> Double { a / b }
  func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 { b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue }
}

/// The remainder with the divisor's sign, as Python's `%`.
private struct Remainder: BinaryFunction {
  func callAsFunction(_ a: Float, _ b: Float) -> Float {
    let m = fmodf(a, b)
    return m != 0 && (b < 0) != (m < 0) ? m + b : m
  }
  func callAsFunction(_ a: Double, _ b: Double) -> Double {
    let m = fmod(a, b)
    return m != 0 && (b < 0) != (m < 0) ? m + b : m
  }
  func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 {
    if b == 0 || b == -1 { return 0 }
    let m = a % b
    return m != 0 && (b < 0) != (m < 0) ? m + b : m
  }
}

private struct Pow: BinaryFunction {
  func callAsFunction(_ a: Float, _ b: Float) -> Float { b == 2 ? a * a : b == 0.5 ? a.squareRoot() : powf(a, b) }
  func callAsFunction(_ a: Double, _ b: Double) -> Double { b == 2 ? a * a : b == 0.5 ? a.squareRoot() : pow(a, b) }
  func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 {
    if b < 0 { return a == 1 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : -1) : 0 }
    var (result, base, e): (Int64, Int64, Int64) = (1, a, b)
    while e > 0 {
      if e & 1 == 1 { result = result &* base }
      base = base &* base
      e >>= 1
    }
    return result
  }
}

private struct Maximum: BinaryFunction {
  func callAsFunction(_ a: Float, _ b: Float) -> Float { a.isNaN || a > b ? a : b }
  func callAsFunction(_ a: Double, _ b: Double) -> Double { a.isNaN || a > b ? a : b }
  func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 { max(a, b) }
}

private struct Minimum: BinaryFunction {
  func callAsFunction(_ a: Float, _ b: Float) -> Float { a.isNaN || a < b ? a : b }
  func callAsFunction(_ a: Double, _ b: Double) -> Double { a.isNaN || a < b ? a : b }
  func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 { min(a, b) }
}

extension Tensor {
  /// self + alpha · other. Mirrors `torch.add`.
  @inline(__always)
  public func add(_ other: Tensor, alpha: Scalar = .integer(1)) throws -> Tensor {
    let scaled = alpha == .integer(1) ? other : try other.mul(.wrapped(alpha))
    let y = try Tensor.zipped(Add(), self, scaled)
    if Tensor.records(self, scaled) {
      let (a, b) = (sizes, scaled.sizes)
      y.record("AddBackward0", [self, scaled]) { node, g in
        [node.needs(0) ? try g.summed(to: a) : nil, node.needs(1) ? try g.summed(to: b) : nil]
      }
    }
    return y
  }

  /// self − alpha · other. Mirrors `torch.sub`.
  public func sub(_ other: Tensor, alpha: Scalar = .integer(1)) throws -> Tensor {
    if dtype == .bool && other.dtype == .bool {
      throw TorchError.notImplemented(
        "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.")
    }
    let scaled = alpha == .integer(1) ? other : try other.mul(.wrapped(alpha))
    let y = try Tensor.zipped(Sub(), self, scaled)
    if Tensor.records(self, scaled) {
      let (a, b) = (sizes, scaled.sizes)
      y.record("SubBackward0", [self, scaled]) { node, g in
        [node.needs(0) ? try g.summed(to: a) : nil, node.needs(1) ? try g.neg().summed(to: b) : nil]
      }
    }
    return y
  }

  /// Elementwise product. Mirrors `torch.mul`.
  public func mul(_ other: Tensor) throws -> Tensor {
    let y = try Tensor.zipped(Mul(), self, other)
    if Tensor.records(self, other) {
      let (a, b) = (SavedTensor(self), SavedTensor(other))
      let (sa, sb) = (sizes, other.sizes)
      y.record("MulBackward0", [self, other]) { node, g in
        [
          node.needs(0) ? try g.mul(b.unpack()).summed(to: sa) : nil,
          node.needs(1) ? try g.mul(a.unpack()).summed(to: sb) : nil,
        ]
      }
    }
    return y
  }

  /// Elementwise quotient. Mirrors `torch.div`; `rounding` is nil, `trunc` or `floor`.
  public func div(_ other: Tensor, rounding: String? = nil) throws -> Tensor {
    var dtype = ResultType.of(self, other)
    switch rounding {
    case nil:
      if !dtype.isFloatingPoint { dtype = .defaultFloat }
      let y = try Tensor.zipped(TrueDiv(), self, other, result: dtype)
      if Tensor.records(self, other) {
        let (a, b) = (SavedTensor(self), SavedTensor(other))
        let (sa, sb) = (sizes, other.sizes)
        y.record("DivBackward0", [self, other]) { node, g in
          let divisor = try b.unpack()
          return [
            node.needs(0) ? try g.div(divisor).summed(to: sa) : nil,
            node.needs(1) ? try g.neg().mul(a.unpack().div(divisor).div(divisor)).summed(to: sb) : nil,
          ]
        }
      }
      return y
    case "floor":
      if !dtype.isFloatingPoint { try refuseZeroDivisor(other) }
      return try Tensor.zipped(FloorDiv(), self, other, result: dtype)
    case "trunc":
      if !dtype.isFloatingPoint {
        try refuseZeroDivisor(other)
        return try Tensor.zipped(TrueDiv(), self, other, result: dtype)
      }
      return try Tensor.zipped(TrueDiv(), self, other, result: dtype).mapped(Formula(float: truncf, double: trunc))
    case let mode?:
      throw TorchError.runtime("div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '\(mode)'")
    }
  }

  private func refuseZeroDivisor(_ other: Tensor) throws {
    for i in 0..<other.count where other.scalar(at: i).doubleValue == 0 { throw TorchError.runtime("ZeroDivisionError") }
  }

  /// Python's modulus. Mirrors `torch.remainder`.
  public func remainder(_ other: Tensor) throws -> Tensor {
    if !ResultType.of(self, other).isFloatingPoint { try refuseZeroDivisor(other) }
    let y = try Tensor.zipped(Remainder(), self, other)
    if Tensor.records(self, other) {
      let (a, b) = (SavedTensor(self), SavedTensor(other))
      let (sa, sb) = (sizes, other.sizes)
      y.record("RemainderBackward0", [self, other]) { node, g in
        [
          node.needs(0) ? try g.summed(to: sa) : nil,
          node.needs(1) ? try g.neg().mul(a.unpack().div(b.unpack(), rounding: "floor")).summed(to: sb) : nil,
        ]
      }
    }
    return y
  }

  /// Elementwise power. Mirrors `torch.pow`.
  public func pow(_ exponent: Tensor) throws -> Tensor {
    let result = ResultType.of(self, exponent)
    if !result.isFloatingPoint && exponent.isWrappedNumber && exponent.scalar(at: 0).doubleValue < 0 {
      throw TorchError.runtime("Integers to negative integer powers are not allowed.")
    }
    let y = try Tensor.zipped(Pow(), self, exponent)
    if Tensor.records(self, exponent) {
      let (x, e, saved) = (SavedTensor(self), SavedTensor(exponent), SavedTensor(result: y))
      let (sx, se) = (sizes, exponent.sizes)
      y.record(exponent.isWrappedNumber ? "PowBackward0" : "PowBackward1", [self, exponent]) { node, g in
        let (x, e) = (try x.unpack(), try e.unpack())
        var gradients: [Tensor?] = [nil, nil]
        if node.needs(0) {
          // At exponent zero the slope is zero even where x is zero.
          let slope = try e.mul(x.pow(e.sub(.wrapped(.integer(1)))))
          gradients[0] = try g.mul(Tensor.where(e.eq(.wrapped(.integer(0))), .wrapped(.double(0)), slope)).summed(to: sx)
        }
        if node.needs(1) {
          let zero = try x.eq(.wrapped(.integer(0))).logicalAnd(e.ge(.wrapped(.integer(0))))
          let slope = try Tensor.where(zero, .wrapped(.double(0)), saved.unpack(node).mul(x.log()))
          gradients[1] = try g.mul(slope).summed(to: se)
        }
        return gradients
      }
    }
    return y
  }

  /// The greater of each pair. Mirrors `torch.maximum`.
  public func maximum(_ other: Tensor) throws -> Tensor { try extreme(Maximum(), "MaximumBackward0", other) { try $0.gt($1) } }
  /// The lesser of each pair. Mirrors `torch.minimum`.
  public func minimum(_ other: Tensor) throws -> Tensor { try extreme(Minimum(), "MinimumBackward0", other) { try $0.lt($1) } }

  private func extreme<F: BinaryFunction>(
    _ f: F, _ name: String, _ other: Tensor, wins: @escaping (Tensor, Tensor) throws -> Tensor
  ) throws -> Tensor {
    let y = try Tensor.zipped(f, self, other)
    if Tensor.records(self, other) {
      let (a, b) = (SavedTensor(self), SavedTensor(other))
      y.record(name, [self, other]) { node, g in
        let (a, b) = (try a.unpack(), try b.unpack())
        // Equal elements share the gradient.
        let half = try a.eq(b).to(g.dtype).mul(.wrapped(.double(0.5)))
        return [
          node.needs(0) ? try g.mul(wins(a, b).to(g.dtype).add(half)).summed(to: a.sizes) : nil,
          node.needs(1) ? try g.mul(wins(b, a).to(g.dtype).add(half)).summed(to: b.sizes) : nil,
        ]
      }
    }
    return y
  }
}

/// Arithmetic of two tensors or a tensor and a number.
public let arithmetic = OperationFamily("torch") { ops in
  ops.tensorOp("add(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor", doc: "Adds other, scaled by alpha, to self. Shapes broadcast. Mirrors torch.add.") {
    (x: TensorOrNumber, y: TensorOrNumber, alpha: Scalar) in try x.tensor.add(y.tensor, alpha: alpha)
  }
  ops.tensorOp("sub(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor", doc: "Subtracts other, scaled by alpha, from self. Shapes broadcast. Mirrors torch.sub.", aliases: ["subtract"]) {
    (x: TensorOrNumber, y: TensorOrNumber, alpha: Scalar) in try x.tensor.sub(y.tensor, alpha: alpha)
  }
  ops.tensorOp("mul(Tensor self, Tensor other) -> Tensor", doc: "Multiplies elementwise. Shapes broadcast. Mirrors torch.mul.", aliases: ["multiply"]) {
    (x: TensorOrNumber, y: TensorOrNumber) in try x.tensor.mul(y.tensor)
  }
  ops.tensorOp("div(Tensor self, Tensor other, *, str? rounding_mode=None) -> Tensor", doc: "Divides elementwise; rounding_mode is None, 'trunc' or 'floor'. Shapes broadcast. Mirrors torch.div.", aliases: ["divide", "true_divide"]) {
    (x: TensorOrNumber, y: TensorOrNumber, mode: String?) in try x.tensor.div(y.tensor, rounding: mode)
  }
  ops.tensorOp("floor_divide(Tensor self, Tensor other) -> Tensor", doc: "The quotient rounded down. Shapes broadcast. Mirrors torch.floor_divide.") {
    (x: TensorOrNumber, y: TensorOrNumber) in try x.tensor.div(y.tensor, rounding: "floor")
  }
  ops.tensorOp("remainder(Tensor self, Tensor other) -> Tensor", doc: "Python's modulus: the result has the divisor's sign. Shapes broadcast. Mirrors torch.remainder.") {
    (x: TensorOrNumber, y: TensorOrNumber) in try x.tensor.remainder(y.tensor)
  }
  ops.tensorOp("pow(Tensor self, Tensor exponent) -> Tensor", doc: "Raises elementwise to a power. Shapes broadcast. Mirrors torch.pow.") {
    (x: TensorOrNumber, y: TensorOrNumber) in try x.tensor.pow(y.tensor)
  }
  ops.tensorOp("maximum(Tensor self, Tensor other) -> Tensor", doc: "The greater of each pair of elements; NaN wins. Mirrors torch.maximum.", inPlace: false) {
    (x: Tensor, y: Tensor) in try x.maximum(y)
  }
  ops.tensorOp("minimum(Tensor self, Tensor other) -> Tensor", doc: "The lesser of each pair of elements; NaN wins. Mirrors torch.minimum.", inPlace: false) {
    (x: Tensor, y: Tensor) in try x.minimum(y)
  }
}
