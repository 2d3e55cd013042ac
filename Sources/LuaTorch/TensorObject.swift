import CLua
import CLuaShim
import Interface
import LuaVM
import TensorCore
import Torch
import Trace

/// `torch.Size`: sizes counted from 0.
public final class TorchSize {
  /// The sizes (or strides).
  public let dims: Dims
  init(_ dims: Dims) { self.dims = dims }
  /// `torch.Size([2, 3])`.
  var text: String { "torch.Size(\(dims.text))" }
}

extension TorchSize: SchemaResult {
  public func give(to frame: CallFrame) throws -> Int { try frame.give(object: self) }
}

/// What `register_hook` gives: removes the hook again.
final class HookHandle {
  let remove: () -> Void
  init(_ remove: @escaping () -> Void) { self.remove = remove }
}

/// What tensors show as fields: reading and, where it may be, writing.
let tensorFields = OperationFamily("Tensor") { ops in
  ops.define("shape(Tensor self) -> Size", doc: "The size of each dimension. Mirrors Tensor.shape.") { (x: Tensor) in TorchSize(try x.knownSizes()) }
  ops.define("dtype(Tensor self) -> ScalarType", doc: "The element type. Mirrors Tensor.dtype.") { (x: Tensor) in x.dtype }
  ops.define("device(Tensor self) -> Device", doc: "Always cpu. Mirrors Tensor.device.") { (x: Tensor) in "cpu" }
  ops.define("layout(Tensor self) -> str", doc: "Always torch.strided. Mirrors Tensor.layout.") { (x: Tensor) in "torch.strided" }
  ops.define("ndim(Tensor self) -> int", doc: "The number of dimensions. Mirrors Tensor.ndim.") { (x: Tensor) in x.dim }
  ops.define("itemsize(Tensor self) -> int", doc: "Bytes per element. Mirrors Tensor.itemsize.") { (x: Tensor) in x.dtype.itemSize }
  ops.define("nbytes(Tensor self) -> int", doc: "Bytes of all elements. Mirrors Tensor.nbytes.") { (x: Tensor) in x.count * x.dtype.itemSize }
  ops.define("requires_grad(Tensor self) -> bool", doc: "Whether gradients are wanted or flow through. Mirrors Tensor.requires_grad.") { (x: Tensor) in x.requiresGrad }
  ops.define("is_leaf(Tensor self) -> bool", doc: "Whether no recorded operation made it. Mirrors Tensor.is_leaf.") { (x: Tensor) in x.isLeaf }
  ops.define("grad(Tensor self) -> Tensor?", doc: "The accumulated gradient. Mirrors Tensor.grad.") { (x: Tensor) -> Tensor? in
    if x.grad == nil && !x.isLeaf && !(x.autograd?.retainsGrad ?? false) {
      UserWarning.tell(
        "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be populated during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you access the leaf Tensor instead. See github.com/pytorch/pytorch/pull/30531 for more informations.")
    }
    return x.grad
  }
  ops.define("grad_fn(Tensor self) -> Node?", doc: "What made it. Mirrors Tensor.grad_fn.") { (x: Tensor) -> Value in x.gradFn.map { .object($0) } ?? .none }
  ops.define("data(Tensor self) -> Tensor", doc: "The same bytes without history. Mirrors Tensor.data.") { (x: Tensor) in x.unwatched() }
  ops.define("T(Tensor self) -> Tensor", doc: "Dimensions in reverse order. Mirrors Tensor.T.") { (x: Tensor) -> Tensor in
    if x.dim != 2 && x.dim != 0 {
      UserWarning.tell(
        "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated and it will throw an error in a future release. Consider `x.mT` to transpose batches of matrices or `x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions of a tensor.")
    }
    return try x.permute(Array((0..<x.dim).reversed())) }
  ops.define("mT(Tensor self) -> Tensor", doc: "The last two dimensions exchanged. Mirrors Tensor.mT.") { (x: Tensor) in try x.matrixTransposed("mT") }
  ops.define("H(Tensor self) -> Tensor", doc: "The conjugated transposed matrix. Mirrors Tensor.H.") { (x: Tensor) -> Tensor in
    if x.dim != 0 && x.dim != 2 {
      throw TorchError.runtime(
        "tensor.H is only supported on matrices (2-D tensors). Got \(x.dim)-D tensor.\(x.dim > 2 ? " For batches of matrices, consider using tensor.mH" : "")")
    }
    return try x.matrixTransposed("H").conj()
  }
  ops.define("mH(Tensor self) -> Tensor", doc: "The last two dimensions exchanged, numbers conjugated. Mirrors Tensor.mH.") { (x: Tensor) in try x.matrixTransposed("mH").conj() }
  ops.define("real(Tensor self) -> Tensor", doc: "The real part, as a view; a number where the tensor stands for a complex number. Mirrors Tensor.real.") { (x: Tensor) -> Value in x.isWrappedNumber ? .number(x.scalar(at: 0).doubleValue) : .object(try x.real()) }
  ops.define("imag(Tensor self) -> Tensor", doc: "The imaginary part, as a view; a number where the tensor stands for a complex number. Mirrors Tensor.imag.") { (x: Tensor) -> Value in x.isWrappedNumber ? .number(x.scalar(at: 0).imaginary) : .object(try x.imaginary()) }
  for name in ["is_cuda", "is_sparse", "is_meta", "is_nested", "is_mkldnn", "is_mps", "is_xpu", "is_xla"] {
    ops.define("\(name)(Tensor self) -> bool", doc: "Never. Mirrors Tensor.\(name).") { (x: Tensor) in false }
  }
  ops.define("is_cpu(Tensor self) -> bool", doc: "Always. Mirrors Tensor.is_cpu.") { (x: Tensor) in true }
  ops.define("is_quantized(Tensor self) -> bool", doc: "Whether integers stand for numbers. Mirrors Tensor.is_quantized.") { (x: Tensor) in x.dtype.isQuantized }
  ops.define("_version(Tensor self) -> int", doc: "How often it was changed in place. Mirrors Tensor._version.") { (x: Tensor) in try x.countedVersion() }
  ops.define("_base(Tensor self) -> Tensor?", doc: "The tensor it is a view of. Mirrors Tensor._base.") { (x: Tensor) in x.base }
  ops.define("retains_grad(Tensor self) -> bool", doc: "Whether a tensor that is no leaf keeps its gradient. Mirrors Tensor.retains_grad.") { (x: Tensor) in x.autograd?.retainsGrad ?? false }
  ops.define("output_nr(Tensor self) -> int", doc: "Which result of its operation it is. Mirrors Tensor.output_nr.") { (x: Tensor) in x.gradFn == nil ? 0 : x.autograd?.outputIndex ?? 0 }
}

