import Interface
import Torch

extension Module {
  /// Input `i` of `forward` as a tensor.
  /// - Throws: Python's `TypeError` where it is missing, PyTorch's where it is something else.
  @inline(__always)
  public func inputTensor(_ inputs: [Value], _ i: Int = 0, _ name: String = "input") throws -> Tensor {
    if i < inputs.count, case .object(let object) = inputs[i], let tensor = object as? Tensor { return tensor }
    throw wrongInput(inputs, i, name)
  }

  @inline(never)
  private func wrongInput(_ inputs: [Value], _ i: Int, _ name: String) -> TorchError {
    if i >= inputs.count { return .type("\(typeName).forward() missing 1 required positional argument: '\(name)'") }
    return .type("\(typeName).forward(): argument '\(name)' (position \(i + 1)) must be Tensor, not \(inputs[i].pythonTypeName)")
  }

  /// - Throws: Python's `TypeError` where more inputs were given than `forward` takes.
  @inline(__always)
  public func checkInputCount(_ inputs: [Value], _ most: Int = 1) throws {
    if inputs.count > most {
      throw TorchError.type("\(typeName).forward() takes \(most + 1) positional arguments but \(inputs.count + 1) were given")
    }
  }
}
