import Glibc
import Interface
import Serialization
import TensorCore
import Testing
import Torch

/// What is saved here: PyTorch's files to the byte, and what cannot be saved.
@Suite struct SavingTests {
  /// Files that hold what PyTorch's modules and scripts save, and whose tuples and strings survive loading.
  @Test(arguments: [
    "float/temp.p", "values/dtypes.pt", "values/views.pt", "values/quantized.pt", "archives/empty.pt", "archives/noextension",
    "archives/descriptor.pt",
  ])
  func loadedAndSavedAgainIsTheSameFile(name: String) throws {
    try FixtureFiles.withTemporaryFolder { folder in
      let path = folder + "/" + (name.split(separator: "/").last ?? "")
      try Checkpoint.save(Checkpoint.load(from: FixtureFiles.folder + name), to: path)
      let saved = try FixtureFiles.readFile(path)
      #expect(try saved == FixtureFiles.bytes(name))
      // A mapped file can be saved onto itself.
      try Checkpoint.save(Checkpoint.load(from: path, mappingMemory: true), to: path)
      #expect(try FixtureFiles.readFile(path) == saved)
    }
  }

  /// What a layer above does for a packed cell of a quantized LSTM.
  private final class Cell: PickleRepresentable {
    final class Weight: PickleRepresentable {
      let (weight, bias): (Tensor, Tensor)
      init(_ weight: Tensor, _ bias: Tensor) { (self.weight, self.bias) = (weight, bias) }
      func pickled(by pickler: inout TensorPickler) throws -> PickleValue {
        try pickler.scriptObject(
          className: "__torch__.torch.classes.quantized.LinearPackedParamsBase", state: .tuple([.object(weight), .object(bias)]))
      }
    }
    let weights: [Weight]
    init(_ weights: [Weight]) { self.weights = weights }
    func pickled(by pickler: inout TensorPickler) throws -> PickleValue {
      try pickler.scriptObject(
        className: "__torch__.torch.classes.rnn.CellParamsBase",
        state: .tuple([
          .string("quantized_dynamic"), .list(weights.map { .object($0.bias) }), .list([]), .list([.integer(1)]),
          .list(weights.map { .object($0) }),
        ]))
    }
  }

  @Test func recipesQuantizedLSTM() throws {
    let reader = try CheckpointReader(path: FixtureFiles.folder + "quantized/temp.p")
    func tensor(_ key: String, _ sizes: Dims, _ dtype: DType) throws -> Tensor {
      let result = try Tensor(uninitialized: sizes, dtype: dtype)
      try reader.readRecord("data/" + key, into: UnsafeMutableRawBufferPointer(start: result.storage.pointer, count: result.storage.byteCount))
      return result
    }
    let scales = [0.0027726239059120417, 0.002759933704510331]
    let weights = try (0..<2).map { index in
      let bias = try tensor(String(index), [32], .float32)
      bias.recordForWriting().isParameter = true
      try bias.setRequiresGrad(true)
      let weight = try tensor(String(index + 2), [32, 8], .qint8)
      weight.quantizer = .perTensorAffine(scale: scales[index], zeroPoint: 0)
      return Cell.Weight(weight, bias)
    }
    let path = "lstm._all_weight_values"
    let state = OrderedDict([.string(path + ".0.param"): .object(Cell(weights))])
    let metadata = OrderedDict()
    for (name, version) in [("", 1), ("lstm", 2), (path, 1), (path + ".0", 1)] {
      metadata[name] = .dictionary([(.string("version"), .integer(version))])
    }
    state.attributes["_metadata"] = .object(metadata)
    try FixtureFiles.withTemporaryFolder { folder in
      try Checkpoint.save(.object(state), to: folder + "/temp.p")
      let saved = try FixtureFiles.readFile(folder + "/temp.p")
      #expect(saved.count == 3455)
      #expect(try saved == FixtureFiles.bytes("quantized/temp.p"))
    }
  }

