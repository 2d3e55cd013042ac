import CKernels
import Testing

/// All tests of the kernels, one after the other: which instruction set is in use is a setting of the process.
@Suite(.serialized) struct Kernels {
  /// The instruction sets this processor has.
  static let sets = [QK_ISA_NONE, QK_ISA_AVX2, QK_ISA_AVX512, QK_ISA_AVX512_VNNI].filter { $0.rawValue <= qk_isa_detected().rawValue }

  /// What `body` gives on each instruction set, the plain one first.
  static func onEachSet<Result>(_ body: () throws -> Result) rethrows -> [(set: String, result: Result)] {
    defer { _ = qk_isa_force(qk_isa_detected()) }
    return try sets.map { set in
      let used = qk_isa_force(set)
      #expect(used == set)
      return (String(cString: qk_isa_name(set)), try body())
    }
  }

  /// Checks that every instruction set gives the bits of the plain one (of a NaN only that it is one), and returns them.
  @discardableResult
  static func sameOnEachSet(_ context: @autoclosure () -> String, _ body: () throws -> [Float]) rethrows -> [Float] {
    let results = try onEachSet(body)
    let bits = { (values: [Float]) in values.map { $0.isNaN ? 0x7fc0_0000 : $0.bitPattern } }
    for (set, result) in results.dropFirst() where bits(result) != bits(results[0].result) {
      Issue.record("\(set) differs from none: \(context())")
    }
    return results[0].result
  }
}

/// Numbers that are the same in every run.
struct Numbers {
  var state: UInt64

  mutating func bits() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func integer(_ range: Range<Int>) -> Int { range.lowerBound + Int(bits() % UInt64(range.count)) }

  /// In -1 ..< 1.
  mutating func float() -> Float { Float(Int64(bits() >> 40) - (1 << 23)) / Float(1 << 23) }

  mutating func floats(_ count: Int) -> [Float] { (0..<count).map { _ in float() } }

  /// Values whose own range in `levels` steps puts nearly all of them, and every other zero point, within a rounding
  /// or two of halfway between two quantized values.
  mutating func nearTies(_ count: Int, levels: Int) -> [Float] {
    let size = abs(Double(float())) + 0.1
    let low = integer(0..<2) == 0 ? -(Double(integer(0..<levels)) + 0.5) / Double(levels) * size : -size * abs(Double(float()))
    let ends = [Float(low), Float(low + size)]
    let scale = (Double(ends[1]) - Double(ends[0])) / Double(levels)
    let first = Int((low / scale).rounded(.up))
    return (0..<count).map { i in
      i < 2 ? ends[i] : min(ends[1], max(ends[0], Float((Double(first + integer(0..<levels)) + 0.5) * scale)))
    }
  }

  mutating func bytes<T: FixedWidthInteger>(_ count: Int, of _: T.Type = T.self) -> [T] {
    (0..<count).map { _ in T(truncatingIfNeeded: bits() >> 20) }
  }
}

func roundedUp(_ n: Int, to step: Int) -> Int { (n + step - 1) / step * step }
