import Interface
import Torch

/// Adam and, with decoupled decay, AdamW; with the greatest second moment, AMSGrad.
private struct Adam: UpdateRule {
  let beta1, beta2, stepSize, rootCorrection, eps, weightDecay, shrink: Double
  let maximize, amsgrad: Bool

  func update<T: BinaryFloatingPoint>(_ t: [UnsafeMutablePointer<T>], _ count: Int) {
    let (p, g, m, v, greatest) = (t[0], t[1], t[2], t[3], amsgrad ? t[4] : t[3])
    let (w1, b2, w2) = (T(1 - beta1), T(beta2), T(1 - beta2))
    let (step, root, eps, decay, shrink) = (T(-stepSize), T(rootCorrection), T(eps), T(weightDecay), T(shrink))
    let sign: T = maximize ? -1 : 1
    for i in 0..<count {
      var d = sign * g[i]
      var x = p[i]
      if shrink != 1 { x *= shrink }
      if decay != 0 { d += decay * x }
      let first = T.lerp(m[i], d, w1)
      var second = v[i] * b2 + w2 * d * d
      m[i] = first
      v[i] = second
      if amsgrad {
        second = greatest[i] > second || greatest[i].isNaN ? greatest[i] : second
        greatest[i] = second
      }
      p[i] = x + step * first / (second.squareRoot() / root + eps)
    }
  }
}

/// The rule of `torch.optim.Adam` and `torch.optim.AdamW`.
public let adamRule = OperationFamily("torch._optim") { ops in
  ops.define(
    "adam(Tensor param, Tensor grad, Tensor exp_avg, Tensor exp_avg_sq, Tensor? max_exp_avg_sq, float beta1, float beta2, float step_size, float bias_correction2_sqrt, float eps, float weight_decay, float shrink, bool maximize) -> ()",
    doc: "Changes a parameter as torch.optim.Adam does; shrink is 1 - lr * weight_decay where decay is decoupled."
  ) { (p: Tensor, g: Tensor, m: Tensor, v: Tensor, greatest: Tensor?, b1: Double, b2: Double, step: Double, root: Double, eps: Double, decay: Double, shrink: Double, maximize: Bool) -> Nothing in
    let rule = Adam(
      beta1: b1, beta2: b2, stepSize: step, rootCorrection: root, eps: eps, weightDecay: decay, shrink: shrink, maximize: maximize,
      amsgrad: greatest != nil)
    if let greatest { try rule.apply(p, g, m, v, greatest) } else { try rule.apply(p, g, m, v) }
    return Nothing()
  }
}
