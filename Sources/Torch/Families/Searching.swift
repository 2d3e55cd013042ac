import Interface
import TensorCore

extension Tensor {
  /// Where values would go among sorted boundaries so that the order stays. Mirrors `torch.searchsorted`.
  /// - Parameters:
  ///   - right: whether equal elements stay before the value.
  ///   - sorter: where the boundaries' elements in order stand.
  static func searchSorted(
    _ boundaries: Tensor, _ values: Tensor, isNumber: Bool, int32: Bool, right: Bool, side: String? = nil, sorter: Tensor? = nil
  ) throws -> Tensor {
    let name = "torch.searchsorted()"
    if isNumber && boundaries.dim != 1 {
      throw TorchError.runtime("\(name): input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries tensor dim(\(boundaries.dim)) and input value's dim(0) numel(1)")
    }
    if let side, side != "left" && side != "right" { throw TorchError.runtime("\(name): side can only be 'left' or 'right' but got \(side)") }
    if side == "left" && right { throw TorchError.runtime("\(name): side and right can't be set to opposites, got side of left while right was True") }
    if let sorter {
      if sorter.sizes != boundaries.sizes {
        throw TorchError.runtime("\(name): boundary and sorter must have the same size, but got boundary tensor \(boundaries.sizes.text)and got sorter tensor \(sorter.sizes.text)")
      }
      if sorter.dtype != .int64 { throw TorchError.runtime("\(name): sorter must be a tensor of long dtype but got dtype \(sorter.dtype.capitalized)") }
    }
    if boundaries.dim == 0 { throw TorchError.runtime("\(name): boundaries tensor should have positive dimension, but got 0 dimension") }
    if boundaries.dim != 1 && (values.dim != boundaries.dim || Array(values.sizes.dropLast()) != Array(boundaries.sizes.dropLast())) {
      throw TorchError.runtime(
        "\(name): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value tensor must match, but we got boundaries tensor \(boundaries.sizes.text) and input value tensor \(values.sizes.text)")
    }
    if boundaries.dtype == .bool || values.dtype == .bool { throw TorchError.notImplemented("searchsorted_out_cpu", for: .bool) }
    let n = boundaries.sizes[boundaries.dim - 1]
    let order = try sorter?.detached().dense()
    if let order {
      let p = order.elements(Int.self)
      for i in 0..<order.count where p[i] < 0 || p[i] >= n { throw TorchError.runtime("\(name): sorter index out of range") }
    }
    let common = ResultType.of(boundaries, values)
    let (b, v) = (try boundaries.detached().converted(to: common).wideDense(), try values.detached().converted(to: common).wideDense())
    let result = try Tensor(uninitialized: values.sizes, dtype: .int64)
    let (out, places) = (result.elements(Int.self), order?.elements(Int.self))
    let row = boundaries.dim == 1 ? Swift.max(values.count, 1) : values.sizes[values.dim - 1]
    let after = right || side == "right"
    func find<W: WideElement>(_ type: W.Type) {
      let (b, v) = (b.elements(W.self), v.elements(W.self))
      for i in 0..<values.count {
        let start = boundaries.dim == 1 ? 0 : i / row * n
        let value = v[i]
        var (low, high) = (0, n)
        while low < high {
          let middle = low + (high - low) / 2
          let there = b[start + (places.map { $0[start + middle] } ?? middle)]
          if after ? !(there > value) : !(there >= value) { low = middle + 1 } else { high = middle }
        }
        out[i] = low
      }
    }
    if b.dtype == .float64 { find(Double.self) } else { find(Int64.self) }
    return try withExtendedLifetime((b, v, order)) { int32 ? try result.converted(to: .int32) : result }
  }

  /// As `searchSorted`, with boundaries of one dimension. Mirrors `torch.bucketize`.
  static func bucketize(_ values: Tensor, _ boundaries: Tensor, int32: Bool, right: Bool) throws -> Tensor {
    if boundaries.dim != 1 { throw TorchError.runtime("boundaries tensor must be 1 dimension, but got dim(\(boundaries.dim))") }
    return try searchSorted(boundaries, values, isNumber: false, int32: int32, right: right)
  }
}

/// Places among sorted elements.
public let searching = OperationFamily("torch") { ops in
  ops.define("searchsorted(Tensor sorted_sequence, Tensor self, *, bool out_int32=False, bool right=False, str? side=None, Tensor? sorter=None) -> Tensor", doc: "Where values would go among sorted elements of the last dimension so that the order stays. Mirrors torch.searchsorted.", variants: [.function]) {
    (b: Tensor, v: TensorOrNumber, i: Bool, r: Bool, s: String?, o: Tensor?) in
    try Tensor.searchSorted(b, v.tensor, isNumber: v.tensor.isWrappedNumber, int32: i, right: r, side: s, sorter: o)
  }
  ops.define("bucketize(Tensor self, Tensor boundaries, *, bool out_int32=False, bool right=False) -> Tensor", doc: "Which of the buckets between sorted boundaries each value falls into. Mirrors torch.bucketize.", variants: [.function]) {
    (v: TensorOrNumber, b: Tensor, i: Bool, r: Bool) in try Tensor.bucketize(v.tensor, b, int32: i, right: r)
  }
}
