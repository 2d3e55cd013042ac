import Interface
import NN
import Quantization
import TensorCore
import Testing
import Torch

extension QuantizationTests {
  @Suite struct SpeedTests {
    /// The least time of many calls in microseconds.
    private func least(_ body: () throws -> Void) rethrows -> Double {
      var best = Duration.seconds(1)
      for _ in 0..<2000 { best = try min(best, ContinuousClock().measure { try body() }) }
      return Double(best.components.attoseconds) / 1e12
    }

    /// A small quantized LSTM is no slower than the float one. Both run in a few microseconds, so the limit leaves room for noise.
    @Test func theQuantizedLSTMIsAsFastAsTheFloatOne() throws {
      let float = try LSTM(8, 8)
      let int8 = try DynamicQuantizedLSTM.fromFloat(float, nil)
      let x = Value.object(try Tensor.floats((0..<160).map { Float($0 % 17) / 9 - 1 }, [20, 1, 8]))
      let zeros = Value.object(try Tensor.zeros([1, 1, 8]))
      let inputs = [x, Value.list([zeros, zeros])]
      let (a, b) = try GradMode.with(false) { (try least { _ = try float.call(inputs) }, try least { _ = try int8.call(inputs) }) }
      #expect(b <= a * 1.5, "float \(a) µs, int8 \(b) µs")
      print("LSTM(8, 8) on [20, 1, 8]: float \(a) µs, int8 \(b) µs")
    }
  }
}
