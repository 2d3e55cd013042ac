import Glibc
import Interface
import Serialization
import Testing
import Torch

/// Changed checkpoints by the thousand, the same ones in every run: whatever they hold, an error or a value, no crash, and bounded
/// memory.
@Suite struct FuzzTests {
  /// Seconds for each of the tests, 1.5 unless QREPL_FUZZ_SECONDS asks for more.
  private static let seconds = getenv("QREPL_FUZZ_SECONDS").flatMap { Double(String(cString: $0)) } ?? 1.5

  /// What the peak may grow by: other tests run beside these in one process, and a size believed unread would be larger by far.
  private static let allowance = 1 << 30

  /// SplitMix64: the same numbers everywhere.
  private struct Numbers {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
      return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
  }

  /// Bytes that files of these formats are sensitive to.
  private static let telling: [UInt8] = Array("()]}RbesutaQKXhqc.02".utf8) + [0, 1, 0x7F, 0x80, 0x81, 0x85, 0x86, 0x8A, 0x8B, 0x93, 0x94, 0xFF]

  private static func mutate(_ bytes: inout [UInt8], _ numbers: inout Numbers) {
    for _ in 0...numbers.next(below: 6) where !bytes.isEmpty {
      let place = numbers.next(below: bytes.count)
      let length = min(1 + numbers.next(below: 16), bytes.count - place)
      switch numbers.next(below: 8) {
      case 0: bytes[place] ^= 1 << UInt8(numbers.next(below: 8))
      case 1: bytes[place] = telling[numbers.next(below: telling.count)]
      case 2: bytes.removeSubrange(place..<place + length)
      case 3: bytes.insert(contentsOf: bytes[place..<place + length], at: numbers.next(below: bytes.count))
      case 4: for index in place..<place + min(length, 8) { bytes[index] = 0xFF }
      case 5: for index in place..<place + length { bytes[index] = UInt8(numbers.next(below: 256)) }
      case 6: bytes.insert(telling[numbers.next(below: telling.count)], at: place)
      default:
        let other = numbers.next(below: bytes.count - length + 1)
        bytes.replaceSubrange(place..<place + length, with: Array(bytes[other..<other + length]))
      }
    }
    if numbers.next(below: 40) == 0 { bytes.removeLast(numbers.next(below: bytes.count + 1)) }
  }

