import Interface
import NN
import Quantization
import TensorCore
import Testing
import Torch

/// What a binding hands over for a class of layers.
private final class Class: LayerTypeReference {
  let layerType: Module.Type
  let layerName: String
  init(_ type: Module.Type, _ name: String) { (layerType, layerName) = (type, name) }
}

extension QuantizationTests {
  @Suite struct QuantizeDynamicTests {
    private let linear = Value.object(Class(Linear.self, "Linear"))
    private let lstm = Value.object(Class(LSTM.self, "LSTM"))

    private func model() throws -> Module { Sequential([try Linear(8, 4), try LSTM(4, 3), Sequential([try Linear(3, 2), try Linear(2, 2)])]) }

    private func quantized(_ spec: Value, _ dtype: DType = .qint8) throws -> [String] {
      let result = try DynamicQuantization.quantize(model(), QConfigSpec(spec, dtype: dtype))
      return ["0", "1", "2.0", "2.1"].filter { path in (try? result.submodule(path)) is any QuantizedLayer }
    }

    @Test func classesAndNamesChooseModules() throws {
      #expect(try quantized(.none) == ["0", "1", "2.0", "2.1"])
      #expect(try quantized(.list([linear])) == ["0", "2.0", "2.1"])
      #expect(try quantized(.list([lstm])) == ["1"])
      #expect(try quantized(.list([.string("1")])) == ["1"])
      #expect(try quantized(.list([.string("2")])) == ["2.0", "2.1"])
      #expect(try quantized(.list([.string("2.1"), lstm])) == ["1", "2.1"])
      #expect(try quantized(.list([.string("")])) == ["0", "1", "2.0", "2.1"])
      let config = Value.object(try QConfig.perChannelDynamic)
      #expect(try quantized(.dictionary([(linear, config), (.string("2.0"), .none)])) == ["0", "2.1"])
      #expect(try quantized(.dictionary([(.string("0"), config)])) == ["0"])
    }

    @Test func modelsPrintAsInPyTorch() throws {
      let config = Value.object(try QConfig.perChannelDynamic)
      let text = """
        Sequential(
          (0): DynamicQuantizedLinear(in_features=8, out_features=4, dtype=torch.qint8, qscheme=torch.per_tensor_affine)
          (1): DynamicQuantizedLSTM(4, 3)
          (2): Sequential(
            (0): DynamicQuantizedLinear(in_features=3, out_features=2, dtype=torch.qint8, qscheme=torch.per_tensor_affine)
            (1): DynamicQuantizedLinear(in_features=2, out_features=2, dtype=torch.qint8, qscheme=torch.per_tensor_affine)
          )
        )
        """
      #expect(try DynamicQuantization.quantize(model(), QConfigSpec(.none, dtype: .qint8)).description == text)
      let channels = try DynamicQuantization.quantize(model(), QConfigSpec(.dictionary([(linear, config)]), dtype: .qint8))
      #expect(channels.description.contains("qscheme=torch.per_channel_affine)"))
      let half = try DynamicQuantization.quantize(model(), QConfigSpec(.list([linear]), dtype: .float16))
      #expect(half.description.contains("(0): DynamicQuantizedLinear(in_features=8, out_features=4, dtype=torch.float16)\n"))
    }

    @Test func theModelItselfStays() throws {
      let float = try model()
      let copy = try DynamicQuantization.quantize(float, QConfigSpec(.none, dtype: .qint8))
      #expect(copy !== float)
      #expect(try float.submodule("0") is Linear)
      #expect(float.training && !copy.training)
      let same = try DynamicQuantization.quantize(float, QConfigSpec(.none, dtype: .qint8), inPlace: true)
      #expect(same === float)
      #expect(try float.submodule("0") is DynamicQuantizedLinear)
      let alone = try Linear(4, 4)
      #expect(try DynamicQuantization.quantize(alone, QConfigSpec(.none, dtype: .qint8)) is Linear)
    }

    @Test func hooksGoOverToTheNewLayer() throws {
      let float = Sequential([try Linear(2, 2)])
      var calls: [String] = []
      let layer = try float.submodule("0")
      layer.registerForwardPreHook { module, _ in
        calls.append("before \(module.typeName)")
        return nil
      }
      layer.registerForwardHook { module, _, _ in
        calls.append("after \(module.typeName)")
        return nil
      }
      let q = try DynamicQuantization.quantize(float, QConfigSpec(.none, dtype: .qint8))
      _ = try q.call([.object(try Tensor.ones([1, 2]))])
      #expect(calls == ["before DynamicQuantizedLinear", "after DynamicQuantizedLinear"])
    }

