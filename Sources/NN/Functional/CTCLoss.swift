import Glibc
import Interface
import TensorCore
import Torch

/// A type the recursion is computed in.
private protocol CTCReal: BinaryFloatingPoint {
  static func exp(_ x: Self) -> Self
  static func log(_ x: Self) -> Self
}
extension Float: CTCReal {
  static func exp(_ x: Float) -> Float { expf(x) }
  static func log(_ x: Float) -> Float { logf(x) }
}
extension Double: CTCReal {
  static func exp(_ x: Double) -> Double { Glibc.exp(x) }
  static func log(_ x: Double) -> Double { Glibc.log(x) }
}

/// The connectionist temporal classification of one batch, in the logarithms of probabilities.
private struct Alignment<T: CTCReal> {
  let steps: Int, batch: Int, classes: Int, blank: Int
  let lengths: [Int]
  /// The labels of each sequence.
  let labels: [[Int]]
  let x: Tensor

  private func at(_ t: Int, _ b: Int, _ c: Int) -> T { x.elements(T.self)[(t * batch + b) * classes + c] }
  /// The label at place s of a sequence with blanks between, before and after its labels.
  private func label(_ b: Int, _ s: Int) -> Int { s % 2 == 0 ? blank : labels[b][s / 2] }
  private func sum(_ terms: T...) -> T {
    let top = terms.max() ?? -.infinity
    return top == -.infinity ? top : T.log(terms.reduce(0) { $0 + T.exp($1 - top) }) + top
  }
  private func skips(_ b: Int, _ s: Int) -> Bool { s >= 2 && label(b, s) != label(b, s - 2) }

  /// The logarithms of the probabilities to be at each place after each step; and the loss.
  func forward(_ b: Int) -> (alpha: [[T]], loss: T) {
    let places = 2 * labels[b].count + 1
    var alpha: [[T]] = []
    for t in 0..<lengths[b] {
      alpha.append(
        (0..<places).map { s in
          if t == 0 { return s < 2 ? at(0, b, label(b, s)) : -.infinity }
          let before = alpha[t - 1]
          return sum(before[s], s > 0 ? before[s - 1] : -.infinity, skips(b, s) ? before[s - 2] : -.infinity) + at(t, b, label(b, s))
        })
    }
    guard let last = alpha.last else { return (alpha, places == 1 ? 0 : .infinity) }
    return (alpha, -(places > 1 ? sum(last[places - 1], last[places - 2]) : last[0]))
  }

  /// Adds the gradient of sequence b's loss to `out`, times `scale`.
  func backward(_ b: Int, _ scale: T, _ out: UnsafeMutablePointer<T>) {
    let (alpha, loss) = forward(b)
    let places = 2 * labels[b].count + 1
    var beta = [T](repeating: -.infinity, count: places)
    for t in stride(from: lengths[b] - 1, through: 0, by: -1) {
      let after = beta
      for s in 0..<places {
        if t == lengths[b] - 1 {
          beta[s] = s >= places - 2 ? at(t, b, label(b, s)) : -.infinity
        } else {
          beta[s] =
            sum(after[s], s + 1 < places ? after[s + 1] : -.infinity, s + 2 < places && skips(b, s + 2) ? after[s + 2] : -.infinity)
            + at(t, b, label(b, s))
        }
      }
      var through = [T](repeating: -.infinity, count: classes)
      for s in 0..<places { through[label(b, s)] = sum(through[label(b, s)], alpha[t][s] + beta[s]) }
      let row = out + (t * batch + b) * classes
      for c in 0..<classes { row[c] = (T.exp(at(t, b, c)) - T.exp(through[c] + loss - at(t, b, c))) * scale }
    }
  }
}

