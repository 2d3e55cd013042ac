import CLua
import CLuaShim
import Interface
import LuaVM
import NN
import Prune
import TensorCore
import Torch

/// The objects and functions of the library in one Lua state: who has which userdata class, and how values cross over.
public final class Binding {
  /// The Lua state.
  public let state: LuaState
  /// Frames in use, one per nested call; the rest wait. `deinit` gives them back.
  private var frames: [Unmanaged<LuaFrame>] = []
  private var depth = 0
  /// Class ids by Swift type.
  private var classes: [ObjectIdentifier: UInt32] = [:]
  private(set) var tensorClass: UInt32 = 0
  private(set) var moduleClass: UInt32 = 0
  private var otherClass: UInt32 = 0
  /// What Lua closures point to; lives as long as the state.
  var kept: [AnyObject] = []
  /// Registry references of namespace tables by dotted name.
  var namespaces: [String: Int32] = [:]
  /// Registry references of what built-in classes give classes that derive from them.
  var nativeFunctions: [String: Int32] = [:]
  /// Registry references of the methods all modules have.
  var moduleMethods: [String: Int32] = [:]
  /// Registry references of methods by the namespace of their class.
  var classMethods: [String: [String: Int32]] = [:]
  /// The parsed forward schemas of layers met so far.
  var forwardSchemas: [ObjectIdentifier: Schema] = [:]
  /// Makes keys for Lua functions that serve as hooks.
  var hookKeys = 0
  /// Hooks on all modules that functions of this state are; they go with it.
  var globalHooks: [Int] = []
  /// Lua values that the autograd graph needs, by number, and what keeps them (see KeptValue).
  var keptValues: [Int: WeakKeptValue] = [:]
  var keptCount = 0
  var holders: Int32 = LUA_NOREF
  var holderMetatable: Int32 = LUA_NOREF
  var sentinelMetatable: Int32 = LUA_NOREF
  var hasSentinel = false
  /// Lua classes of the layers, by Swift type.
  var layerClasses: [ObjectIdentifier: ModuleClass] = [:]

  /// The registry reference of the table of classes that `torch.class` made, by name.
  var userClasses: Int32 = LUA_NOREF

  init(state: LuaState) { self.state = state }

  deinit {
    for frame in frames { frame.release() }
    stopKeeping()
    for id in globalHooks { GlobalModuleHooks.remove(id) }
    AnomalyMode.whereabouts = nil
    UserWarning.receiver = nil
  }

  /// Runs a callback's body with a frame for its arguments and turns what it throws into a Lua error.
  @inline(__always)
  func run(_ L: OpaquePointer, base: Int32 = 0, _ body: (LuaFrame) throws -> Int) -> Int32 {
    if depth == frames.count { frames.append(.passRetained(LuaFrame(binding: self))) }
    let frame = frames[depth]
    depth += 1
    defer { depth -= 1 }
    do {
      let count = try frame._withUnsafeGuaranteedRef { frame in
        frame.begin(L, base: base, tensorClass: tensorClass)
        return try body(frame)
      }
      try RecordingMistake.raise()
      return Int32(count)
    } catch {
      return Binding.leave(error, on: L)
    }
  }

  /// Puts what a body threw on the stack; returns the code by which a callback raises it.
  private static func leave(_ error: any Error, on L: OpaquePointer) -> Int32 {
    RecordingMistake.forget()
    if let failure = error as? LuaFailure { return failure.leave(on: L) }
    return LuaState.leave(error, on: L)
  }

  /// The object of ours at a stack index.
  @inline(__always)
  static func object(_ L: OpaquePointer, _ index: Int32) -> AnyObject? {
    var id: UInt32 = 0
    guard let pointer = qlua_toobject(L, index, &id) else { return nil }
    return Unmanaged<AnyObject>.fromOpaque(pointer).takeUnretainedValue()
  }

  /// The object of ours at a stack index.
  @inline(__always)
  func object(_ L: OpaquePointer, _ index: Int32) -> AnyObject? { Binding.object(L, index) }

  /// The text at a stack index; nil for other types.
  @inline(__always)
  func text(_ L: OpaquePointer, _ index: Int32) -> String? {
    var length = 0
    guard let bytes = qlua_tobytes(L, index, &length) else { return nil }
    return String(decoding: UnsafeRawBufferPointer(start: bytes, count: length), as: UTF8.self)
  }

  /// The userdata class for an object.
  @inline(__always)
  func classID(of object: AnyObject) -> UInt32 {
    if type(of: object) == Tensor.self { return tensorClass }
    return slowClassID(of: object)
  }

  private func slowClassID(of object: AnyObject) -> UInt32 {
    if object is Module { return moduleClass }
    if object is PruningMethod { return classes[ObjectIdentifier(PruningMethod.self)] ?? otherClass }
    if object is PruningMethodType { return classes[ObjectIdentifier(PruningMethodType.self)] ?? otherClass }
    return classes[ObjectIdentifier(type(of: object))] ?? otherClass
  }

