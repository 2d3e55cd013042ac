import Glibc
import Serialization
import Testing

/// Pickles that no friend would send.
@Suite struct HostilePickleTests {
  private func message(_ bytes: [UInt8], _ unpickler: Unpickler = Unpickler()) -> String? {
    failure { _ = try unpickler.load(bytes) }?.message
  }

  private func message(_ text: String) -> String? { message(Array(text.utf8)) }

  @Test func nothingIsExecuted() {
    // >>> pickle.dumps(os.system) and the like with torch.load(weights_only=True)
    #expect(
      message("cposix\nsystem\nX\u{4}\u{0}\u{0}\u{0}true\u{7F}.")
        == "Trying to load unsupported GLOBAL posix.system whose module posix is blocked.")
    #expect(message("c__builtin__\neval\n.") == "Unsupported global: GLOBAL eval was not an allowed global by default.")
    #expect(message("cbuiltins\nexec\n.") == "Unsupported global: GLOBAL exec was not an allowed global by default.")
    #expect(
      message("csubprocess\nPopen\n.") == "Unsupported global: GLOBAL subprocess.Popen was not an allowed global by default.")
    #expect(message([0x8C, 4] + Array("evil".utf8) + [0x8C, 1, 0x78, 0x93] + Array(".".utf8))
      == "Unsupported global: GLOBAL evil.x was not an allowed global by default.")
    // Even where all is allowed the operating system's modules are not.
    #expect(message(Array("cos\nsystem\n.".utf8), Unpickler { _ in true })?.contains("is blocked") == true)
    // A method reached through a dotted name is another name.
    #expect(message("ctorch\nTensor.__reduce__\n.") == "Unsupported global: GLOBAL torch.Tensor.__reduce__ was not an allowed global by default.")
  }

  @Test func theAllowedAreOnlyNamed() throws {
    let unpickler = Unpickler { $0.module == "evil" }
    guard case .object(let object) = try unpickler.load(Array("cevil\nrun\n)R.".utf8)) else {
      Issue.record("a call is read as an object")
      return
    }
    #expect(object.callable == PickleGlobal("evil", "run") && object.arguments.elements.isEmpty)
  }

  @Test func malformedStreamsAreRefused() {
    #expect(message("") == "Ran out of input")
    #expect(failure { _ = try Unpickler().load([]) }?.kind == "EOFError")
    #expect(message("]") == "pickle data was truncated")
    #expect(message(".") == "unpickling stack underflow")
    #expect(message("(.") == "unpickling stack underflow")
    #expect(message("t.") == "could not find MARK")
    #expect(message("K\u{1}(R.") == "unpickling stack underflow")
    #expect(message("h\u{5}.") == "Memo value not found at index 5")
    #expect(message("q\u{5}.") == "unpickling stack underflow")
    #expect(message("\u{1}.") == "Unsupported operand 1")
    #expect(message("X\u{1}\u{0}\u{0}\u{0}") == "pickle data was truncated")
    #expect(message("X\u{7F}\u{7F}\u{7F}\u{7F}abc.") == "pickle data was truncated")
    #expect(message([0x8D] + [UInt8](repeating: 0xFF, count: 8)) == "pickle data was truncated")
    #expect(message([0x80, 9]) == "unsupported pickle protocol: 9")
    #expect(message(Array("X\u{1}\u{0}\u{0}\u{0}".utf8) + [0xFF, 0x2E]) == "a string in the pickle is not valid UTF-8")
    #expect(message("K\u{1}K\u{2}a.") == "Can only append to lists, but got <class 'int'>")
    #expect(message("](K\u{1}u.") == "odd number of items for SETITEMS")
    #expect(message("](K\u{1}K\u{1}u.")
      == "Can only SETITEMS for dict, collections.OrderedDict, collections.Counter, but got <class 'list'>")
    #expect(message("}]K\u{1}s.") == "unhashable type: 'list'")
    #expect(message("K\u{1})R.") == "Trying to call reduce for unrecognized function <class 'int'>")
    #expect(message("]}b.")
      == "Can only build Tensor, Parameter, OrderedDict or types allowlisted via `add_safe_globals`, but got <class 'list'>")
    #expect(message([0x8B, 0xFF, 0xFF, 0xFF, 0x7F]) == "an integer of 2147483647 bytes is too large")
  }

  @Test func valuesThatContainThemselvesAreRefused() {
    let sentence = "the pickle holds a value that contains itself"
    // >>> a = []; a.append(a)
    #expect(message("]q\u{0}h\u{0}a.") == sentence)
    // >>> a = []; t = (a,); a.append(t)
    #expect(message([0x5D, 0x71, 0, 0x68, 0, 0x85, 0x61, 0x2E]) == sentence)
    // >>> d = {}; d[1] = d
    #expect(message("}q\u{0}K\u{1}h\u{0}s.") == sentence)
    // An object in its own state, and a ring that is dropped from the stack before the end.
    #expect(message("ccollections\nOrderedDict\n)Rq\u{0}h\u{0}b.") == sentence)
    #expect(message("]q\u{0}h\u{0}a0N.") == sentence)
  }

  @Test func aMillionNestedListsAreReadWrittenAndReleased() throws {
    let count = 1_000_000
    let bytes = [UInt8](repeating: UInt8(ascii: "]"), count: count) + [UInt8](repeating: UInt8(ascii: "a"), count: count - 1) + [0x2E]
    let value = try Unpickler().load(bytes)
    var depth = 0
    var level = value
    while case .list(let list) = level, let next = list.elements.first {
      level = next
      depth += 1
    }
    #expect(depth == count - 1)
    #expect(try Unpickler().load(Pickler.dump(value)).sequenceElements?.count == 1)
    // Tuples in tuples, objects in objects' states, dicts in dicts.
    _ = try Unpickler().load([0x29] + [UInt8](repeating: 0x85, count: count) + [0x2E])
    let objects = Array("ccollections\nOrderedDict\nq\u{0}".utf8) + (0..<100_000).flatMap { _ in Array("h\u{0})R".utf8) }
    _ = try Unpickler().load(objects + [UInt8](repeating: UInt8(ascii: "b"), count: 99_999) + [0x2E])
    _ = try Unpickler().load((0..<100_000).flatMap { _ in Array("}K\u{0}".utf8) } + Array("N".utf8) + [UInt8](repeating: 0x73, count: 100_000) + [0x2E])
  }

  @Test func sharedPartsAreNotMultiplied() throws {
    // Billion laughs: each list holds the one before ten times, sixty levels deep.
    var laughs = Array("]q\u{0}0".utf8)
    for level in 0..<60 {
      laughs += Array("](".utf8)
      for _ in 0..<10 { laughs += [UInt8(ascii: "h"), UInt8(level)] }
      laughs += [UInt8(ascii: "e"), UInt8(ascii: "q"), UInt8(level + 1), UInt8(ascii: "0")]
    }
    let value = try Unpickler().load(laughs + [UInt8(ascii: "h"), 60, 0x2E])
    #expect(try Pickler.dump(value).count < 3000)
    // The same with tuples, and then hashed.
    var tuples = Array("})".utf8)
    for _ in 0..<60 { tuples += [UInt8(ascii: "2"), 0x86] }
    #expect(message(tuples + Array("Ns.".utf8)) == "a tuple of more than 64 values is used as a key")
    // A long string turned into bytes again and again.
    let text = [UInt8](repeating: UInt8(ascii: "x"), count: 10_000)
    var copies = Array("c_codecs\nencode\nq\u{0}X".utf8) + [0x10, 0x27, 0, 0] + text + Array("q\u{1}U\u{6}latin1q\u{2}".utf8)
    for _ in 0..<10_000 { copies += Array("h\u{0}h\u{1}h\u{2}".utf8) + [0x86, 0x52] }
    #expect(message(copies + [0x2E]) == "the pickle copies more than it holds")
  }

  @Test func containersAreLimited() {
    #expect(message(Array("]]]].".utf8), Unpickler(containerLimit: 3)) == "the pickle holds more than 3 lists, tuples, dicts and objects")
    #expect(message(Array("]]]].".utf8), Unpickler(containerLimit: 4)) == nil)
  }

  @Test func memoIndicesCostNothing() throws {
    // Index 2³² - 1, then MEMOIZE, which counts what is there.
    let value = try Unpickler().load(Array("]r".utf8) + [0xFF, 0xFF, 0xFF, 0xFF] + Array("N".utf8) + [0x94] + Array("j".utf8) + [0xFF, 0xFF, 0xFF, 0xFF, 0x2E])
    #expect(value.typeName == "list")
  }

  @Test func persistentIdsMustBeStorages() {
    for text in ["K\u{1}Q.", "X\u{7}\u{0}\u{0}\u{0}storageQ.", "(X\u{4}\u{0}\u{0}\u{0}fileK\u{1}tQ.", ")Q."] {
      #expect(failure { _ = try PickledStorage(Unpickler().load(Array(text.utf8))) }?.kind == "UnpicklingError")
    }
  }
}
