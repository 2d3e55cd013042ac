import Interface
import TensorCore
import Torch

/// One recurrent cell's step from differentiable operations.
enum RecurrentCell: String {
  case tanh = "RNN_TANH"
  case relu = "RNN_RELU"
  case gru = "GRU"
  case lstm = "LSTM"

  /// How many gates a weight holds below each other.
  var gates: Int {
    switch self {
    case .tanh, .relu: 1
    case .gru: 3
    case .lstm: 4
    }
  }

  /// The next states from the input's part of the gates, x · W_ihᵀ + b_ih, and the states before; c only for an LSTM.
  func step(_ fromInput: Tensor, _ h: Tensor, _ c: Tensor?, _ weight: Tensor, _ bias: Tensor?, _ projection: Tensor?) throws -> (h: Tensor, c: Tensor?) {
    let fromState = try h.linear(weight, bias)
    let size = weight.sizes[0] / gates
    func part(_ t: Tensor, _ i: Int) throws -> Tensor { try t.narrow(t.dim - 1, i * size, size) }
    switch self {
    case .tanh: return (try (fromInput + fromState).tanh(), nil)
    case .relu: return (try (fromInput + fromState).relu(), nil)
    case .gru:
      let both = try fromInput.narrow(h.dim - 1, 0, 2 * size) + fromState.narrow(h.dim - 1, 0, 2 * size)
      let (r, z) = (try part(both, 0).sigmoid(), try part(both, 1).sigmoid())
      let n = try (part(fromInput, 2) + r * part(fromState, 2)).tanh()
      return (try (h - n) * z + n, nil)
    case .lstm:
      guard let c else { return (h, nil) }
      let all = try fromInput + fromState
      let next = try part(all, 1).sigmoid() * c + part(all, 0).sigmoid() * part(all, 2).tanh()
      let out = try part(all, 3).sigmoid() * next.tanh()
      return (try projection.map { try out.linear($0, nil) } ?? out, next)
    }
  }
}

/// Rows of sequences, step after step: `batches[t]` of them at step t, never more than at the step before.
struct RecurrentSequence {
  let cell: RecurrentCell
  let batches: [Int]

  /// One direction of one layer: `x` [all rows, I], states [B, H]; gives the output's rows and the last states.
  func run(_ x: Tensor, _ h0: Tensor, _ c0: Tensor?, _ weights: [Tensor], bias: Bool, projects: Bool, reverse: Bool) throws -> (Tensor, Tensor, Tensor?) {
    let fromInput = try x.linear(weights[0], bias ? weights[2] : nil)
    let steps = try fromInput.split(batches, 0)
    let projection = projects ? weights.last : nil
    var outs = [Tensor?](repeating: nil, count: batches.count)
    // Going forward rows end as sequences do; going backward they begin.
    var (h, c) = (try h0.narrow(0, 0, reverse ? batches.last ?? 0 : batches.first ?? 0), try c0?.narrow(0, 0, reverse ? batches.last ?? 0 : batches.first ?? 0))
    var ended: [(Tensor, Tensor?)] = []
    for i in batches.indices {
      let t = reverse ? batches.count - 1 - i : i
      let (n, before) = (batches[t], h.sizes[0])
      if n < before {
        ended.append((try h.narrow(0, n, before - n), try c?.narrow(0, n, before - n)))
        h = try h.narrow(0, 0, n)
        c = try c?.narrow(0, 0, n)
      } else if n > before {
        h = try .cat([h, h0.narrow(0, before, n - before)], 0)
        c = try c.map { try .cat([$0, (c0 ?? $0).narrow(0, before, n - before)], 0) }
      }
      (h, c) = try cell.step(steps[t], h, c, weights[1], bias ? weights[3] : nil, projection)
      outs[t] = h
    }
    if !ended.isEmpty {
      h = try .cat([h] + ended.reversed().map(\.0), 0)
      c = try c.map { try .cat([$0] + ended.reversed().compactMap(\.1), 0) }
    }
    return (try .cat(outs.compactMap { $0 }, 0), h, c)
  }

  /// All layers and directions, dropout between layers while training. States are [layers · directions, B, …].
  func run(
    _ x: Tensor, _ h0: Tensor, _ c0: Tensor?, _ o: LSTM.Options, training: Bool, _ weights: (Int) -> [Tensor]
  ) throws -> (Tensor, Tensor, Tensor?) {
    var out = x
    var (hs, cs): ([Tensor], [Tensor]) = ([], [])
    for layer in 0..<o.layers {
      if layer > 0 && training && o.dropout > 0 { out = try Functional.dropout(out, o.dropout, training: true) }
      var outs: [Tensor] = []
      for direction in 0..<o.directions {
        let index = layer * o.directions + direction
        let (y, h, c) = try run(
          out, h0.select(0, index), c0?.select(0, index), weights(index), bias: o.bias, projects: o.projection > 0, reverse: direction == 1)
        outs.append(y)
        hs.append(h)
        if let c { cs.append(c) }
      }
      out = outs.count == 1 ? outs[0] : try .cat(outs, 1)
    }
    return (out, try .stack(hs, 0), c0 == nil ? nil : try .stack(cs, 0))
  }
}
