import Interface
import OrderedCollections

/// The class of one instance, as where Python derives a class from an object's own and puts it in its place: a name, and
/// attributes that are computed at every reading.
///
/// It is a value, and its closures get the module: a copy of the module has one of its own that reads the copy.
public struct InstanceClass {
  /// An attribute that is computed when it is read. Mirrors Python's `property`.
  public struct Property {
    /// Gives the value.
    public let get: (Module) throws -> Value
    /// Takes what a user assigns.
    public let set: (Module, Value) throws -> Void
    /// An attribute read by `get` and assigned by `set`.
    public init(get: @escaping (Module) throws -> Value, set: @escaping (Module, Value) throws -> Void) {
      self.get = get
      self.set = set
    }
  }

  /// The name that `repr` shows.
  public let name: String
  /// The Python module of the class, for sentences that name the type in full.
  public let module: String
  /// Why the module cannot be saved whole; nil where nothing speaks against it.
  public let savingRefusal: TorchError?
  /// The computed attributes.
  public var properties: OrderedDictionary<String, Property> = [:]

  /// A class without computed attributes.
  public init(name: String, module: String, savingRefusal: TorchError? = nil) {
    self.name = name
    self.module = module
    self.savingRefusal = savingRefusal
  }
}

extension Module {
  /// The class name that users see: that of the instance's own class, where it has one.
  public final var className: String { instanceClass?.name ?? typeName }
}

extension Module: SavingRefuser {
  public var savingRefusal: TorchError? { allModules.lazy.compactMap(\.instanceClass?.savingRefusal).first }
}
