import Glibc

extension Generator {
  /// `uniform_(from, to)`: samples of [from, to), Float and narrower types from 24 bits a sample, Double from 53.
  ///
  /// `output` is in memory order. Throws `SamplingError` with PyTorch's sentence when a bound does not fit the type or the range is empty; nothing is drawn then.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Float16)
  public func fillUniform<T: RandomReal>(_ output: UnsafeMutableBufferPointer<T>, from: Double = 0, to: Double = 1) throws {
    let bounds = -T.greatestFinite...T.greatestFinite
    guard bounds.contains(from) else { throw SamplingError("from is out of bounds for \(T.nativeName)") }
    guard bounds.contains(to) else { throw SamplingError("to is out of bounds for \(T.nativeName)") }
    guard from <= to else {
      throw SamplingError(
        "uniform_ expects to return a [from, to) range, but found from=\(Self.text(from)) > to=\(Self.text(to))")
    }
    guard to - from <= T.greatestFinite else {
      throw SamplingError(
        "uniform_ expects to-from <= std::numeric_limits<\(T.scalarName)>::max(), but found to=\(Self.text(to)) and from=\(Self.text(from)) which result in to-from to exceed the limit")
    }
    let lower = T.Accumulator(parameter: from)
    let width = T.Accumulator(parameter: to) - lower
    let first = T(sample: lower)
    let end = T(sample: T.Accumulator(parameter: to))
    if T.self == Float.self, let start = output.baseAddress, let lower = lower as? Float, let width = width as? Float, let end = end as? Float {
      // T is Float, so this is where they lie already.
      UnsafeMutableRawPointer(start).withMemoryRebound(to: Float.self, capacity: output.count) {
        engine.fill($0, count: output.count, low: lower, width: width, end: end)
      }
      return
    }
    for index in output.indices {
      // Fused, as PyTorch's compiler does on processors with AVX2; rounding may reach `to`, which is then replaced by `from`.
      let value = T(sample: lower.addingProduct(T.Accumulator.drawUnit(from: self), width))
      output[index] = value == end ? first : value
    }
  }

  /// A double as C++ streams print it: six significant digits.
  static func text(_ value: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 40)
    let count = withVaList([value]) { vsnprintf(&buffer, buffer.count, "%g", $0) }
    return String(decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
