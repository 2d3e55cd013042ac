import Interface
import TensorCore
import Torch

extension Functional {
  /// Sums, means or maxima of rows of a table, bag by bag. Mirrors `F.embedding_bag`.
  /// - Throws: PyTorch's sentences for shapes, offsets and modes that do not fit.
  static func embeddingBag(
    _ input: Tensor, _ weight: Tensor, _ offsets: Tensor?, maxNorm: Double?, _ p: Double, byFrequency: Bool, mode: String, sparse: Bool,
    _ sampleWeights: Tensor?, includesLast: Bool, padding: Int?
  ) throws -> Tensor {
    if let w = sampleWeights, w.sizes != input.sizes {
      throw TorchError.value(
        "embedding_bag: If per_sample_weights (of shape \(Module.shown(.tuple(w.sizes.map { .integer($0) })))) is not None, then it must have the same shape as the input (of shape \(Module.shown(.tuple(input.sizes.map { .integer($0) }))))"
      )
    }
    if weight.dim != 2 { throw TorchError.value("weight has to be a 2D Tensor, but got Tensor of dimension \(weight.dim)") }
    var starts: [Int]
    switch input.dim {
    case 2:
      if offsets != nil {
        throw TorchError.value(
          "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences. However, found offsets of type <class 'torch.Tensor'>")
      }
      starts = (0..<input.sizes[0]).map { $0 * input.sizes[1] }
    case 1:
      guard let offsets else { throw TorchError.value("offsets has to be a 1D Tensor but got None") }
      if offsets.dim != 1 { throw TorchError.value("offsets has to be a 1D Tensor") }
      starts = (0..<offsets.count).map { offsets.scalar(at: $0).integerValue }
    default: throw TorchError.value("input has to be 1D or 2D Tensor, but got Tensor of dimension \(input.dim)")
    }
    switch mode {
    case "sum", "mean": break
    case "max":
      if byFrequency { throw TorchError.value("max mode does not support scaling the gradient by the frequency") }
      if sparse { throw TorchError.value("max mode does not support sparse weights") }
    default: throw TorchError.value("mode has to be one of sum or mean")
    }
    try refuseSparse(sparse, "embedding_bag")
    if sampleWeights != nil && mode != "sum" {
      throw TorchError.notImplemented(
        "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got mode='\(mode)'). Please open a feature request on GitHub.")
    }
    let left = try padding.map { given -> Int in
      let count = weight.sizes[0]
      if given < -count || given >= count { throw TorchError.runtime("padding_idx must be within the number of embeddings, -\(count) through \(count - 1), but got \(given)") }
      return given < 0 ? given + count : given
    }
    if let maxNorm { try renormRows(weight, input, maxNorm, p) }
    let flat = try input.reshape([-1]).detached().denseCopy(.int64)
    let n = flat.count
    if let first = starts.first, first != 0 {
      throw TorchError.runtime("offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got \(first)")
    }
    if let last = starts.last, last > n {
      throw TorchError.runtime("offsets[-1] can not be greater than input's length(\(n)) but got offsets[-1] of \(last)")
    }
    if includesLast && input.dim == 1 {
      if starts.isEmpty { throw TorchError.runtime("include_last_offset: number of offset should be at least 1") }
    } else {
      starts.append(n)
    }
    return try bags(weight, flat, starts, Lookup(padding: left, byFrequency: byFrequency), mode, sampleWeights?.reshape([-1]))
  }

  /// `starts` has the first place of each bag and, last, where the last one ends.
  private static func bags(
    _ weight: Tensor, _ flat: Tensor, _ starts: [Int], _ how: Lookup, _ mode: String, _ sampleWeights: Tensor?
  ) throws -> Tensor {
    let count = starts.count - 1
    let at = flat.elements(Int.self)
    // The bag of each place; `count`, one behind the last, for those that belong to none.
    let owners = try Tensor.full([flat.count], .integer(count), dtype: .int64)
    var sizes = [Double](repeating: 0, count: count)
    for b in 0..<count where starts[b] < starts[b + 1] {
      for i in starts[b]..<min(starts[b + 1], flat.count) where at[i] != how.padding {
        owners.elements(Int.self)[i] = b
        sizes[b] += 1
      }
    }
    var rows = try embedding(flat, weight, how)
    if let sampleWeights { rows = try rows * sampleWeights.unsqueeze(1) }
    if mode == "max" { return try greatest(rows, owners, count) }
    let sums = try addedRows(rows.wide, owners, count: count + 1, Lookup(padding: count)).narrow(0, 0, count)
    if mode == "sum" { return try sums.to(weight.dtype) }
    return try (sums * Tensor.vector(sizes.map { $0 == 0 ? 0 : 1 / $0 }, dtype: sums.dtype).unsqueeze(1)).to(weight.dtype)
  }

  private static func greatest(_ rows: Tensor, _ owners: Tensor, _ count: Int) throws -> Tensor {
    let width = rows.sizes[1]
    let values = try rows.detached().denseCopy(.float64)
    let places = try Tensor.full([count, width], .integer(-1), dtype: .int64)
    let (p, o, w) = (places.elements(Int.self), owners.elements(Int.self), values.elements(Double.self))
    for i in 0..<owners.count where o[i] < count {
      for j in 0..<width {
        let best = p[o[i] * width + j]
        if best < 0 || w[i * width + j] > w[best * width + j] { p[o[i] * width + j] = i }
      }
    }
    if rows.sizes[0] == 0 { return try .zeros([count, width], dtype: rows.dtype) }
    let filled = try places.ge(.wrapped(.integer(0)))
    let picked = try rows.gatherAlong(0, places.clamp(.integer(0), nil))
    return try .choose(filled, picked, .zeros(Dims(), dtype: rows.dtype))
  }
}
