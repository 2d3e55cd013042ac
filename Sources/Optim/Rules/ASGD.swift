import Interface
import Torch

/// Gradient descent that keeps an average of the parameters.
private struct ASGD: UpdateRule {
  let eta, mu, shrink, weightDecay: Double
  let maximize: Bool

  func update<T: BinaryFloatingPoint>(_ t: [UnsafeMutablePointer<T>], _ count: Int) {
    let (p, g, average) = (t[0], t[1], t[2])
    let (eta, mu, shrink, decay) = (T(-eta), T(mu), T(shrink), T(weightDecay))
    let sign: T = maximize ? -1 : 1
    for i in 0..<count {
      var d = sign * g[i]
      if decay != 0 { d += decay * p[i] }
      let x = p[i] * shrink + eta * d
      p[i] = x
      average[i] = mu == 1 ? x : average[i] + (x - average[i]) * mu
    }
  }
}

/// The rule of `torch.optim.ASGD`.
public let asgdRule = OperationFamily("torch._optim") { ops in
  ops.define(
    "asgd(Tensor param, Tensor grad, Tensor ax, float eta, float mu, float shrink, float weight_decay, bool maximize) -> ()",
    doc: "Changes a parameter as torch.optim.ASGD does; shrink is 1 - lambd * eta."
  ) { (p: Tensor, g: Tensor, ax: Tensor, eta: Double, mu: Double, shrink: Double, decay: Double, maximize: Bool) -> Nothing in
    try ASGD(eta: eta, mu: mu, shrink: shrink, weightDecay: decay, maximize: maximize).apply(p, g, ax)
    return Nothing()
  }
}
