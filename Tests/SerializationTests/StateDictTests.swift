import Serialization
import Testing

/// The recipe's state dicts, put together by hand, are PyTorch's files to the byte.
@Suite struct StateDictTests {
  private let float = PickleGlobal("torch", "FloatStorage")

  private func tensor(_ key: String, _ shape: [Int]) throws -> PickledTensor {
    let count = shape.reduce(1, *)
    return try PickledTensor(
      storage: PickledStorage(type: float, key: key, count: count), shape: shape, strides: shape.count == 2 ? [shape[1], 1] : [1])
  }

  /// The version that every module's metadata holds.
  private func version(_ number: Int64) -> PickleValue { .dictionary(["version": .integer(number)]) }

  private func expect(_ object: PickleObject, isFixture name: String) throws {
    let fixture = FixtureFiles.folder + name
    let reader = try CheckpointReader(path: fixture)
    let pickle = try Pickler.dump(.object(object))
    #expect(try pickle == reader.readRecord("data.pkl"))
    try FixtureFiles.withTemporaryFolder { folder in
      let path = folder + "/temp.p"
      var writer = try CheckpointWriter(path: path)
      try writer.writePickle(pickle)
      for key in 0..<4 {
        try reader.readRecord("data/\(key)").withUnsafeBytes { try writer.writeStorage(String(key), $0) }
      }
      try writer.finish()
      #expect(try FixtureFiles.readFile(path) == FixtureFiles.bytes(name))
    }
  }

  @Test func floatLSTM() throws {
    let names = [("weight_ih_l0", [32, 8]), ("weight_hh_l0", [32, 8]), ("bias_ih_l0", [32]), ("bias_hh_l0", [32])]
    let items = try names.enumerated().map { index, entry in
      (key: "lstm." + entry.0, value: PickleValue.object(try tensor(String(index), entry.1).makeObject()))
    }
    try expect(
      PickleObject.stateDictionary(items, metadata: [("", version(1)), ("lstm", version(1))]), isFixture: "float/temp.p")
  }

  @Test func quantizedLSTM() throws {
    let biases = try ["0", "1"].map { PickleObject.parameter(try tensor($0, [32]).makeObject()) }
    let scales = [0.0027726239059120417, 0.002759933704510331]
    let packed = try (0..<2).map { index in
      let weight = try PickledTensor(
        storage: PickledStorage(type: PickleGlobal("torch", "QInt8Storage"), key: String(index + 2), count: 256), shape: [32, 8],
        strides: [8, 1], quantizer: .perTensor(scale: scales[index], zeroPoint: 0))
      return PickleObject.scriptObject(
        className: "__torch__.torch.classes.quantized.LinearPackedParamsBase",
        state: .tuple([.object(weight.makeObject()), .object(biases[index])]))
    }
    let cell = PickleObject.scriptObject(
      className: "__torch__.torch.classes.rnn.CellParamsBase",
      state: .tuple([
        .string("quantized_dynamic"), .list(biases.map { .object($0) }), .list([]), .list([.integer(1)]),
        .list(packed.map { .object($0) }),
      ]))
    let path = "lstm._all_weight_values"
    try expect(
      PickleObject.stateDictionary(
        [(path + ".0.param", .object(cell))],
        metadata: [("", version(1)), ("lstm", version(2)), (path, version(1)), (path + ".0", version(1))]),
      isFixture: "quantized/temp.p")
  }

  @Test func readsTheQuantizedLSTM() throws {
    let bytes = try CheckpointReader(path: FixtureFiles.folder + "quantized/temp.p").readRecord("data.pkl")
    guard case .object(let state) = try Unpickler().load(bytes), state.callable.description == "collections.OrderedDict",
      case .object(let cell) = state.items["lstm._all_weight_values.0.param"], let parts = cell.scriptObjectParts,
      let fields = parts.state.sequenceElements, let packed = fields.last?.sequenceElements, case .object(let first) = packed.first,
      let inner = first.scriptObjectParts?.state.sequenceElements, case .object(let weight) = inner.first,
      case .object(let bias) = inner.last, case .object(let listed) = fields[1].sequenceElements?.first
    else {
      Issue.record("the state dict has another structure")
      return
    }
    #expect(parts.className == "__torch__.torch.classes.rnn.CellParamsBase")
    #expect(bias === listed)
    let parameter = try #require(bias.parameterParts)
    #expect(parameter.requiresGrad)
    #expect(try PickledTensor(parameter.data).shape == [32])
    let tensor = try PickledTensor(weight)
    #expect(tensor.shape == [32, 8] && tensor.strides == [8, 1] && tensor.storage.key == "2")
    #expect(try tensor.storage.byteCount == 256)
    guard case .perTensor(let scale, let zeroPoint) = tensor.quantizer else {
      Issue.record("the weight is quantized per tensor")
      return
    }
    #expect(scale == 0.0027726239059120417 && zeroPoint == 0)
  }

