import Interface
import NN
import Torch

/// An operation that graphs may hold, with the namespace by which files know it.
public final class GraphOperation {
  /// The operation.
  public let operation: Operation
  /// `torch`, `torch.nn.functional`, …
  public let namespace: String
  /// How files name it: the namespace and the whole declaration, so that another version's operation is not taken for it.
  public var key: String { "\(namespace): \(operation.text)" }

  fileprivate init(_ operation: Operation, _ namespace: String) {
    self.operation = operation
    self.namespace = namespace
  }

  /// Families that a language's binding adds to those below.
  nonisolated(unsafe) public static var added: [OperationFamily] = []

  /// Where operations live that give tensors for tensors. Whatever reads or writes files, draws the line at modules or sets something
  /// for the whole process lives elsewhere, or neither takes nor gives a tensor.
  private static let namespaces: Set<String> = [
    "torch", "Tensor", "torch.nn.functional", "torch.special", "torch.linalg", "torch.fft", "torch.masked", "torch.signal.windows",
    "torch.ops.aten", "torch.nn.utils.rnn",
  ]

  private struct Table {
    var byIdentity: [ObjectIdentifier: GraphOperation] = [:]
    var byKey: [String: GraphOperation] = [:]
  }

  // Made when the first graph asks, by the one thread that runs Lua.
  nonisolated(unsafe) private static var known: Table?
  private static var table: Table {
    if let known { return known }
    var table = Table()
    for family in tensorFamilies + nnFamilies + added where namespaces.contains(family.namespace) {
      for operation in family.operations {
        let entry = GraphOperation(operation, family.namespace)
        table.byIdentity[ObjectIdentifier(operation)] = entry
        if table.byKey[entry.key] == nil { table.byKey[entry.key] = entry }
      }
    }
    known = table
    return table
  }

  /// The entry of an operation; nil for one that no graph may hold.
  static func of(_ operation: Operation) -> GraphOperation? { table.byIdentity[ObjectIdentifier(operation)]?.admitted }

  /// The operation that a file names; nil where there is none that a graph may hold.
  static func named(_ key: String) -> GraphOperation? { table.byKey[key]?.admitted }

  private var admitted: GraphOperation? {
    let schema = operation.schema
    func holds(_ type: String) -> Bool { type.contains("Tensor") || type.contains("PackedSequence") }
    return holds(schema.returns) || (operation.name.hasPrefix("__") && schema.parameters.contains { holds($0.type) }) ? self : nil
  }
}

extension PackedSequence: GraphObject {}
