import Interface
import Torch

extension BoundFunction {
  /// Runs with keywords, one of which may be `out`: the results are then written into the tensors it names, and those are given.
  func runWithOut(_ frame: LuaFrame) throws -> Int {
    if overloads.contains(where: { $0.schema.index(of: "out") != nil }) { return try choose(frame, true) }
    guard let out = try frame.takeOut() else { return try choose(frame, true) }
    let inputs = (0..<frame.count).compactMap { frame.object($0) as? Tensor }
    try OutRules.check(name, inputs: inputs, targets: out.tensors)
    let result = try frame.capturingValue { try choose(frame, true) }
    return try frame.give(received(result, by: out))
  }

  /// The tensors of `out`, holding the results.
  private func received(_ result: Value, by out: Value) throws -> Value {
    switch (result, out) {
    case (.object(let value as Tensor), .object(let target as Tensor)):
      try target.receive(value, from: name)
      return out
    case (.tuple(let values), .list(let targets)), (.list(let values), .list(let targets)):
      if values.count != targets.count {
        throw TorchError.type("\(name)() expected tuple of \(values.count) elements but got \(targets.count)")
      }
      let results = try zip(values, targets).map { try received($0, by: $1) }
      if case .tuple = result { return .tuple(results) }
      return .list(results)
    case (.object(is Tensor), _):
      throw TorchError.type("\(name)(): argument 'out' must be Tensor, not \(out.pythonTypeName)")
    case (.tuple, _), (.list, _):
      throw TorchError.type("\(name)(): argument 'out' must be tuple of Tensors, not \(out.pythonTypeName)")
    default: throw TorchError.type("\(name)() got an unexpected keyword argument 'out'")
    }
  }
}

extension Value {
  /// The tensor it is, or those in the list it is.
  fileprivate var tensors: [Tensor] {
    switch self {
    case .object(let t as Tensor): [t]
    case .list(let items): items.flatMap(\.tensors)
    default: []
    }
  }
}
