import Interface
import TensorCore

/// Views and copies under other sizes.
public let views = OperationFamily("torch") { ops in
  ops.define("view(Tensor self, int[1] size) -> Tensor", doc: "The same elements under other sizes, without a copy; one size may be -1. Mirrors Tensor.view.", variants: [.method]) { (x: Tensor, s: [Int]) in try x.view(s) }
  ops.define("view.dtype(Tensor self, ScalarType dtype) -> Tensor", doc: "The same bytes under another dtype. Mirrors Tensor.view.", variants: [.method]) { (x: Tensor, d: DType) in try x.bitcast(d) }
  ops.define("reshape(Tensor self, int[1] shape) -> Tensor", doc: "The same elements under other sizes, copied where needed. Mirrors torch.reshape.") { (x: Tensor, s: [Int]) in try x.reshape(s) }
  ops.define("view_as(Tensor self, Tensor other) -> Tensor", doc: "Viewed with the sizes of other. Mirrors Tensor.view_as.", variants: [.method]) { (x: Tensor, o: Tensor) in try x.view(Array(o.sizes)) }
  ops.define("reshape_as(Tensor self, Tensor other) -> Tensor", doc: "Reshaped to the sizes of other. Mirrors Tensor.reshape_as.", variants: [.method]) { (x: Tensor, o: Tensor) in try x.reshape(Array(o.sizes)) }
  ops.define("permute(Tensor self, int[1] dims) -> Tensor", doc: "Dimensions in another order. Mirrors torch.permute.") { (x: Tensor, d: [Int]) in try x.permute(d) }
  ops.define("transpose(Tensor self, int dim0, int dim1) -> Tensor", doc: "Two dimensions exchanged. Mirrors torch.transpose.") { (x: Tensor, a: Int, b: Int) in try x.transpose(a, b) }
  ops.define("t(Tensor self) -> Tensor", doc: "The transposed matrix. Mirrors torch.t.") { (x: Tensor) in try x.t() }
  ops.define("unsqueeze(Tensor self, int dim) -> Tensor", doc: "With a dimension of size one at dim. Mirrors torch.unsqueeze.") { (x: Tensor, d: Int) in try x.unsqueeze(d) }
  ops.define("squeeze(Tensor self) -> Tensor", doc: "Without dimensions of size one. Mirrors torch.squeeze.") { (x: Tensor) in try x.squeeze() }
  ops.define("squeeze.dim(Tensor self, int[1] dim) -> Tensor", doc: "Without the named dimensions where their size is one. Mirrors torch.squeeze.") { (x: Tensor, d: [Int]) in try x.squeeze(d) }
  ops.define("expand(Tensor self, int[1] size, *, bool implicit=False) -> Tensor", doc: "Dimensions of size one stretched without a copy; -1 keeps a size. Mirrors Tensor.expand.", variants: [.method]) { (x: Tensor, s: [Int], _: Bool) in try x.expand(s) }
  ops.define("expand_as(Tensor self, Tensor other) -> Tensor", doc: "Expanded to the sizes of other. Mirrors Tensor.expand_as.", variants: [.method]) { (x: Tensor, o: Tensor) in try x.expand(Array(o.sizes)) }
  ops.define("broadcast_to(Tensor self, int[1] size) -> Tensor", doc: "Expanded to these sizes. Mirrors torch.broadcast_to.") { (x: Tensor, s: [Int]) in try x.expand(s) }
  ops.define("select(Tensor self, int dim, int index) -> Tensor", doc: "One index of a dimension, which goes. Mirrors torch.select.") { (x: Tensor, d: Int, i: Int) in try x.select(d, i) }
  ops.define("narrow(Tensor self, int dim, int start, int length) -> Tensor", doc: "length indices of a dimension from start. Mirrors torch.narrow.") { (x: Tensor, d: Int, s: Int, l: Int) in try x.narrow(d, s, l) }
  ops.define("flatten(Tensor self, int start_dim=0, int end_dim=-1) -> Tensor", doc: "Dimensions start_dim to end_dim as one. Mirrors torch.flatten.") { (x: Tensor, a: Int, b: Int) in try x.flatten(a, b) }
  ops.define("ravel(Tensor self) -> Tensor", doc: "All elements in one dimension. Mirrors torch.ravel.") { (x: Tensor) in try x.reshape([-1]) }
  ops.define("clone(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor", doc: "A copy that gradients flow through. Mirrors torch.clone.") { (x: Tensor, f: MemoryFormat?) in try x.clone(f ?? .contiguous) }
  ops.define("contiguous(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor", doc: "Itself or a dense copy. Mirrors Tensor.contiguous.", variants: [.method]) { (x: Tensor, f: MemoryFormat?) in try x.contiguous(f ?? .contiguous) }
  ops.define("is_contiguous(Tensor self, *, MemoryFormat? memory_format=None) -> bool", doc: "Whether elements lie densely in row-major or another order. Mirrors Tensor.is_contiguous.", variants: [.method]) { (x: Tensor, f: MemoryFormat?) in x.isContiguous(f ?? .contiguous) }
  ops.define("detach(Tensor self) -> Tensor", doc: "The same bytes without history. Mirrors Tensor.detach.") { (x: Tensor) in x.detached() }
  ops.define("narrow.Tensor(Tensor self, int dim, Tensor start, int length) -> Tensor", doc: "length indices of a dimension from start, a tensor. Mirrors torch.narrow.") {
    (x: Tensor, d: Int, s: Tensor, n: Int) -> Tensor in
    if s.dim != 0 || !s.dtype.isIntegral { throw TorchError.runtime("start must be an 0-dim integral Tensor.") }
    return try x.narrow(d, s.scalar(at: 0).integerValue, n)
  }
  for name in ["swapaxes(Tensor self, int axis0, int axis1)", "swapdims(Tensor self, int dim0, int dim1)"] {
    let word = name.prefix { $0 != "(" }
    ops.define("\(name) -> Tensor", doc: "Two dimensions exchanged. Mirrors torch.\(word).") { (x: Tensor, a: Int, b: Int) in try x.transpose(a, b) }
    ops.define("\(word)_\(name.dropFirst(8)) -> Tensor", doc: "Two dimensions exchanged, in place. Mirrors Tensor.\(word)_.", variants: [.method]) { (x: Tensor, a: Int, b: Int) in try x.looking { try $0.transpose(a, b) } }
  }
  ops.define("transpose_(Tensor self, int dim0, int dim1) -> Tensor", doc: "Two dimensions exchanged, in place. Mirrors Tensor.transpose_.", variants: [.method]) { (x: Tensor, a: Int, b: Int) in try x.looking { try $0.transpose(a, b) } }
  ops.define("t_(Tensor self) -> Tensor", doc: "Becomes the transposed matrix. Mirrors Tensor.t_.", variants: [.method]) { (x: Tensor) in try x.looking { try $0.t() } }
  ops.define("unsqueeze_(Tensor self, int dim) -> Tensor", doc: "Gets a dimension of size one at dim. Mirrors Tensor.unsqueeze_.", variants: [.method]) { (x: Tensor, d: Int) in try x.looking { try $0.unsqueeze(d) } }
  ops.define("squeeze_(Tensor self) -> Tensor", doc: "Loses its dimensions of size one. Mirrors Tensor.squeeze_.", variants: [.method]) { (x: Tensor) in try x.looking { try $0.squeeze() } }
  ops.define("squeeze_.dim(Tensor self, int[1] dim) -> Tensor", doc: "Loses the named dimensions where their size is one. Mirrors Tensor.squeeze_.", variants: [.method]) { (x: Tensor, d: [Int]) in try x.looking { try $0.squeeze(d) } }
}