  /// The name `type()`-like sentences give an object.
  func className(of object: AnyObject?) -> String {
    switch object {
    case is Tensor: "Tensor"
    case let module as Module: module.className
    case let method as PruningMethod: method.typeName
    case is PruningMethodType: "type"
    case is DTypeObject: "torch.dtype"
    case nil: "NoneType"
    case let object?: "\(type(of: object))"
    }
  }

  /// Registers a userdata class for objects of a Swift type and fills its metatable.
  func register(_ type: AnyObject.Type, name: String, _ fill: (Metatable) throws -> Void) throws {
    let L = state.pointer
    let id = qlua_newclass(L, name) { pointer in
      if let pointer { Unmanaged<AnyObject>.fromOpaque(pointer).release() }
    }
    if id == 0 { throw LuaFailure.taking(from: L) }
    defer { qlua_pop(L, 1) }
    try fill(Metatable(binding: self, L: L, index: lua_gettop(L)))
    if type == Tensor.self {
      tensorClass = id
    } else if type == Module.self {
      moduleClass = id
    } else if type == AnyObjectMarker.self {
      otherClass = id
    } else {
      classes[ObjectIdentifier(type)] = id
    }
  }

  /// Pushes the one userdata of an object. Stack: -0 +1.
  func push(object: AnyObject, on L: OpaquePointer) throws {
    try check(qlua_pushobject(L, Unmanaged.passRetained(object).toOpaque(), classID(of: object)), L)
  }

  /// Throws the error that a protected call has left on top.
  @inline(__always)
  func check(_ status: Int32, _ L: OpaquePointer) throws {
    if status != LUA_OK { throw LuaFailure.taking(from: L) }
  }
}

/// Stands for every object whose type has no class of its own.
final class AnyObjectMarker {}

/// A Lua error on its way through Swift, its value kept as it is.
// Used by the state's one thread.
final class LuaFailure: @unchecked Sendable, Error, CustomStringConvertible {
  private let reference: Int32
  private weak var state: LuaState?
  /// The error's text.
  let description: String

  private init(reference: Int32, state: LuaState?, description: String) {
    self.reference = reference
    self.state = state
    self.description = description
  }

  /// Takes the error value from the top of the stack. Stack: -1 +0.
  static func taking(from L: OpaquePointer) -> LuaFailure {
    var length = 0
    let bytes = qlua_tobytes(L, -1, &length)
    let text = bytes.map { String(decoding: UnsafeRawBufferPointer(start: $0, count: length), as: UTF8.self) } ?? "(error object)"
    var reference: Int32 = 0
    if qlua_pref(L, &reference) != LUA_OK { reference = LUA_NOREF }
    return LuaFailure(reference: reference, state: LuaState.of(L), description: text)
  }

  /// Puts the error value back; returns the code by which a callback raises it.
  func leave(on L: OpaquePointer) -> Int32 {
    lua_settop(L, 0)
    // Where the C stack had run out there was no call left to make a reference with: the text must do.
    if reference == LUA_NOREF { _ = qlua_ppushstring(L, description) } else { qlua_getref(L, reference) }
    return QLUA_ERROR
  }

  deinit {
    if let state, !state.isClosed { qlua_unref(state.pointer, reference) }
  }
}

/// A metatable (or any table) at a stack index, to be filled with functions.
struct Metatable {
  let binding: Binding
  let L: OpaquePointer
  let index: Int32

  /// Sets a field to a Swift function.
  func set(_ name: String, _ body: @escaping (LuaFrame) throws -> Int) throws {
    try binding.push(function: NativeFunction(binding, body), on: L)
    try binding.check(qlua_prawsetfield(L, index, name), L)
  }

  /// Sets `__index`: what the table on top has under a text, else what `body` gives. Stack: -1 +0.
  func setIndex(_ body: @escaping (LuaFrame) throws -> Int) throws {
    try binding.push(function: NativeFunction(binding, body), on: L, indexing: true)
    try binding.check(qlua_prawsetfield(L, index, "__index"), L)
  }
}

/// A Swift closure that Lua can call.
final class NativeFunction {
  unowned(unsafe) let binding: Binding
  let body: (LuaFrame) throws -> Int
  init(_ binding: Binding, _ body: @escaping (LuaFrame) throws -> Int) {
    self.binding = binding
    self.body = body
  }
}

extension Binding {
  /// Pushes a Swift closure that lives as long as the state. Stack: -0 +1.
  /// - Parameter indexing: whether it takes what the table on top has not. Stack then: -1 +1.
  func push(function: NativeFunction, on L: OpaquePointer, indexing: Bool = false) throws {
    kept.append(function)
    let context = Unmanaged.passUnretained(function).toOpaque()
    let entry: qlua_function = { L, context in
      guard let L, let context else { return 0 }
      return Unmanaged<NativeFunction>.fromOpaque(context)._withUnsafeGuaranteedRef { function in
        function.binding.run(L) { try function.body($0) }
      }
    }
    try check(indexing ? qlua_pushindexer(L, entry, context) : qlua_pushfunction(L, entry, context), L)
  }
}
