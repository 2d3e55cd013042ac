import Interface
import NN
import Quantization
import TensorCore
import Testing
import Torch

extension QuantizationTests {
  /// The dynamic quantization recipe with seed 29592; what PyTorch 2.x prints for it.
  @Suite struct RecipeTests {
    private static let rows: [(dim: Int, float: String, int8: String, difference: String, percent: String)] = [
      (8, "0.12887", "0.12912", "0.00156", "1.21"),
      (80, "0.11815", "0.11810", "0.00170", "1.44"),
      (256, "0.11729", "0.11730", "0.00192", "1.64"),
      (512, "0.11544", "0.11545", "0.00195", "1.69"),
    ]

    @Test func theDigitsArePyTorchs() throws {
      for row in RecipeTests.rows {
        Generator.default.manualSeed(29592)
        func normal(_ sizes: Dims) throws -> Tensor { try Tensor(uninitialized: sizes, dtype: .float32).normal(0, 1, nil) }
        let inputs = try normal([20, 1, row.dim])
        let state = (hidden: try normal([1, 1, row.dim]), cell: try normal([1, 1, row.dim]))
        let float = Sequential([try LSTM(row.dim, row.dim, numLayers: 1)])
        let int8 = try DynamicQuantization.quantize(float, QConfigSpec(.none, dtype: .qint8))
        func output(_ m: Module) throws -> [Float] {
          let given: [Value] = [.object(inputs), .list([.object(state.hidden), .object(state.cell)])]
          guard case .tuple(let parts) = try m.submodule("0").call(given), case .object(let object)? = parts.first, let y = object as? Tensor else { return [] }
          return try y.floatElements
        }
        let (a, b) = (try output(float), try output(int8))
        #expect(a.count == 20 * row.dim && b.count == a.count)
        func mean(_ values: [Float]) -> Double { values.reduce(0) { $0 + Double(abs($1)) } / Double(values.count) }
        let difference = mean(zip(a, b).map { $0 - $1 })
        #expect(FloatText.fixed(mean(a), precision: 5) == row.float)
        #expect(FloatText.fixed(mean(b), precision: 5) == row.int8)
        #expect(FloatText.fixed(difference, precision: 5) == row.difference)
        #expect(FloatText.fixed(difference / mean(a) * 100, precision: 2) == row.percent)
      }
    }
  }
}
