import Interface
import Kernels
import TensorCore

/// One place of an index expression: `t[{0, "1:3", mask}]`.
public enum IndexItem {
  case integer(Int)
  case slice(Int?, Int?, Int)
  case ellipsis
  case newAxis
  case tensor(Tensor)

  /// Reads `1:3`, `::2`, `:`, `...` or `None`.
  /// - Throws: an `IndexError` that names the text.
  public init(parsing text: String) throws {
    if text == "..." { self = .ellipsis; return }
    if text == "None" { self = .newAxis; return }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
    let numbers = parts.map { $0.isEmpty ? nil : Int($0) }
    let wrong = zip(parts, numbers).contains { !$0.isEmpty && $1 == nil }
    guard parts.count >= 2, parts.count <= 3, !wrong else {
      throw TorchError.index("'\(text)' is not an index: write an integer, 'start:end', 'start:end:step', '...' or 'None'")
    }
    let step = parts.count == 3 ? numbers[2] ?? 1 : 1
    if step == 0 { throw TorchError.value("slice step cannot be zero") }
    if step < 0 { throw TorchError.value("step must be greater than zero") }
    self = .slice(numbers[0], numbers[1], step)
  }
}

extension IndexItem {
  /// The items of `t[key]`: an integer, a text as `1:3` or its numbers as a tuple, a tensor, or a list of these.
  /// - Throws: PyTorch's `IndexError` for anything else.
  public static func items(of value: Value) throws -> [IndexItem] {
    if case .list(let items) = value { return try items.map(IndexItem.init) }
    return [try IndexItem(value)]
  }

  private init(_ value: Value) throws {
    switch value {
    case .integer(let i):
      self = .integer(i)
      return
    case .string(let s):
      try self.init(parsing: s)
      return
    case .object(let x as Tensor):
      self = x.dim == 0 && x.dtype.isIntegral ? .integer(x.scalar(at: 0).integerValue) : .tensor(x)
      return
    case .list:
      self = .tensor(try Tensor.make(from: value))
      return
    case .tuple(let parts):
      let numbers = parts.map { part -> Int? in if case .integer(let i) = part { i } else { nil } }
      guard numbers.count == 3, let step = numbers[2] else { break }
      if step <= 0 { throw TorchError.value("step must be greater than zero") }
      self = .slice(numbers[0], numbers[1], step)
      return
    case .boolean(let b):
      self = .tensor(try .scalar(.boolean(b)))
      return
    default: break
    }
    throw TorchError.index(
      "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got \(value.pythonTypeName))")
  }
}

extension Tensor {
  /// Basic indexing as views; tensors among the items are collected per dimension for the gather that follows.
  func basicIndexed(_ items: [IndexItem]) throws -> (Tensor, [Tensor?]) {
    var consumed = 0
    for item in items {
      switch item {
      case .integer, .slice: consumed += 1
      case .tensor(let t): consumed += t.dtype == .bool || t.dtype == .uint8 ? Swift.max(t.dim, 0) : 1
      default: break
      }
    }
    if consumed > dim {
      if dim == 0 {
        throw TorchError.index("invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number")
      }
      throw TorchError.index("too many indices for tensor of dimension \(dim)")
    }
    var result = self
    var d = 0
    // Where the item stands among the tensor's own dimensions, for messages.
    var position = 0
    var gathers: [Tensor?] = []
    for item in items {
      switch item {
      case .integer(let i):
        if result.sizes[d] <= i || i < -result.sizes[d] {
          throw TorchError.index("index \(i) is out of bounds for dimension \(position) with size \(result.sizes[d])")
        }
        result = try result.select(d, i)
        position += 1
      case .slice(let a, let b, let step):
        if a != nil || b != nil || step != 1 { result = try result.slice(d, a, b, step) }
        d += 1
        position += 1
        gathers.append(nil)
      case .ellipsis:
        let skip = dim - consumed
        d += skip
        position += skip
        gathers += Array(repeating: nil, count: skip)
      case .newAxis:
        result = try result.unsqueeze(d)
        d += 1
        gathers.append(nil)
      case .tensor(let t):
        if t.dim == 0 && t.dtype == .bool {
          // A truth value adds a dimension of one index or of none.
          result = try result.unsqueeze(d)
          gathers.append(try .vector(t.scalar(at: 0) == .boolean(true) ? [0] : []))
          d += 1
        } else if t.dtype == .bool || t.dtype == .uint8 {
          for k in 0..<t.dim where result.sizes[d + k] != t.sizes[k] {
            throw TorchError.index(
              "The shape of the mask \(t.sizes.text) at index \(k) does not match the shape of the indexed tensor \(result.sizes.text) at index \(d + k)")
          }
          let rows = try t.nonzero()
          for k in 0..<t.dim { gathers.append(try rows.select(1, k)) }
          d += t.dim
          position += t.dim
        } else if t.dtype == .int64 || t.dtype == .int32 {
          gathers.append(try t.dense(.int64))
          d += 1
          position += 1
        } else {
          throw TorchError.index("tensors used as indices must be long, int, byte or bool tensors")
        }
      }
    }
    return (result, gathers.contains { $0 != nil } ? gathers : [])
  }