  /// The most memory this process has had resident, in bytes.
  private static func peak() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(0), &usage)
    return usage.ru_maxrss * 1024
  }

  /// Runs `body` on mutants of `seeds` until the time is over. Returns how many were accepted and refused.
  private func run(_ seeds: [[UInt8]], seed: UInt64, _ body: ([UInt8]) throws -> Void) -> (accepted: Int, refused: Int) {
    var numbers = Numbers(state: seed)
    var accepted = 0
    var refused = 0
    let start = ContinuousClock.now
    while ContinuousClock.now - start < .seconds(Self.seconds) {
      var mutant = seeds[numbers.next(below: seeds.count)]
      Self.mutate(&mutant, &numbers)
      do {
        try body(mutant)
        accepted += 1
      } catch is SerializationError {
        refused += 1
      } catch is TorchError {
        refused += 1
      } catch {
        Issue.record("an error of another kind: \(error)")
      }
    }
    return (accepted, refused)
  }

  @Test func changedArchives() throws {
    let seeds = try FixtureFiles.checkpoints.map { try FixtureFiles.bytes($0) }
    let before = Self.peak()
    let counts = run(seeds, seed: 29592) { bytes in
      let reader = try CheckpointReader(ByteSource(copying: bytes, name: "mutant"))
      for name in reader.recordNames { _ = try reader.readRecord(name) }
      _ = try Unpickler().load(reader.readRecord("data.pkl"))
    }
    #expect(counts.refused > counts.accepted && counts.accepted > 0, "\(counts)")
    #expect(Self.peak() - before < Self.allowance)
  }

  @Test func changedPickles() throws {
    let values = ["scalars", "containers", "bytes", "ordered", "aliases"].flatMap { name in (2...5).map { "values/\(name).\($0).pkl" } }
    var seeds = try values.map { try FixtureFiles.bytes($0) }
    for name in FixtureFiles.checkpoints {
      seeds.append(try CheckpointReader(path: FixtureFiles.folder + name).readRecord("data.pkl"))
    }
    let before = Self.peak()
    let counts = run(seeds, seed: 4479) { bytes in
      let value = try Unpickler().load(bytes)
      // What was read can be written, and reads as it was.
      let again = try Pickler.dump(value)
      let copy = try Unpickler().load(again)
      if try Pickler.dump(copy) != again { Issue.record("\(bytes) is written differently the second time") }
      visit(value)
    }
    #expect(counts.refused > 0 && counts.accepted > 0, "\(counts)")
    #expect(Self.peak() - before < Self.allowance)
  }

  @Test func changedCheckpoints() throws {
    let names = FixtureFiles.checkpoints + ["dtypes", "views", "quantized", "training", "legacy"].map { "values/\($0).pt" }
    var seeds = try names.map { try FixtureFiles.bytes($0) }
    // Of legacy files every byte is open to change, so they come as often as all others.
    seeds += try [[UInt8]](repeating: FixtureFiles.bytes("values/legacy.pt"), count: seeds.count)
    let before = Self.peak()
    var numbers = Numbers(state: 3455)
    var counts = (accepted: 0, refused: 0)
    let start = ContinuousClock.now
    while ContinuousClock.now - start < .seconds(Self.seconds) {
      var mutant = seeds[numbers.next(below: seeds.count)]
      if mutant.starts(with: Array("PK".utf8)) { try Self.mutatePickle(of: &mutant, &numbers) } else { Self.mutate(&mutant, &numbers) }
      do {
        visit(try Checkpoint.load(bytes: mutant, name: "mutant"), depth: 0)
        counts.accepted += 1
      } catch is TorchError { counts.refused += 1 } catch { Issue.record("an error of another kind: \(error)") }
    }
    #expect(counts.refused > 0 && counts.accepted > 0, "\(counts)")
    #expect(Self.peak() - before < Self.allowance)
  }

  /// Changes the pickle inside an archive and makes its checksum right again, so that what it says is believed as far as it may be.
  private static func mutatePickle(of archive: inout [UInt8], _ numbers: inout Numbers) throws {
    let pickle = try CheckpointReader(ByteSource(copying: archive, name: "seed")).readRecord("data.pkl")
    guard let first = archive.firstRange(of: pickle) else { return }
    var changed = pickle
    mutate(&changed, &numbers)
    changed = Array((changed + [UInt8](repeating: 0x2E, count: pickle.count)).prefix(pickle.count))
    func checksum(_ bytes: [UInt8]) -> [UInt8] {
      let value = bytes.withUnsafeBytes { CRC32.checksum($0) }
      return (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
    }
    archive.replaceSubrange(first, with: changed)
    archive.replace(checksum(pickle), with: checksum(changed))
  }

  /// Reads from every tensor of a loaded value.
  private func visit(_ value: Value, depth: Int) {
    guard depth < 8 else { return }
    switch value {
    case .list(let items): for item in items.prefix(64) { visit(item, depth: depth + 1) }
    case .dictionary(let rows): for row in rows { visit(row.1, depth: depth + 1) }
    case .object(let tensor as Tensor):
      for index in 0..<min(tensor.count, 64) { _ = tensor.scalar(at: index) }
      if tensor.count > 0 { _ = tensor.scalar(at: tensor.count - 1) }
      if tensor.count <= 64 { _ = tensor.nestedValues }
      _ = tensor.isContiguous
    case .object(let dictionary as OrderedDict): for item in dictionary.entries.values { visit(item, depth: depth + 1) }
    default: break
    }
  }

  /// Tries what a loader of tensors tries with every object, once each.
  private func visit(_ root: PickleValue) {
    var seen = Set<ObjectIdentifier>()
    var pending = [root]
    while let value = pending.popLast() {
      if case .object(let object) = value, seen.insert(ObjectIdentifier(object)).inserted {
        _ = failure { _ = try PickledTensor(object).storage.byteCount }
        _ = object.parameterParts
        _ = object.scriptObjectParts
        pending += object.arguments.elements + object.items.values + (object.state.map { [$0] } ?? [])
      } else if case .list(let list) = value, seen.insert(ObjectIdentifier(list)).inserted {
        pending += list.elements
      }
    }
  }
}
