import Glibc
import Interface
import Serialization
import TensorCore
import Testing
import Torch

/// What PyTorch saved, loaded as values. The files are made by make_fixtures.py.
@Suite struct LoadingTests {
  private func load(_ name: String, mapped: Bool = false) throws -> Value {
    try Checkpoint.load(from: FixtureFiles.folder + name, mappingMemory: mapped)
  }

  @Test(arguments: [false, true]) func everyDType(mapped: Bool) throws {
    let values = try load("values/dtypes.pt", mapped: mapped).dictionaryValue
    // >>> {t: torch.tensor([0.0, 1.0, 0.5, 2.5]).to(t).tolist()}: integers drop the fraction, booleans ask for not zero.
    for dtype in DType.allCases where !dtype.isQuantized && !dtype.isComplex {
      let tensor = try #require(values[dtype.name]?.tensorValue)
      #expect(tensor.dtype == dtype)
      let expected: [Double] = dtype == .bool ? [0, 1, 1, 1] : dtype.isFloatingPoint ? [0, 1, 0.5, 2.5] : [0, 1, 0, 2]
      #expect(tensor.doubles == expected)
    }
    #expect(values.entries.count == 10)
  }

  @Test(arguments: [false, true]) func viewsShareTheirStorage(mapped: Bool) throws {
    let values = try load("values/views.pt", mapped: mapped).dictionaryValue
    func tensor(_ key: String) throws -> Tensor { try #require(values[key]?.tensorValue) }
    let base = try tensor("base")
    #expect(try tensor("again") === base)
    #expect(try Array(tensor("transposed").strides) == [1, 4])
    #expect(try Array(tensor("part").sizes) == [2, 2])
    #expect(try tensor("part").doubles == [5, 7, 9, 11])
    #expect(try tensor("spread").doubles == [0, 0, 0, 0, 0, 4, 4, 4, 4, 4, 8, 8, 8, 8, 8])
    #expect(try Array(tensor("spread").strides) == [4, 0])
    #expect(try Array(tensor("empty").sizes) == [0, 4])
    #expect(try tensor("scalar").item().doubleValue == 11)
    for key in ["transposed", "part", "spread", "empty", "scalar"] { #expect(try tensor(key).storage === base.storage) }
    base.elements(Float.self)[11] = -1
    #expect(try tensor("scalar").item().doubleValue == -1)
    #expect(try tensor("transposed").doubles.last == -1)
    // A change in place stays in memory.
    #expect(try load("values/views.pt").dictionaryValue["scalar"]?.tensorValue?.item().doubleValue == 11)
  }

  @Test func gradientsAndParameters() throws {
    let values = try load("values/views.pt").dictionaryValue
    func flags(_ key: String) -> [Bool?] { [values[key]?.tensorValue?.requiresGrad, values[key]?.tensorValue?.isParameter] }
    #expect(flags("base") == [false, false])
    #expect(flags("trained") == [true, false])
    #expect(flags("parameter") == [true, true])
    #expect(flags("frozen") == [false, true])
    #expect(values["parameter"]?.tensorValue?.isLeaf == true)
  }

  @Test func quantizedTensors() throws {
    let values = try #require(try load("values/quantized.pt").listValue).compactMap(\.tensorValue)
    #expect(values.map(\.dtype) == [.quint8, .qint8, .qint32, .qint8])
    guard case .perTensorAffine(let scale, let zeroPoint) = values[0].quantizer else {
      Issue.record("the first tensor is quantized per tensor")
      return
    }
    #expect(scale == 0.1 && zeroPoint == 3)
    #expect((0..<3).map { Int(values[0].elements(UInt8.self)[$0]) } == [3, 13, 23])
    guard case .perChannelAffine(let scales, let zeroPoints, let axis) = values[3].quantizer else {
      Issue.record("the last tensor is quantized per channel")
      return
    }
    #expect(scales.doubles == [0.1, 0.2, 0.4] && zeroPoints.doubles == [0, 1, -1] && axis == 0)
  }

  @Test func trainingState() throws {
    let value = try load("values/training.pt").dictionaryValue
    #expect(
      value.entries.keys.map { $0 }
        == [.string("state"), .string("param_groups"), .string("ordered"), .string("dtype"), .string("text"), .string("flags"), .number(1.5), .string("size")])
    let step = value["state"]?.dictionaryValueOrNil?.entries[.integer(0)]?.dictionaryValueOrNil?["step"]
    guard case .integer(3)? = step else {
      Issue.record("state[0].step is 3")
      return
    }
    let group = value["param_groups"]?.listValue?.first?.dictionaryValueOrNil
    guard case .number(0.9)? = group?["betas"]?.listValue?.first, case .integer(let big)? = value.entries[.number(1.5)] else {
      Issue.record("tuples are lists")
      return
    }
    #expect(big == 1 << 40)
    let ordered = value["ordered"]?.dictionaryValueOrNil
    #expect(ordered?.entries.keys.map { $0 } == [.string("b"), .string("a")])
    guard case .none? = ordered?["a"] else {
      Issue.record("None is a value")
      return
    }
    guard case .object(let dtype)? = value["dtype"], case .string("grüße")? = value["text"] else {
      Issue.record("dtypes and text")
      return
    }
    let isSame = dtype === DTypeObject.of(.qint8)
    #expect(isSame)
    #expect(value["size"]?.listValue?.count == 2)
  }

  @Test func legacyFormat() throws {
    let values = try load("values/legacy.pt").dictionaryValue
    #expect(values["weight"]?.tensorValue?.doubles == (0..<12).map(Double.init))
    #expect(values["row"]?.tensorValue?.doubles == [4, 5, 6, 7])
    #expect(values["row"]?.tensorValue?.storage === values["tied"]?.tensorValue?.storage)
    #expect(values["ids"]?.tensorValue?.doubles == [1, 2, 3])
    #expect(values["half"]?.tensorValue?.dtype == .float16)
    #expect(throws: TorchError.self) { try load("values/legacy.pt", mapped: true) }
  }

  @Test func stateDictMetadata() throws {
    let state = try load("float/temp.p").dictionaryValue
    #expect(state.entries.keys.first == .string("lstm.weight_ih_l0"))
    guard case .object(let object)? = state.attributes["_metadata"], let metadata = object as? OrderedDict else {
      Issue.record("a state dict has _metadata")
      return
    }
    #expect(metadata.entries.keys.map { $0 } == [.string(""), .string("lstm")])
    guard case .integer(1)? = metadata["lstm"]?.dictionaryValueOrNil?["version"] else {
      Issue.record("the LSTM's version is 1")
      return
    }
  }

  @Test func sentences() throws {
    func failure(_ body: () throws -> Value) -> TorchError? {
      do {
        _ = try body()
        return nil
      } catch { return error as? TorchError }
    }
    // The sentences of PyTorch 2.15 for the same files.
    #expect(
      failure { try Checkpoint.load(from: "/nowhere/x.pt") }
        == TorchError(.fileNotFoundError, "[Errno 2] No such file or directory: '/nowhere/x.pt'"))
    let module = failure { try load("values/module.pt") }
    #expect(module?.kind == .unpicklingError)
    #expect(module?.message.hasPrefix("Weights only load failed. ") == true)
    #expect(module?.message.contains("Unsupported global: GLOBAL torch.nn.modules.linear.Linear was not an allowed global by default.") == true)
    #expect(failure { try load("values/script.pt") }?.message.hasPrefix("Cannot use ``weights_only=True`` with TorchScript archives passed to ``torch.load``.") == true)
    #expect(failure { try Checkpoint.load(bytes: [], name: "empty") }?.message == "Ran out of input")
    #expect(failure { try Checkpoint.load(bytes: Array("hello world".utf8), name: "text") }?.kind == .unpicklingError)
  }
}

extension Value {
  /// The tensor, where it is one.
  var tensorValue: Tensor? { if case .object(let object) = self { object as? Tensor } else { nil } }
  /// The elements of a list, where it is one.
  var listValue: [Value]? { if case .list(let items) = self { items } else { nil } }
  /// The dictionary, where it is one.
  var dictionaryValueOrNil: OrderedDict? { if case .object(let object) = self { object as? OrderedDict } else { nil } }
  /// The dictionary; the test fails where it is none.
  var dictionaryValue: OrderedDict { get throws { try #require(dictionaryValueOrNil) } }
}

extension Tensor {
  /// The elements in row-major order, as doubles.
  var doubles: [Double] { (0..<count).map { scalar(at: $0).doubleValue } }
}