  /// `t[items]`.
  public func indexed(_ items: [IndexItem]) throws -> Tensor {
    let (base, gathers) = try basicIndexed(items)
    if !gathers.isEmpty { return try base.gathered(gathers) }
    // `t[…]` gives a view even where it is all of t.
    return base === self ? view("AliasBackward0", sizes, strides, storageOffset) { $0 } : base
  }

  /// `t[items] = value`.
  public func assign(_ items: [IndexItem], _ value: Tensor) throws {
    let (base, gathers) = try basicIndexed(items)
    // Leading dimensions of size one that the place does not have are no matter.
    var value = value
    while value.dim > 0 && value.sizes[0] == 1 && value.dim > (gathers.isEmpty ? base.dim : 0) { value = try value.squeeze([0]) }
    if gathers.isEmpty {
      _ = try base.copyElements(from: value.sizes == base.sizes ? value : value.expand(Array(base.sizes)))
    } else {
      try base.putRows(gathers, value, accumulate: false)
    }
  }
}

/// Indexing.
public let indexing = OperationFamily("torch") { ops in
  ops.define("copy_(Tensor self, Tensor src, bool non_blocking=False) -> Tensor", doc: "Copies elements into self. Mirrors Tensor.copy_.", variants: [.method]) { (x: Tensor, y: TensorOrNumber, _: Bool) in try x.copyElements(from: y.tensor) }
  ops.tensorOp("index_put(Tensor self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor", doc: "A copy with values written (or added) where the index tensors say. Mirrors torch.index_put.", inPlace: .both) {
    (x: Tensor, i: [Value], v: Tensor, a: Bool) in try x.indexPut(x.indexTensors(i), v, accumulate: a)
  }
  ops.define("_unsafe_masked_index(Tensor self, Tensor mask, Tensor?[] indices, Scalar fill) -> Tensor", doc: "Elements at the indices where the mask holds, else fill. Mirrors torch.ops.aten._unsafe_masked_index.", variants: [.function]) {
    (x: Tensor, m: Tensor, i: [Value], fill: Scalar) -> Tensor in
    let whole = try x.clamped(x.indexTensors(i))
    if x.count == 0 { return try Tensor.full(x.zeroRows(whole), fill, dtype: x.dtype) }
    return try x.gathered(whole).maskedFill(m.logicalNot(), .wrapped(fill))
  }
  ops.define("_unsafe_masked_index_put_accumulate(Tensor self, Tensor mask, Tensor?[] indices, Tensor values) -> Tensor", doc: "Adds values at the indices where the mask holds. Mirrors torch.ops.aten._unsafe_masked_index_put_accumulate.", variants: [.function]) {
    (x: Tensor, m: Tensor, i: [Value], v: Tensor) -> Tensor in
    if x.count == 0 { return try x.clone() }
    return try x.indexPut(x.clamped(x.indexTensors(i)), v.maskedFill(m.logicalNot(), .number(0)), accumulate: true)
  }
}

/// `t[items]` and `t[items] = value` as operations, for those who write down what is called.
public let indexExpressions = OperationFamily("torch") { ops in
  ops.define("__getitem__(Tensor self, any items) -> Tensor", doc: "The elements at an index expression. Mirrors Tensor.__getitem__.", variants: []) {
    (x: Tensor, items: Value) in try x.indexed(IndexItem.items(of: items))
  }
  ops.define("__setitem__(Tensor self, any items, any value) -> ()", doc: "Writes elements at an index expression. Mirrors Tensor.__setitem__.", variants: []) {
    (x: Tensor, items: Value, value: Value) -> Nothing in
    let source: Tensor
    switch value {
    case .list: source = try .make(from: value, dtype: x.dtype)
    case .object(let tensor as Tensor): source = tensor
    case .boolean(let b): source = try .spareNumber(.boolean(b))
    case .integer(let i): source = try .spareNumber(.integer(i))
    case .number(let d): source = try .spareNumber(.double(d))
    default: throw TorchError.type("can't assign a \(value.pythonTypeName) to a torch.\(x.dtype.capitalized)Tensor")
    }
    try x.assign(IndexItem.items(of: items), source)
    return Nothing()
  }
}
