import CLua
import CLuaShim
import Interface
import LuaVM
import TensorCore
import Torch

/// One call's arguments on the Lua stack, in the order of a schema's parameters.
///
/// A last table with only string keys holds keywords; several integers where a list of sizes is asked for
/// are gathered, as are several modules for a container.
final class LuaFrame: CallFrame {
  unowned(unsafe) let binding: Binding
  private(set) var L: OpaquePointer
  /// The binding's class of tensors: to ask the binding itself for it would count references.
  private var tensorClass: UInt32 = 0
  /// Stack positions before the first argument.
  private var base: Int32 = 0
  /// How many arguments stand on the stack.
  private var given: Int32 = 0
  /// Stack positions by parameter, where keywords were given.
  private var slots: [Int32] = []
  private var usesSlots = false
  /// The parameter that takes all integers from its place on; −1 where none does.
  private var gathering = -1
  private var gatheredCount: Int32 = 0

  /// Whether an object result is kept in `captured` instead of going to Lua at once.
  private var capturesObject = false
  private var captured: AnyObject?
  /// Whether any result is kept in `capturedValue`.
  private var capturesValue = false
  private var capturedValue: Value?

  /// Whether the keyword `out` is the binding's business, so that no parameter need take it.
  private(set) var hasOut = false

  /// Runs `body` and gives the object it gave, if it gave one alone, with the count of other results.
  func capturing(_ body: () throws -> Int) throws -> (count: Int, object: AnyObject?) {
    capturesObject = true
    defer {
      capturesObject = false
      captured = nil
    }
    let count = try body()
    return (count, captured)
  }

  /// Runs `body` and gives what it would have given to Lua.
  func capturingValue(_ body: () throws -> Int) throws -> Value {
    capturesValue = true
    defer {
      capturesValue = false
      capturedValue = nil
    }
    _ = try body()
    return capturedValue ?? .none
  }

  /// The keyword `out`, which the last argument, a table of keywords, then has beside those of the schema.
  func takeOut() throws -> Value? {
    try binding.push(text: "out", on: L)
    lua_rawget(L, base + given)
    defer { lua_settop(L, base + given) }
    if lua_type(L, -1) == LUA_TNIL { return nil }
    hasOut = true
    return try binding.value(L, lua_gettop(L))
  }

  /// The function being called. It lives as long as the state.
  unowned(unsafe) var function: BoundFunction?
  override var callee: (name: String, isMethod: Bool) { function.map { ($0.name, $0.isMethod) } ?? ("", false) }

  init(binding: Binding) {
    self.binding = binding
    L = binding.state.pointer
  }

  /// Starts reading a call on `L` whose arguments begin after `base`.
  @inline(__always)
  func begin(_ L: OpaquePointer, base: Int32 = 0, tensorClass: UInt32? = nil) {
    self.L = L
    if let tensorClass { self.tensorClass = tensorClass }
    self.base = base
    given = lua_gettop(L) - base
    hasOut = false
    usesSlots = false
    gathering = -1
  }

  /// How many arguments stand on the stack, a table of keywords among them.
  @inline(__always)
  var positionals: Int { Int(given) }

  /// Lays arguments by position over the parameters, each at its own place.
  @inline(__always)
  func layPlainly() {
    usesSlots = false
    gathering = -1
  }

  /// Lays the arguments over the parameters of `schema`.
  /// Returns nil where they can be laid, else the sentence why not. The stack may grow by the keywords' values.
  func lay(over schema: Schema, keywords: Bool) -> String? {
    usesSlots = false
    gathering = -1
    let positional = keywords ? given - 1 : given
    let parameters = schema.parameters
    let list = parameters.first?.name == "self" ? 1 : 0
    if list < parameters.count, Int(positional) > list + 1 {
      let places = base + Int32(list) + 1...base + positional
      let sizes = parameters[list].listLength != nil && schema.positionalCount == list + 1 && places.allSatisfy { lua_isinteger(L, $0) != 0 }
      if sizes || (parameters[list].type == "Module[]" && places.allSatisfy { Binding.object(L, $0) != nil }) {
        gathering = list
        gatheredCount = positional - Int32(list)
      }
    }
    // A list of tensors at the end takes all that is left, as Python's *tensors.
    let last = schema.positionalCount - 1
    if gathering < 0, last >= 0, Int(positional) > last + 1, parameters[last].listLength != nil,
      parameters[last].type == "any[]"
        || (parameters[last].type == "Tensor[]" && (base + Int32(last) + 1...base + positional).allSatisfy { Binding.object(L, $0) != nil })
    {
      gathering = last
      gatheredCount = positional - Int32(last)
    }
    let taken = gathering >= 0 ? gathering + 1 : Int(positional)
    if taken > schema.positionalCount {
      return "\(schema.name)() takes \(schema.positionalCount) positional argument\(schema.positionalCount == 1 ? "" : "s") but \(taken) were given"
    }
    guard keywords else { return nil }
    slots = (0..<parameters.count).map { $0 < taken ? base + Int32($0) + 1 : 0 }
    usesSlots = true
    let table = base + given
    lua_pushnil(L)
    while lua_next(L, table) != 0 {
      guard let name = binding.text(L, -2), let index = schema.index(of: name) else {
        if hasOut && binding.text(L, -2) == "out" {
          qlua_pop(L, 1)
          continue
        }
        return "\(schema.name)() got an unexpected keyword argument '\(binding.text(L, -2) ?? "?")'"
      }
      if slots[index] != 0 { return "\(schema.name)() got multiple values for argument '\(name)'" }
      // The value stays where it is; the key is copied above it for the next step.
      lua_pushvalue(L, -2)
      lua_rotate(L, -3, -1)
      lua_settop(L, -2)
      slots[index] = lua_gettop(L) - 1
      if !qlua_checkstack(L, 4) { return "stack overflow" }
    }
    return nil
  }

