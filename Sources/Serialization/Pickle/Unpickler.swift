/// Reads pickles of protocols 2 to 5 into `PickleValue`s. Nothing is imported, called or executed.
///
/// Globals are names, and only those that `allowing` accepts; the others throw PyTorch's sentence. Time and memory are bounded by
/// the length of the pickle: shared parts stay shared, nesting of any depth is read without recursion, and a value that contains
/// itself is refused. Opcodes of protocols 0 and 1 that hold text, of out-of-band buffers and of the extension registry are refused.
/// Source: the opcodes as CPython 3.11 reads them; sentences of PyTorch 2.15's `weights_only` unpickler.
public struct Unpickler {
  /// Whether a class or function may be named.
  public let allowing: (PickleGlobal) -> Bool
  /// The greatest number of containers (lists, tuples, dicts, sets, objects) in one pickle. One takes about a hundred bytes of
  /// memory and can take a single byte in the file.
  public let containerLimit: Int

  /// A reader that accepts the globals for which `allowing` is true.
  public init(containerLimit: Int = 1 << 24, allowing: @escaping (PickleGlobal) -> Bool = { $0.isSafe }) {
    self.allowing = allowing
    self.containerLimit = containerLimit
  }

  /// The value that `bytes` hold. Bytes after the pickle's end are ignored, as in Python.
  ///
  /// Throws `UnpicklingError` for what is no sound pickle or names a global that is not allowed.
  public func load(_ bytes: [UInt8]) throws(SerializationError) -> PickleValue {
    try bytes.withUnsafeBufferPointer { (buffer) throws(SerializationError) in
      try load(prefixOf: UnsafeRawBufferPointer(buffer)).value
    }
  }

  /// The value that the first bytes hold, and how many bytes those are: files may hold several pickles in a row.
  public func load(prefixOf bytes: UnsafeRawBufferPointer) throws(SerializationError) -> (value: PickleValue, count: Int) {
    var machine = UnpicklingMachine(bytes, containerLimit: containerLimit, allowing: allowing)
    do throws(SerializationError) {
      let value = try machine.run()
      try machine.refuseCycles()
      return (value, machine.position)
    } catch {
      // What is half built may hold itself; taken apart it leaves nothing behind.
      machine.dismantle()
      throw error
    }
  }
}

extension SerializationError {
  /// Python's `UnpicklingError`.
  static func unpickling(_ message: String) -> SerializationError { SerializationError(kind: "UnpicklingError", message) }
}

/// The stack, marks and memo of one pickle being read.
struct UnpicklingMachine {
  var input: PickleInput
  var stack: [PickleValue] = []
  let allowing: (PickleGlobal) -> Bool

  private var marks: [Int] = []
  private var memo: [PickleValue] = []
  /// Memo entries out of order; CPython numbers them from 0 without gaps.
  private var sparseMemo: [Int: PickleValue] = [:]
  private var created: [PickleNode] = []
  private let containerLimit: Int
  /// How many elements may still be copied out of shared values, as `bytes` and sets made by calls are.
  private var copiesLeft: Int

  /// The number of bytes read.
  var position: Int { input.position }

  init(_ bytes: UnsafeRawBufferPointer, containerLimit: Int, allowing: @escaping (PickleGlobal) -> Bool) {
    input = PickleInput(bytes)
    self.allowing = allowing
    self.containerLimit = containerLimit
    copiesLeft = bytes.count
  }

  /// Executes opcodes up to STOP and returns the value on top.
  mutating func run() throws(SerializationError) -> PickleValue {
    while true {
      let opcode = try input.byte()
      if opcode == PickleOpcode.stop { return try pop() }
      if try pushScalar(opcode) { continue }
      if try changeContainer(opcode) { continue }
      try changeMachine(opcode)
    }
  }

  // MARK: Stack

  mutating func pop() throws(SerializationError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else { throw .unpickling("unpickling stack underflow") }
    return value
  }

  mutating func top() throws(SerializationError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else { throw .unpickling("unpickling stack underflow") }
    return value
  }