  @Test func manyRecordsWithEqualKeys() throws {
    // {str(i): torch.full((i % 3,), i) for i in range(64)}: the dict's "10" and the storage's "10" are two strings.
    let dictionary = PickleDictionary()
    for index in 0..<64 {
      let storage = PickledStorage(type: PickleGlobal("torch", "LongStorage"), key: String(index), count: index % 3)
      dictionary[String(index)] = .object(try PickledTensor(storage: storage, shape: [index % 3], strides: [1]).makeObject())
    }
    let reader = try CheckpointReader(path: FixtureFiles.folder + "archives/many.records.pt")
    #expect(try Pickler.dump(.dictionary(dictionary)) == reader.readRecord("data.pkl"))
  }

  @Test func readsEveryTensorOfTheFixtures() throws {
    let types = try Unpickler().load(CheckpointReader(path: FixtureFiles.folder + "archives/types.pt").readRecord("data.pkl"))
    let objects = (types.sequenceElements ?? []).compactMap { value -> PickleObject? in
      if case .object(let object) = value { object } else { nil }
    }
    #expect(objects.count == 12)
    let tensors = try objects.filter(PickledTensor.describes).map { try PickledTensor($0) }
    #expect(tensors.map(\.storage.elementSize) == [8, 2, 2, 8, 4, 1, 1, 1, 8, 1])
    guard case .perChannel(let scales, let zeroPoints, let axis) = tensors.last?.quantizer else {
      Issue.record("the last tensor is quantized per channel")
      return
    }
    #expect(scales.shape == [3] && zeroPoints.storage.type.name == "LongStorage" && axis == 0)
    // Written again, each is the same call.
    for object in objects where PickledTensor.describes(object) {
      #expect(try Pickler.dump(.object(object)) == Pickler.dump(.object(PickledTensor(object).makeObject())))
    }
  }

  @Test func refusesTensorsOutsideTheirStorage() throws {
    // >>> torch._utils._rebuild_tensor_v2(storage, ...) raises these for the same numbers; PyTorch would enlarge the storage instead
    // of the first, which no file that it wrote asks for.
    let storage = PickledStorage(type: float, key: "0", count: 4)
    func message(_ offset: Int, _ shape: [Int], _ strides: [Int]) -> String? {
      failure { _ = try PickledTensor(storage: storage, offset: offset, shape: shape, strides: strides) }?.message
    }
    #expect(
      message(0, [2, 3], [3, 1])
        == "setStorage: sizes [2, 3], strides [3, 1], storage offset 0, and itemsize 4 requiring a storage size of 24 are out of bounds "
        + "for storage of size 16")
    #expect(message(0, [2], [-1]) == "Storage size calculation overflowed with sizes=[2] and strides=[-1]")
    #expect(message(0, [-2], [1]) == "numel: integer multiplication overflow")
    #expect(message(-1, [2], [1]) == "Tensor: invalid storage offset -1")
    #expect(message(0, [2, 2], [1]) == "unequal size length (2) and stride length (1)")
    #expect(message(0, [1 << 40], [1 << 40]) == "Storage size calculation overflowed with sizes=[1099511627776] and strides=[1099511627776]")
    #expect(message(0, [1 << 62, 4], [0, 0]) == "numel: integer multiplication overflow")
    #expect(message(0, [1 << 60], [1]) == "numel: integer multiplication overflow")
    #expect(message(.max, [2], [.max]) != nil)
    #expect(message(9, [0], [1]) == nil)
    #expect(message(3, [], []) == nil)
    #expect(message(4, [], []) != nil)
    let unknown = PickledStorage(type: PickleGlobal("torch", "device"), key: "0", count: 4)
    #expect(failure { _ = try unknown.byteCount }?.message == "storages of class torch.device are not supported")
    let vast = PickledStorage(type: float, key: "0", count: .max / 2)
    #expect(failure { _ = try vast.byteCount }?.message == "a storage of \(Int.max / 2) elements is too large")
  }
}
