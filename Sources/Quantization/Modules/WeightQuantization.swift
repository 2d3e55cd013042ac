import Interface
import NN
import TensorCore
import Torch

/// A layer that stands in for a float layer after quantization.
public protocol QuantizedLayer: Module {
  /// The quantized form of a float layer, observed as `config` says (`default_dynamic_qconfig` where nil).
  /// - Throws: PyTorch's sentences for layers and configurations that do not go together.
  static func fromFloat(_ module: Module, _ config: QConfig?) throws -> Self
}

extension Observer {
  /// A weight rounded to qint8 (to the observer's dtype, where zero points are fractions) with the scales this observer finds. Mirrors `_quantize_weight`.
  func quantizedWeight(_ weight: Tensor) throws -> Tensor {
    guard let observer = self as? UniformObserver else {
      throw TorchError.attribute("'\(typeName)' object has no scales to quantize weights with; use MinMaxObserver or PerChannelMinMaxObserver")
    }
    try observe(weight)
    let (scales, zeros) = try calculateQParams()
    let plain = try weight.dense(.float32)
    let result: Tensor
    if observer.scheme.isPerChannel {
      let axis = (self as? PerChannelMinMaxObserver)?.axis ?? 0
      let isFractional = observer.scheme === QScheme.perChannelAffineFloatQParams
      result = try plain.quantizedPerChannel(scales: scales, zeroPoints: zeros, axis: axis, dtype: isFractional ? observer.dtype : .qint8)
    } else {
      result = try plain.quantizedPerTensor(
        scale: scales.scalar(at: 0).doubleValue, zeroPoint: zeros.scalar(at: 0).integerValue, dtype: .qint8)
    }
    if result.dtype == .qint8, observer.quantMin > -128 || observer.quantMax < 127 {
      let q = result.elements(Int8.self)
      for i in 0..<result.count { q[i] = Int8(clamping: min(max(Int(q[i]), observer.quantMin), observer.quantMax)) }
    }
    return result
  }
}

extension Module {
  /// An attribute PyTorch keeps as a whole number.
  func integerAttribute(_ name: String) throws -> Int {
    if case .integer(let i)? = try attribute(name) { return i }
    throw TorchError.attribute("'\(typeName)' object has no attribute '\(name)'")
  }
  private func plainAttribute(_ name: String) -> Value? { (try? attribute(name)) ?? nil }
  /// An attribute PyTorch keeps as True or False; false where there is none.
  func flagAttribute(_ name: String) -> Bool {
    if case .boolean(let b)? = plainAttribute(name) { b } else { false }
  }
  /// An attribute PyTorch keeps as a number; 0 where there is none.
  func numberAttribute(_ name: String) -> Double {
    switch plainAttribute(name) {
    case .number(let d)?: d
    case .integer(let i)?: Double(i)
    default: 0
    }
  }
}

extension OrderedDict {
  /// A value that must be there.
  /// - Throws: Python's `KeyError`.
  func required(_ key: String) throws -> Value {
    guard let value = self[key] else { throw TorchError(.keyError, "'\(key)'") }
    return value
  }
}
