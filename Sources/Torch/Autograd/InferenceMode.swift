import Interface
import TensorCore

/// Whether tensors are made that no gradient will ever ask for. Mirrors `torch.inference_mode`.
public enum InferenceMode {
  /// The present mode.
  nonisolated(unsafe) public static var isEnabled = false
}

/// Counts changes in place of tensors that share elements but not history.
final class VersionCounter {
  var value = 0
}

/// A mistake found where nothing can be thrown: while a graph is recorded. Whoever called the operation throws it.
public enum RecordingMistake {
  /// The first one not yet thrown.
  nonisolated(unsafe) public private(set) static var pending: TorchError?

  /// Notes a mistake.
  static func note(_ error: TorchError) { if pending == nil { pending = error } }

  /// - Throws: the mistake that was noted, once.
  @inline(__always)
  public static func raise() throws {
    if pending != nil { try take() }
  }

  /// Drops what an operation noted that failed for another reason.
  public static func forget() {
    pending = nil
    SavedTensor.unclaimed = 0
  }

  private static func take() throws {
    defer { pending = nil }
    if let pending { throw pending }
  }
}

extension Tensor {
  /// How often it was changed in place. Mirrors `Tensor._version`.
  @inline(__always) public var version: Int { ownVersion?.value ?? (storage.version - storage.unwatchedChanges) }

  /// Notes a change in place.
  @inline(__always) public func bumpVersion() {
    storage.version += 1
    if let ownVersion {
      ownVersion.value += 1
      storage.unwatchedChanges += 1
    }
  }

  /// The same elements without history, whose changes go unnoticed. Mirrors `Tensor.data`.
  public func unwatched() -> Tensor {
    let result = detached()
    result.ownVersion = VersionCounter()
    return result
  }
}
