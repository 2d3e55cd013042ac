import CKernels
import Glibc
import Interface
import TensorCore

/// Floats to integers and back, with the arithmetic of PyTorch's x86 kernels: float32 throughout, `1 / scale` first, ties to even.
struct AffineRounding {
  let scale: Float
  let zeroPoint: Int32
  let dtype: DType

  /// Writes `count` integers of `dtype`.
  func quantize(_ x: UnsafePointer<Float>, count: Int, into q: UnsafeMutableRawPointer) {
    switch dtype {
    case .quint8: qk_quantize_u8(count, x, scale, zeroPoint, q.assumingMemoryBound(to: UInt8.self))
    case .qint8: qk_quantize_s8(count, x, scale, zeroPoint, q.assumingMemoryBound(to: Int8.self))
    default:
      let inverse = 1 / scale
      let out = q.assumingMemoryBound(to: Int32.self)
      for i in 0..<count {
        let value = Double(Float(zeroPoint) + rintf(x[i] * inverse))
        // What x86 gives for NaN is the least integer as well.
        out[i] = value.isNaN || value <= -2147483648 ? .min : value >= 2147483647 ? .max : Int32(value)
      }
    }
  }

  /// Writes `count` floats.
  func dequantize(_ q: UnsafeRawPointer, count: Int, into y: UnsafeMutablePointer<Float>) {
    switch dtype {
    case .quint8: widen(q.assumingMemoryBound(to: UInt8.self), count, y)
    case .qint8: widen(q.assumingMemoryBound(to: Int8.self), count, y)
    default: widen(q.assumingMemoryBound(to: Int32.self), count, y)
    }
  }

  @inline(__always)
  private func widen<T: FixedWidthInteger>(_ q: UnsafePointer<T>, _ count: Int, _ y: UnsafeMutablePointer<Float>) {
    // 32 bits wrap around here, as PyTorch's do.
    for i in 0..<count { y[i] = Float(Int32(q[i]) &- zeroPoint) * scale }
  }
}

/// Floats to integers and back for one channel: PyTorch's kernels without SIMD, which treat NaN differently and go back in double precision.
struct ChannelRounding {
  let scale: Double
  let zeroPoint: Int32
  /// A zero point that need not be whole, in place of `zeroPoint`; then all is float32.
  var fraction: Float?
  let dtype: DType

  /// Writes `count` integers of `dtype`; NaN becomes 0, or the least int32.
  func quantize(_ x: UnsafePointer<Float>, count: Int, into q: UnsafeMutableRawPointer) {
    let inverse = 1 / Float(scale)
    let (least, greatest) = (Double(dtype.integerRange.lowerBound), Double(dtype.integerRange.upperBound))
    func run<T: FixedWidthInteger>(_ type: T.Type) {
      let out = q.assumingMemoryBound(to: T.self)
      for i in 0..<count {
        let value = Double(fraction.map { rintf(x[i] * inverse + $0) } ?? Float(zeroPoint) + rintf(x[i] * inverse))
        out[i] = T(truncatingIfNeeded: value.isNaN ? Int32.min : Int32(min(max(value, least), greatest)))
      }
    }
    switch dtype {
    case .quint8: run(UInt8.self)
    case .qint8: run(Int8.self)
    default: run(Int32.self)
    }
  }

  /// Writes `count` floats.
  func dequantize(_ q: UnsafeRawPointer, count: Int, into y: UnsafeMutablePointer<Float>) {
    func run<T: FixedWidthInteger>(_ type: T.Type) {
      let integers = q.assumingMemoryBound(to: T.self)
      if let fraction {
        for i in 0..<count { y[i] = (Float(integers[i]) - fraction) * Float(scale) }
      } else {
        for i in 0..<count { y[i] = Float(Double(Float(integers[i]) - Float(zeroPoint)) * scale) }
      }
    }
    switch dtype {
    case .quint8: run(UInt8.self)
    case .qint8: run(Int8.self)
    default: run(Int32.self)
    }
  }
}

extension DType {
  /// - Throws: PyTorch's sentence where a zero point does not fit the integers; `function` names the kernel.
  func check(zeroPoint: Int, in function: String) throws {
    if zeroPoint > integerRange.upperBound { throw TorchError.runtime("\(function) zero_point \(zeroPoint) is above upper bound.") }
    if zeroPoint < integerRange.lowerBound { throw TorchError.runtime("\(function) zero_point \(zeroPoint) is below lower bound.") }
  }

  /// The quantized type that stores this integer type.
  /// - Throws: PyTorch's sentence for other types.
  var quantizedCounterpart: DType {
    get throws {
      switch self {
      case .int8: .qint8
      case .uint8: .quint8
      case .int32: .qint32
      default: throw TorchError.runtime("Creation of quantized tensor requires quantized dtype like torch.quint8")
      }
    }
  }
}

/// The range of activations as PyTorch's x86 engine chooses it.
struct DynamicRange {
  let scale: Double
  let zeroPoint: Int

  /// - Throws: PyTorch's sentence where NaN hides the range.
  init(of x: UnsafePointer<Float>, count: Int, in levels: ClosedRange<Int32>, reduceRange: Bool) throws {
    var (low, high): (Float, Float) = (0, 0)
    qk_minmax_f32(count, x, &low, &high)
    var scale = 0.0
    var zero: Int32 = 0
    try DynamicRange.check(
      qk_choose_qparams(low, high, levels.lowerBound, levels.upperBound, false, false, reduceRange, &scale, &zero))
    self.scale = scale
    zeroPoint = Int(zero)
  }

  /// - Throws: PyTorch's sentence for a status of the kernels.
  @inline(__always)
  static func check(_ status: qk_status) throws {
    if status == QK_OK { return }
    switch status {
    case QK_BAD_LEVELS: throw TorchError.runtime("In ChooseQuantizationParams, qmin should be less than qmax")
    case QK_BAD_SCALE: throw TorchError.runtime("scale should be > 0")
    default: throw TorchError.runtime("In ChooseQuantizationParams, min should be less than or equal to max")
    }
  }
}
