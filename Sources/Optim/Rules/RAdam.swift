import Interface
import Torch

/// Adam whose adaptive step is held back while its variance is not known.
private struct RAdam: UpdateRule {
  let lr, beta1, beta2, correction1, rootCorrection2, rectification, eps, weightDecay, shrink: Double
  let maximize: Bool

  func update<T: BinaryFloatingPoint>(_ t: [UnsafeMutablePointer<T>], _ count: Int) {
    let (p, g, m, v) = (t[0], t[1], t[2], t[3])
    let (w1, b2, w2, correction, lr) = (T(1 - beta1), T(beta2), T(1 - beta2), T(correction1), T(lr))
    let (root, rectification, eps, decay, shrink) = (T(rootCorrection2), T(rectification), T(eps), T(weightDecay), T(shrink))
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
      var update = first / correction * lr
      if rectification >= 0 { update = update * (root / (second.squareRoot() + eps)) * rectification }
      p[i] = x - update
    }
  }
}

/// The rule of `torch.optim.RAdam`.
public let radamRule = OperationFamily("torch._optim") { ops in
  ops.define(
    "radam(Tensor param, Tensor grad, Tensor exp_avg, Tensor exp_avg_sq, float lr, float beta1, float beta2, float bias_correction1, float bias_correction2_sqrt, float rect, float eps, float weight_decay, float shrink, bool maximize) -> ()",
    doc: "Changes a parameter as torch.optim.RAdam does; a negative rect means a step that does not adapt."
  ) { (p: Tensor, g: Tensor, m: Tensor, v: Tensor, lr: Double, b1: Double, b2: Double, c1: Double, root: Double, rect: Double, eps: Double, decay: Double, shrink: Double, maximize: Bool) -> Nothing in
    try RAdam(
      lr: lr, beta1: b1, beta2: b2, correction1: c1, rootCorrection2: root, rectification: rect, eps: eps, weightDecay: decay,
      shrink: shrink, maximize: maximize
    ).apply(p, g, m, v)
    return Nothing()
  }
}
