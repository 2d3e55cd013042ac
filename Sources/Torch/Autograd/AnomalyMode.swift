import Interface
import TensorCore

/// Whether the backward pass says which operation of the forward pass went wrong. Mirrors `torch.autograd.set_detect_anomaly`.
public enum AnomalyMode {
  /// The present mode.
  nonisolated(unsafe) public static var isEnabled = false
  /// Whether gradients that are NaN count as wrong.
  nonisolated(unsafe) public static var checksNaN = true
  /// Says where the program stands; set by the language's binding.
  nonisolated(unsafe) public static var whereabouts: (() -> String)?
  /// Receives what there is to say about an operation that failed.
  nonisolated(unsafe) public static var report: ((String) -> Void)?

  /// Tells where the operation of `node` was called.
  static func tell(_ node: Node) {
    guard let place = node.place else {
      report?("Error detected in \(node.name). No forward pass information available. Enable detect anomaly during forward pass for more information.")
      return
    }
    report?("Error detected in \(node.name). Traceback of forward call that caused the error:\n\(place)")
  }

  /// - Throws: PyTorch's sentence where one of the gradients is NaN.
  static func check(_ node: Node, _ gradients: [Tensor?]) throws {
    guard checksNaN else { return }
    for (i, g) in gradients.enumerated() {
      guard let g, g.dtype.isInexact else { continue }
      let values = try g.detached().dense(.float64)
      let p = values.elements(Double.self)
      let wrong = withExtendedLifetime(values) { (0..<values.count).contains { p[$0].isNaN } }
      if wrong { throw TorchError.runtime("Function '\(node.name)' returned nan values in its \(i)th output.") }
    }
  }
}
