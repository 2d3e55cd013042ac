import Interface
import Torch

/// Steps by the root of the sum of squares.
private struct Adagrad: UpdateRule {
  let step, eps, weightDecay: Double
  let maximize: Bool

  func update<T: BinaryFloatingPoint>(_ t: [UnsafeMutablePointer<T>], _ count: Int) {
    let (p, g, sum) = (t[0], t[1], t[2])
    let (step, eps, decay) = (T(-step), T(eps), T(weightDecay))
    let sign: T = maximize ? -1 : 1
    for i in 0..<count {
      var d = sign * g[i]
      if decay != 0 { d += decay * p[i] }
      let s = sum[i] + d * d
      sum[i] = s
      p[i] += step * d / (s.squareRoot() + eps)
    }
  }
}

/// The rule of `torch.optim.Adagrad`.
public let adagradRule = OperationFamily("torch._optim") { ops in
  ops.define(
    "adagrad(Tensor param, Tensor grad, Tensor sum, float clr, float eps, float weight_decay, bool maximize) -> ()",
    doc: "Changes a parameter as torch.optim.Adagrad does."
  ) { (p: Tensor, g: Tensor, sum: Tensor, step: Double, eps: Double, decay: Double, maximize: Bool) -> Nothing in
    try Adagrad(step: step, eps: eps, weightDecay: decay, maximize: maximize).apply(p, g, sum)
    return Nothing()
  }
}
