import Interface
import TensorCore

/// What is to be done with tensors that are saved for the backward pass. Mirrors `torch.autograd.graph.saved_tensors_hooks`.
public final class SavedTensorHooks {
  /// Those in force, the last first asked.
  nonisolated(unsafe) public static var active: [SavedTensorHooks] = []

  fileprivate let pack: (Tensor) throws -> AnyObject
  fileprivate let unpack: (AnyObject) throws -> Tensor

  /// Hooks that turn a tensor into something and back.
  public init(pack: @escaping (Tensor) throws -> AnyObject, unpack: @escaping (AnyObject) throws -> Tensor) {
    self.pack = pack
    self.unpack = unpack
  }
}

/// A saved tensor in another form.
final class PackedTensor {
  private let form: AnyObject
  private let hooks: SavedTensorHooks
  private let edge: Node.Edge?

  private init(_ form: AnyObject, _ hooks: SavedTensorHooks, _ edge: Node.Edge?) {
    self.form = form
    self.hooks = hooks
    self.edge = edge
  }

  /// The tensor as the hooks in force make it; nil where there are none.
  static func make(_ tensor: Tensor, keepsEdge: Bool) -> PackedTensor? {
    guard let hooks = SavedTensorHooks.active.last, !tensor.isWrappedNumber else { return nil }
    // What the hooks compute is not packed in turn.
    let active = SavedTensorHooks.active
    SavedTensorHooks.active = []
    defer { SavedTensorHooks.active = active }
    do {
      let edge = keepsEdge ? tensor.gradientEdge : nil
      return PackedTensor(try GradMode.with(false) { try hooks.pack(tensor.detached()) }, hooks, edge)
    } catch let error as TorchError { RecordingMistake.note(error) } catch { RecordingMistake.note(.runtime("\(error)")) }
    return nil
  }

  /// The tensor again, with the history it had.
  func unpacked() throws -> Tensor {
    let tensor = try hooks.unpack(form)
    guard let edge, GradMode.isEnabled else { return tensor }
    let result = tensor.detached()
    result.attach(edge.node, edge.index)
    return result
  }
}
