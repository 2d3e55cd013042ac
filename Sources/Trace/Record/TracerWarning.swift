import Interface
import Torch

/// PyTorch's warnings of what a trace cannot follow.
enum TracerWarning {
  private static let kinds = [
    "item": "a Python number", "tolist": "a Python list", "is_nonzero": "a Python boolean", "equal": "a Python boolean", "allclose": "a Python boolean",
  ]

  /// Warns where an operation gives the program what it knows of a tensor's elements.
  static func tell(of operation: Operation, at place: () -> String) {
    guard let kind = kinds[operation.name] else { return }
    tell(converting: kind, at: place)
  }

  /// Warns of a conversion to something that the graph does not see.
  static func tell(converting kind: String, at place: () -> String) {
    tell(
      "Converting a tensor to \(kind) might cause the trace to be incorrect. We can't record the data flow of Python values, so this value will be treated as a constant in the future. This means that the trace might not generalize to other inputs!",
      at: place)
  }

  /// Warns where an operation makes a tensor of values.
  static func tellOfConstants(_ operation: Operation, at place: () -> String) {
    guard ["tensor", "as_tensor"].contains(operation.name) else { return }
    tell(
      "torch.\(operation.name) results are registered as constants in the trace. You can safely ignore this warning if you use this function to create tensors out of constant variables that would be the same every time you call this function. In any other case, this might cause the trace to be incorrect.",
      at: place)
  }

  static func tell(_ text: String, at place: () -> String) {
    let place = place()
    UserWarning.tell(text, category: place.isEmpty ? "TracerWarning" : "\(place): TracerWarning")
  }
}

extension Tensor {
  /// The type of a traced tensor: `Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu)`.
  var graphType: String {
    let sizes = sizes.isEmpty ? "" : sizes.map { "\($0), " }.joined() + "strides=[\(strides.map(String.init).joined(separator: ", "))], "
    return "\(dtype.capitalized)(\(sizes)requires_grad=\(requiresGrad ? 1 : 0), device=cpu)"
  }
}