  /// Whether the last argument is a table of keywords.
  @inline(__always)
  var endsInKeywords: Bool {
    guard given > 0, lua_type(L, base + given) == LUA_TTABLE else { return false }
    return isKeywordTable(base + given)
  }

  private func isKeywordTable(_ index: Int32) -> Bool {
    if lua_getmetatable(L, index) != 0 {
      qlua_pop(L, 1)
      return false
    }
    var any = false
    lua_pushnil(L)
    while lua_next(L, index) != 0 {
      qlua_pop(L, 1)
      if lua_type(L, -1) != LUA_TSTRING {
        qlua_pop(L, 1)
        return false
      }
      any = true
    }
    return any
  }

  /// How many values lie on the stack, keywords not counted; for dropping what `lay` left.
  func restore() { lua_settop(L, base + given) }

  @inline(__always)
  private func slot(_ i: Int) -> Int32 {
    if usesSlots { return i < slots.count ? slots[i] : 0 }
    if gathering >= 0 { return i <= gathering ? base + Int32(i) + 1 : 0 }
    return i < Int(given) ? base + Int32(i) + 1 : 0
  }

  override var count: Int {
    if usesSlots { return (slots.lastIndex { $0 != 0 } ?? -1) + 1 }
    return gathering >= 0 ? gathering + 1 : Int(given)
  }

  override func kind(_ i: Int) -> ArgumentKind {
    let at = slot(i)
    if at == 0 { return .absent }
    if i == gathering { return .table }
    switch lua_type(L, at) {
    case LUA_TNIL: return .none
    case LUA_TBOOLEAN: return .boolean
    case LUA_TNUMBER: return lua_isinteger(L, at) != 0 ? .integer : .number
    case LUA_TSTRING: return .string
    case LUA_TTABLE: return .table
    case LUA_TFUNCTION: return .function
    case LUA_TUSERDATA: return Binding.object(L, at) != nil ? .object : .other
    default: return .other
    }
  }

  override func integer(_ i: Int) -> Int? {
    let at = slot(i)
    guard at != 0, i != gathering, lua_isinteger(L, at) != 0 else { return nil }
    return Int(lua_tointegerx(L, at, nil))
  }

  override func number(_ i: Int) -> Double? {
    let at = slot(i)
    guard at != 0, i != gathering, lua_type(L, at) == LUA_TNUMBER else { return nil }
    return lua_tonumberx(L, at, nil)
  }

  override func boolean(_ i: Int) -> Bool? {
    let at = slot(i)
    guard at != 0, lua_type(L, at) == LUA_TBOOLEAN else { return nil }
    return lua_toboolean(L, at) != 0
  }

  override func string(_ i: Int) -> String? {
    let at = slot(i)
    return at == 0 ? nil : binding.text(L, at)
  }

  @inline(__always)
  override func object(_ i: Int) -> AnyObject? {
    let at = slot(i)
    return at == 0 ? nil : Binding.object(L, at)
  }

  override func objects(_ i: Int) -> [AnyObject]? {
    let at = slot(i)
    guard at != 0, i != gathering, lua_type(L, at) == LUA_TTABLE else { return nil }
    let n = Int(lua_rawlen(L, at))
    guard n > 0, qlua_checkstack(L, 4) else { return nil }
    let top = lua_gettop(L)
    defer { lua_settop(L, top) }
    var objects: [AnyObject] = []
    objects.reserveCapacity(n)
    lua_pushnil(L)
    while lua_next(L, at) != 0 {
      guard lua_isinteger(L, -2) != 0, lua_tointegerx(L, -2, nil) == Int64(objects.count + 1), let object = Binding.object(L, -1) else { return nil }
      objects.append(object)
      qlua_pop(L, 1)
    }
    return objects.count == n ? objects : nil
  }

  override func value(_ i: Int) throws -> Value {
    let at = slot(i)
    if at == 0 { return .none }
    if i == gathering {
      return .list(try (0..<gatheredCount).map { try binding.value(L, at + $0) })
    }
    return try binding.value(L, at)
  }

  override func typeName(_ i: Int) -> String {
    switch kind(i) {
    case .absent, .none: "NoneType"
    case .boolean: "bool"
    case .integer: "int"
    case .number: "float"
    case .string: "str"
    case .table: "list"
    case .function: "function"
    case .object: binding.className(of: object(i))
    case .other: "userdata"
    }
  }

  @inline(__always)
  override func give(object: __owned AnyObject) throws -> Int {
    if capturesValue {
      capturedValue = .object(object)
      return 0
    }
    if capturesObject {
      captured = object
      return 0
    }
    let id = type(of: object) == Tensor.self ? tensorClass : binding.classID(of: object)
    return Int(qlua_return_object(L, Unmanaged.passRetained(object).toOpaque(), id))
  }

  override func give(_ value: Value) throws -> Int {
    if capturesValue {
      capturedValue = value
      return 0
    }
    switch value {
    case .object(let object): return try give(object: object)
    case .tuple(let values):
      for value in values { try binding.push(value, on: L) }
      return values.count
    default:
      try binding.push(value, on: L)
      return 1
    }
  }
}
