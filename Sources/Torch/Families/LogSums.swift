import Interface
import TensorCore

extension Tensor {
  /// log of the sum of exponentials over dimensions. Mirrors `torch.logsumexp`.
  func logsumexp(_ dims: [Int], keepdim: Bool) throws -> Tensor {
    if !dtype.isFloatingPoint { return try to(.defaultFloat).logsumexp(dims, keepdim: keepdim) }
    let folding = try Folding(self, dims)
    let y = try GradMode.with(false) { () -> Tensor in
      let x = try to(dtype == .float64 ? .float64 : .float32)
      if x.count == 0 { return try x.exp().sum(dims: dims, keepdim: keepdim).log().to(dtype) }
      let top = try x.extremeValue(dims, keepdim: true, greatest: true, name: "")
      let shift = try top.maskedFill(top.abs().eq(.number(Double.infinity)), .number(0))
      let sum = try x.sub(shift).exp().sum(dims: dims, keepdim: keepdim)
      return try sum.log().add(shift.reshape(Array(sum.sizes))).to(dtype)
    }
    if Tensor.records(self) {
      let (x, value) = (SavedTensor(self), SavedTensor(result: y))
      y.record("LogsumexpBackward0", [self]) { node, g in
        let (x, y) = (try x.unpack(), try value.unpack(node))
        return [try g.unfolded(folding, x.sizes).mul(x.sub(y.unfolded(folding, x.sizes)).exp())]
      }
    }
    return y
  }
}

extension FloatText {
  /// A number as C++ streams print it where it is short.
  static func brief(_ value: Double) -> String {
    value.isNaN ? "nan" : value.isInfinite ? (value < 0 ? "-inf" : "inf") : value == value.rounded() && value.magnitude < 1e6 ? "\(Int(value))" : shortest(value)
  }
}

/// Logarithms of sums of exponentials.
public let logSums = OperationFamily("torch") { ops in
  ops.define("logsumexp(Tensor self, int[1] dim, bool keepdim=False) -> Tensor", doc: "log of the sum of exponentials over dim. Mirrors torch.logsumexp.") {
    (x: Tensor, d: [Int], k: Bool) in try x.logsumexp(d, keepdim: k)
  }
}
