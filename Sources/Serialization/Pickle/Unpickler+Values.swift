import OrderedCollections

extension UnpicklingMachine {
  /// Executes the opcodes that push a value without parts. False where `opcode` is none of them.
  mutating func pushScalar(_ opcode: UInt8) throws(SerializationError) -> Bool {
    switch opcode {
    case PickleOpcode.none: stack.append(.none)
    case PickleOpcode.newTrue: stack.append(.boolean(true))
    case PickleOpcode.newFalse: stack.append(.boolean(false))
    case PickleOpcode.binInt: stack.append(.integer(Int64(try input.integer(Int32.self))))
    case PickleOpcode.binInt1: stack.append(.integer(Int64(try input.byte())))
    case PickleOpcode.binInt2: stack.append(.integer(Int64(try input.integer(UInt16.self))))
    case PickleOpcode.long1: stack.append(.integer(twosComplement: try input.take(UInt64(try input.byte()))))
    case PickleOpcode.long4:
      let count = try input.integer(UInt32.self)
      guard count <= PickleBigInteger.greatestByteCount else { throw .unpickling("an integer of \(count) bytes is too large") }
      stack.append(.integer(twosComplement: try input.take(UInt64(count))))
    case PickleOpcode.binFloat: stack.append(.float(Double(bitPattern: try input.integer(UInt64.self).byteSwapped)))
    case PickleOpcode.binUnicode: stack.append(.string(try input.text(UInt64(try input.integer(UInt32.self)))))
    case PickleOpcode.shortBinUnicode: stack.append(.string(try input.text(UInt64(try input.byte()))))
    case PickleOpcode.binUnicode8: stack.append(.string(try input.text(try input.integer(UInt64.self))))
    // Python 2's strings: `torch.load` decodes them as UTF-8 by default.
    case PickleOpcode.binString: stack.append(.string(try input.text(UInt64(try input.integer(UInt32.self)))))
    case PickleOpcode.shortBinString: stack.append(.string(try input.text(UInt64(try input.byte()))))
    case PickleOpcode.binBytes: stack.append(.bytes(Array(try input.take(UInt64(try input.integer(UInt32.self))))))
    case PickleOpcode.shortBinBytes: stack.append(.bytes(Array(try input.take(UInt64(try input.byte())))))
    case PickleOpcode.binBytes8: stack.append(.bytes(Array(try input.take(try input.integer(UInt64.self)))))
    case PickleOpcode.global:
      let module = try input.line()
      let name = try input.line()
      stack.append(.global(try admit(module, name)))
    case PickleOpcode.stackGlobal:
      let names = try pop(2)
      guard let module = names[0].stringValue, let name = names[1].stringValue else {
        throw .unpickling("STACK_GLOBAL requires str")
      }
      stack.append(.global(try admit(module, name)))
    default: return false
    }
    return true
  }

  /// The global of the given name in Python 2 or 3, where it is allowed.
  private mutating func admit(_ module: String, _ name: String) throws(SerializationError) -> PickleGlobal {
    let modern = switch module {
    case "__builtin__": "builtins"
    case "copy_reg": "copyreg"
    default: module
    }
    let global = PickleGlobal(modern, name)
    if ["sys", "os", "posix", "nt"].contains(modern) {
      throw .unpickling("Trying to load unsupported GLOBAL \(global) whose module \(modern) is blocked.")
    }
    guard allowing(global) else {
      let shown = modern == "builtins" ? name : global.description
      var error = SerializationError.unpickling("Unsupported global: GLOBAL \(shown) was not an allowed global by default.")
      error.global = global
      throw error
    }
    return global
  }

  /// Executes the opcodes that make or fill a container. False where `opcode` is none of them.
  mutating func changeContainer(_ opcode: UInt8) throws(SerializationError) -> Bool {
    switch opcode {
    case PickleOpcode.emptyTuple: stack.append(.tuple(try register(PickleTuple())))
    case PickleOpcode.tuple1: try pushTuple(try pop(1))
    case PickleOpcode.tuple2: try pushTuple(try pop(2))
    case PickleOpcode.tuple3: try pushTuple(try pop(3))
    case PickleOpcode.tuple: try pushTuple(try popToMark())
    case PickleOpcode.emptyList: stack.append(.list(try register(PickleList())))
    case PickleOpcode.list: stack.append(.list(try register(PickleList(try popToMark()))))
    case PickleOpcode.emptyDict: stack.append(.dictionary(try register(PickleDictionary())))
    case PickleOpcode.dict:
      let items = try popToMark()
      stack.append(.dictionary(try register(PickleDictionary())))
      try setItems(items, "DICT")
    case PickleOpcode.emptySet: stack.append(.set(try register(PickleSet())))
    case PickleOpcode.frozenSet:
      stack.append(.set(try register(PickleSet(try Self.members(of: try popToMark()), isFrozen: true))))
    case PickleOpcode.append: try append([try pop()], "append to")
    case PickleOpcode.appends: try append(try popToMark(), "extend")
    case PickleOpcode.setItem: try setItems(try pop(2), "SETITEM")
    case PickleOpcode.setItems: try setItems(try popToMark(), "SETITEMS")
    case PickleOpcode.addItems:
      let items = try popToMark()
      guard case .set(let set) = try top(), !set.isFrozen else { throw .unpickling("Can only add to sets, but got \(try topClass())") }
      for item in items { set.members.append(try PickleKey(item)) }
    case PickleOpcode.reduce: try call()
    case PickleOpcode.newObject:
      let parts = try pop(2)
      guard case .global(let type) = parts[0], case .tuple(let arguments) = parts[1] else {
        throw .unpickling("Can only create new object for classes, but got <class '\(parts[0].typeName)'>")
      }
      stack.append(.object(try register(PickleObject(type, arguments, form: .new))))
    case PickleOpcode.build: try build()
    case PickleOpcode.binPersistent: stack.append(.persistent(try register(PicklePersistent(id: try pop()))))
    default: return false
    }
    return true
  }

