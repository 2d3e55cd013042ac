import Interface
import Kernels
import TensorCore
import Torch

/// How the windows of a pooling function slide over the last dimensions.
struct PoolingWindow {
  let n: Int
  let kernel, stride, padding, dilation: [Int]
  let ceil: Bool

  /// The windows, single numbers spread over all n dimensions; a stride that is not given is the kernel's size.
  /// - Throws: PyTorch's sentences for lists of another length.
  init(_ n: Int, _ name: String, kernel: [Int], stride: [Int]?, padding: [Int], dilation: [Int] = [1], ceil: Bool) throws {
    let word = [1: "one int", 2: "two ints", 3: "three ints"][n] ?? "\(n) ints"
    func spread(_ list: [Int], _ what: String, optional: Bool = false) throws -> [Int] {
      if list.count == n { return list }
      if list.count == 1 { return Array(repeating: list[0], count: n) }
      throw TorchError.runtime("\(name): \(what) must either be \(optional ? "omitted, " : "")a single int, or a tuple of \(n == 3 && what == "stride" ? "three ints" : word)")
    }
    self.n = n
    self.kernel = try spread(kernel, "kernel_size")
    self.stride = (stride ?? []).isEmpty ? self.kernel : try spread(stride ?? [], "stride", optional: true)
    self.padding = try spread(padding, "padding")
    self.dilation = try spread(dilation, "dilation")
    self.ceil = ceil
  }

  /// How many windows there are along dimension d of this size.
  func outputSize(_ d: Int, _ size: Int) -> Int {
    // Absurd numbers wrap around, as they do in PyTorch.
    let reach = dilation[d] &* (kernel[d] &- 1)
    let span = size &+ 2 &* padding[d] &- reach &- 1 &+ (ceil ? stride[d] &- 1 : 0)
    let quotient = span / stride[d]
    var count = quotient &+ (span < 0 && quotient &* stride[d] != span ? 0 : 1)
    // The last window must begin inside the input or the padding before it.
    if ceil && (count &- 1) &* stride[d] >= size &+ padding[d] { count = count &- 1 }
    return count
  }

  /// The sizes of the output over the last n dimensions.
  /// - Throws: PyTorch's sentences for windows that do not fit.
  func outputSizes(_ x: Tensor, _ name: String) throws -> [Int] {
    let names = [["W"], ["H", "W"], ["T", "H", "W"]][n - 1]
    if (kernel + stride + padding + dilation).contains(where: { $0 > Int(Int32.max) || $0 < Int(Int32.min) }) {
      throw TorchError.runtime("value cannot be converted to type int without overflow")
    }
    if stride.contains(0) { throw TorchError.runtime("stride should not be zero") }
    for d in 0..<n where padding[d] < 0 { throw TorchError.runtime("pad must be non-negative, but got pad: \(padding[d])") }
    for d in 0..<n where padding[d] > ((kernel[d] &- 1) &* dilation[d] &+ 1) / 2 {
      throw TorchError.runtime(
        "pad should be at most half of effective kernel size, but got pad=\(padding[d]), kernel_size=\(kernel[d]) and dilation=\(dilation[d])")
    }
    if kernel.contains(where: { $0 <= 0 }) {
      throw TorchError.runtime("kernel size should be greater than zero, but got " + zip(names, kernel).map { "k\($0): \($1)" }.joined(separator: " "))
    }
    if stride.contains(where: { $0 <= 0 }) {
      throw TorchError.runtime("stride should be greater than zero, but got " + zip(names, stride).map { "d\($0): \($1)" }.joined(separator: " "))
    }
    if dilation.contains(where: { $0 <= 0 }) {
      throw TorchError.runtime("dilation should be greater than zero, but got " + zip(names, dilation).map { "dilation\($0): \($1)" }.joined(separator: " "))
    }
    let forms = ["2D or 3D", "3D or 4D", "4D or 5D"][n - 1]
    let own = x.dim == n + 2 ? Array(x.sizes.dropFirst()) : Array(x.sizes)
    if n == 3, let d = own.firstIndex(of: 0) {
      let place = d + x.dim - own.count
      throw TorchError.runtime("\(name)(): Expected input to have non-zero size for non-batch dimensions, but input has sizes \(x.sizes.text) with dimension \(place) being empty")
    }
    if own.contains(0) {
      throw TorchError.runtime("Expected \(forms) (batch mode) tensor with optional 0 dim batch size for input, but got:\(x.sizes.text)")
    }
    let last = Array(x.sizes.suffix(n))
    let made = (0..<n).map { outputSize($0, last[$0]) }
    if made.contains(where: { $0 < 1 }) {
      // One dimension is pooled as two.
      let lead = [own.first ?? 0] + (n == 1 ? [1] : [])
      func crossed(_ sizes: [Int]) -> String { "(" + (lead + sizes).map(String.init).joined(separator: "x") + ")" }
      throw TorchError.runtime("Given input size: \(crossed(last)). Calculated output size: \(crossed(made)). Output size is too small")
    }
    return made
  }

  /// - Throws: PyTorch's sentence where the input has neither n + 1 nor n + 2 dimensions.
  func checkDims(_ x: Tensor, _ name: String) throws {
    if x.dim == n + 1 || x.dim == n + 2 { return }
    switch n {
    case 1:
      throw TorchError.runtime("Expected 2 to 3 dimensions, but got \(x.dim)-dimensional tensor for argument #1 'self' (while checking arguments for \(name))")
    case 2: throw TorchError.runtime("non-empty 3D or 4D (batch mode) tensor expected for input")
    default: throw TorchError.runtime("non-empty 4D or 5D (batch mode) tensor expected for input")
    }
  }
}
