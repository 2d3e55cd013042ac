import Interface
import Torch

/// Adam with Nesterov momentum.
private struct NAdam: UpdateRule {
  let beta1, beta2, correction2, gradientStep, momentStep, eps, weightDecay, shrink: Double
  let maximize: Bool

  func update<T: BinaryFloatingPoint>(_ t: [UnsafeMutablePointer<T>], _ count: Int) {
    let (p, g, m, v) = (t[0], t[1], t[2], t[3])
    let (w1, b2, w2, correction) = (T(1 - beta1), T(beta2), T(1 - beta2), T(correction2))
    let (gStep, mStep, eps, decay, shrink) = (T(gradientStep), T(momentStep), T(eps), T(weightDecay), T(shrink))
    let sign: T = maximize ? -1 : 1
    for i in 0..<count {
      var d = sign * g[i]
      var x = p[i]
      if shrink != 1 { x *= shrink }
      if decay != 0 { d += decay * x }
      let first = T.lerp(m[i], d, w1)
      let second = v[i] * b2 + w2 * d * d
      m[i] = first
      v[i] = second
      let denominator = (second / correction).squareRoot() + eps
      p[i] = x + gStep * d / denominator + mStep * first / denominator
    }
  }
}

/// The rule of `torch.optim.NAdam`.
public let nadamRule = OperationFamily("torch._optim") { ops in
  ops.define(
    "nadam(Tensor param, Tensor grad, Tensor exp_avg, Tensor exp_avg_sq, float beta1, float beta2, float bias_correction2, float grad_step, float exp_avg_step, float eps, float weight_decay, float shrink, bool maximize) -> ()",
    doc: "Changes a parameter as torch.optim.NAdam does."
  ) { (p: Tensor, g: Tensor, m: Tensor, v: Tensor, b1: Double, b2: Double, c2: Double, gStep: Double, mStep: Double, eps: Double, decay: Double, shrink: Double, maximize: Bool) -> Nothing in
    try NAdam(
      beta1: b1, beta2: b2, correction2: c2, gradientStep: gStep, momentStep: mStep, eps: eps, weightDecay: decay, shrink: shrink,
      maximize: maximize
    ).apply(p, g, m, v)
    return Nothing()
  }
}