/// Methods of tensors whose results only the binding knows.
let tensorMethods = OperationFamily("torch") { ops in
  ops.define("size(Tensor self, int? dim=None) -> Size", doc: "All sizes, or the size of one dimension. Mirrors Tensor.size.", variants: [.method]) {
    (x: Tensor, d: Int?) -> Value in try d.map { .integer(try x.size($0)) } ?? .object(TorchSize(x.sizes))
  }
  ops.define("stride(Tensor self, int? dim=None) -> int[]", doc: "All strides, or that of one dimension, in elements. Mirrors Tensor.stride.", variants: [.method]) {
    (x: Tensor, d: Int?) -> Value in
    if x.dim == 0, let d { throw TorchError.index("Dimension specified as \(d) but tensor has no dimensions") }
    return try d.map { .integer(x.strides[try Shape.wrap($0, x.dim)]) } ?? .object(TorchSize(x.strides))
  }
  ops.define("untyped_storage(Tensor self) -> Storage", doc: "The bytes it looks at. Mirrors Tensor.untyped_storage.", variants: [.method]) { (x: Tensor) -> Value in .object(x.storage) }
  ops.define("get_device(Tensor self) -> int", doc: "Always -1, the processor. Mirrors Tensor.get_device.") { (x: Tensor) in -1 }
  ops.define("dim_order(Tensor self) -> int[]", doc: "Dimensions from the outermost in memory to the innermost. Mirrors Tensor.dim_order.", variants: [.method]) { (x: Tensor) in
    TorchSize(Dims((0..<x.dim).sorted { x.strides[$0] != x.strides[$1] ? x.strides[$0] > x.strides[$1] : $0 < $1 }))
  }
  ops.define("is_same_size(Tensor self, Tensor other) -> bool", doc: "Whether sizes are equal. Mirrors Tensor.is_same_size.") { (x: Tensor, y: Tensor) in x.sizes == y.sizes }
  ops.define("is_set_to(Tensor self, Tensor tensor) -> bool", doc: "Whether both look at the same elements in the same way. Mirrors Tensor.is_set_to.", variants: [.method]) {
    (x: Tensor, y: Tensor) in x.storage === y.storage && x.storageOffset == y.storageOffset && x.sizes == y.sizes && x.strides == y.strides
  }
  ops.define("pin_memory(Tensor self) -> Tensor", doc: "Itself: there is only the processor. Mirrors Tensor.pin_memory.", variants: [.method]) { (x: Tensor) in x }
  ops.define("is_pinned(Tensor self) -> bool", doc: "Never. Mirrors Tensor.is_pinned.", variants: [.method]) { (x: Tensor) in false }
  ops.define("is_shared(Tensor self) -> bool", doc: "Never. Mirrors Tensor.is_shared.", variants: [.method]) { (x: Tensor) in false }
  ops.define("broadcast_shapes(any[1] shapes) -> Size", doc: "The sizes that all broadcast to. Mirrors torch.broadcast_shapes.", variants: [.function]) {
    (all: Value) -> TorchSize in
    if case .list(let shapes) = all, shapes.contains(where: { if case .list = $0 { true } else { false } }) { return TorchSize(try Tensor.broadcastSizes(shapes)) }
    return TorchSize(try Tensor.broadcastSizes([all]))
  }
}

