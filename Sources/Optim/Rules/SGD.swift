import Interface
import Torch

/// Gradient descent, with momentum where there is a buffer.
private struct SGD: UpdateRule {
  let lr, momentum, dampening, weightDecay: Double
  let nesterov, maximize, hasBuffer, isFirst: Bool

  func update<T: BinaryFloatingPoint>(_ t: [UnsafeMutablePointer<T>], _ count: Int) {
    let (p, g, buffer) = (t[0], t[1], hasBuffer ? t[2] : t[0])
    let (lr, momentum, share, decay) = (T(lr), T(momentum), T(1 - dampening), T(weightDecay))
    let sign: T = maximize ? -1 : 1
    for i in 0..<count {
      var d = sign * g[i]
      if decay != 0 { d += decay * p[i] }
      if hasBuffer {
        let b = isFirst ? d : buffer[i] * momentum + share * d
        buffer[i] = b
        d = nesterov ? d + momentum * b : b
      }
      p[i] -= lr * d
    }
  }
}

/// The rule of `torch.optim.SGD`.
public let sgdRule = OperationFamily("torch._optim") { ops in
  ops.define(
    "sgd(Tensor param, Tensor grad, Tensor? momentum_buffer, float lr, float momentum, float dampening, float weight_decay, bool nesterov, bool maximize, bool first) -> ()",
    doc: "Changes a parameter as torch.optim.SGD does."
  ) { (p: Tensor, g: Tensor, b: Tensor?, lr: Double, momentum: Double, dampening: Double, decay: Double, nesterov: Bool, maximize: Bool, first: Bool) -> Nothing in
    let rule = SGD(
      lr: lr, momentum: momentum, dampening: dampening, weightDecay: decay, nesterov: nesterov, maximize: maximize, hasBuffer: b != nil,
      isFirst: first)
    if let b { try rule.apply(p, g, b) } else { try rule.apply(p, g) }
    return Nothing()
  }
}
