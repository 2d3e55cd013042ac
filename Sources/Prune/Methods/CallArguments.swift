import Interface

/// The arguments of a Python call, to be laid over a signature with Python's sentences.
public struct CallArguments {
  /// Those given by position.
  public var positional: [Value]
  /// Those given by keyword.
  public var keywords: [(name: String, value: Value)]

  /// Arguments as they stand.
  public init(_ positional: [Value] = [], keywords: [(name: String, value: Value)] = []) {
    self.positional = positional
    self.keywords = keywords
  }

  /// A language's arguments, of which a last dictionary with only text for keys holds keywords.
  public init(gathering values: [Value]) {
    self.init(values)
    guard case .dictionary(let rows)? = values.last else { return }
    var keywords: [(name: String, value: Value)] = []
    for (key, value) in rows {
      guard case .string(let name) = key else { return }
      keywords.append((name, value))
    }
    positional.removeLast()
    self.keywords = keywords
  }

  /// Takes the keyword of this name out.
  public mutating func take(_ name: String) -> Value? {
    keywords.firstIndex { $0.name == name }.map { keywords.remove(at: $0).value }
  }

  /// The values of a schema's parameters in order.
  /// - Parameters:
  ///   - callee: the function as Python's sentences name it.
  ///   - hidden: how many more arguments Python counts, `self` or the class.
  /// - Throws: Python's `TypeError` for arguments that are missing, too many, unknown or given twice.
  public func bound(to schema: Schema, as callee: String, hidden: Int) throws -> [Value] {
    let parameters = schema.parameters
    let required = parameters.count { $0.defaultValue == nil }
    if positional.count > parameters.count {
      let (most, least) = (parameters.count + hidden, required + hidden)
      let takes = most == least ? "\(most) positional argument\(most == 1 ? "" : "s")" : "from \(least) to \(most) positional arguments"
      throw TorchError.type("\(callee)() takes \(takes) but \(positional.count + hidden) were given")
    }
    var values: [Value?] = positional.map { $0 } + Array(repeating: nil, count: parameters.count - positional.count)
    for (name, value) in keywords {
      guard let i = parameters.firstIndex(where: { $0.name == name }) else {
        throw TorchError.type("\(callee)() got an unexpected keyword argument '\(name)'")
      }
      if i < positional.count { throw TorchError.type("\(callee)() got multiple values for argument '\(name)'") }
      values[i] = value
    }
    let missing = parameters.indices.filter { values[$0] == nil && parameters[$0].defaultValue == nil }.map { "'\(parameters[$0].name)'" }
    if let last = missing.last {
      let list =
        switch missing.count {
        case 1: last
        case 2: "\(missing[0]) and \(last)"
        default: missing.dropLast().joined(separator: ", ") + ", and \(last)"
        }
      throw TorchError.type("\(callee)() missing \(missing.count) required positional argument\(missing.count == 1 ? "" : "s"): \(list)")
    }
    return parameters.indices.map { i in
      if let value = values[i] { return value }
      switch parameters[i].defaultValue {
      case .boolean(let flag)?: return .boolean(flag)
      case .integer(let i)?: return .integer(i)
      case .real(let d)?: return .number(d)
      case .string(let text)?: return .string(text)
      default: return .none
      }
    }
  }
}