extension Binding {
  /// The metatable of tensors.
  func registerTensors(methods: [String: BoundFunction]) throws {
    let fields = Dictionary(uniqueKeysWithValues: tensorFields.operations.map { ($0.name, $0) })
    try register(Tensor.self, name: "torch.Tensor") { meta in
      let L = meta.L
      // Methods lie in a Lua table, so that finding one costs no Swift string.
      try check(qlua_pcreatetable(L, 0, Int32(methods.count)), L)
      let table = lua_gettop(L)
      for (name, method) in methods.sorted(by: { $0.key < $1.key }) {
        try push(bound: method, on: L)
        try check(qlua_prawsetfield(L, table, name), L)
      }
      for (name, body) in hookMethods() + elementMethods() { try Metatable(binding: self, L: L, index: table).set(name, body) }
      try meta.setIndex { [unowned self] frame in
        let L = frame.L
        if lua_type(L, 2) == LUA_TSTRING {
          let name = text(L, 2) ?? ""
          if let field = fields[name] {
            lua_settop(L, 1)
            frame.begin(L)
            return try field.invoke(frame)
          }
          if IndexItem.looksLikeIndex(name) {
            if OperationWatch.isOn { return try IndexOperations.get.invoke(frame) }
            return try frame.give(object: tensor(frame).indexed([IndexItem(parsing: name)]))
          }
          throw TorchError.attribute("'Tensor' object has no attribute '\(name)'")
        }
        if OperationWatch.isOn { return try IndexOperations.get.invoke(frame) }
        let x = try tensor(frame)
        return try frame.give(object: x.indexed(IndexItem.items(of: frame.value(1))))
      }
      try meta.set("__newindex") { [unowned self] frame in
        let x = try tensor(frame)
        if let name = frame.string(1), !IndexItem.looksLikeIndex(name) {
          try setField(x, name, frame.value(2))
          return 0
        }
        if OperationWatch.isOn { return try IndexOperations.set.invoke(frame) }
        let parameter = try Parameter.one("Tensor value")
        let items = try frame.string(1).map { [try IndexItem(parsing: $0)] } ?? IndexItem.items(of: frame.value(1))
        let value: Tensor
        if frame.kind(2) == .table {
          value = try Tensor.make(from: frame.value(2), dtype: x.dtype)
        } else {
          value = try TensorOrNumber.decode(frame, 2, parameter).tensor
        }
        try x.assign(items, value)
        return 0
      }
      try meta.set("__len") { [unowned self] frame in
        let x = try tensor(frame)
        if x.dim == 0 { throw TorchError.type("len() of a 0-d tensor") }
        Tracer.noteLength(of: x)
        return try frame.give(.integer(x.sizes[0]))
      }
      try meta.set("__tostring") { [unowned self] frame in try frame.give(.string(tensor(frame).text)) }
      try meta.set("__whos") { [unowned self] frame in
        let x = try tensor(frame)
        let bytes = x.count * x.dtype.itemSize
        let shape = x.dim == 0 ? "scalar" : x.sizes.map(String.init).joined(separator: "x")
        return try frame.give(.tuple([.string("Tensor"), .string("\(shape): \(x.count) elems, type `\(x.dtype.name)`, \(bytes.grouped) bytes")]))
      }
      let names = (Array(methods.keys) + Array(fields.keys)).sorted()
      try meta.set("__complete") { frame in try frame.give(.list(names.map { .string($0) })) }
      for (event, name) in [("__add", "add"), ("__sub", "__sub__"), ("__mul", "mul"), ("__div", "__truediv__"), ("__pow", "__pow__"), ("__mod", "remainder"), ("__idiv", "floor_divide"), ("__band", "bitwise_and"), ("__bor", "bitwise_or"), ("__bxor", "bitwise_xor"), ("__shl", "bitwise_left_shift"), ("__shr", "bitwise_right_shift")] {
        if let method = methods[name] {
          try push(bound: method, on: L)
          try check(qlua_prawsetfield(L, meta.index, event), L)
        }
      }
      // Lua gives a unary operator its operand twice.
      try meta.set("__unm") { [unowned self] frame in
        guard OperationWatch.isOn, let method = methods["neg"] else { return try frame.give(object: tensor(frame).neg()) }
        lua_settop(frame.L, 1)
        frame.begin(frame.L)
        return try method.call(frame)
      }
      try meta.set("__bnot") { frame in
        lua_settop(frame.L, 1)
        frame.begin(frame.L)
        guard let method = methods["bitwise_not"] else { throw TorchError.notImplemented("bitwise_not") }
        return try method.call(frame)
      }
      for (event, name) in [("__lt", "lt"), ("__le", "le")] {
        try meta.set(event) { _ in
          throw TorchError.type("Lua's comparison gives one boolean, not a tensor: write a:\(name)(b) (or gt, ge, eq, ne)")
        }
      }
    }
  }

