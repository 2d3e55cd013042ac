import Interface
import TensorCore
import Torch

/// What a call did beside giving results.
struct ChangeWatch {
  private let tensors: [Tensor]
  private let versions: [Int]
  private let state: [UInt8]

  /// From now on.
  init(_ tensors: [Tensor]) {
    self.tensors = tensors
    versions = tensors.map(\.version)
    state = ChangeWatch.generatorState
  }

  private static var generatorState: [UInt8] {
    guard let state = try? Generator.default.stateTensor() else { return [] }
    return Array(UnsafeRawBufferPointer(start: state.pointer, count: state.count))
  }

  /// Whether one of the tensors was changed in place.
  var hasChanged: Bool { zip(tensors, versions).contains { $0.version != $1 } }
  /// Whether random numbers were drawn.
  var hasDrawn: Bool { ChangeWatch.generatorState != state }
}

extension Value {
  /// The tensors that it is or holds.
  var tensors: [Tensor] {
    switch self {
    case .object(let tensor as Tensor): [tensor]
    case .list(let items), .tuple(let items): items.flatMap(\.tensors)
    case .dictionary(let rows): rows.flatMap(\.1.tensors)
    default: []
    }
  }

  /// Whether a graph's slot could hold it or a part of it.
  var holdsGraphObject: Bool {
    switch self {
    case .object(let object): object is Tensor || object is GraphObject
    case .list(let items), .tuple(let items): items.contains(where: \.holdsGraphObject)
    case .dictionary(let rows): rows.contains(where: \.1.holdsGraphObject)
    default: false
    }
  }

  /// Whether it is or holds a function of the language.
  var holdsFunction: Bool {
    switch self {
    case .foreign: true
    case .list(let items), .tuple(let items): items.contains(where: \.holdsFunction)
    case .dictionary(let rows): rows.contains(where: \.1.holdsFunction)
    default: false
    }
  }
}
