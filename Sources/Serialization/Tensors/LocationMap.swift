import Interface
import TensorCore
import Torch

/// Where the storages of a checkpoint go, by the device they were saved from: `torch.load`'s `map_location`.
public struct LocationMap {
  /// The device for a storage saved from a device.
  private let place: (String, Storage) throws -> String

  /// Each storage to the device it came from.
  public static var asSaved: LocationMap { LocationMap { location, _ in location } }
  /// Every storage to the processor.
  public static var cpu: LocationMap { LocationMap { _, _ in "cpu" } }

  private init(_ place: @escaping (String, Storage) throws -> String) { self.place = place }

  /// What a user gave: none, a device's name, a dict from names to names, or a function of a storage (as a tensor of its bytes) and a
  /// name that gives the storage, or none for the default.
  /// - Throws: PyTorch's sentence for a device that is not there.
  public init(_ value: Value) throws {
    switch value {
    case .none: self = .asSaved
    case .string(let device):
      try Device.check(device)
      self = .cpu
    case .dictionary(let rows):
      self.init { location, _ in
        for case (.string(let from), let to) in rows where from == location {
          guard case .string(let to) = to else { throw TorchError.type("map_location maps names of devices to names, not to a '\(to.pythonTypeName)'") }
          return to
        }
        return location
      }
    // The only device object is the processor's.
    case .object(let object) where !(object is any Callable): self = .cpu
    case .list(let items) where items.isEmpty: self = .asSaved
    case .object, .foreign:
      self.init { location, storage in
        let bytes = Tensor(storage: storage, sizes: [storage.byteCount], strides: [1], dtype: .uint8)
        if case .none = try value.call([.object(bytes), .string(location)]) { return location }
        return "cpu"
      }
    default: throw TorchError.type("'\(value.pythonTypeName)' object is not callable")
    }
  }

  /// Checks that a storage saved from `location` has a place here.
  /// - Throws: PyTorch's sentences for the others.
  func check(_ location: String, _ storage: Storage, type: PickleGlobal) throws {
    let place = try place(location, storage)
    if place == "cpu" || place.hasPrefix("cpu:") { return }
    if place.hasPrefix("cuda") {
      throw SerializationError(
        "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you are running on a CPU-only machine, please use torch.load with map_location=torch.device('cpu') to map your storages to the CPU."
      )
    }
    throw SerializationError("don't know how to restore data location of \(type) (tagged with \(place))")
  }
}
