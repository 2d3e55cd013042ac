import CLua

/// The eight types of Lua values.
public enum LuaType: Int32, Sendable, CaseIterable {
  case `nil` = 0
  case boolean = 1
  case lightUserdata = 2
  case number = 3
  case string = 4
  case table = 5
  case function = 6
  case userdata = 7
  case thread = 8

  /// The name Lua's `type` gives; both kinds of userdata are "userdata".
  public var name: String {
    switch self {
    case .nil: "nil"
    case .boolean: "boolean"
    case .number: "number"
    case .string: "string"
    case .table: "table"
    case .function: "function"
    case .lightUserdata, .userdata: "userdata"
    case .thread: "thread"
    }
  }
}