  private mutating func pushTuple(_ elements: [PickleValue]) throws(SerializationError) {
    stack.append(.tuple(try register(PickleTuple(elements))))
  }

  private mutating func topClass() throws(SerializationError) -> String { "<class '\(try top().typeName)'>" }

  private mutating func append(_ elements: [PickleValue], _ action: String) throws(SerializationError) {
    switch try top() {
    case .list(let list): list.elements += elements
    case .object(let object): object.elements += elements
    default: throw .unpickling("Can only \(action) lists, but got \(try topClass())")
    }
  }

  private mutating func setItems(_ items: [PickleValue], _ opcode: String) throws(SerializationError) {
    guard items.count.isMultiple(of: 2) else { throw .unpickling("odd number of items for \(opcode)") }
    let target = try top()
    for index in stride(from: 0, to: items.count, by: 2) {
      let key = try PickleKey(items[index])
      switch target {
      case .dictionary(let dictionary): dictionary.items[key] = items[index + 1]
      case .object(let object): object.items[key] = items[index + 1]
      default: throw Self.notADictionary(opcode, try topClass())
      }
    }
    switch target {
    case .dictionary, .object: return
    default: throw Self.notADictionary(opcode, try topClass())
    }
  }

  private static func notADictionary(_ opcode: String, _ type: String) -> SerializationError {
    .unpickling("Can only \(opcode) for dict, collections.OrderedDict, collections.Counter, but got \(type)")
  }

  /// REDUCE. The calls by which protocol 2 spells `bytes` and `set` become those values.
  private mutating func call() throws(SerializationError) {
    let parts = try pop(2)
    guard case .global(let callable) = parts[0] else {
      throw .unpickling("Trying to call reduce for unrecognized function <class '\(parts[0].typeName)'>")
    }
    guard case .tuple(let arguments) = parts[1] else { throw .unpickling("argument list must be a tuple") }
    switch (callable.module, callable.name) {
    case ("_codecs", "encode"):
      guard arguments.elements.count == 2, let text = arguments.elements[0].stringValue,
        let encoding = arguments.elements[1].stringValue, encoding == "latin1" || encoding == "latin-1"
      else { throw .unpickling("_codecs.encode is understood for Latin-1 text alone") }
      stack.append(.bytes(try latin1(text)))
    case ("builtins", "bytes") where arguments.elements.isEmpty: stack.append(.bytes([]))
    case ("builtins", "set"), ("builtins", "frozenset"):
      guard arguments.elements.count <= 1, let members = arguments.elements.first.map(\.sequenceElements) ?? [] else {
        throw .unpickling("a set is made from a list")
      }
      try chargeCopies(members.count)
      stack.append(.set(try register(PickleSet(try Self.members(of: members), isFrozen: callable.name == "frozenset"))))
    default: stack.append(.object(try register(PickleObject(callable, arguments, form: .call))))
    }
  }

  private static func members(of values: [PickleValue]) throws(SerializationError) -> OrderedSet<PickleKey> {
    var members = OrderedSet<PickleKey>()
    for value in values { members.append(try PickleKey(value)) }
    return members
  }

  private mutating func latin1(_ text: String) throws(SerializationError) -> [UInt8] {
    try chargeCopies(text.utf8.count)
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { throw .unpickling("'latin-1' codec can't encode a character of a bytes object") }
      bytes.append(byte)
    }
    return bytes
  }

  private mutating func build() throws(SerializationError) {
    let state = try pop()
    guard case .object(let object) = try top() else {
      throw .unpickling(
        "Can only build Tensor, Parameter, OrderedDict or types allowlisted via `add_safe_globals`, but got \(try topClass())")
    }
    guard object.state == nil else { throw .unpickling("the state of a \(object.callable) is set twice") }
    object.state = state
  }
}
