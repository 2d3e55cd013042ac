import Interface
import TensorCore

/// Copies of what views would show: `view_copy`, `permute_copy` and their like.
public let viewCopies = OperationFamily("torch") { ops in
  func copy(_ of: String) -> String { "A copy of what \(of) shows. Mirrors torch.\(of)_copy." }
  let only: Variants = [.function]
  ops.define("view_copy(Tensor self, int[1] size) -> Tensor", doc: copy("view"), variants: only) { (x: Tensor, s: [Int]) in try x.view(s).clone() }
  ops.define("view_copy.dtype(Tensor self, ScalarType dtype) -> Tensor", doc: copy("view"), variants: only) { (x: Tensor, t: DType) in try x.bitcast(t).clone() }
  ops.define("_reshape_copy(Tensor self, int[1] size) -> Tensor", doc: "A copy under other sizes. Mirrors torch._reshape_copy.", variants: only) { (x: Tensor, s: [Int]) in try x.reshape(s).clone() }
  ops.define("alias_copy(Tensor self) -> Tensor", doc: copy("alias"), variants: only) { (x: Tensor) in try x.clone() }
  ops.define("detach_copy(Tensor self) -> Tensor", doc: copy("detach"), variants: only) { (x: Tensor) in try x.detached().clone() }
  ops.define("permute_copy(Tensor self, int[1] dims) -> Tensor", doc: copy("permute"), variants: only) { (x: Tensor, d: [Int]) in try x.permute(d).clone() }
  ops.define("transpose_copy(Tensor self, int dim0, int dim1) -> Tensor", doc: copy("transpose"), variants: only) { (x: Tensor, a: Int, b: Int) in try x.transpose(a, b).clone() }
  ops.define("t_copy(Tensor self) -> Tensor", doc: copy("t"), variants: only) { (x: Tensor) in try x.t().clone() }
  ops.define("expand_copy(Tensor self, int[1] size, *, bool implicit=False) -> Tensor", doc: copy("expand"), variants: only) { (x: Tensor, s: [Int], _: Bool) in try x.expand(s).clone() }
  ops.define("squeeze_copy(Tensor self) -> Tensor", doc: copy("squeeze"), variants: only) { (x: Tensor) in try x.squeeze().clone() }
  ops.define("squeeze_copy.dim(Tensor self, int[1] dim) -> Tensor", doc: copy("squeeze"), variants: only) { (x: Tensor, d: [Int]) in try x.squeeze(d).clone() }
  ops.define("unsqueeze_copy(Tensor self, int dim) -> Tensor", doc: copy("unsqueeze"), variants: only) { (x: Tensor, d: Int) in try x.unsqueeze(d).clone() }
  ops.define("unfold_copy(Tensor self, int dimension, int size, int step) -> Tensor", doc: copy("unfold"), variants: only) { (x: Tensor, d: Int, n: Int, s: Int) in try x.unfold(d, n, s).clone() }
  ops.define("narrow_copy(Tensor self, int dim, int start, int length) -> Tensor", doc: "A copy of what narrow shows. Mirrors torch.narrow_copy.") {
    (x: Tensor, d: Int, s: Int, n: Int) -> Tensor in
    if x.dim > 0 && d >= x.dim {
      throw TorchError.runtime("Expected dim < static_cast<int64_t>(self_sizes.size()) to be true, but got false.  (Could this error message be improved?  If so, please report an enhancement request to PyTorch.)")
    }
    if n < 0 && x.dim > 0 { throw TorchError.runtime("start (\(s)) + length (\(n)) exceeds dimension size (\(try x.size(d))).") }
    return try x.narrow(d, s, n).clone()
  }
  ops.define("select_copy(Tensor self, int dim, int index) -> Tensor", doc: copy("select"), variants: only) { (x: Tensor, d: Int, i: Int) in try x.select(d, i).clone() }
  ops.define("slice_copy(Tensor self, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor", doc: "A copy of a slice. Mirrors torch.slice_copy.", variants: only) {
    (x: Tensor, d: Int, a: Int?, b: Int?, s: Int) in try x.slice(d, a, b, s).clone()
  }
  ops.define("unbind_copy(Tensor self, int dim=0) -> Tensor[]", doc: copy("unbind"), variants: only) { (x: Tensor, d: Int) in try x.unbind(d).map { try $0.clone() } }
  ops.define("split_copy(Tensor self, int split_size, int dim=0) -> Tensor[]", doc: copy("split"), variants: only) { (x: Tensor, n: Int, d: Int) in try x.split(n, d).map { try $0.clone() } }
  ops.define("split_with_sizes_copy(Tensor self, int[] split_sizes, int dim=0) -> Tensor[]", doc: copy("split_with_sizes"), variants: only) { (x: Tensor, n: [Int], d: Int) in try x.split(n, d).map { try $0.clone() } }
}

/// What Python reaches as `torch.ops.aten`: ops without another name.
public let atenFunctions = OperationFamily("torch.ops.aten") { ops in
  ops.define("slice(Tensor self, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor", doc: "Every step-th index from start up to end of a dimension. Mirrors torch.ops.aten.slice.", variants: [.function]) {
    (x: Tensor, d: Int, a: Int?, b: Int?, s: Int) in try x.slice(d, a, b, s)
  }
  ops.define("alias(Tensor self) -> Tensor", doc: "Another view of the same bytes. Mirrors torch.ops.aten.alias.", variants: [.function]) { (x: Tensor) in x.view("AliasBackward0", x.sizes, x.strides, x.storageOffset) { $0 } }
}