  private func tensor(_ frame: LuaFrame) throws -> Tensor {
    guard let x = frame.object(0) as? Tensor else { throw TorchError.type("a tensor was expected, got \(frame.typeName(0))") }
    return x
  }

  private func setField(_ x: Tensor, _ name: String, _ value: Value) throws {
    switch (name, value) {
    case ("requires_grad", .boolean(let wanted)): try x.setRequiresGrad(wanted)
    case ("grad", .none): try x.setGrad(nil)
    case ("grad", .object(let g as Tensor)): try x.setGrad(g)
    case ("grad", _): throw TorchError.type("assigned grad expected to be a Tensor or None but got grad of type \(value.pythonTypeName)")
    case ("data", .object(let source as Tensor)): try x.setData(source)
    default: throw TorchError.attribute("attribute '\(name)' of 'torch.Tensor' objects is not writable with a \(value.pythonTypeName)")
    }
  }
}

extension IndexItem {
  /// Whether a field's name is really an index: `1:3`, `...`, `None`.
  static func looksLikeIndex(_ name: String) -> Bool {
    guard let first = name.utf8.first else { return false }
    return first == 0x3A || first == 0x2D || (first >= 0x30 && first <= 0x39) || name == "..." || name == "None" || name.contains(":")
  }
}

extension Parameter {
  /// A parameter for the binding's own argument errors.
  static func one(_ text: String) throws -> Parameter { try Schema(parsing: "f(\(text))").parameters[0] }
}

extension Int {
  /// With commas between thousands.
  var grouped: String {
    var digits = String(magnitude)
    var pieces: [Substring] = []
    while digits.count > 3 {
      pieces.insert(digits.suffix(3), at: 0)
      digits = String(digits.dropLast(3))
    }
    return (self < 0 ? "-" : "") + ([Substring(digits)] + pieces).joined(separator: ",")
  }
}
