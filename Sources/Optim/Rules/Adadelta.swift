import Interface
import Torch

/// Steps by the ratio of the running squares of steps and gradients.
private struct Adadelta: UpdateRule {
  let lr, rho, eps, weightDecay: Double
  let maximize: Bool

  func update<T: BinaryFloatingPoint>(_ t: [UnsafeMutablePointer<T>], _ count: Int) {
    let (p, g, square, deltas) = (t[0], t[1], t[2], t[3])
    let (lr, rho, share, eps, decay) = (T(-lr), T(rho), T(1 - rho), T(eps), T(weightDecay))
    let sign: T = maximize ? -1 : 1
    for i in 0..<count {
      var d = sign * g[i]
      if decay != 0 { d += decay * p[i] }
      let s = square[i] * rho + share * d * d
      square[i] = s
      let delta = (deltas[i] + eps).squareRoot() / (s + eps).squareRoot() * d
      deltas[i] = deltas[i] * rho + share * delta * delta
      p[i] += lr * delta
    }
  }
}

/// The rule of `torch.optim.Adadelta`.
public let adadeltaRule = OperationFamily("torch._optim") { ops in
  ops.define(
    "adadelta(Tensor param, Tensor grad, Tensor square_avg, Tensor acc_delta, float lr, float rho, float eps, float weight_decay, bool maximize) -> ()",
    doc: "Changes a parameter as torch.optim.Adadelta does."
  ) { (p: Tensor, g: Tensor, s: Tensor, deltas: Tensor, lr: Double, rho: Double, eps: Double, decay: Double, maximize: Bool) -> Nothing in
    try Adadelta(lr: lr, rho: rho, eps: eps, weightDecay: decay, maximize: maximize).apply(p, g, s, deltas)
    return Nothing()
  }
}
