import OrderedCollections

/// Writes values as a pickle of protocol 2, byte for byte as CPython's C pickler writes what `torch.save` gives it.
///
/// An object that occurs twice is written once and referred to afterwards, as are equal strings (`PickleValue.distinctString` opts out)
/// and equal globals. Nesting of any depth is written without recursion; lists and dicts may contain themselves.
/// Source: `Modules/_pickle.c` of CPython 3.11, observed through its output.
public struct Pickler {
  private var output: [UInt8] = [PickleOpcode.proto, 2]
  private var steps: [Step] = []
  private var memoCount = 0
  private var nodes: [ObjectIdentifier: Int] = [:]
  /// What `nodes` names, kept alive so that no identity is used twice.
  private var retained: [AnyObject] = []
  private var strings: [ExactString: Int] = [:]
  private var globals: [PickleGlobal: Int] = [:]

  /// What remains to be written, the next last.
  private enum Step {
    case value(PickleValue)
    case opcode(UInt8)
    /// A tuple whose elements are written. `isShared` is false for persistent ids, which Python makes anew each time.
    case closeTuple(PickleTuple, isShared: Bool)
    case memoize(PickleNode)
    case memoizeNew
    case elements([PickleValue], next: Int, Style)
    case items(OrderedDictionary<PickleKey, PickleValue>, next: Int, Style)
  }

  /// How a run of elements is cut into batches: CPython has one way for exact lists and dicts and one for what is iterated.
  private enum Style { case exactList, exactDictionary, iterated }

  private static let batchSize = 1000

  private init() {}

  /// The pickle of `value`. Throws where protocol 2 cannot express it.
  public static func dump(_ value: PickleValue) throws(SerializationError) -> [UInt8] {
    var pickler = Pickler()
    pickler.steps.append(.value(value))
    while let step = pickler.steps.popLast() { try pickler.perform(step) }
    pickler.output.append(PickleOpcode.stop)
    return pickler.output
  }

  private mutating func perform(_ step: Step) throws(SerializationError) {
    switch step {
    case .value(let value): try write(value)
    case .opcode(let opcode): output.append(opcode)
    case .memoize(let node): putMemo(of: node)
    case .memoizeNew: putMemo()
    case .closeTuple(let tuple, let isShared): close(tuple, isShared)
    case .elements(let elements, let next, let style):
      guard next < elements.count else { return endBatch(next, PickleOpcode.appends, style) }
      if beginBatch(next, count: elements.count, PickleOpcode.append, PickleOpcode.appends, style) {
        steps.append(.elements(elements, next: next + 1, style))
      }
      steps.append(.value(elements[next]))
    case .items(let items, let next, let style):
      guard next < items.count else { return endBatch(next, PickleOpcode.setItems, style) }
      if beginBatch(next, count: items.count, PickleOpcode.setItem, PickleOpcode.setItems, style) {
        steps.append(.items(items, next: next + 1, style))
      }
      steps.append(.value(items.values[next]))
      steps.append(.value(items.keys[next].value))
    }
  }

  // MARK: Batches

  /// Opens a batch before element `next` where one begins. False where that element is the last and is written alone; `single` then
  /// follows it.
  private mutating func beginBatch(_ next: Int, count: Int, _ single: UInt8, _ several: UInt8, _ style: Style) -> Bool {
    guard next.isMultiple(of: Self.batchSize) else { return true }
    if next > 0 { output.append(several) }
    if next == count - 1, next == 0 || style == .iterated {
      steps.append(.opcode(single))
      return false
    }
    output.append(PickleOpcode.mark)
    return true
  }

  private mutating func endBatch(_ count: Int, _ several: UInt8, _ style: Style) {
    guard count > 0 else { return }
    output.append(several)
    // CPython goes on after every full batch of an exact dict, and then writes an empty one.
    if style == .exactDictionary, count.isMultiple(of: Self.batchSize) { output += [PickleOpcode.mark, several] }
  }

  // MARK: Memo

  private mutating func putMemo() {
    if memoCount < 256 {
      output += [PickleOpcode.binPut, UInt8(memoCount)]
    } else {
      output.append(PickleOpcode.longBinPut)
      appendLittle(UInt32(truncatingIfNeeded: memoCount))
    }
    memoCount += 1
  }

  private mutating func putMemo(of node: PickleNode) {
    nodes[ObjectIdentifier(node)] = memoCount
    retained.append(node)
    putMemo()
  }

  private mutating func getMemo(_ index: Int) {
    if index < 256 {
      output += [PickleOpcode.binGet, UInt8(index)]
    } else {
      output.append(PickleOpcode.longBinGet)
      appendLittle(UInt32(truncatingIfNeeded: index))
    }
  }

  /// Writes a reference where `node` is written already.
  private mutating func refer(to node: PickleNode) -> Bool {
    guard let index = nodes[ObjectIdentifier(node)] else { return false }
    getMemo(index)
    return true
  }

  // MARK: Values

