import Interface
import Torch

/// Steps by the root of a running mean of squares.
private struct RMSprop: UpdateRule {
  let lr, alpha, eps, weightDecay, momentum: Double
  let maximize, centered: Bool

  func update<T: BinaryFloatingPoint>(_ t: [UnsafeMutablePointer<T>], _ count: Int) {
    let (p, g, square) = (t[0], t[1], t[2])
    let (mean, buffer) = (centered ? t[3] : t[2], momentum > 0 ? t[centered ? 4 : 3] : t[2])
    let (lr, alpha, share, eps, decay, momentum) = (T(-lr), T(alpha), T(1 - alpha), T(eps), T(weightDecay), T(momentum))
    let sign: T = maximize ? -1 : 1
    for i in 0..<count {
      var d = sign * g[i]
      if decay != 0 { d += decay * p[i] }
      let s = square[i] * alpha + share * d * d
      square[i] = s
      var root = s.squareRoot()
      if centered {
        let average = T.lerp(mean[i], d, share)
        mean[i] = average
        root = (s - average * average).squareRoot()
      }
      root += eps
      if momentum > 0 {
        let b = buffer[i] * momentum + d / root
        buffer[i] = b
        p[i] += lr * b
      } else {
        p[i] += lr * d / root
      }
    }
  }
}

/// The rule of `torch.optim.RMSprop`.
public let rmspropRule = OperationFamily("torch._optim") { ops in
  ops.define(
    "rmsprop(Tensor param, Tensor grad, Tensor square_avg, Tensor? grad_avg, Tensor? momentum_buffer, float lr, float alpha, float eps, float weight_decay, float momentum, bool maximize) -> ()",
    doc: "Changes a parameter as torch.optim.RMSprop does."
  ) { (p: Tensor, g: Tensor, s: Tensor, mean: Tensor?, b: Tensor?, lr: Double, alpha: Double, eps: Double, decay: Double, momentum: Double, maximize: Bool) -> Nothing in
    let rule = RMSprop(lr: lr, alpha: alpha, eps: eps, weightDecay: decay, momentum: b == nil ? 0 : momentum, maximize: maximize, centered: mean != nil)
    switch (mean, b) {
    case (let mean?, let b?): try rule.apply(p, g, s, mean, b)
    case (let mean?, nil): try rule.apply(p, g, s, mean)
    case (nil, let b?): try rule.apply(p, g, s, b)
    case (nil, nil): try rule.apply(p, g, s)
    }
    return Nothing()
  }
}
