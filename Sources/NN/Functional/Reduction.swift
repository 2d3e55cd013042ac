import Interface
import TensorCore
import Torch

/// How a loss comes from those of the elements. Mirrors `torch.nn._reduction`.
enum LossReduction: String {
  case none, mean, sum

  /// - Throws: PyTorch's `ValueError` for another word.
  init(_ name: String) throws {
    guard let known = LossReduction(rawValue: name == "elementwise_mean" ? "mean" : name) else {
      throw TorchError.value("\(name) is not a valid value for reduction")
    }
    self = known
  }

  /// The word that `size_average` and `reduce` of old stand for, where they are given.
  init(_ name: String, _ sizeAverage: Bool?, _ reduce: Bool?) throws {
    if sizeAverage == nil && reduce == nil {
      try self.init(name)
    } else {
      self = reduce ?? true ? (sizeAverage ?? true ? .mean : .sum) : .none
      UserWarning.tell("size_average and reduce args will be deprecated, please use reduction='\(rawValue)' instead.")
    }
  }

  /// The losses as they are, their mean or their sum.
  func callAsFunction(_ losses: Tensor) throws -> Tensor {
    switch self {
    case .none: losses
    case .mean: try losses.mean()
    case .sum: try losses.sum()
    }
  }
}

extension Functional {
  /// Computes in float32 what is given in half precision, and rounds the result once.
  static func widened(_ inputs: [Tensor], _ body: ([Tensor]) throws -> Tensor) throws -> Tensor {
    guard inputs.contains(where: { $0.dtype == .float16 || $0.dtype == .bfloat16 }) else { return try body(inputs) }
    let dtype = inputs.dropFirst().reduce(inputs[0].dtype) { $0.promoted(with: $1.dtype) }
    return try body(inputs.map { try $0.wide }).to(dtype)
  }
}