  private mutating func write(_ value: PickleValue) throws(SerializationError) {
    switch value {
    case .none: output.append(PickleOpcode.none)
    case .boolean(let truth): output.append(truth ? PickleOpcode.newTrue : PickleOpcode.newFalse)
    case .integer(let number): write(number)
    case .bigInteger(let number): try writeLong(number.bytes)
    case .float(let number):
      output.append(PickleOpcode.binFloat)
      withUnsafeBytes(of: number.bitPattern.bigEndian) { output.append(contentsOf: $0) }
    case .string(let text):
      if let index = strings[ExactString(text)] { return getMemo(index) }
      strings[ExactString(text)] = memoCount
      try writeNew(text)
    case .distinctString(let string):
      if let index = nodes[ObjectIdentifier(string)] { return getMemo(index) }
      nodes[ObjectIdentifier(string)] = memoCount
      retained.append(string)
      try writeNew(string.text)
    case .bytes(let bytes): try write(bytes)
    case .global(let global): try write(global)
    case .list(let list):
      if refer(to: list) { return }
      output.append(PickleOpcode.emptyList)
      putMemo(of: list)
      steps.append(.elements(list.elements, next: 0, .exactList))
    case .dictionary(let dictionary):
      if refer(to: dictionary) { return }
      output.append(PickleOpcode.emptyDict)
      putMemo(of: dictionary)
      steps.append(.items(dictionary.items, next: 0, .exactDictionary))
    case .tuple(let tuple):
      if !tuple.elements.isEmpty, refer(to: tuple) { return }
      open(tuple, isShared: true)
    case .set(let set):
      if refer(to: set) { return }
      steps += [
        .memoize(set), .opcode(PickleOpcode.reduce), .value(.tuple([.list(set.members.map(\.value))])),
        .value(.global("builtins", set.isFrozen ? "frozenset" : "set")),
      ]
    case .object(let object): write(object)
    case .persistent(let persistent):
      steps.append(.opcode(PickleOpcode.binPersistent))
      if case .tuple(let tuple) = persistent.id { open(tuple, isShared: false) } else { steps.append(.value(persistent.id)) }
    }
  }

  private mutating func open(_ tuple: PickleTuple, isShared: Bool) {
    if tuple.elements.count > 3 { output.append(PickleOpcode.mark) }
    steps.append(.closeTuple(tuple, isShared: isShared))
    for element in tuple.elements.reversed() { steps.append(.value(element)) }
  }

  private mutating func close(_ tuple: PickleTuple, _ isShared: Bool) {
    let count = tuple.elements.count
    if count == 0 { return output.append(PickleOpcode.emptyTuple) }
    // A tuple that holds itself by way of a list is complete by now; its elements are taken off the stack again.
    if isShared, let index = nodes[ObjectIdentifier(tuple)] {
      output += count > 3 ? [PickleOpcode.popMark] : [UInt8](repeating: PickleOpcode.pop, count: count)
      return getMemo(index)
    }
    output.append([PickleOpcode.tuple1, PickleOpcode.tuple2, PickleOpcode.tuple3, PickleOpcode.tuple][min(count, 4) - 1])
    if isShared { putMemo(of: tuple) } else { putMemo() }
  }

  private mutating func write(_ object: PickleObject) {
    if refer(to: object) { return }
    if let state = object.state { steps += [.opcode(PickleOpcode.build), .value(state)] }
    if !object.items.isEmpty { steps.append(.items(object.items, next: 0, .iterated)) }
    if !object.elements.isEmpty { steps.append(.elements(object.elements, next: 0, .iterated)) }
    steps += [
      .memoize(object), .opcode(object.form == .call ? PickleOpcode.reduce : PickleOpcode.newObject),
      .value(.tuple(object.arguments)), .value(.global(object.callable)),
    ]
  }

  private mutating func write(_ number: Int64) {
    if let byte = UInt8(exactly: number) {
      output += [PickleOpcode.binInt1, byte]
    } else if let word = UInt16(exactly: number) {
      output.append(PickleOpcode.binInt2)
      appendLittle(word)
    } else if let word = Int32(exactly: number) {
      output.append(PickleOpcode.binInt)
      appendLittle(word)
    } else {
      let bytes = withUnsafeBytes(of: number.littleEndian) { PickleBigInteger(bytes: $0).bytes }
      output += [PickleOpcode.long1, UInt8(bytes.count)] + bytes
    }
  }

  private mutating func writeLong(_ bytes: [UInt8]) throws(SerializationError) {
    if bytes.count < 256 {
      output += [PickleOpcode.long1, UInt8(bytes.count)]
    } else {
      output.append(PickleOpcode.long4)
      appendLittle(UInt32(bytes.count))
    }
    output += bytes
  }

  private mutating func writeNew(_ text: String) throws(SerializationError) {
    guard let count = UInt32(exactly: text.utf8.count) else {
      throw SerializationError(kind: "OverflowError", "cannot serialize a string larger than 4 GiB")
    }
    output.append(PickleOpcode.binUnicode)
    appendLittle(count)
    output += text.utf8
    putMemo()
  }

  /// Protocol 2 has no bytes: they are the call `_codecs.encode(text, "latin1")`.
  private mutating func write(_ bytes: [UInt8]) throws(SerializationError) {
    let text = String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    let call: [Step] =
      bytes.isEmpty
      ? [.value(.tuple([])), .value(.global("builtins", "bytes"))]
      : [.value(.tuple([.distinctString(PickleString(text)), .string("latin1")])), .value(.global("_codecs", "encode"))]
    steps += [.memoizeNew, .opcode(PickleOpcode.reduce)] + call
  }

  private mutating func write(_ global: PickleGlobal) throws(SerializationError) {
    if let index = globals[global] { return getMemo(index) }
    let module = switch global.module {
    case "builtins": "__builtin__"
    case "copyreg": "copy_reg"
    default: global.module
    }
    for name in [module, global.name] {
      guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
        throw SerializationError(kind: "PicklingError", "can't pickle global identifier '\(global)' using pickle protocol 2")
      }
    }
    globals[global] = memoCount
    output.append(PickleOpcode.global)
    output += module.utf8
    output.append(UInt8(ascii: "\n"))
    output += global.name.utf8
    output.append(UInt8(ascii: "\n"))
    putMemo()
  }

  private mutating func appendLittle<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.littleEndian) { output.append(contentsOf: $0) }
  }
}
