import Interface
import TensorCore

/// Views and copies under other sizes.
public let views = OperationFamily("torch") { ops in
  ops.define("view(Tensor self, int[1] size) -> Tensor", doc: "The same elements under other sizes, without a copy; one size may be -1. Mirrors Tensor.view.", variants: [.method]) { (x: Tensor, s: [Int]) in try x.view(s) }
  ops.define("view.dtype(Tensor self, ScalarType dtype) -> Tensor", doc: "The same bytes under another dtype of the same size. Mirrors Tensor.view.", variants: [.method]) { (x: Tensor, d: DType) in try x.bitcast(d) }
  ops.define("reshape(Tensor self, int[1] shape) -> Tensor", doc: "The same elements under other sizes, copied where needed. Mirrors torch.reshape.") { (x: Tensor, s: [Int]) in try x.reshape(s) }
  ops.define("view_as(Tensor self, Tensor other) -> Tensor", doc: "Viewed with the sizes of other. Mirrors Tensor.view_as.", variants: [.method]) { (x: Tensor, o: Tensor) in try x.view(Array(o.sizes)) }
  ops.define("reshape_as(Tensor self, Tensor other) -> Tensor", doc: "Reshaped to the sizes of other. Mirrors Tensor.reshape_as.", variants: [.method]) { (x: Tensor, o: Tensor) in try x.reshape(Array(o.sizes)) }
  ops.define("permute(Tensor self, int[1] dims) -> Tensor", doc: "Dimensions in another order. Mirrors torch.permute.") { (x: Tensor, d: [Int]) in try x.permute(d) }
  ops.define("transpose(Tensor self, int dim0, int dim1) -> Tensor", doc: "Two dimensions exchanged. Mirrors torch.transpose.") { (x: Tensor, a: Int, b: Int) in try x.transpose(a, b) }
  ops.define("t(Tensor self) -> Tensor", doc: "The transposed matrix. Mirrors torch.t.") { (x: Tensor) in try x.t() }
  ops.define("unsqueeze(Tensor self, int dim) -> Tensor", doc: "With a dimension of size one at dim. Mirrors torch.unsqueeze.") { (x: Tensor, d: Int) in try x.unsqueeze(d) }
  ops.define("squeeze(Tensor self) -> Tensor", doc: "Without dimensions of size one. Mirrors torch.squeeze.") { (x: Tensor) in try x.squeeze() }
  ops.define("squeeze.dim(Tensor self, int[1] dim) -> Tensor", doc: "Without the named dimensions where their size is one. Mirrors torch.squeeze.") { (x: Tensor, d: [Int]) in try x.squeeze(d) }
  ops.define("expand(Tensor self, int[1] size) -> Tensor", doc: "Dimensions of size one stretched without a copy; -1 keeps a size. Mirrors Tensor.expand.", variants: [.method]) { (x: Tensor, s: [Int]) in try x.expand(s) }
  ops.define("expand_as(Tensor self, Tensor other) -> Tensor", doc: "Expanded to the sizes of other. Mirrors Tensor.expand_as.", variants: [.method]) { (x: Tensor, o: Tensor) in try x.expand(Array(o.sizes)) }
  ops.define("broadcast_to(Tensor self, int[] size) -> Tensor", doc: "Expanded to these sizes. Mirrors torch.broadcast_to.") { (x: Tensor, s: [Int]) in try x.expand(s) }
  ops.define("select(Tensor self, int dim, int index) -> Tensor", doc: "One index of a dimension, which goes. Mirrors torch.select.") { (x: Tensor, d: Int, i: Int) in try x.select(d, i) }
  ops.define("narrow(Tensor self, int dim, int start, int length) -> Tensor", doc: "length indices of a dimension from start. Mirrors torch.narrow.") { (x: Tensor, d: Int, s: Int, l: Int) in try x.narrow(d, s, l) }
  ops.define("flatten(Tensor self, int start_dim=0, int end_dim=-1) -> Tensor", doc: "Dimensions start_dim to end_dim as one. Mirrors torch.flatten.") { (x: Tensor, a: Int, b: Int) in try x.flatten(a, b) }
  ops.define("ravel(Tensor self) -> Tensor", doc: "All elements in one dimension. Mirrors torch.ravel.") { (x: Tensor) in try x.reshape([-1]) }
  ops.define("clone(Tensor self) -> Tensor", doc: "A copy that gradients flow through. Mirrors torch.clone.") { (x: Tensor) in try x.clone() }
  ops.define("contiguous(Tensor self) -> Tensor", doc: "Itself or a dense row-major copy. Mirrors Tensor.contiguous.", variants: [.method]) { (x: Tensor) in try x.contiguous() }
  ops.define("detach(Tensor self) -> Tensor", doc: "The same bytes without history. Mirrors Tensor.detach.") { (x: Tensor) in x.detached() }
  ops.define("split(Tensor self, int split_size, int dim=0) -> Tensor[]", doc: "Pieces of split_size along dim; the last may be shorter. Mirrors torch.split.") {
    (x: Tensor, n: Int, d: Int) -> [Tensor] in
    let size = try x.size(d)
    if n < 0 || (n == 0 && size != 0) { throw TorchError.runtime("split expects split_size be non-negative, but got split_size=\(n)") }
    let pieces = size == 0 ? [0] : stride(from: 0, to: size, by: n).map { min(n, size - $0) }
    return try x.split(pieces, d, name: "SplitBackward0")
  }
  ops.define("split.sizes(Tensor self, int[] split_size, int dim=0) -> Tensor[]", doc: "Pieces of the given sizes along dim. Mirrors torch.split.") { (x: Tensor, n: [Int], d: Int) in try x.split(n, d) }
  ops.define("chunk(Tensor self, int chunks, int dim=0) -> Tensor[]", doc: "At most chunks pieces along dim. Mirrors torch.chunk.") {
    (x: Tensor, n: Int, d: Int) -> [Tensor] in
    if n <= 0 { throw TorchError.runtime("chunk expects `chunks` to be greater than 0, got: \(n)") }
    let size = try x.size(d)
    let length = max((size + n - 1) / n, 1)
    return try x.split(size == 0 ? Array(repeating: 0, count: n) : stride(from: 0, to: size, by: length).map { min(length, size - $0) }, d, name: "SplitBackward0")
  }
  ops.define("unbind(Tensor self, int dim=0) -> Tensor[]", doc: "All indices of a dimension, one by one. Mirrors torch.unbind.") {
    (x: Tensor, d: Int) -> [Tensor] in try x.unbind(d)
  }
  ops.define("cat(Tensor[] tensors, int dim=0) -> Tensor", doc: "Tensors joined along a dimension. Mirrors torch.cat.") { (all: [Tensor], d: Int) in try Tensor.cat(all, d) }
  ops.define("stack(Tensor[] tensors, int dim=0) -> Tensor", doc: "Tensors joined along a new dimension. Mirrors torch.stack.") { (all: [Tensor], d: Int) in try Tensor.stack(all, d) }
  ops.define("repeat(Tensor self, int[1] repeats) -> Tensor", doc: "Copies laid side by side along each dimension. Mirrors Tensor.repeat.", variants: [.method]) { (x: Tensor, n: [Int]) in try x.tiled(n) }
  ops.define("flip(Tensor self, int[1] dims) -> Tensor", doc: "A copy with the order along dims turned. Mirrors torch.flip.") { (x: Tensor, d: [Int]) in try x.flip(d) }
}
