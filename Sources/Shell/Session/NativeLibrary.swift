import LuaVM

/// What the library of tensors does for the shell, which knows no tensor: functions in the table `qrepl.native` of the
/// registry. Where there is none, as in stock Lua, the shell goes without.
struct NativeLibrary {
  let lua: LuaState

  /// The results of one of its functions; nil where there is no such function.
  func call(_ name: String, _ arguments: [LuaValue] = []) throws(LuaError) -> [LuaValue]? {
    guard let table = try lua.rawGet(lua.registry(), "qrepl.native").table else { return nil }
    let function = try lua.rawGet(table, .string(name))
    if case .nil = function { return nil }
    return try lua.call(function, arguments)
  }

  /// The results of one of its functions.
  /// - Throws: `UsageError` where there is no such function.
  func demand(_ name: String, _ arguments: [LuaValue] = []) throws -> [LuaValue] {
    guard let results = try call(name, arguments) else { throw UsageError("there is no library of tensors") }
    return results
  }
}

extension Session {
  /// What the library of tensors does for the shell.
  var native: NativeLibrary { NativeLibrary(lua: lua) }
}

/// What tensors take between two moments.
struct TensorMemory {
  /// Bytes held, the most held so far, and how many pieces of memory were ever taken.
  private let live: Int
  private let peak: Int
  private let allocations: Int
  private let session: Session

  /// The present moment; nil without a library of tensors. The most bytes held are counted anew.
  static func begin(_ session: Session) throws -> TensorMemory? {
    session.lua.collect()
    guard let (live, peak, allocations) = try now(session) else { return nil }
    _ = try session.native.call("set_peak", [.integer(Int64(live))])
    return TensorMemory(live: live, peak: peak, allocations: allocations, session: session)
  }

  /// How many tensors were made since, the most bytes they took at a time, and the bytes that stay after a collection.
  func end() throws -> (allocated: Int, peak: Int, kept: Int)? {
    guard let (_, highest, count) = try Self.now(session) else { return nil }
    session.lua.collect()
    guard let (left, _, _) = try Self.now(session) else { return nil }
    _ = try session.native.call("set_peak", [.integer(Int64(max(peak, highest)))])
    return (count - allocations, max(0, highest - live), max(0, left - live))
  }

  private static func now(_ session: Session) throws -> (live: Int, peak: Int, allocations: Int)? {
    guard let figures = try session.native.call("memory"), figures.count == 3 else { return nil }
    let numbers = figures.map { value in
      if case .integer(let number) = value { return Int(number) }
      return 0
    }
    return (numbers[0], numbers[1], numbers[2])
  }
}
