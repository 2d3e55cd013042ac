import Interface
import TensorCore
import Torch

// Losses that ask for a distance between scores or vectors.
extension Functional {
  /// max(0, margin − target · (x1 − x2)). Mirrors `F.margin_ranking_loss`.
  static func marginRanking(_ a: Tensor, _ b: Tensor, _ target: Tensor, margin: Double, _ reduction: LossReduction) throws -> Tensor {
    if a.dim != b.dim || a.dim != target.dim {
      throw TorchError.runtime(
        "margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: torch.Size(\(a.sizes.text)), input2: torch.Size(\(b.sizes.text)), target: torch.Size(\(target.sizes.text)) ")
    }
    return try widened([a, b, target]) { x in try reduction((x[2].neg() * (x[0] - x[1]) + margin).atLeast(0)) }
  }

  /// 1 − cosine where the target is 1, max(0, cosine − margin) where it is −1. Mirrors `F.cosine_embedding_loss`.
  static func cosineEmbedding(_ a: Tensor, _ b: Tensor, _ target: Tensor, margin: Double, _ reduction: LossReduction) throws -> Tensor {
    if target.dim > 1 { throw TorchError.runtime("0D or 1D target tensor expected, multi-target not supported") }
    if a.dim != target.dim + 1 || b.dim != target.dim + 1 {
      throw TorchError.runtime(
        "\(target.dim)D target tensor expects \(target.dim + 1)D input tensors, but found inputs with sizes \(a.sizes.text) and \(b.sizes.text).")
    }
    return try widened([a, b, target]) { x in
      let d = target.dim
      func square(_ x: Tensor) throws -> Tensor { try (x * x).sum(dims: [d]) + 1e-12 }
      let cosine = try (x[0] * x[1]).sum(dims: [d]) / (square(x[0]) * square(x[1])).sqrt()
      let zero = try Tensor.zeros(Dims(), dtype: cosine.dtype)
      return try reduction(
        Tensor.choose(x[2].eq(.wrapped(.integer(1))), 1 - cosine, zero) + Tensor.choose(x[2].eq(.wrapped(.integer(-1))), (cosine - margin).atLeast(0), zero))
    }
  }

  /// How much nearer the anchor is to the positive than to the negative example. Mirrors `F.triplet_margin_loss`.
  static func triplet(
    _ anchor: Tensor, _ positive: Tensor, _ negative: Tensor, margin: Scalar, swap: Bool, _ reduction: LossReduction,
    distance: (Tensor, Tensor) throws -> Tensor
  ) throws -> Tensor {
    if margin.doubleValue <= 0 { throw TorchError.value("margin must be greater than 0, got \(Module.shown(margin.asValue))") }
    if anchor.dim != positive.dim || positive.dim != negative.dim {
      throw TorchError.runtime(
        "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: anchor \(anchor.dim)D, positive \(positive.dim)D, and negative \(negative.dim)D inputs")
    }
    let near = try distance(anchor, positive)
    var far = try distance(anchor, negative)
    if swap { far = try far.minimum(distance(positive, negative)) }
    return try reduction((margin.doubleValue + near - far).atLeast(0))
  }

