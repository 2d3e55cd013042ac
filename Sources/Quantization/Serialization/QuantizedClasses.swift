import Interface
import Serialization

/// What files of quantized models name.
public enum QuantizedClasses {
  /// Lets `Checkpoint.load` and `torch.load` rebuild packed weights, and schemes that stand as values. Called once at the start; more
  /// often does no harm.
  public static func register() {
    PickleRegistry.registerScriptClass(PackedLinearParams.className) { .object(try PackedLinearParams.unpickled($0)) }
    PickleRegistry.registerScriptClass(CellParams.className) { .object(try CellParams.unpickled($0)) }
    PickleRegistry.registerScriptClass(PackedTable.className) { .object(try PackedTable.unpickled($0)) }
    for name in QScheme.all.map(\.name) {
      PickleRegistry.registerGlobal(PickleGlobal("torch", name)) { QScheme.all.first { $0.name == name }?.asValue ?? .none }
    }
  }
}

extension QScheme: PickleRepresentable {
  /// The name, `torch.per_tensor_affine`.
  public func pickled(by pickler: inout TensorPickler) throws -> PickleValue { .global("torch", name) }
}
