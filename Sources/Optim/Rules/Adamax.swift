import Interface
import Torch

/// Adam by the infinity norm.
private struct Adamax: UpdateRule {
  let beta1, beta2, stepSize, eps, weightDecay: Double
  let maximize: Bool

  func update<T: BinaryFloatingPoint>(_ t: [UnsafeMutablePointer<T>], _ count: Int) {
    let (p, g, m, u) = (t[0], t[1], t[2], t[3])
    let (w1, b2, step, eps, decay) = (T(1 - beta1), T(beta2), T(-stepSize), T(eps), T(weightDecay))
    let sign: T = maximize ? -1 : 1
    for i in 0..<count {
      var d = sign * g[i]
      if decay != 0 { d += decay * p[i] }
      let first = T.lerp(m[i], d, w1)
      let (old, new) = (u[i] * b2, d.magnitude + eps)
      let norm = old.isNaN || old > new ? old : new
      m[i] = first
      u[i] = norm
      p[i] += step * first / norm
    }
  }
}

/// The rule of `torch.optim.Adamax`.
public let adamaxRule = OperationFamily("torch._optim") { ops in
  ops.define(
    "adamax(Tensor param, Tensor grad, Tensor exp_avg, Tensor exp_inf, float beta1, float beta2, float step_size, float eps, float weight_decay, bool maximize) -> ()",
    doc: "Changes a parameter as torch.optim.Adamax does."
  ) { (p: Tensor, g: Tensor, m: Tensor, u: Tensor, b1: Double, b2: Double, step: Double, eps: Double, decay: Double, maximize: Bool) -> Nothing in
    try Adamax(beta1: b1, beta2: b2, stepSize: step, eps: eps, weightDecay: decay, maximize: maximize).apply(p, g, m, u)
    return Nothing()
  }
}
