import CKernels
import Glibc
import Testing

extension Kernels {
  @Suite struct Activation {
    typealias Map = @Sendable @convention(c) (Int, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void
    struct Function: Sendable {
      let name: String
      let map: Map
      let exact: @Sendable (Double) -> Double
      let error: Double
    }

    static let functions = [
      Function(name: "exp", map: qk_exp_f32, exact: { exp($0) }, error: 1.05),
      Function(name: "sigmoid", map: qk_sigmoid_f32, exact: { $0 < -88.7228 ? 0 : 1 / (1 + exp(-$0)) }, error: 2.5),
      Function(name: "tanh", map: qk_tanh_f32, exact: { tanh($0) }, error: 1.35),
    ]

    static func apply(_ map: Map, _ x: [Float]) -> [Float] {
      var y = [Float](repeating: 55, count: x.count)
      map(x.count, x, &y)
      return y
    }

    /// How far `y` is from `exact`, in units of the last place there.
    static func distance(_ y: Float, _ exact: Double) -> Double {
      let nearest = Float(exact)
      if exact.isNaN || nearest.isInfinite || y.isNaN || y.isInfinite {
        return y == nearest || (y.isNaN && exact.isNaN) ? 0 : .infinity
      }
      return abs(Double(y) - exact) / Double(nearest.ulp)
    }

    @Test(arguments: 0..<3) func isNearOverAllFloats(_ index: Int) {
      let function = Self.functions[index]
      var (worst, place) = (0.0, Float(0))
      // A prime step over all bit patterns: both signs, all exponents, NaN.
      for start in stride(from: UInt64(0), to: 1 << 32, by: 4096 * 10_007) {
        let x = (0..<4096).map { start + UInt64($0) * 10_007 }.filter { $0 < 1 << 32 }.map { Float(bitPattern: UInt32($0)) }
        for (x, y) in zip(x, sameOnEachSet("\(function.name) from \(start)", { Self.apply(function.map, x) })) {
          let distance = Self.distance(y, function.exact(Double(x)))
          if distance > worst { (worst, place) = (distance, x) }
        }
      }
      #expect(worst <= function.error, "\(function.name) at \(place)")
    }

    @Test func sigmoidIsNearWhereGatesAre() {
      let x = (0..<200_000).map { Float($0 - 100_000) / 6250 }
      let worst = zip(x, Self.apply(qk_sigmoid_f32, x)).map { Self.distance($1, 1 / (1 + exp(-Double($0)))) }.max() ?? .infinity
      #expect(worst <= 1.75)
    }

    @Test func theEndsAreRight() {
      let x: [Float] = [.infinity, -.infinity, .nan, 0, -0.0, 3e38, -3e38, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, 1e-30, 89, -104]
      sameOnEachSet("exp") {
        let y = Self.apply(qk_exp_f32, x)
        #expect(Array(y[0..<2]) == [.infinity, 0] && y[2].isNaN)
        #expect(Array(y[3...]) == [1, 1, .infinity, 0, 1, 1, 1, .infinity, 0])
        return y
      }
      sameOnEachSet("sigmoid") {
        let y = Self.apply(qk_sigmoid_f32, x)
        #expect(Array(y[0..<2]) == [1, 0] && y[2].isNaN)
        #expect(Array(y[3...]) == [0.5, 0.5, 1, 0, 0.5, 0.5, 0.5, 1, 0])
        return y
      }
      sameOnEachSet("tanh") {
        let y = Self.apply(qk_tanh_f32, x)
        #expect(Array(y[0..<2]) == [1, -1] && y[2].isNaN)
        #expect(Array(y[3...]) == [0, -0.0, 1, -1, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, 1e-30, 1, -1])
        #expect(y[4].sign == .minus)
        return y
      }
    }

    @Test func everyLengthIsWholeAndInPlace() {
      for n in 0..<40 {
        let x = (0..<n).map { Float($0) / 8 - 2 }
        for function in Self.functions {
          let expected = x.map { Self.apply(function.map, [$0])[0] }
          let y = sameOnEachSet("\(function.name) \(n)") {
            var values = x + [123]
            values.withUnsafeMutableBufferPointer { function.map(n, $0.baseAddress, $0.baseAddress) }
            return values
          }
          #expect(y == expected + [123])
        }
      }
    }
  }
}
