import CLua
import CLuaShim
import Interface
import NN

/// All overloads of one name as one Lua function.
final class BoundFunction {
  unowned(unsafe) let binding: Binding
  let name: String
  let isMethod: Bool
  /// Whether any overload takes modules; found out at the first call, since it needs the parsed schemas.
  private lazy var takesModules = overloads.contains(where: \.takesModules)
  private(set) var overloads: [Operation]
  /// The same, without a count of references for each look at one.
  private var candidates: [Unmanaged<Operation>]

  init(_ binding: Binding, _ name: String, _ overloads: [Operation], isMethod: Bool = false) {
    self.isMethod = isMethod
    self.binding = binding
    self.name = name
    self.overloads = overloads
    candidates = overloads.map(Unmanaged.passUnretained)
  }

  /// Adds an overload declared elsewhere.
  func add(_ operation: Operation) {
    overloads.append(operation)
    candidates.append(.passUnretained(operation))
  }

  /// Lays the arguments over the overload that they fit and runs it.
  @inline(__always)
  func call(_ frame: LuaFrame) throws -> Int {
    if OperationProfile.isOn { return try OperationProfile.counting(name, frame.L) { try choosing(frame) } }
    return try choosing(frame)
  }

  @inline(__always)
  private func choosing(_ frame: LuaFrame) throws -> Int {
    if takesModules { return try callAnchoring(frame) }
    return try run(frame)
  }

  /// As `call`, for functions that put modules into others: what Lua keeps with a child must live as long as its parent.
  private func callAnchoring(_ frame: LuaFrame) throws -> Int {
    let (L, parent) = (frame.L, isMethod ? frame.object(0) as? Module : nil)
    let (count, object) = try frame.capturing { try run(frame) }
    let made = object as? Module
    if let holder = made ?? parent, !holder.modules.isEmpty {
      try binding.push(object: holder, on: L)
      for (name, child) in holder.modules {
        guard let child, child !== holder else { continue }
        try binding.anchor(child, name, in: -1, on: L)
        // A function may have put a module deep into another.
        if !isMethod { try binding.anchorBelow(child, on: L) }
      }
      qlua_pop(L, 1)
    }
    guard let object else {
      // Several results stand on the stack already.
      let top = lua_gettop(L)
      for i in 0..<Int32(count) where !isMethod { if let made = binding.object(L, top - i) as? Module { try binding.anchorBelow(made, on: L) } }
      return count
    }
    return try frame.give(object: object)
  }

  @inline(__always)
  private func run(_ frame: LuaFrame) throws -> Int {
    let keywords = frame.endsInKeywords
    frame.function = self
    if keywords { return isMethod ? try choose(frame, true) : try runWithOut(frame) }
    let count = candidates.count
    for i in 0..<count {
      let done: Int? = try candidates[i]._withUnsafeGuaranteedRef { operation in
        switch operation.placing(of: frame.positionals) {
        case .plain:
          if count == 1 { return try operation.invoke(frame) }
          frame.layPlainly()
          return operation.matches(frame) ? try operation.invoke(frame) : nil
        case .gathered: return try choose(frame, false)
        case .tooMany: return nil
        }
      }
      if let done { return done }
    }
    // None fits: says so.
    return try choose(frame, false)
  }

  func choose(_ frame: LuaFrame, _ keywords: Bool) throws -> Int {
    var problem: String?
    for operation in overloads {
      // A table of string keys may also be a dictionary in its own right.
      for asKeywords in keywords ? [true, false] : [false] {
        frame.restore()
        if let failure = frame.lay(over: operation.schema, keywords: asKeywords) {
          if problem == nil || asKeywords { problem = problem ?? failure }
          continue
        }
        if operation.matches(frame) { return try operation.invoke(frame) }
        if overloads.count == 1 && (asKeywords || !keywords) { return try operation.invoke(frame) }
      }
    }
    frame.restore()
    if overloads.count == 1, let problem { throw TorchError.type(problem) }
    let got = ((isMethod ? 1 : 0)..<max(frame.count, 1)).map { frame.typeName($0) }.joined(separator: ", ")
    throw TorchError.type(
      "\(name)() received an invalid combination of arguments - got (\(got)), but expected one of:"
        + overloads.map { "\n * (\($0.schema.parameters.dropFirst(isMethod ? 1 : 0).map(\.description).joined(separator: ", ")))" }.joined())
  }
}

extension Operation {
  /// Whether an argument besides `self` is a module or a container of modules.
  fileprivate var takesModules: Bool {
    schema.parameters.contains { $0.name != "self" && ($0.type.hasPrefix("Module") || $0.name.contains("modules")) }
  }
}

extension Binding {
  /// Pushes a function that lives as long as the state. Stack: -0 +1.
  func push(bound function: BoundFunction, on L: OpaquePointer) throws {
    kept.append(function)
    try check(
      qlua_pushfunction(
        L,
        { L, context in
          guard let L, let context else { return 0 }
          return Unmanaged<BoundFunction>.fromOpaque(context)._withUnsafeGuaranteedRef { function in
            function.binding.run(L) { try function.call($0) }
          }
        }, Unmanaged.passUnretained(function).toOpaque()), L)
    try document(on: L)
  }

  /// Notes for `x?` which function the value on top documents; it has just been kept. Stack: -0 +0.
  func document(on L: OpaquePointer) throws {
    lua_pushvalue(L, -1)
    lua_pushinteger(L, lua_Integer(kept.count - 1))
    try check(qlua_prawgetfield(L, qlua_registryindex(), "qrepl.doc"), L)
    lua_rotate(L, -3, 1)
    try check(qlua_prawset(L, -3), L)
    qlua_pop(L, 1)
  }

  /// Makes the table that leads from functions and classes to what there is to say of them, under `qrepl.doc` in the registry.
  /// A value in it is a table with `signature` and `doc`, or a number: then calling the table with it gives that table.
  func registerDocuments() throws {
    let L = state.pointer
    try check(qlua_pcreatetable(L, 0, 2048), L)
    try check(qlua_pcreatetable(L, 0, 2), L)
    try push(text: "k", on: L)
    try check(qlua_prawsetfield(L, -2, "__mode"), L)
    try push(
      function: NativeFunction(self) { [unowned self] frame in
        guard let i = frame.integer(1), kept.indices.contains(i), let function = kept[i] as? BoundFunction else { return 0 }
        return try frame.give(
          .dictionary([
            (.string("signature"), .string(function.overloads.map(\.schema.signature).joined(separator: "\n"))),
            (.string("doc"), .string(function.overloads.map(\.doc).joined(separator: "\n"))),
          ]))
      }, on: L)
    try check(qlua_prawsetfield(L, -2, "__call"), L)
    _ = lua_setmetatable(L, -2)
    try check(qlua_prawsetfield(L, qlua_registryindex(), "qrepl.doc"), L)
  }
}
