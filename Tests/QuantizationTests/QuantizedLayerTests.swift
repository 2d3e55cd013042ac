import Interface
import NN
import Quantization
import TensorCore
import Testing
import Torch

extension QuantizationTests {
  @Suite struct QuantizedLayerTests {
    private func config(_ label: String) throws -> QConfig {
      switch label {
      case "tensor": try .defaultDynamic
      case "channel": try .perChannelDynamic
      default: try .float16Dynamic
      }
    }

    /// Compares a weight with its integers (or floats), scales and zero points.
    private func check(_ weight: Tensor, _ fields: [String], _ place: String) throws {
      if fields[1] == "-" {
        #expect(weight.dtype == .float32)
        #expect(sameBits(try weight.floatElements, fields[0].floats), "\(place)")
        return
      }
      #expect(try weight.integerRepresentation().integerElements == fields[0].integers, "\(place)")
      switch weight.quantizer {
      case .perTensorAffine(let scale, let zero)?:
        #expect([scale] == fields[1].doubles, "\(place)")
        #expect([zero] == fields[2].integers, "\(place)")
      case .perChannelAffine(let scales, let zeros, let axis)?:
        #expect((0..<scales.count).map { scales.scalar(at: $0).doubleValue } == fields[1].doubles, "\(place)")
        #expect(zeros.integerElements == fields[2].integers, "\(place)")
        #expect(axis == 0)
      case nil: Issue.record("not quantized: \(place)")
      }
    }

    @Test func linearsAreQuantizedAndRunAsPyTorchs() throws {
      let all = try records("linear")
      #expect(all.count == 12)
      for r in all {
        let (n, k, m) = (Int(r[1]) ?? 0, Int(r[2]) ?? 0, Int(r[3]) ?? 0)
        let linear = try Linear(k, n, bias: r[4] == "1")
        linear.parameters["weight"] = try .parameter(.floats(r[5].floats, [n, k]))
        if r[4] == "1" { linear.parameters["bias"] = try .parameter(.floats(r[6].floats, [n])) }
        let q = try DynamicQuantizedLinear.fromFloat(linear, config(r[0]))
        let place = "\(r[0]) \(n)x\(k)"
        try check(q.weight(), Array(r[8...10]), place)
        #expect(try q.bias() === linear.parameters["bias"] ?? nil)
        #expect(q.description == r[12])
        guard case .object(let object) = try q.call([.object(try Tensor.floats(r[7].floats, [m, k]))]), let y = object as? Tensor else {
          Issue.record("no tensor")
          continue
        }
        #expect(y.sizes == [m, n])
        #expect(distance(try y.floatElements, r[11].floats) <= 1e-6, "\(place)")
      }
    }

    @Test func lstmsAreQuantizedAndRunAsPyTorchs() throws {
      var (lstm, x, hidden, cell): (LSTM?, Tensor?, Tensor?, Tensor?)
      var count = 0
      for r in try records("lstm") {
        if r[0] == "model" {
          let (i, h, layers) = (Int(r[1]) ?? 0, Int(r[2]) ?? 0, Int(r[3]) ?? 0)
          let made = try LSTM(i, h, numLayers: layers, batchFirst: r[5] == "1", bidirectional: r[4] == "1")
          let values = r[6].split(separator: ";").map { String($0).floats }
          #expect(values.count == made.parameters.count)
          for (name, value) in zip(made.parameters.keys, values) {
            made.parameters[name] = try .parameter(.floats(value, Array((made.parameters[name] ?? nil)?.sizes ?? [])))
          }
          let sizes = r[7].sizes
          let states = [layers * (r[4] == "1" ? 2 : 1), sizes[r[5] == "1" ? 0 : 1], h]
          lstm = made
          (x, hidden, cell) = (try .floats(r[8].floats, sizes), try .floats(r[9].floats, states), try .floats(r[10].floats, states))
          continue
        }
        count += 1
        guard let lstm, let x, let hidden, let cell else { continue }
        let q = try DynamicQuantizedLSTM.fromFloat(lstm, config(r[0]))
        let place = "\(r[0]) \(r[6])"
        #expect(q.description == r[6])
        let weights = try q.weights().entries.values.compactMap { if case .object(let object) = $0 { object as? Tensor } else { nil } }
        let parts = r[1].split(separator: ";").map { $0.split(separator: "/").map(String.init) }
        #expect(weights.count == parts.count)
        for (weight, part) in zip(weights, parts) { try check(weight, part, place) }
        let result = try q.run(x, (hidden: hidden, cell: cell))
        #expect(distance(try result.output.floatElements, r[2].floats) <= 1e-6, "\(place)")
        #expect(distance(try result.hidden.floatElements, r[3].floats) <= 1e-6, "\(place)")
        #expect(distance(try result.cell.floatElements, r[4].floats) <= 1e-6, "\(place)")
        #expect(distance(try q.run(x, nil).output.floatElements, r[5].floats) <= 1e-6, "\(place)")
      }
      #expect(count == 12)
    }

    @Test func mistakesGetPyTorchsSentences() throws {
      let linear = try DynamicQuantizedLinear.fromFloat(Linear(8, 4), nil)
      let lstm = try DynamicQuantizedLSTM.fromFloat(LSTM(4, 3), nil)
      func zeros(_ sizes: Dims, _ dtype: DType = .float32) throws -> Value { .object(try Tensor.zeros(sizes, dtype: dtype)) }
      func expect(_ message: String, _ m: Module, _ inputs: [Value]) { #expect(throws: TorchError.runtime(message)) { try m.call(inputs) } }
      expect("The number of rows in the packB should be equal to K: 7", linear, [try zeros([5, 7])])
      expect("The dimension of input tensor should be larger than or equal to 2", linear, [try zeros([8])])
      expect("expected scalar type Float but found Double", linear, [try zeros([2, 8], .float64)])
      expect("In ChooseQuantizationParams, min should be less than or equal to max", linear, [.object(try Tensor.full([2, 8], .double(.nan), dtype: .float32))])
      expect("input must have 3 dimensions, got 2", lstm, [try zeros([5, 4])])
      expect("input.size(-1) must be equal to input_size. Expected 4, got 3", lstm, [try zeros([5, 2, 3])])
      expect("Expected hidden[0] size (1, 2, 3), got [1, 2, 4]", lstm, [try zeros([5, 2, 4]), .list([try zeros([1, 2, 4]), try zeros([1, 2, 3])])])
      expect("Expected hidden[1] size (1, 2, 3), got [1, 3, 3]", lstm, [try zeros([5, 2, 4]), .list([try zeros([1, 2, 3]), try zeros([1, 3, 3])])])
      expect("Expected sequence length to be larger than 0 in RNN", lstm, [try zeros([0, 2, 4])])
      expect("expected scalar type Float but found Double", lstm, [try zeros([5, 2, 4], .float64)])
      expect("In ChooseQuantizationParams, min should be less than or equal to max", lstm, [.object(try Tensor.full([5, 2, 4], .double(.nan), dtype: .float32))])
      #expect(try lstm.run(.zeros([5, 0, 4]), nil).output.sizes == [5, 0, 3])
      #expect(throws: TorchError(.assertionError, "mod.bias must be True")) { try DynamicQuantizedLSTM.fromFloat(LSTM(4, 3, bias: false), nil) }
      guard case .object(let empty) = try linear.call([zeros([0, 8])]) else { return }
      #expect((empty as? Tensor)?.sizes == [0, 4])
    }
  }
}
