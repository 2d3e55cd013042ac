import Interface
import Torch

/// How a tensor's range is divided into integers, `torch.per_tensor_affine` and its like. Mirrors `torch.qscheme`.
public final class QScheme {
  /// PyTorch's name without `torch.`.
  public let name: String
  /// Whether there is one scale for each index of an axis.
  public let isPerChannel: Bool
  /// Whether the range is widened to lie evenly around zero.
  public let isSymmetric: Bool

  private init(_ name: String, perChannel: Bool, symmetric: Bool) {
    self.name = name
    isPerChannel = perChannel
    isSymmetric = symmetric
  }

  // Schemes never change after they are made, so sharing them is safe.
  /// `torch.per_tensor_affine`.
  nonisolated(unsafe) public static let perTensorAffine = QScheme("per_tensor_affine", perChannel: false, symmetric: false)
  /// `torch.per_tensor_symmetric`, for observers.
  nonisolated(unsafe) public static let perTensorSymmetric = QScheme("per_tensor_symmetric", perChannel: false, symmetric: true)
  /// `torch.per_channel_affine`.
  nonisolated(unsafe) public static let perChannelAffine = QScheme("per_channel_affine", perChannel: true, symmetric: false)
  /// `torch.per_channel_symmetric`, for observers.
  nonisolated(unsafe) public static let perChannelSymmetric = QScheme("per_channel_symmetric", perChannel: true, symmetric: true)
  /// `torch.per_channel_affine_float_qparams`: zero points that are fractions, for embeddings.
  nonisolated(unsafe) public static let perChannelAffineFloatQParams = QScheme("per_channel_affine_float_qparams", perChannel: true, symmetric: false)

  /// All schemes, for a binding to name.
  public static var all: [QScheme] { [perTensorAffine, perTensorSymmetric, perChannelAffine, perChannelSymmetric, perChannelAffineFloatQParams] }
}

extension QScheme: CustomStringConvertible {
  /// `torch.per_tensor_affine`.
  public var description: String { "torch.\(name)" }
}

extension QScheme: SchemaArgument, SchemaResult, ValueConvertible {
  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool {
    frame.object(i) is QScheme || frame.isMissing(i, parameter)
  }
  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> Self {
    if let scheme = frame.object(i) as? Self { return scheme }
    if frame.isMissing(i, parameter), case .string(let name)? = parameter.defaultValue,
      let scheme = all.first(where: { $0.name == name || $0.description == name }) as? Self
    {
      return scheme
    }
    throw frame.wrongType(i, parameter, expected: "torch.qscheme")
  }
  public func give(to frame: CallFrame) throws -> Int { try frame.give(object: self) }
  public var asValue: Value { .object(self) }
}
