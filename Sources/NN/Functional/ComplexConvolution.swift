import Interface
import Torch

extension Functional {
  /// A convolution of complex numbers: those of the parts, put together. The types and sizes were checked before.
  static func complexConvolution(_ x: Tensor, _ w: Tensor, _ bias: Tensor?, _ options: ConvolutionOptions) throws -> Tensor {
    func part(_ x: Tensor, _ w: Tensor) throws -> Tensor { try convolution(x.contiguous(), w.contiguous(), nil, options) }
    let (a, b, c, d) = (try x.real(), try x.imaginary(), try w.real(), try w.imaginary())
    let y = try Tensor.complex(part(a, c).sub(part(b, d)), part(a, d).add(part(b, c)))
    guard let bias else { return y }
    return try y.add(bias.reshape([-1] + Array(repeating: 1, count: w.dim - 2)))
  }
}
