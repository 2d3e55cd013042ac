import Interface
import NN
import TensorCore
import Testing
import Torch

extension NNTests {
  @Suite struct LayerTests {
    @Test func everySchemaIsWellFormed() {
      for family in nnFamilies + layerFamilies.map(\.operations) {
        #expect(family.mistakes.isEmpty)
        #expect(!family.operations.isEmpty)
        for operation in family.operations { #expect(!operation.doc.isEmpty) }
      }
      for family in layerFamilies { #expect(family.layers.count == family.operations.operations.count) }
    }

    @Test func modelsPrintAsInPyTorch() throws {
      let model = try Sequential([
        Linear(2, 2), Linear(2, 2), LayerFamily.make("ReLU"), Sequential([Linear(2, 2), LayerFamily.make("ReLU", .boolean(true))]), LayerFamily.make("Dropout"),
        LayerFamily.make("Identity"), LayerFamily.make("Tanh"), LayerFamily.make("Sigmoid"), Embedding(3, 4, padding: 1), LayerFamily.make("Flatten"), LayerFamily.make("Softmax", .integer(1)), LayerFamily.make("Softmax"),
        LayerFamily.make("CrossEntropyLoss"),
      ])
      #expect(
        model.description == """
          Sequential(
            (0): Linear(in_features=2, out_features=2, bias=True)
            (1): Linear(in_features=2, out_features=2, bias=True)
            (2): ReLU()
            (3): Sequential(
              (0): Linear(in_features=2, out_features=2, bias=True)
              (1): ReLU(inplace=True)
            )
            (4): Dropout(p=0.5, inplace=False)
            (5): Identity()
            (6): Tanh()
            (7): Sigmoid()
            (8): Embedding(3, 4, padding_idx=1)
            (9): Flatten(start_dim=1, end_dim=-1)
            (10): Softmax(dim=1)
            (11): Softmax(dim=None)
            (12): CrossEntropyLoss()
          )
          """)
      #expect(ModuleList().description == "ModuleList()")
      let list = ModuleList([try Linear(1, 1), try Linear(1, 1), try Linear(1, 1), try LayerFamily.make("ReLU")])
      #expect(list.description == "ModuleList(\n  (0-2): 3 x Linear(in_features=1, out_features=1, bias=True)\n  (3): ReLU()\n)")
      list.insert(try LayerFamily.make("Tanh"), at: -1)
    try list.append(LayerFamily.make("Sigmoid"))
    #expect(list.children.map(\.typeName) == ["Linear", "Linear", "Linear", "Tanh", "ReLU", "Sigmoid"])
    #expect(try ModuleDict(["a": LayerFamily.make("ReLU")]).description == "ModuleDict(\n  (a): ReLU()\n)")
      #expect(
        try LSTM(3, 4, numLayers: 2, bias: false, batchFirst: true, dropout: 0.5, bidirectional: true, projSize: 2).description
          == "LSTM(3, 4, proj_size=2, num_layers=2, bias=False, batch_first=True, dropout=0.5, bidirectional=True)")
    }

    @Test func layersCompute() throws {
      let x = try randn([3, 2])
      func run(_ layer: Module, _ inputs: Tensor...) throws -> Tensor {
        guard case .object(let y) = try layer.call(inputs.map { .object($0) }), let y = y as? Tensor else { throw TorchError.type("no tensor") }
        return y
      }
      #expect(try run(LayerFamily.make("Identity"), x) === x)
      #expect(try run(LayerFamily.make("Tanh"), x).equals(x.tanh()))
      #expect(try run(Sequential([LayerFamily.make("Tanh"), LayerFamily.make("Sigmoid")]), x).equals(x.tanh().sigmoid()))
      let dropout = try LayerFamily.make("Dropout")
      let dropped = try run(dropout, x.add(.wrapped(.double(5))))
      for i in 0..<6 {
        let (before, after) = (x.scalar(at: i).doubleValue + 5, dropped.scalar(at: i).doubleValue)
        #expect(after == 0 || abs(after - 2 * before) < 1e-5)
      }
      try dropout.eval()
      #expect(try run(dropout, x) === x)
      #expect(try run(LayerFamily.make("Flatten", .integer(0)), x).sizes == [6])
      let loss = try LayerFamily.make("MSELoss")
      #expect(try run(loss, x, x).item() == Scalar.double(0))
      #expect(message { _ = try run(loss, x) } == "TypeError: MSELoss.forward() missing 1 required positional argument: 'target'")
      #expect(message { _ = try run(Module(), x) } == "NotImplementedError: Module [Module] is missing the required \"forward\" function")
      #expect(message { _ = try run(try Linear(2, 3), x, x) } == "TypeError: Linear.forward() takes 2 positional arguments but 3 were given")
      #expect(message { _ = try run(try Linear(4, 3), x) } == "RuntimeError: addmm: mat1 and mat2 shapes cannot be multiplied (3x2 and 4x3)")
      #expect(message { _ = try run(try Linear(2, 3), x.to(.float64)) } == "RuntimeError: mat1 and mat2 must have the same dtype, but got Double and Float")
      #expect(message { _ = try ModuleList([dropout]).module(at: 3) } == "IndexError: index 3 is out of range")
      #expect(message { _ = try LayerFamily.make("Dropout", .integer(2)) } == "ValueError: dropout probability has to be between 0 and 1, but got 2")
    }

    @Test func stateComesBackFromCopies() throws {
      let layers: [Module] = try [
        LayerFamily.make("ReLU", .boolean(true)), LayerFamily.make("Dropout", .number(0.3)), Embedding(4, 2, padding: 1), LayerFamily.make("Softmax", .integer(0)), LayerFamily.make("LogSoftmax", .integer(1)), LayerFamily.make("Flatten"), LayerFamily.make("MSELoss", .none, .none, .string("sum")),
      ]
      for layer in layers {
        let copy = try layer.deepCopy()
        #expect(copy.description == layer.description && type(of: copy) == type(of: layer))
        #expect(copy.parameters.keys == layer.parameters.keys)
      }
    }
  }
}
