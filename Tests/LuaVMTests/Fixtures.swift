import CLuaShim
import Glibc
import LuaVM

/// Counts the objects alive that were made with it. Safe between threads, for suites run side by side.
final class LiveCount: @unchecked Sendable {
  private var count = 0
  private var mutex = pthread_mutex_t()

  init() { pthread_mutex_init(&mutex, nil) }

  var value: Int {
    pthread_mutex_lock(&mutex)
    defer { pthread_mutex_unlock(&mutex) }
    return count
  }

  func add(_ change: Int) {
    pthread_mutex_lock(&mutex)
    count += change
    pthread_mutex_unlock(&mutex)
  }
}

/// An object whose life is counted.
final class Counted: @unchecked Sendable {
  let live: LiveCount
  var number: Int

  init(_ live: LiveCount, number: Int = 0) {
    self.live = live
    self.number = number
    live.add(1)
  }

  deinit { live.add(-1) }
}

/// An error that carries a counted object.
struct CountedError: LuaRaisable {
  let object: Counted
  let luaMessage: String
}

/// A plain Swift error.
enum PlainError: Error, CustomStringConvertible {
  case sizeMismatch(Int, Int)

  var description: String {
    switch self {
    case .sizeMismatch(let a, let b): "sizes \(a) and \(b) differ"
    }
  }
}

/// A state with `make(n)`, `same(x)` and `number(x)` on objects of the class "Counted".
struct ObjectState {
  let state: LuaState
  let live: LiveCount
  let objects: LuaObjectClass<Counted>

  init(memoryLimit: Int = 0, live: LiveCount = LiveCount()) throws {
    state = try LuaState(memoryLimit: memoryLimit)
    self.live = live
    objects = try LuaObjectClass("Counted", in: state)
    let objects = objects
    try state.register("make") { context in
      objects.result(Counted(live, number: Int(try context.integer(1))), of: context)
    }
    try state.register("same") { context in
      objects.result(try objects.argument(1, of: context), of: context)
    }
    try state.register("number") { context in
      try context.results(.integer(Int64(objects.argument(1, of: context).number)))
    }
  }
}

/// Runs a body on a thread of its own, with a machine stack of the given size, and waits for it.
func onThread(stackSize: Int = 8 << 20, _ body: @escaping () -> Void) {
  final class Box {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  pthread_attr_setstacksize(&attributes, stackSize)
  var thread = pthread_t()
  let context = Unmanaged.passRetained(Box(body)).toOpaque()
  pthread_create(&thread, &attributes, { context in
    if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
    return nil
  }, context)
  pthread_attr_destroy(&attributes)
  pthread_join(thread, nil)
}

/// The error that a body throws, nil if it throws none.
func luaError(_ body: () throws -> Void) -> LuaError? {
  do {
    try body()
    return nil
  } catch {
    return error as? LuaError ?? LuaError(message: "not a LuaError: \(error)")
  }
}
