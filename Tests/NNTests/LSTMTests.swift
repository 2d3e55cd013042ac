import Interface
import NN
import TensorCore
import Testing
import Torch

extension NNTests {
  /// Fixtures/NN/lstm*.txt hold results and gradients of PyTorch's layer for weights drawn from the same seed.
  @Suite struct LSTMTests {
    @Test func resultsAndGradientsAreThoseOfPyTorch() throws {
      let cases = try FixtureCase.read("lstm.txt")
      #expect(cases.count == 15)
      for fixture in cases {
        let o = fixture.integers("sizes")
        let dtype: DType = fixture.text("dtype") == "float64" ? .float64 : .float32
        let limit = dtype == .float64 ? 1e-12 : 3e-6
        Generator.default.manualSeed(7)
        let layer = try LSTM(
          o[0], o[1], numLayers: o[2], bias: o[3] == 1, batchFirst: o[4] == 1, dropout: fixture.doubles("dropout")[0],
          bidirectional: o[5] == 1, projSize: o[6], dtype: dtype)
        #expect(layer.description == fixture.text("repr"))
        for (name, weight) in layer.namedParameters() { #expect(distance(weight, fixture, name) == 0, "\(fixture) \(name)") }
        let shape = fixture.integers("shape")
        let x = try randn(Dims(shape), dtype)
        try x.setRequiresGrad(true)
        var state: (Tensor, Tensor)?
        if fixture.integers("given") == [1] {
          let lead = [o[2] * (o[5] + 1)] + (shape.count == 2 ? [] : [shape[o[4] == 1 ? 0 : 1]])
          let given = (try randn(Dims(lead + [o[6] > 0 ? o[6] : o[1]]), dtype), try randn(Dims(lead + [o[1]]), dtype))
          try given.0.setRequiresGrad(true)
          try given.1.setRequiresGrad(true)
          state = given
        }
        let (out, h, c) = try layer.run(x, state)
        #expect([out, h, c].map { $0.gradFn?.name ?? "None" }.joined(separator: " ") == fixture.text("names"), "\(fixture)")
        try Backward.run([out, h, c], gradients: [waves(out), waves(h, 1), waves(c, 2)])
        for (key, tensor) in [("out", out), ("h", h), ("c", c), ("x.grad", x.grad)] {
          #expect(distance(tensor, fixture, key) < limit, "\(fixture) \(key)")
        }
        if let state {
          #expect(distance(state.0.grad, fixture, "h0.grad") < limit, "\(fixture) h0")
          #expect(distance(state.1.grad, fixture, "c0.grad") < limit, "\(fixture) c0")
        }
        for (name, weight) in layer.namedParameters() {
          #expect(distance(weight.grad, fixture, name + ".grad") < limit, "\(fixture) \(name).grad")
        }
        let quiet = try GradMode.with(false) { () -> Tensor in
          // Dropout draws again, so only without it the results must be the same bits.
          try layer.run(x, state).0
        }
        #expect(quiet.gradFn == nil)
        if fixture.doubles("dropout") == [0] { #expect(try quiet.equals(out.detached()), "\(fixture)") }
      }
    }

    @Test func secondDerivativesAreThoseOfPyTorch() throws {
      let fixture = try FixtureCase.read("lstm_second.txt")[0]
      Generator.default.manualSeed(3)
      let layer = try LSTM(2, 3, bidirectional: true)
      let x = try randn([3, 2, 2])
      try x.setRequiresGrad(true)
      let (out, h, c) = try layer.run(x)
      let total = try out.mul(out).sum().add(h.sum()).add(c.sum())
      let first = try #require(try Backward.gradients(of: [total], inputs: [x], createGraph: true)[0])
      #expect(distance(first, fixture, "first") < 3e-6)
      try Backward.run([first.mul(first).sum()])
      #expect(distance(x.grad, fixture, "x.grad") < 1e-5)
      for (name, weight) in layer.namedParameters() { #expect(distance(weight.grad, fixture, name + ".grad") < 1e-5, "\(name)") }
    }

    @Test func wrongInputsGetPyTorchsSentences() throws {
      let layer = try LSTM(3, 4)
      func fed(_ sizes: Dims, _ h: Dims? = nil, _ c: Dims? = nil, _ dtype: DType = .float32) -> String {
        message {
          let state = try h.map { (try Tensor.zeros($0), try Tensor.zeros(c ?? $0)) }
          _ = try layer.run(.zeros(sizes, dtype: dtype), state)
        }
      }
      #expect(fed([3]) == "ValueError: LSTM: Expected input to be 2D or 3D, got 1D instead")
      #expect(fed([1, 2, 3, 4]) == "ValueError: LSTM: Expected input to be 2D or 3D, got 4D instead")
      #expect(fed([5, 2, 7]) == "RuntimeError: input.size(-1) must be equal to input_size. Expected 3, got 7")
      #expect(fed([5, 2, 3], [1, 3, 4], [1, 2, 4]) == "RuntimeError: Expected hidden[0] size (1, 2, 4), got [1, 3, 4]")
      #expect(fed([5, 2, 3], [1, 2, 4], [1, 2, 5]) == "RuntimeError: Expected hidden[1] size (1, 2, 4), got [1, 2, 5]")
      #expect(fed([5, 2, 3], [2, 4]) == "RuntimeError: For batched 3-D input, hx and cx should also be 3-D but got (2-D, 2-D) tensors")
      #expect(fed([5, 3], [1, 1, 4]) == "RuntimeError: For unbatched 2-D input, hx and cx should also be 2-D but got (3-D, 3-D) tensors")
      #expect(
        fed([5, 2, 3], nil, nil, .float64)
          == "ValueError: RNN input dtype (torch.float64) does not match weight dtype (torch.float32). Convert input: input.to(torch.float32), or convert model: model.to(torch.float64)")
      #expect(fed([0, 2, 3]) == "RuntimeError: Expected sequence length to be larger than 0 in RNN")
      #expect(fed([5, 0, 3]) == "")
      #expect(message { _ = try layer.call([]) } == "TypeError: LSTM.forward() missing 1 required positional argument: 'input'")
      #expect(message { _ = try LSTM(3, 0) } == "ValueError: hidden_size must be greater than zero")
      #expect(message { _ = try LSTM(3, 4, projSize: 4) } == "ValueError: proj_size has to be smaller than hidden_size")
      #expect(message { _ = try LSTM(0, 4) } == "ValueError: input_size must be greater than zero")
    }

    @Test func aChangedWeightIsSeen() throws {
      let layer = try LSTM(3, 4)
      let x = try randn([2, 1, 3])
      func result() throws -> Tensor { try GradMode.with(false) { try layer.run(x).0 } }
      let before = try result()
      try GradMode.with(false) { _ = try layer.tensor("weight_ih_l0").fill(.double(0.5)) }
      let inPlace = try result()
      #expect(try !inPlace.equals(before))
      try layer.setAttribute("weight_ih_l0", .object(Tensor.parameter(.zeros([16, 3]))))
      #expect(try !result().equals(inPlace))
      try layer.to(.float64)
      #expect(throws: TorchError.self) { try layer.run(x) }
      try layer.to(.float32)
      // A plain attribute stands before the parameter, as pruning puts it.
      let zeroed = try result()
      layer.attributes["weight_ih_l0"] = .object(try Tensor.ones([16, 3]))
      let pruned = try result()
      #expect(try !pruned.equals(zeroed))
      layer.attributes["weight_ih_l0"] = .object(try Tensor.ones([16, 2]))
      #expect(message { _ = try layer.run(x) } == "RuntimeError: LSTM: weight_ih_l0 has shape [16, 2], expected [16, 3]")
    }
  }
}
