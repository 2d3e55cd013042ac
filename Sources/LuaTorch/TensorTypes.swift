import Interface
import LuaVM
import NN
import TensorCore
import Torch

extension Binding {
  /// What tensors can be beside parameters: buffers, and both without sizes. In `torch.nn` and `torch.nn.parameter`.
  func bindTensorTypes() throws {
    try set("torch", "Size", .object(TypeObject("torch.Size", includes: { $0 is TorchSize }) { frame in
      guard case .list(let items) = try frame.value(0) else { throw TorchError.type("'\(frame.typeName(0))' object is not iterable") }
      let sizes = try items.enumerated().map { i, item in
        guard case .integer(let size) = item else { throw TorchError.type("torch.Size() takes an iterable of 'int' (item \(i) is '\(item.pythonTypeName)')") }
        return size
      }
      return try frame.give(object: TorchSize(Dims(sizes)))
    }))
    func define(
      _ name: String, _ schema: String, includes: @escaping (Tensor) -> Bool, _ make: @escaping (LuaFrame) throws -> Tensor
    ) throws {
      let schema = try Schema(parsing: "\(name)\(schema) -> Tensor")
      let type = TypeObject("torch.nn.parameter.\(name)", includes: { ($0 as? Tensor).map(includes) ?? false }) { frame in
        if let problem = frame.lay(over: schema, keywords: frame.endsInKeywords) { throw TorchError.type(problem) }
        return try frame.give(object: make(frame))
      }
      for namespace in ["torch.nn", "torch.nn.parameter"] { try set(namespace, name, .object(type)) }
    }
    func dtype(_ frame: LuaFrame, _ i: Int) -> DType { (frame.object(i) as? DTypeObject)?.dtype ?? .defaultFloat }
    try define("Buffer", "(Tensor? data=None, *, bool persistent=True)", includes: { $0.autograd?.buffer.isBuffer ?? false }) { frame in
      let data = try (frame.object(0) as? Tensor)?.detached() ?? Tensor(uninitialized: [0], dtype: .defaultFloat)
      data.recordForWriting().buffer = (true, frame.boolean(1) ?? true)
      return data
    }
    try define("UninitializedParameter", "(bool requires_grad=True, Device? device=None, ScalarType? dtype=None)", includes: { $0.isUninitialized && $0.isParameter }) {
      try .uninitialized(dtype: dtype($0, 2), requiresGrad: $0.boolean(0) ?? true)
    }
    try define("UninitializedBuffer", "(bool requires_grad=False, Device? device=None, ScalarType? dtype=None, bool persistent=True)", includes: { $0.isUninitialized && !$0.isParameter }) {
      let made = try Tensor.uninitialized(dtype: dtype($0, 2), isParameter: false)
      made.recordForWriting().buffer = (true, $0.boolean(3) ?? true)
      return made
    }
  }
}