  /// Takes the values above the last mark, and the mark.
  mutating func popToMark() throws(SerializationError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw .unpickling("could not find MARK") }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values
  }

  /// Takes the top `count` values, the deepest first.
  mutating func pop(_ count: Int) throws(SerializationError) -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else { throw .unpickling("unpickling stack underflow") }
    let values = Array(stack[(stack.count - count)...])
    stack.removeLast(count)
    return values
  }

  /// Counts a new container, against the limit and for the search for cycles.
  mutating func register<Node: PickleNode>(_ node: Node) throws(SerializationError) -> Node {
    guard created.count < containerLimit else {
      throw .unpickling("the pickle holds more than \(containerLimit) lists, tuples, dicts and objects")
    }
    created.append(node)
    return node
  }

  /// Counts `count` elements about to be copied out of a value that may be shared. A file that asks for more copies than it has
  /// bytes asks for the same ones again and again.
  mutating func chargeCopies(_ count: Int) throws(SerializationError) {
    copiesLeft -= count
    guard copiesLeft >= 0 else { throw .unpickling("the pickle copies more than it holds") }
  }

  /// Marks, memo, framing.
  private mutating func changeMachine(_ opcode: UInt8) throws(SerializationError) {
    switch opcode {
    case PickleOpcode.proto:
      let version = try input.byte()
      guard version <= 5 else { throw .unpickling("unsupported pickle protocol: \(version)") }
    case PickleOpcode.frame: _ = try input.integer(UInt64.self)
    case PickleOpcode.mark: marks.append(stack.count)
    case PickleOpcode.pop:
      // As CPython: with nothing above the mark, the mark goes.
      if stack.count > marks.last ?? 0 { stack.removeLast() } else if marks.popLast() == nil { _ = try pop() }
    case PickleOpcode.popMark: _ = try popToMark()
    case PickleOpcode.dup: stack.append(try top())
    case PickleOpcode.binPut: try remember(Int(try input.byte()))
    case PickleOpcode.longBinPut: try remember(Int(try input.integer(UInt32.self)))
    case PickleOpcode.memoize: try remember(memo.count + sparseMemo.count)
    case PickleOpcode.binGet: try recall(Int(try input.byte()))
    case PickleOpcode.longBinGet: try recall(Int(try input.integer(UInt32.self)))
    default: throw .unpickling("Unsupported operand \(opcode)")
    }
  }

  private mutating func remember(_ index: Int) throws(SerializationError) {
    let value = try top()
    if index < memo.count {
      memo[index] = value
    } else if index == memo.count, sparseMemo.isEmpty {
      memo.append(value)
    } else {
      sparseMemo[index] = value
    }
  }

  private mutating func recall(_ index: Int) throws(SerializationError) {
    guard let value = index < memo.count ? memo[index] : sparseMemo[index] else {
      throw .unpickling("Memo value not found at index \(index)")
    }
    stack.append(value)
  }

  // MARK: Cycles

  /// Throws where a container holds itself, at whatever distance.
  func refuseCycles() throws(SerializationError) {
    var path: [(node: PickleNode, leaving: Bool)] = []
    var isCyclic = false
    for start in created where start.visit == .new {
      path.append((start, false))
      while let (node, leaving) = path.popLast() {
        if leaving {
          node.visit = .done
        } else if node.visit == .new {
          node.visit = .open
          path.append((node, true))
          node.forEachChild { child in
            if child.visit == .open { isCyclic = true }
            if child.visit == .new { path.append((child, false)) }
          }
        }
        guard !isCyclic else { throw .unpickling("the pickle holds a value that contains itself") }
      }
    }
    // A tree that is changed and written later must be searched anew.
    for node in created { node.visit = .new }
  }

  /// Takes every container apart.
  func dismantle() { for node in created { node.clear() } }
}

/// The bytes of a pickle and how far they are read. Every read is checked.
struct PickleInput {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func byte() throws(SerializationError) -> UInt8 {
    guard position < bytes.count else {
      if bytes.isEmpty { throw SerializationError(kind: "EOFError", "Ran out of input") }
      throw .unpickling("pickle data was truncated")
    }
    defer { position += 1 }
    return bytes[position]
  }

  /// A little-endian number.
  mutating func integer<T: FixedWidthInteger>(_ type: T.Type) throws(SerializationError) -> T {
    T(littleEndian: try take(UInt64(MemoryLayout<T>.size)).loadUnaligned(as: T.self))
  }

  /// The next `count` bytes, where there are as many.
  mutating func take(_ count: UInt64) throws(SerializationError) -> UnsafeRawBufferPointer {
    guard count <= UInt64(bytes.count - position) else { throw .unpickling("pickle data was truncated") }
    defer { position += Int(count) }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(count)])
  }

  /// The next `count` bytes as text.
  mutating func text(_ count: UInt64) throws(SerializationError) -> String { try Self.decode(take(count)) }

  /// The bytes up to the next line feed as text.
  mutating func line() throws(SerializationError) -> String {
    guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else { throw .unpickling("pickle data was truncated") }
    defer { position = end + 1 }
    return try Self.decode(UnsafeRawBufferPointer(rebasing: bytes[position..<end]))
  }

  private static func decode(_ bytes: UnsafeRawBufferPointer) throws(SerializationError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw SerializationError(kind: "UnicodeDecodeError", "a string in the pickle is not valid UTF-8")
    }
    return text
  }
}
