import Interface
import Synchronization

/// An object of a higher layer that can be saved.
public protocol PickleRepresentable: AnyObject {
  /// What stands for it in the file. Called once for each object in one file; later occurrences refer to the first.
  /// Parts must be pickled in the order in which they stand in the result, since that numbers the storages.
  func pickled(by pickler: inout TensorPickler) throws -> PickleValue
}

/// What layers above know how to rebuild from a file: registered once at the start, asked by every load.
public enum PickleRegistry {
  /// Makes an object of what a file says about it.
  public typealias Rebuild = @Sendable (Value) throws -> Value

  private static let scriptClasses = Mutex<[String: Rebuild]>([:])
  private static let callables = Mutex<[PickleGlobal: Rebuild]>([:])
  private static let globals = Mutex<[PickleGlobal: @Sendable () -> Value]>([:])

  /// Lets TorchScript objects of a class be loaded.
  /// - Parameters:
  ///   - name: the qualified name, "__torch__.torch.classes.rnn.CellParamsBase".
  ///   - rebuild: makes the object of its state; tuples in it are lists.
  public static func registerScriptClass(_ name: String, _ rebuild: @escaping Rebuild) {
    scriptClasses.withLock { $0[name] = rebuild }
  }

  /// Lets calls of a function or class that the safe list accepts be rebuilt; `rebuild` is given the list of arguments.
  public static func registerCallable(_ callable: PickleGlobal, _ rebuild: @escaping Rebuild) {
    callables.withLock { $0[callable] = rebuild }
  }

  /// Lets a name that the safe list accepts stand for a value, as `torch.per_tensor_affine` does.
  public static func registerGlobal(_ global: PickleGlobal, _ value: @escaping @Sendable () -> Value) {
    globals.withLock { $0[global] = value }
  }

  static func scriptClass(_ name: String) -> Rebuild? { scriptClasses.withLock { $0[name] } }
  static func callable(_ callable: PickleGlobal) -> Rebuild? { callables.withLock { $0[callable] } }
  static func global(_ global: PickleGlobal) -> Value? { globals.withLock { $0[global] }?() }
}
