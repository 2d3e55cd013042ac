import Serialization
import Testing

/// Values of make_fixtures.py: read from every protocol they print as in Python, and protocol 2 is written as CPython writes it.
@Suite struct PickleTests {
  private static let names = ["scalars", "containers", "bytes", "ordered", "aliases"]

  @Test(arguments: names, [2, 3, 4, 5])
  func readsWhatPythonWrote(name: String, protocol version: Int) throws {
    let value = try Unpickler().load(FixtureFiles.bytes("values/\(name).\(version).pkl"))
    #expect(try pythonRepr(value) == FixtureFiles.text("values/\(name).repr"))
  }

  @Test(arguments: names)
  func writesTheBytesPythonWrote(name: String) throws {
    let bytes = try FixtureFiles.bytes("values/\(name).2.pkl")
    #expect(try Pickler.dump(Unpickler().load(bytes)) == bytes)
  }

  @Test(arguments: [0, 1, 2, 999, 1000, 1001, 2000, 2001])
  func cutsBatchesWherePythonDoes(count: Int) throws {
    let bytes = try FixtureFiles.bytes("batches/\(count).pkl")
    let value = try Unpickler().load(bytes)
    #expect(value.sequenceElements?.first?.sequenceElements?.count == count)
    #expect(try Pickler.dump(value) == bytes)
  }

  @Test(arguments: ["float/temp.p", "archives/empty.pt", "archives/noextension", "archives/views.pt", "archives/types.pt"])
  func writesTheBytesTorchWrote(name: String) throws {
    let bytes = try CheckpointReader(path: FixtureFiles.folder + name).readRecord("data.pkl")
    #expect(try Pickler.dump(Unpickler().load(bytes)) == bytes)
  }

  @Test func sharesWhatPythonShares() throws {
    let value = try Unpickler().load(FixtureFiles.bytes("values/containers.2.pkl"))
    let elements = try #require(value.sequenceElements)
    guard case .list(let first) = elements[11], case .list(let second) = elements[12] else {
      Issue.record("elements 11 and 12 are the shared list")
      return
    }
    #expect(first === second)
    first.elements.append(.none)
    #expect(pythonRepr(elements[14]) == "{'k': ['x', None]}")
  }

  @Test func comparesKeysAsPythonDoes() throws {
    // >>> {1: "a", True: "b", 1.0: "c", "é": 0, "é": 1, 2**70: 2, b"x": 3, (1, 2.0): 4}[(1.0, 2)]  ->  4; five strings in all
    let dictionary = PickleDictionary()
    dictionary.items[try PickleKey(.integer(1))] = .string("a")
    dictionary.items[try PickleKey(.boolean(true))] = .string("b")
    dictionary.items[try PickleKey(.float(1))] = .string("c")
    dictionary["\u{E9}"] = .integer(0)
    dictionary["e\u{301}"] = .integer(1)
    dictionary.items[try PickleKey(.tuple([.integer(1), .float(2)]))] = .integer(4)
    #expect(pythonRepr(.dictionary(dictionary)) == "{1: 'c', '\u{E9}': 0, 'e\u{301}': 1, (1, 2.0): 4}")
    #expect(dictionary.items[try PickleKey(.tuple([.float(1), .integer(2)]))]?.integerValue == 4)
    #expect(failure { _ = try PickleKey(.list([])) }?.message == "unhashable type: 'list'")
    #expect(failure { _ = try PickleKey(.tuple([.dictionary([:])])) }?.message == "unhashable type: 'dict'")
  }

  @Test func writesEqualStringsOnceUnlessTheyAreDistinct() throws {
    let once = try Pickler.dump(.tuple([.string("abc"), .string("abc")]))
    let twice = try Pickler.dump(.tuple([.string("abc"), .distinctString(PickleString("abc"))]))
    // >>> pickle.dumps(("abc", "abc"), 2) and pickle.dumps(("abc", "".join("abc")), 2)
    #expect(once == Array("\u{0}\u{2}X\u{3}\u{0}\u{0}\u{0}abcq\u{0}h\u{0}".utf8).replacingFirst(0x80) + [0x86] + Array("q\u{1}.".utf8))
    #expect(twice.count == once.count + 8)
    // Canonically equal strings of different bytes are two strings.
    #expect(try pythonRepr(Unpickler().load(Pickler.dump(.tuple([.string("\u{E9}"), .string("e\u{301}")])))) == "('\u{E9}', 'e\u{301}')")
  }

  @Test func refusesGlobalsThatPickleTwoCannotName() {
    #expect(failure { _ = try Pickler.dump(.global("a\nb", "c")) }?.kind == "PicklingError")
  }

  @Test func writesListsThatContainThemselves() throws {
    let list = PickleList()
    list.elements = [.list(list), .tuple([.list(list)])]
    defer { list.elements = [] }
    // >>> a = []; a += [a, (a,)]; pickle.dumps(a, 2)
    #expect(try Pickler.dump(.list(list)) == [0x80, 2] + Array("]q\u{0}(h\u{0}h\u{0}".utf8) + [0x85] + Array("q\u{1}e.".utf8))
  }
}

extension [UInt8] {
  fileprivate func replacingFirst(_ byte: UInt8) -> [UInt8] { [byte] + dropFirst() }
}