  /// The margins by which other classes come near the target's score. Mirrors `F.multi_margin_loss`.
  /// - Throws: PyTorch's sentences for shapes, powers and targets out of range.
  static func multiMargin(_ x: Tensor, _ target: Tensor, p: Int, margin: Double, weight: Tensor?, _ reduction: LossReduction) throws -> Tensor {
    if p != 1 && p != 2 { throw TorchError.value("only p == 1 and p == 2 supported") }
    if let weight, weight.dim != 1 { throw TorchError.value("weight must be one-dimensional") }
    let rows = x.dim == 2 ? x.sizes[0] : 1
    let classes = x.dim == 0 ? 1 : x.sizes[x.dim - 1]
    if x.dim > 2 || (x.dim > 0 && classes == 0) {
      throw TorchError.runtime(
        "Expected non-empty vector or matrix with optional 0-dim batch size, but got: \(x.sizes.text)")
    }
    if target.dim > 1 || target.count != rows {
      throw TorchError.runtime(
        "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch size). Expected target size [\(rows)], but got \(target.sizes.text). Input has shape \(x.sizes.text).")
    }
    if let weight, weight.count != classes { throw TorchError.runtime("inconsistent weight size, expected \(classes) but got \(weight.sizes.text)") }
    if target.dtype != .int64 { throw TorchError.runtime("expected scalar type Long but found \(target.dtype.capitalized)") }
    let labels = try target.detached().dense().reshape([rows])
    for i in 0..<rows where !(0..<classes).contains(labels.elements(Int.self)[i]) { throw TorchError.runtime("target out of range") }
    return try widened([x] + (weight.map { [$0] } ?? [])) { inputs in
      let scores = try inputs[0].reshape([rows, classes])
      let place = try labels.unsqueeze(1)
      let gap = try (margin - scores.gatherAlong(1, place) + scores).relu()
      var terms = p == 2 ? try gap * gap : gap
      if inputs.count > 1 { terms = try terms * inputs[1].indexed([.tensor(labels)]).unsqueeze(1) }
      let own = try Tensor.arange(classes).eq(place)
      let losses = try Tensor.choose(own, .zeros(Dims(), dtype: terms.dtype), terms).sum(dims: [1]) / Double(classes)
      return try reduction(x.dim == 2 ? losses : losses.reshape([]))
    }
  }

  /// The margins by which classes that are not targets come near those that are; a row's targets end at −1. Mirrors `F.multilabel_margin_loss`.
  /// - Throws: PyTorch's sentences for shapes and targets out of range.
  static func multilabelMargin(_ x: Tensor, _ target: Tensor, _ reduction: LossReduction) throws -> Tensor {
    let rows = x.dim == 2 ? x.sizes[0] : 1
    let classes = x.dim == 0 ? 1 : x.sizes[x.dim - 1]
    if x.dim > 2 || classes == 0 {
      throw TorchError.runtime("Expected non-empty vector or matrix with optional 0-dim batch size, but got: \(x.sizes.text)")
    }
    let fits = x.dim == 2 ? target.sizes == x.sizes : target.dim <= 1 && target.count == classes
    if !fits { throw TorchError.runtime("inconsistent target size: \(target.sizes.text) for input of size: \(x.sizes.text)") }
    if target.dtype != .int64 { throw TorchError.runtime("expected scalar type Long but found \(target.dtype.capitalized)") }
    let labels = try target.detached().dense()
    let (named, isTarget) = (try Tensor.zeros([rows, classes], dtype: .bool), try Tensor.zeros([rows, classes], dtype: .bool))
    let places = try Tensor.zeros([rows, classes], dtype: .int64)
    for r in 0..<rows {
      for j in 0..<classes {
        let label = labels.elements(Int.self)[r * classes + j]
        if label < -1 || label >= classes { throw TorchError.runtime("target out of range") }
        if label == -1 { break }
        named.elements(Bool.self)[r * classes + j] = true
        places.elements(Int.self)[r * classes + j] = label
        isTarget.elements(Bool.self)[r * classes + label] = true
      }
    }
    return try widened([x]) { inputs in
      let scores = try inputs[0].reshape([rows, classes])
      let gap = try (1 - scores.gatherAlong(1, places).unsqueeze(2) + scores.unsqueeze(1)).relu()
      let counts = try named.unsqueeze(2).logicalAnd(isTarget.logicalNot().unsqueeze(1))
      let losses = try Tensor.choose(counts, gap, .zeros(Dims(), dtype: gap.dtype)).sum(dims: [1, 2]) / Double(classes)
      return try reduction(x.dim == 2 ? losses : losses.reshape([]))
    }
  }
}

extension Tensor {
  /// 0, 1, … below `count`.
  static func arange(_ count: Int) throws -> Tensor { try .vector(Array(0..<count)) }
}