extension Functional {
  /// The loss of sequences whose place in time is not known. Mirrors `F.ctc_loss`.
  ///
  /// `logs` is [T, N, C] or [T, C]; `targets` [N, S] or all labels in a row.
  /// - Throws: PyTorch's sentences for lengths and labels that do not fit.
  static func ctcLoss(
    _ logs: Tensor, _ targets: Tensor, _ inputLengths: [Int], _ targetLengths: [Int], blank: Int, _ reduction: LossReduction, zeroInfinity: Bool
  ) throws -> Tensor {
    let place = "(while checking arguments for ctc_loss_allocate_outputs)"
    let batched = logs.dim == 3
    let x = batched ? logs : try logs.unsqueeze(1)
    if x.dim != 3 { throw TorchError.runtime("Expected 3-dimensional tensor, but got \(x.dim)-dimensional tensor for argument #1 'log_probs' \(place)") }
    let (steps, batch, classes) = (x.sizes[0], x.sizes[1], x.sizes[2])
    if !x.dtype.isFloatingPoint || x.dtype == .float16 || x.dtype == .bfloat16 {
      throw TorchError.notImplemented("ctc_loss_cpu", for: x.dtype)
    }
    if blank < 0 || blank >= classes { throw TorchError.runtime("blank must be in label range") }
    if inputLengths.count != batch { throw TorchError.runtime("input_lengths must be of size batch_size") }
    if targetLengths.count != batch { throw TorchError.runtime("target_lengths must be of size batch_size") }
    for length in targetLengths where length < 0 {
      throw TorchError.runtime("Expected target_lengths to have value at least 0, but got value \(length) \(place)")
    }
    let flat = try targets.detached().dense(.int64)
    let all = flat.elements(Int.self)
    var starts: [Int] = []
    if targets.dim == 1 {
      var start = 0
      for length in targetLengths {
        starts.append(start)
        start += length
      }
      if start != targets.count {
        throw TorchError.runtime("Expected tensor to have size \(start) at dimension 0, but got size \(targets.count) for argument #2 'targets' \(place)")
      }
    } else {
      let width = targets.sizes[targets.dim - 1]
      if targets.sizes[0] != batch {
        throw TorchError.runtime("Expected tensor to have size \(batch) at dimension 0, but got size \(targets.sizes[0]) for argument #2 'targets' \(place)")
      }
      if let most = targetLengths.max(), most > width {
        throw TorchError.runtime("Expected tensor to have size at least \(most) at dimension 1, but got size \(width) for argument #2 'targets' \(place)")
      }
      starts = (0..<batch).map { $0 * width }
    }
    for length in inputLengths {
      if length < 0 { throw TorchError.runtime("Expected input_lengths to have value at least 0, but got value \(length) \(place)") }
      if length > steps { throw TorchError.runtime("Expected input_lengths to have value at most \(steps), but got value \(length) \(place)") }
    }
    let labels = zip(starts, targetLengths).map { start, n in (0..<n).map { all[start + $0] } }
    for label in labels.joined() where !(0..<classes).contains(label) { throw TorchError.index("Target \(label) is out of bounds.") }
    func run<T: CTCReal>(_ type: T.Type) throws -> Tensor {
      let alignment = Alignment<T>(
        steps: steps, batch: batch, classes: classes, blank: blank, lengths: inputLengths, labels: labels, x: try x.detached().dense())
      let each = (0..<batch).map { alignment.forward($0).loss }
      let losses = try Tensor.vector(each.map { Double($0) }, dtype: x.dtype)
      Tensor.recordNode("CtcLossBackward0", inputs: [x], results: [losses]) { _, gradients in
        guard let g = gradients[0] else { return [nil] }
        let result = try Tensor.zeros(x.sizes, dtype: x.dtype)
        for b in 0..<batch where !(zeroInfinity && each[b] == .infinity) {
          alignment.backward(b, T(g.scalar(at: b).doubleValue), result.elements(T.self))
        }
        return [result]
      }
      return losses
    }
    let losses = x.dtype == .float64 ? try run(Double.self) : try run(Float.self)
    let held = zeroInfinity ? try Tensor.choose(losses.eq(.wrapped(.double(.infinity))), .zeros(Dims(), dtype: x.dtype), losses) : losses
    switch reduction {
    case .none: return batched ? held : try held.squeeze([0])
    case .sum: return try held.sum()
    case .mean: return try (held / Tensor.vector(targetLengths.map { Double(max($0, 1)) }, dtype: x.dtype)).mean()
    }
  }
}
