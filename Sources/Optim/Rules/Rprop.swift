import Interface
import Torch

/// Steps whose sizes grow while the gradient keeps its sign and shrink when it turns.
private struct Rprop: UpdateRule {
  let etaMinus, etaPlus, least, greatest: Double
  let maximize: Bool

  func update<T: BinaryFloatingPoint>(_ t: [UnsafeMutablePointer<T>], _ count: Int) {
    let (p, g, previous, size) = (t[0], t[1], t[2], t[3])
    let (minus, plus, least, greatest) = (T(etaMinus), T(etaPlus), T(least), T(greatest))
    let sign: T = maximize ? -1 : 1
    for i in 0..<count {
      var d = sign * g[i]
      let turn = d * previous[i]
      let factor: T = turn > 0 ? plus : turn < 0 ? minus : 1
      let s = T.minimum(T.maximum(size[i] * factor, least), greatest)
      size[i] = s
      if turn < 0 { d = 0 }
      if d != 0 { p[i] -= d > 0 ? s : -s }
      previous[i] = d
    }
  }
}

/// The rule of `torch.optim.Rprop`.
public let rpropRule = OperationFamily("torch._optim") { ops in
  ops.define(
    "rprop(Tensor param, Tensor grad, Tensor prev, Tensor step_size, float etaminus, float etaplus, float step_size_min, float step_size_max, bool maximize) -> ()",
    doc: "Changes a parameter as torch.optim.Rprop does."
  ) { (p: Tensor, g: Tensor, previous: Tensor, size: Tensor, minus: Double, plus: Double, least: Double, greatest: Double, maximize: Bool) -> Nothing in
    try Rprop(etaMinus: minus, etaPlus: plus, least: least, greatest: greatest, maximize: maximize).apply(p, g, previous, size)
    return Nothing()
  }
}
