import Interface
import NN
import TensorCore
import Testing
import Torch

extension NNTests {
  /// Fixtures/NN/functions.txt and init.txt hold PyTorch's values, gradients and names of nodes.
  @Suite struct FunctionTests {
    private func value(_ name: String, _ x: Tensor, _ fixture: FixtureCase) throws -> Tensor {
      let words = name.split(separator: " ").map(String.init)
      let last = words.last ?? ""
      func target() throws -> Tensor {
        let integers = !fixture.has("target.grad")
        return try fixture.tensor("target", integers ? .int64 : .float32)
      }
      switch words[0] {
      case "softmax", "log_softmax": return try Functional.softmax(x, Int(last) ?? 1, log: words[0] == "log_softmax")
      case "nll_loss": return try Functional.nllLoss(x, target(), reduction: last)
      case "cross_entropy", "positions": return try Functional.crossEntropy(x, target(), reduction: last)
      case "one": return try Functional.crossEntropy(x, target())
      case "weighted": return try Functional.crossEntropy(x, target(), weight: fixture.tensor("weight"), ignoring: 4, reduction: last)
      case "smoothed":
        return try Functional.crossEntropy(x, target(), weight: fixture.tensor("weight"), ignoring: 0, reduction: last, smoothing: 0.2)
      case "embedding": return try Functional.embedding(target(), x, padding: last == "padded" ? 2 : nil)
      case "dropout":
        Generator.default.manualSeed(5)
        return try Functional.dropout(x, 0.3, training: true)
      default: throw TorchError.runtime("no function for \(name)")
      }
    }

    @Test func valuesAndGradientsAreThoseOfPyTorch() throws {
      for fixture in try FixtureCase.read("functions.txt") {
        let x = try fixture.tensor("x")
        try x.setRequiresGrad(true)
        var others: [(String, Tensor)] = []
        func other(_ key: String) throws -> Tensor {
          let t = try fixture.tensor(key)
          try t.setRequiresGrad(true)
          others.append((key, t))
          return t
        }
        let kind = fixture.name.split(separator: " ")
        let y: Tensor
        switch kind[0] {
        case "mse_loss": y = try Functional.mseLoss(x, other("target"), reduction: String(kind[1]))
        case "probabilities": y = try Functional.crossEntropy(x, other("target"), reduction: String(kind[1]))
        case "linear": y = try x.linear(other("w"), other("b"))
        default: y = try value(fixture.name, x, fixture)
        }
        #expect(distance(y, fixture, "y") < 2e-6, "\(fixture)")
        // Probabilities and smoothing are sums of several nodes, whose last is not PyTorch's.
        if !["probabilities", "smoothed"].contains(kind[0]) { #expect(y.gradFn?.name == fixture.text("node"), "\(fixture)") }
        try Backward.run([y], gradients: [waves(y)])
        for (key, tensor) in [("x", x)] + others { #expect(distance(tensor.grad, fixture, key + ".grad") < 3e-6, "\(fixture) \(key).grad") }
      }
    }

    @Test func wrongArgumentsGetPyTorchsSentences() throws {
      let x = try randn([2, 3])
      func labels(_ values: [Int]) throws -> Tensor { try .vector(values) }
      #expect(message { _ = try Functional.softmax(x, 2) } == "IndexError: Dimension out of range (expected to be in range of [-2, 1], but got 2)")
      #expect(message { _ = try Functional.crossEntropy(x, labels([0, 3])) } == "IndexError: Target 3 is out of bounds.")
      #expect(message { _ = try Functional.crossEntropy(x, labels([0, 1, 2])) } == "ValueError: Expected input batch_size (2) to match target batch_size (3).")
      #expect(message { _ = try Functional.mseLoss(x, x, reduction: "foo") } == "ValueError: foo is not a valid value for reduction")
      #expect(message { _ = try Functional.dropout(x, 2, training: true) } == "ValueError: dropout probability has to be between 0 and 1, but got 2.0")
      #expect(message { _ = try Functional.embedding(labels([2]), x) } == "IndexError: index out of range in self")
      #expect(message { _ = try Functional.embedding(labels([-1]), x) } == "IndexError: index out of range in self")
      #expect(
        message { _ = try Functional.embedding(x, x) }
          == "RuntimeError: Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got torch.FloatTensor instead (while checking arguments for embedding)")
      #expect(message { _ = try Embedding(3, 2, padding: 3) } == "AssertionError: Padding_idx must be within num_embeddings")
      #expect(try Functional.crossEntropy(x, labels([-100, -100])).item().doubleValue.isNaN)
    }

    @Test func initializersDrawAsPyTorch() throws {
      let cases = Dictionary(uniqueKeysWithValues: try FixtureCase.read("init.txt").map { ($0.name, $0) })
      func drawn(_ name: String, _ fill: (Tensor) throws -> Void) throws {
        let fixture = try #require(cases[name])
        Generator.default.manualSeed(13)
        let x = try Tensor(uninitialized: Dims(fixture.integers("y.shape")), dtype: .float32)
        try fill(x)
        #expect(distance(x, fixture, "y") == 0, "\(name)")
      }
      try drawn("kaiming_uniform") { try Initialize.kaimingUniform($0, nonlinearity: "relu") }
      try drawn("kaiming_normal") { try Initialize.kaimingNormal($0, mode: "fan_out") }
      try drawn("xavier_uniform") { try Initialize.xavierUniform($0, gain: 2) }
      try drawn("xavier_normal") { try Initialize.xavierNormal($0) }
      try drawn("uniform") { try Initialize.uniform($0, -2, 3) }
      try drawn("normal") { try Initialize.normal($0, 1, 2) }
      Generator.default.manualSeed(13)
      let layer = try Linear(3, 4)
      let linear = try #require(cases["linear"])
      #expect(distance(try layer.tensor("weight"), linear, "weight") == 0)
      #expect(distance(try layer.tensor("bias"), linear, "bias") == 0)
      Generator.default.manualSeed(13)
      #expect(distance(try Embedding(5, 3, padding: -2).tensor("weight"), try #require(cases["embedding"]), "weight") == 0)
      #expect(message { try Initialize.kaimingUniform(.zeros([3])) } == "ValueError: Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    }
  }
}