  /// An object that loading rebuilds, for the registry.
  private final class Pair: PickleRepresentable {
    static let className = "__torch__.torch.classes.tests.Pair"
    let items: [Value]
    init(_ items: [Value]) { self.items = items }
    func pickled(by pickler: inout TensorPickler) throws -> PickleValue {
      try pickler.scriptObject(className: Self.className, state: .tuple(items))
    }
  }

  @Test func registeredObjectsComeBackOnce() throws {
    PickleRegistry.registerScriptClass(Pair.className) { state in .object(Pair(state.listValue ?? [])) }
    let tensor = try Tensor.vector([1.0, 2.0])
    let pair = Pair([.object(tensor), .string("x")])
    try FixtureFiles.withTemporaryFolder { folder in
      try Checkpoint.save(.list([.object(pair), .object(tensor), .object(pair)]), to: folder + "/pair.pt")
      let items = try #require(try Checkpoint.load(from: folder + "/pair.pt").listValue)
      guard case .object(let first) = items[0], case .object(let last) = items[2], let loaded = first as? Pair else {
        Issue.record("a registered object loads")
        return
      }
      let isSame = first === last
      #expect(isSame)
      #expect(loaded.items[0].tensorValue === items[1].tensorValue)
      #expect(items[1].tensorValue?.doubles == [1, 2])
    }
  }

  @Test func plainTablesAreListsAndDicts() throws {
    try FixtureFiles.withTemporaryFolder { folder in
      let path = folder + "/table.pt"
      let shared = OrderedDict(["k": .integer(1)].reduce(into: [:]) { $0[.string($1.key)] = $1.value })
      try Checkpoint.save(
        .dictionary([
          (.string("list"), .list([.integer(1), .number(2.5), .boolean(true), .none, .string("é")])), (.integer(7), .tuple([.object(shared), .object(shared)])),
        ]), to: path)
      let pickle = try Unpickler().load(CheckpointReader(path: path).readRecord("data.pkl"))
      guard case .dictionary(let dictionary) = pickle, case .list(let list)? = dictionary["list"],
        case .tuple(let tuple)? = dictionary.items[try PickleKey(.integer(7))], case .object(let first) = tuple.elements[0],
        case .object(let second) = tuple.elements[1]
      else {
        Issue.record("a table is a dict, a list a list, a tuple a tuple")
        return
      }
      #expect(list.elements.count == 5)
      #expect(first === second && first.callable.description == "collections.OrderedDict")
    }
  }

  @Test func refusals() throws {
    func failure(_ value: Value, _ path: String = "/tmp/never-written.pt") -> TorchError? {
      do {
        try Checkpoint.save(value, to: path)
        return nil
      } catch { return error as? TorchError }
    }
    final class Linear {}
    let module = failure(.object(Linear()))
    #expect(module?.kind == .typeError && module?.message.contains("cannot save a 'Linear'") == true)
    #expect(failure(.list([.foreign(Linear())]))?.kind == .typeError)
    // >>> torch.save({}, "/nowhere/x.pt")
    #expect(failure(.none, "/nowhere/x.pt") == .runtime("Parent directory /nowhere does not exist."))
    let cycle = OrderedDict()
    cycle["self"] = .object(cycle)
    #expect(failure(.object(cycle))?.kind == .valueError)
    cycle.entries = [:]
    var deep = Value.none
    for _ in 0..<300 { deep = .list([deep]) }
    #expect(failure(deep)?.kind == .valueError)
    // >>> torch.save([x, x.view(torch.int32)], f)
    let x = try Tensor.vector([1.0])
    let y = Tensor(storage: x.storage, sizes: x.sizes, strides: x.strides, dtype: .int32)
    #expect(
      failure(.list([.object(x), .object(y)])) == .runtime("Cannot save multiple tensors or storages that view the same data as different types"))
    #expect(access("/tmp/never-written.pt", F_OK) != 0)
  }
}
