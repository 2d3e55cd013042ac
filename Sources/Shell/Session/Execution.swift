import LuaVM
import Notebook

/// A cell or a file, compiled.
struct Chunk {
  /// The function to call.
  let function: LuaReference
  /// What it keeps its captures in; nil if it has none.
  let machine: LuaReference?
  let captures: [CellLowering.Capture]
  /// Whether its value is not to be shown.
  let isSilenced: Bool
}

extension Session {
  /// Compiles a source; `name` is its chunk name. With `seesLocals` it shares the variables of earlier cells.
  func compile(
    _ outline: Outline, name: String, purpose: CellLowering.Purpose, seesLocals: Bool = true
  ) throws(LuaError) -> Chunk {
    sources[Traceback.shortName(of: name)] = outline.source
    let lowering = CellLowering(outline, catalog: catalog, purpose: purpose, offset: host.requests.count) { source in
      do throws(LuaError) {
        _ = try self.lua.load(bytes: source, chunkName: name)
        return .valid
      } catch {
        return .invalid(error)
      }
    }
    if let error = lowering.error { throw error }
    host.requests += lowering.invocations.map { request in
      var request = request
      request.chunkName = name
      return request
    }
    let isValue = lowering.hasValue && judge(lowering.asProbe).isValid
    let body = isValue ? lowering.asValue : lowering.asStatement
    // Alone first: a cell must not be able to close the function it is wrapped in, and messages are then Lua's own.
    let plain = try lua.load(bytes: isValue ? lowering.asProbe : body, chunkName: name)
    let variables =
      keepsLocals && seesLocals ? machinery.list("locals", [.string(outline.names.sorted().joined(separator: "\0"))]) : []
    guard lowering.needsMachine || !variables.isEmpty else {
      return Chunk(function: plain, machine: nil, captures: [], isSilenced: lowering.isSilenced)
    }
    let names = variables.map { $0.hasPrefix("c") ? "\($0.dropFirst()) <const>" : String($0.dropFirst()) }
    let head = "local \(([CellLowering.machine + " <const>"] + names).joined(separator: ", ")) = ... return function(...) "
    let factory = try lua.load(bytes: Array(head.utf8) + body + Array("\nend".utf8), chunkName: name)
    guard let machine = try machinery.call("machine").first?.table,
      let function = try machinery.call("bind", [.reference(factory), .reference(machine)]).first?.reference
    else { throw LuaError(message: "the cell could not be set up") }
    return Chunk(function: function, machine: machine, captures: lowering.captures, isSilenced: lowering.isSilenced)
  }

  /// Runs a chunk. Its variables live on whether it succeeds or not.
  func execute(_ chunk: Chunk, arguments: [LuaValue] = []) throws(LuaError) -> [LuaValue] {
    let level = host.enterExecution()
    running.append(chunk)
    defer {
      host.leaveExecution(level)
      keep(chunk)
      running.removeLast()
    }
    do throws(LuaError) {
      return try lua.call(chunk.function, arguments)
    } catch {
      // What only tells of a mistake in a magic's use is nothing to look at.
      if keepsFrames, !error.isInterrupt, !error.message.hasPrefix("UsageError: ") { failedFrames = try lua.errorFrames() }
      throw error
    }
  }

  /// Takes over what the chunks that run have declared so far, for magics that look at variables.
  func keepRunning() {
    running.forEach(keep)
  }

  /// Takes over the variables that a chunk has declared.
  func keep(_ chunk: Chunk) {
    guard let machine = chunk.machine else { return }
    var slot = 0
    var place = 0
    for capture in chunk.captures {
      place = capture.slot == slot ? place + 1 : 1
      slot = capture.slot
      _ = try? machinery.call(
        "keep",
        [.reference(machine), .integer(Int64(slot)), .integer(Int64(place)), .string(capture.name), .boolean(capture.isConstant)])
    }
  }

  /// Sets the variable `name`: the local of earlier cells if there is one, otherwise the global.
  func setVariable(_ name: String, _ value: LuaValue) throws(LuaError) {
    keepRunning()
    try machinery.call("assign", [.string(name), value])
  }

  /// A table of the figures of `result`, which shows itself as `text`.
  func value(of result: TimeitResult, text: String) throws(LuaError) -> LuaValue {
    try record(
      "TimeitResult", text,
      [
        ("loops", .integer(Int64(result.loops))), ("repeat", .integer(Int64(result.repeats))), ("best", .number(result.best)),
        ("worst", .number(result.worst)), ("all_runs", try list(result.allRuns)), ("timings", try list(result.timings)),
        ("average", .number(result.average)), ("stdev", .number(result.deviation)), ("median", .number(result.median)),
        ("compile_time", .number(result.compileTime)),
      ])
  }

  /// A table of numbers.
  func list(_ numbers: [Double]) throws(LuaError) -> LuaValue {
    let table = try lua.newTable(array: numbers.count)
    for (index, number) in numbers.enumerated() { try lua.rawSet(table, .integer(Int64(index + 1)), .number(number)) }
    return .reference(table)
  }

  /// A table of `fields` of the type `name`, which shows itself as `text`.
  func record(_ name: String, _ text: String, _ fields: [(String, LuaValue)]) throws(LuaError) -> LuaValue {
    let table = try lua.newTable(record: fields.count)
    for (name, value) in fields { try lua.rawSet(table, .string(name), value) }
    return try machinery.call("record", [.string(name), .string(text), .reference(table)]).first ?? .nil
  }
}
