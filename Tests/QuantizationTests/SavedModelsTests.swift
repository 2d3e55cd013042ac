import Glibc
import Interface
import NN
import Quantization
import Serialization
import TensorCore
import Testing
import Torch

extension QuantizationTests {
  /// State dicts of quantized models in files.
  @Suite struct SavedModelsTests {
    /// The recipe's model with seed 29592, before and after quantization.
    private func models(_ dtype: DType = .qint8) throws -> (float: Module, quantized: Module) {
      Generator.default.manualSeed(29592)
      for sizes in [[20, 1, 8], [1, 1, 8], [1, 1, 8]] as [Dims] { _ = try Tensor(uninitialized: sizes, dtype: .float32).normal(0, 1, nil) }
      let float = Module()
      try float.setAttribute("lstm", .object(try LSTM(8, 8, numLayers: 1)))
      return (float, try DynamicQuantization.quantize(float, QConfigSpec(.none, dtype: dtype)))
    }

    private func withFile<R>(_ body: (String) throws -> R) throws -> R {
      var template = Array("/tmp/qrepl-saved-XXXXXX".utf8CString)
      guard mkdtemp(&template) != nil else { throw TorchError.runtime("no temporary folder") }
      let folder = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
      defer {
        unlink(folder + "/temp.p")
        rmdir(folder)
      }
      return try body(folder + "/temp.p")
    }

    private func fixture(_ name: String, file: String = #filePath) throws -> [UInt8] {
      let tests = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
      return try ByteSource(path: "\(tests)/SerializationTests/Fixtures/\(name)").withBytes { Array($0) }
    }

    @Test func recipesFilesArePyTorchs() throws {
      let (float, quantized) = try models()
      // >>> "bytes on disk 4479 3455"
      for (model, name, count) in [(float, "float/temp.p", 4479), (quantized, "quantized/temp.p", 3455)] {
        let saved = try withFile { path in
          try Checkpoint.save(.object(model.stateDict()), to: path)
          return try ByteSource(path: path).withBytes { Array($0) }
        }
        #expect(saved.count == count)
        #expect(try saved == fixture(name), "\(name)")
      }
    }

    @Test func quantizedLinearsAreSavedAsPyTorchDoes() throws {
      Generator.default.manualSeed(29592)
      let model = try DynamicQuantization.quantize(
        Sequential([try Linear(4, 3), LayerFamily.make("ReLU"), try Linear(3, 2)]), QConfigSpec(.none, dtype: .qint8))
      try withFile { path in
        try Checkpoint.save(.object(model.stateDict()), to: path)
        #expect(try ByteSource(path: path).withBytes { Array($0) } == fixture("linears/temp.p"))
        guard case .object(let object) = try Checkpoint.load(from: path), let state = object as? OrderedDict else {
          Issue.record("a state dict loads as one")
          return
        }
        #expect(try model.loadStateDict(state).description == "<All keys matched successfully>")
      }
    }

    @Test(arguments: [DType.qint8, .float16]) func quantizedModelsComeBack(dtype: DType) throws {
      QuantizedClasses.register()
      let (_, model) = try models(dtype)
      let (_, other) = try models(dtype)
      let (lstm, fresh) = (try model.submodule("lstm"), try other.submodule("lstm"))
      guard let lstm = lstm as? DynamicQuantizedLSTM, let fresh = fresh as? DynamicQuantizedLSTM else {
        Issue.record("the LSTM is quantized")
        return
      }
      try withFile { path in
        try Checkpoint.save(.object(model.stateDict()), to: path)
        guard case .object(let object) = try Checkpoint.load(from: path), let state = object as? OrderedDict else {
          Issue.record("a state dict loads as one")
          return
        }
        #expect(try other.loadStateDict(state).description == "<All keys matched successfully>")
        // The other holds the loaded cells, and they are the same weights.
        #expect(fresh.allWeightValues[0].param !== lstm.allWeightValues[0].param)
        #expect(fresh.allWeightValues[0].param.inputWeight.bias?.isParameter == true)
        let x = try Tensor(uninitialized: [3, 1, 8], dtype: .float32).normal(0, 1, nil)
        func output(_ module: Module) throws -> [Float] {
          guard case .tuple(let parts) = try module.call([.object(x)]), case .object(let object)? = parts.first, let y = object as? Tensor else { return [] }
          return try y.floatElements
        }
        #expect(try output(lstm) == output(fresh))
        // Saved again it is the same file.
        let before = try ByteSource(path: path).withBytes { Array($0) }
        try Checkpoint.save(.object(other.stateDict()), to: path)
        #expect(try ByteSource(path: path).withBytes { Array($0) } == before)
      }
    }

    @Test func hostilePackedWeights() throws {
      QuantizedClasses.register()
      // A vast matrix that is one byte, a state of another shape, and a cell of one weight.
      let vast = Tensor(storage: try Storage(byteCount: 1), sizes: [1 << 25, 1 << 25], strides: [0, 0], dtype: .qint8)
      vast.quantizer = .perTensorAffine(scale: 1, zeroPoint: 0)
      for (name, state) in [
        (PackedLinearParams.className, Value.tuple([.object(vast), .none])), (PackedLinearParams.className, .tuple([.none, .none])),
        (PackedLinearParams.className, .integer(1)), (CellParams.className, .tuple([.string("quantized_dynamic")])),
      ] {
        try withFile { path in
          try Checkpoint.save(.object(Described(name, state)), to: path)
          #expect(throws: TorchError.runtime("the state of a \(name) is malformed")) { try Checkpoint.load(from: path) }
        }
      }
    }
  }
}

/// A TorchScript object of any class with any state.
private final class Described: PickleRepresentable {
  let (name, state): (String, Value)
  init(_ name: String, _ state: Value) { (self.name, self.state) = (name, state) }
  func pickled(by pickler: inout TensorPickler) throws -> PickleValue { try pickler.scriptObject(className: name, state: state) }
}
