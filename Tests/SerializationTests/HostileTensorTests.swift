import Glibc
import Interface
import Serialization
import TensorCore
import Testing
import Torch

/// Checkpoints whose pickles lie about tensors: an error or a view, never memory that the file does not have.
@Suite struct HostileTensorTests {
  private let float = PickleGlobal("torch", "FloatStorage")

  /// Loads a checkpoint with one record `data/0` of 16 bytes and the given pickle.
  private func load(_ pickle: PickleValue, mapped: Bool = false) throws -> Value {
    try FixtureFiles.withTemporaryFolder { folder in
      let path = folder + "/hostile.pt"
      var writer = try CheckpointWriter(path: path)
      try writer.writePickle(Pickler.dump(pickle))
      try [Float](repeating: 1.5, count: 4).withUnsafeBytes { try writer.writeStorage("0", $0) }
      try writer.finish()
      return try Checkpoint.load(from: path, mappingMemory: mapped)
    }
  }

  /// `_rebuild_tensor_v2` with any numbers, unchecked.
  private func tensor(
    _ offset: Int64, _ shape: [Int64], _ strides: [Int64], count: Int = 4, type: String = "FloatStorage", location: String = "cpu",
    requiresGrad: Bool = false
  ) -> PickleValue {
    let storage = PickledStorage(type: PickleGlobal("torch", type), key: "0", location: location, count: count)
    return .reduce(
      PickleGlobal("torch._utils", "_rebuild_tensor_v2"),
      [
        storage.value, .integer(offset), .tuple(shape.map { .integer($0) }), .tuple(strides.map { .integer($0) }), .boolean(requiresGrad),
        .object(.orderedDictionary([])),
      ])
  }

  private func failure(_ pickle: PickleValue) -> String? {
    do {
      _ = try load(pickle)
      return nil
    } catch { return (error as? TorchError)?.message ?? "another error: \(error)" }
  }

  @Test(arguments: [false, true]) func vastViewsStayViews(mapped: Bool) throws {
    let before = Storage.liveBytes.pointee
    let value = try load(tensor(1, [1 << 29, 1 << 29], [0, 0]), mapped: mapped)
    let view = try #require(value.tensorValue)
    #expect(view.count == 1 << 58 && view.storage.byteCount == 16)
    #expect(view.scalar(at: 1 << 50).doubleValue == 1.5)
    // Other suites run beside this one; 2⁵⁸ elements would show all the same.
    #expect(Storage.liveBytes.pointee - before < 1 << 30)
  }

  @Test func sizesThatLie() {
    #expect(failure(tensor(0, [5], [1]))?.hasPrefix("setStorage: sizes [5]") == true)
    #expect(failure(tensor(0, [4], [1], count: 8)) == "record size 16 mismatch with dst size 32 (record data/0)")
    #expect(failure(tensor(0, [4], [1], count: 1 << 60))?.contains("mismatch") == true)
    #expect(failure(tensor(0, [4], [1], count: .max / 2))?.contains("too large") == true)
    #expect(failure(tensor(0, [1 << 62, 1 << 62], [0, 0])) == "numel: integer multiplication overflow")
    // No element, and products of the other sizes, offsets and strides that would overflow.
    for (offset, shape, strides) in [
      (0, [0, 1 << 40, 1 << 40], [0, 0, 0]), (.max, [0], [1]), (0, [1, 0], [.max, .max]), (0, [1], [.max]), (1 << 60, [0], [1]),
    ] as [(Int64, [Int64], [Int64])] {
      #expect(failure(tensor(offset, shape, strides))?.hasPrefix("Storage size calculation overflowed") == true)
    }
    #expect(failure(tensor(0, [Int64](repeating: 1, count: 65), [Int64](repeating: 1, count: 65))) == "a tensor of 65 dimensions is not supported")
    #expect(failure(tensor(0, [4], [1])) == nil)
  }

  @Test func typesThatLie() {
    #expect(failure(tensor(0, [2], [1], count: 2, type: "QUInt4x2Storage")) == "Weights only load failed. storages of class torch.QUInt4x2Storage are not supported")
    #expect(failure(tensor(0, [16], [1], count: 16, type: "QInt8Storage")) == "a torch.qint8 tensor lacks its scale and zero point")
    #expect(failure(tensor(0, [2], [1], count: 2, type: "LongStorage", requiresGrad: true))?.contains("can require gradients") == true)
    #expect(failure(tensor(0, [4], [1], location: "cuda:0"))?.hasPrefix("Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False.") == true)
    // One storage under two sizes.
    #expect(failure(.list([tensor(0, [4], [1]), tensor(0, [2], [1], count: 2)]))?.contains("the pickle also says 8") == true)
  }

  @Test func booleansAreZeroOrOne() throws {
    let value = try load(tensor(0, [16], [1], count: 16, type: "BoolStorage"))
    let tensor = try #require(value.tensorValue)
    let bytes = UnsafeRawBufferPointer(start: tensor.storage.pointer, count: 16)
    #expect(bytes.map { $0 } == [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1])
  }

  @Test func sharedListsDoNotExplode() throws {
    // Twenty lists, each twice in the next, are 2²⁰ values and load; sixty are refused.
    func doubled(_ times: Int) -> PickleValue {
      var value = PickleValue.list([])
      for _ in 0..<times { value = .list([value, value]) }
      return value
    }
    #expect(try load(doubled(20)).listValue?.count == 2)
    #expect(failure(doubled(60))?.contains("holds more than 16777216 values") == true)
    var deep = PickleValue.none
    for _ in 0..<100_000 { deep = .list([deep]) }
    #expect(failure(deep) == "Weights only load failed. the pickle's values are nested too deeply")
  }

  @Test func unknownObjects() {
    #expect(failure(.object(.scriptObject(className: "__torch__.Evil", state: .none))) == "objects of the TorchScript class __torch__.Evil are not supported")
    #expect(failure(.global("torch", "FloatStorage")) == "torch.FloatStorage is not supported as a value")
    #expect(failure(.reduce(PickleGlobal("os", "system"), [.string("true")]))?.contains("Trying to load unsupported GLOBAL os.system") == true)
  }

  @Test func hugeIntegers() throws {
    // 2⁷² − 1, nine bytes.
    let number = try Unpickler().load([0x80, 2, 0x8A, 10] + [UInt8](repeating: 0xFF, count: 9) + [0, 0x2E])
    #expect(failure(number) == "the integer 4722366482869645213695 does not fit 64 bits")
  }
}