    @Test func aConfigurationOnTheModuleOutweighsTheSpec() throws {
      let float = Sequential([try Linear(2, 2), try Linear(2, 2)])
      try float.submodule("1").setAttribute("qconfig", .object(QConfig.float16Dynamic))
      let q = try DynamicQuantization.quantize(float, QConfigSpec(.list([linear]), dtype: .qint8))
      #expect((try q.submodule("0") as? DynamicQuantizedLinear)?.extraRepr().contains("torch.qint8") == true)
      #expect((try q.submodule("1") as? DynamicQuantizedLinear)?.extraRepr().contains("torch.float16") == true)
    }

    @Test func mistakesGetPyTorchsSentences() throws {
      #expect(throws: TorchError.value("Don't know how to quantize with default settings for torch.int8. Provide full qconfig please")) {
        try quantized(.none, .int8)
      }
      #expect(throws: TorchError.runtime("('Unknown dtype specified for quantize_dynamic: ', 'torch.int8')")) { try quantized(.list([linear]), .int8) }
      #expect(throws: TorchError(.assertionError, "The only supported dtypes for dynamic quantized linear are qint8 and float16, got: torch.quint8")) {
        try quantized(.list([linear]), .quint8)
      }
      #expect(throws: TorchError.attribute("'int' object has no attribute '_fields'")) { try quantized(.dictionary([(linear, .integer(3))])) }
    }

    @Test func mappingsChooseTheQuantizedClass() throws {
      let quantizedLinear = Value.object(Class(DynamicQuantizedLinear.self, "Linear"))
      let mapping = try DynamicQuantization.mapping(.dictionary([(linear, quantizedLinear)]))
      let q = try DynamicQuantization.quantize(model(), QConfigSpec(.none, dtype: .qint8), mapping: mapping)
      #expect(try q.submodule("0") is DynamicQuantizedLinear)
      #expect(try q.submodule("1") is LSTM)
      #expect(throws: TorchError.self) { try DynamicQuantization.mapping(.dictionary([(linear, linear)])) }
    }

    @Test func stateDictsHoldWhatPyTorchsHold() throws {
      let q = try DynamicQuantization.quantize(model(), QConfigSpec(.none, dtype: .qint8))
      let state = try q.stateDict()
      let keys = state.entries.keys.map { if case .string(let key) = $0 { key } else { "?" } }
      #expect(
        keys.prefix(5) == [
          "0.scale", "0.zero_point", "0._packed_params.dtype", "0._packed_params._packed_params", "1._all_weight_values.0.param",
        ])
      #expect(keys.count == 13)
      guard case .object(let object)? = state.attributes["_metadata"], let metadata = object as? OrderedDict else {
        Issue.record("no metadata")
        return
      }
      var versions: [String] = []
      for (key, value) in metadata.entries {
        if case .string(let path) = key, case .dictionary(let rows) = value, case .integer(let version)? = rows.first?.1 { versions.append("\(path):\(version)") }
      }
      #expect(
        versions == [
          ":1", "0:4", "0._packed_params:3", "1:2", "1._all_weight_values:1", "1._all_weight_values.0:1", "2:1", "2.0:4", "2.0._packed_params:3",
          "2.1:4", "2.1._packed_params:3",
        ])
      guard case .object(let param)? = state["1._all_weight_values.0.param"], let cell = param as? CellParams else {
        Issue.record("no cell")
        return
      }
      #expect(cell.kind == "quantized_dynamic")
      #expect(cell.pickledFlags == [1])
      #expect(cell.pickledBiases.count == 2 && cell.pickledBiases[0] === cell.inputWeight.bias)

      let other = try DynamicQuantization.quantize(model(), QConfigSpec(.none, dtype: .qint8))
      try other.loadStateDict(state)
      let x = try Tensor.floats((0..<24).map { Float($0) / 7 - 1 }, [3, 1, 8])
      func run(_ m: Module) throws -> [Float] {
        guard case .object(let y) = try m.submodule("0").call([.object(x)]), let middle = y as? Tensor,
          let last = try m.submodule("1") as? DynamicQuantizedLSTM
        else { return [] }
        return try last.run(middle, nil).output.floatElements
      }
      #expect(try run(other) == run(q))
      #expect(try run(q.deepCopy()) == run(q))
      #expect(throws: TorchError(.keyError, "'0.scale'")) { try other.loadStateDict(OrderedDict()) }
    }
  }
}
