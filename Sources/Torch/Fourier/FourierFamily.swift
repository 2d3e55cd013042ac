import Interface
import Kernels
import TensorCore

/// `torch.fft`: discrete Fourier transforms.
public let fourier = OperationFamily("torch.fft") { ops in
  let line = "int? n=None, int dim=-1, str? norm=None"
  let plane = "int[1]? s=None, int[1]? dim=[-2,-1], str? norm=None"
  let grid = "int[1]? s=None, int[1]? dim=None, str? norm=None"
  typealias One = (Tensor, Int?, Int, String?) throws -> Tensor
  typealias Many = (Tensor, [Int]?, [Int]?, String?) throws -> Tensor
  let lines: [(String, String, One)] = [
    ("fft", "The discrete Fourier transform along a dimension.", { try FourierLine.complex($0, $1, $2, $3, forward: true) }),
    ("ifft", "The inverse of fft.", { try FourierLine.complex($0, $1, $2, $3, forward: false) }),
    ("rfft", "The first half of the transform of real numbers along a dimension.", { try FourierLine.half("rfft", $0, $1, $2, $3, forward: true) }),
    ("irfft", "The inverse of rfft.", { try FourierLine.real($0, $1, $2, $3, forward: false) }),
    ("hfft", "The transform, which is real, of the first half of Hermitian numbers.", { try FourierLine.real($0, $1, $2, $3, forward: true) }),
    ("ihfft", "The inverse of hfft.", { try FourierLine.half("ihfft", $0, $1, $2, $3, forward: false) }),
  ]
  for (name, doc, f) in lines {
    ops.define("\(name)(Tensor self, \(line)) -> Tensor", doc: "\(doc) n cuts or fills the dimension; norm is backward, ortho or forward. Mirrors torch.fft.\(name).", variants: [.function]) {
      (x: Tensor, n: Int?, d: Int, norm: String?) in try f(x, n, d, norm)
    }
  }
  let grids: [(String, String, Many)] = [
    ("fft", "The discrete Fourier transform", { try FourierGrid.complex($0, $1, $2, $3, forward: true) }),
    ("ifft", "The inverse transform", { try FourierGrid.complex($0, $1, $2, $3, forward: false) }),
    ("rfft", "The first half of the transform of real numbers", { try FourierGrid.half("rfftn", $0, $1, $2, $3, forward: true) }),
    ("irfft", "The inverse of the transform of real numbers", { try FourierGrid.real("irfftn", $0, $1, $2, $3, forward: false) }),
    ("hfft", "The transform, which is real, of the first half of Hermitian numbers", { try FourierGrid.real("hfftn", $0, $1, $2, $3, forward: true) }),
    ("ihfft", "The inverse of the transform of Hermitian numbers", { try FourierGrid.half("ihfftn", $0, $1, $2, $3, forward: false) }),
  ]
  for (name, doc, f) in grids {
    ops.define("\(name)2(Tensor self, \(plane)) -> Tensor", doc: "\(doc) over two dimensions. Mirrors torch.fft.\(name)2.", variants: [.function]) {
      (x: Tensor, s: [Int]?, d: [Int]?, norm: String?) in try f(x, s, d ?? [-2, -1], norm)
    }
    ops.define("\(name)n(Tensor self, \(grid)) -> Tensor", doc: "\(doc) over several dimensions. Mirrors torch.fft.\(name)n.", variants: [.function]) {
      (x: Tensor, s: [Int]?, d: [Int]?, norm: String?) in try f(x, s, d, norm)
    }
  }
  for (name, forward) in [("fftshift", true), ("ifftshift", false)] {
    ops.define("\(name)(Tensor self, int[1]? dim=None) -> Tensor", doc: forward ? "The zero frequency moved to the middle. Mirrors torch.fft.fftshift." : "The inverse of fftshift. Mirrors torch.fft.ifftshift.", variants: [.function]) {
      (x: Tensor, d: [Int]?) -> Tensor in
      if x.dim == 0, let first = d?.first { throw TorchError.index("Dimension specified as \(first) but tensor has no dimensions") }
      let dims = try (d ?? Array(0..<x.dim)).map { try Shape.wrap($0, x.dim) }
      return try x.roll(dims.map { forward ? x.sizes[$0] / 2 : (x.sizes[$0] + 1) / 2 }, dims)
    }
  }
  let options = "*, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool requires_grad=False"
  for (name, half) in [("fftfreq", false), ("rfftfreq", true)] {
    ops.define("\(name)(int n, float d=1.0, \(options)) -> Tensor", doc: "The frequencies of \(half ? "rfft" : "fft") of n numbers d apart. Mirrors torch.fft.\(name).", variants: [.function]) {
      (n: Int, d: Double, t: DType?, _: Layout?, _: Device?, grad: Bool) -> Tensor in
      let count = half ? n / 2 + 1 : n
      let wrapped = (0..<Swift.max(count, 0)).map { half || $0 < (n + 1) / 2 ? $0 : $0 - n }
      let whole = try Tensor.vector(wrapped.map(Double.init), dtype: t ?? .defaultFloat)
      return try whole.mul(.wrapped(.double(1 / (Double(n) * d)))).wanting(gradient: grad)
    }
  }
}
