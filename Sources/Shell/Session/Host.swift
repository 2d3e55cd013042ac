import LuaVM

/// The functions that the machinery's Lua calls: running, measuring and bracketing magics.
final class Host {
  weak var session: Session?
  /// The magics of all sources so far; a cell's Lua names them by their number, from 1.
  var requests: [MagicRequest] = []
  private var measurements: [(id: Int, measurement: any Measurement)] = []
  private var brackets: [(id: Int, leave: Magic.Leave)] = []
  /// Bytes of Lua's before the part that is being timed, and when the measurement began.
  private var memoryBefore = 0
  private var memoryAtStart = 0
  /// Whether the collector rests because of a measurement.
  private var hasStoppedCollector = false

  /// How much a measurement may leave behind between two of its parts before a collection.
  private static let growthLimit = 128 << 20

  /// Makes the table of the functions in `lua`. They hold the host, which holds the session weakly.
  func table(in lua: LuaState) throws(LuaError) -> LuaReference {
    let table = try lua.newTable()
    try lua.register("run", in: table) { context in try self.run(context) }
    try lua.register("begin", in: table) { context in try self.begin(context) }
    try lua.register("next", in: table) { context in try self.next(context) }
    try lua.register("record", in: table) { context in try self.record(context) }
    try lua.register("finish", in: table) { context in try self.finish(context) }
    try lua.register("enter", in: table) { context in try self.enter(context) }
    try lua.register("leave", in: table) { context in try self.leave(context) }
    try lua.register("abandon", in: table) { context in try self.abandon(context) }
    try lua.register("report", in: table) { context in try self.report(context) }
    try lua.register("wall", in: table) { context in try context.results(.integer(ProcessTimes.wallNanoseconds())) }
    try lua.register("processor", in: table) { context in try context.results(.integer(ProcessTimes.processorNanoseconds())) }
    return table
  }

  // MARK: Executions

  /// Marks the beginning of a cell's run.
  func enterExecution() -> (measurements: Int, brackets: Int) { (measurements.count, brackets.count) }

  /// Ends what the cell has left open, the innermost first.
  func leaveExecution(_ level: (measurements: Int, brackets: Int)) {
    measurements.removeLast(max(0, measurements.count - level.measurements))
    wakeCollector()
    while brackets.count > level.brackets { _ = try? brackets.removeLast().leave(nil) }
  }

  /// Lets the collector run again, unless it was the user who stopped it.
  private func wakeCollector() {
    guard hasStoppedCollector else { return }
    hasStoppedCollector = false
    session?.lua.setMeasuring(false)
  }

  // MARK: Functions of Lua

  /// Errors of magics are shown as they are: no position in the source is put before them.
  private func asLua<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as UsageError {
      throw LuaError(message: error.description)
    } catch let error as LuaError {
      throw error
    } catch {
      throw LuaError(message: String(describing: error))
    }
  }

  private func invocation(_ id: Int) throws -> Invocation {
    guard let session, requests.indices.contains(id - 1) else { throw LuaError(message: "the session has ended") }
    let request = requests[id - 1]
    if let error = request.error { throw error }
    guard let magic = request.magic, let arguments = request.arguments else { throw UsageError("no such magic") }
    return Invocation(session: session, magic: magic, arguments: arguments, body: request.body, chunkName: request.chunkName, line: request.line)
  }

  private func deliver(_ outcome: Magic.Outcome, _ context: CallContext) throws -> Int {
    switch outcome {
    case .none: return 0
    case .value(let value): return try context.results("value", value)
    case .call(let function, let arguments): return try context.results(["call", .reference(function)] + arguments)
    }
  }

  private func run(_ context: CallContext) throws -> Int {
    let id = Int(try context.integer(1))
    let values = try context.arguments.dropFirst()
    let outcome = try asLua {
      let invocation = try invocation(id)
      switch invocation.action {
      case .words(let run): return try run(invocation)
      case .values(let run), .expectation(let run): return try run(invocation, Array(values))
      case .loops, .bracket, .either: return Magic.Outcome.none
      }
    }
    return try deliver(outcome, context)
  }

  private func begin(_ context: CallContext) throws -> Int {
    let id = Int(try context.integer(1))
    let measurement = try asLua {
      let invocation = try invocation(id)
      guard case .loops(_, let start) = invocation.action else { throw UsageError("nothing to measure") }
      return try start(invocation)
    }
    measurements.append((id, measurement))
    memoryAtStart = session?.lua.memoryInUse ?? 0
    return try context.results(.boolean(measurement.usesProcessorTime))
  }

  /// The measurement of `id`; what was begun later has failed, and is dropped.
  private func measurement(_ id: Int) throws(LuaError) -> any Measurement {
    while let last = measurements.last {
      if last.id == id { return last.measurement }
      measurements.removeLast()
    }
    throw LuaError(message: "the measurement has ended")
  }

  private func next(_ context: CallContext) throws -> Int {
    let measurement = try measurement(Int(try context.integer(1)))
    guard let lua = session?.lua, let part = measurement.next() else { return 0 }
    if lua.memoryInUse - memoryAtStart > Self.growthLimit {
      lua.collect()
      memoryAtStart = lua.memoryInUse
    }
    if lua.isCollecting, measurement.restsCollector {
      lua.setMeasuring(true)
      hasStoppedCollector = true
    }
    memoryBefore = lua.memoryInUse
    return try context.results(.integer(Int64(part.loop + 1)), .integer(Int64(part.count)))
  }

  private func record(_ context: CallContext) throws -> Int {
    let measurement = try measurement(Int(try context.integer(1)))
    let nanoseconds = try context.integer(2)
    let growth = (session?.lua.memoryInUse ?? 0) - memoryBefore
    wakeCollector()
    measurement.record(nanoseconds: nanoseconds, growth: growth)
    return 0
  }

  private func finish(_ context: CallContext) throws -> Int {
    let measurement = try measurement(Int(try context.integer(1)))
    measurements.removeLast()
    return try deliver(asLua { try measurement.finish() }, context)
  }

  private func enter(_ context: CallContext) throws -> Int {
    let id = Int(try context.integer(1))
    let leave = try asLua {
      let invocation = try invocation(id)
      guard case .bracket(_, let enter) = invocation.action else { throw UsageError("nothing to enter") }
      return try enter(invocation)
    }
    brackets.append((id, leave))
    return 0
  }

  /// Ends the bracket `id` with the values that its Lua gave; says whether they are kept from the cell.
  private func leave(_ context: CallContext) throws -> Int {
    guard let leave = leaving(Int(try context.integer(1))) else { return 0 }
    let values = Array(try context.arguments.dropFirst())
    return try context.results(.boolean(asLua { try leave(values) }))
  }

  /// Ends the bracket `id`, whose Lua has failed.
  private func abandon(_ context: CallContext) throws -> Int {
    _ = try? leaving(Int(try context.integer(1)))?(nil)
    return 0
  }

  /// What ends the bracket `id`; what was entered later has failed, and is ended.
  private func leaving(_ id: Int) -> Magic.Leave? {
    while let last = brackets.popLast() {
      if last.id == id { return last.leave }
      _ = try? last.leave(nil)
    }
    return nil
  }

  /// Shows an error that does not end its cell: the value, and the traceback as text.
  private func report(_ context: CallContext) throws -> Int {
    guard let session else { return 0 }
    let value = try context[1]
    let error = LuaError(value: value, message: try session.lua.display(value))
    var report = session.report(error)
    if let traceback = try context[2].text { report.traceback = Traceback.frames(of: traceback) }
    session.display.report(report)
    return 0
  }
}
