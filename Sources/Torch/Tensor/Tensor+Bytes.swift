import Interface
import TensorCore

extension Tensor {
  /// The same bytes read as another type; the last dimension grows or shrinks where elements differ in size. Mirrors `Tensor.view(dtype)`.
  /// - Throws: PyTorch's sentences where bytes do not make up whole elements.
  func bitcast(_ target: DType) throws -> Tensor {
    if target == dtype { return view("AliasBackward0", sizes, strides, storageOffset) { $0 } }
    func seen(_ sizes: Dims, _ strides: Dims, _ offset: Int) -> Tensor {
      Tensor(storage: storage, sizes: sizes, strides: strides, storageOffset: offset, dtype: target)
    }
    let (own, wanted) = (dtype.itemSize, target.itemSize)
    if own == wanted { return seen(sizes, strides, storageOffset) }
    let what = "to view \(dtype.capitalized) as \(target.capitalized) (different element sizes)"
    if dim == 0 { throw TorchError.runtime("self.dim() cannot be 0 \(what)") }
    if strides[dim - 1] != 1 { throw TorchError.runtime("self.stride(-1) must be 1 \(what), but got \(strides[dim - 1])") }
    var (s, t) = (sizes, strides)
    if own > wanted {
      let ratio = own / wanted
      s[dim - 1] *= ratio
      for d in 0..<(dim - 1) { t[d] *= ratio }
      return seen(s, t, storageOffset * ratio)
    }
    let ratio = wanted / own
    if sizes[dim - 1] % ratio != 0 {
      throw TorchError.runtime("self.size(-1) must be divisible by \(ratio) \(what), but got \(sizes[dim - 1])")
    }
    if storageOffset % ratio != 0 {
      throw TorchError.runtime("self.storage_offset() must be divisible by \(ratio) \(what), but got \(storageOffset)")
    }
    s[dim - 1] /= ratio
    for d in 0..<(dim - 1) {
      if strides[d] % ratio != 0 {
        throw TorchError.runtime("self.stride(\(d)) must be divisible by \(ratio) \(what), but got \(strides[d])")
      }
      t[d] /= ratio
    }
    return seen(s, t, storageOffset / ratio)
  }
}
