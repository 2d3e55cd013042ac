import CKernels
import Testing

extension Kernels {
  @Suite struct Conv {
    /// The definition: from the bias one fused multiply-add for each weight in order.
    static func reference(_ s: qk_conv_shape, _ x: [Float], _ w: [Float], _ bias: [Float]?) -> [Float] {
      var y: [Float] = []
      for o in 0..<s.out_channels {
        for r in 0...(s.height - s.kernel_height) {
          for q in 0...(s.width - s.kernel_width) {
            var sum = bias?[o] ?? 0
            for c in 0..<s.in_channels {
              for i in 0..<s.kernel_height {
                for j in 0..<s.kernel_width {
                  sum.addProduct(w[((o * s.in_channels + c) * s.kernel_height + i) * s.kernel_width + j], x[(c * s.height + r + i) * s.width + q + j])
                }
              }
            }
            y.append(sum)
          }
        }
      }
      return y
    }

    @Test func everySetGivesTheDefinitionsBits() {
      var numbers = Numbers(state: 51)
      for trial in 0..<120 {
        let (kh, kw) = (numbers.integer(1..<6), numbers.integer(1..<6))
        var shape = qk_conv_shape(
          in_channels: numbers.integer(1..<4), out_channels: 1 + trial % 9, height: kh + numbers.integer(0..<6), width: kw + numbers.integer(0..<70),
          kernel_height: kh, kernel_width: kw)
        var x = numbers.floats(shape.in_channels * shape.height * shape.width)
        if trial % 5 == 0 { for value in [Float.infinity, .nan] { x[numbers.integer(0..<x.count)] = value } }
        let w = numbers.floats(shape.out_channels * shape.in_channels * kh * kw)
        let bias = trial % 2 == 0 ? numbers.floats(shape.out_channels) : nil
        let expected = Conv.reference(shape, x, w, bias)
        let y = sameOnEachSet("\(shape)") {
          // What lies behind the output stays as it is.
          var y = [Float](repeating: 7, count: expected.count + 20)
          qk_conv_image(&shape, x, w, bias, &y)
          #expect(y.suffix(20).allSatisfy { $0 == 7 })
          return Array(y.dropLast(20))
        }
        #expect(zip(y, expected).allSatisfy { $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN }, "\(shape)")
      }
    }
  }
}
