import Interface
import Quantization
import TensorCore
import Testing
import Torch

extension QuantizationTests {
  @Suite struct QuantizedTensorTests {
    @Test func perTensorGivesPyTorchsIntegers() throws {
      let all = try records("per_tensor")
      #expect(all.count == 27)
      for record in all {
        let dtype = try #require(record[0].dtype)
        let scale = try #require(record[1].doubles.first)
        let zero = try #require(Int(record[2]))
        let x = record[3].floats
        let q = try Tensor.floats(x, [x.count]).quantizedPerTensor(scale: scale, zeroPoint: zero, dtype: dtype)
        let place = "\(record[0]) \(scale) \(zero)"
        let integers = try q.integerRepresentation()
        #expect(integers.dtype == dtype.underlying)
        #expect(integers.integerElements == record[4].integers, "\(place)")
        #expect(sameBits(try q.dequantized().floatElements, record[5].floats), "\(place)")
      }
    }

    @Test func perChannelGivesPyTorchsIntegers() throws {
      let all = try records("per_channel")
      #expect(all.count == 18)
      for record in all {
        let dtype = try #require(record[0].dtype)
        let axis = try #require(Int(record[2]))
        let q = try Tensor.floats(record[5].floats, record[1].sizes).quantizedPerChannel(
          scales: .vector(record[3].doubles, dtype: .float64), zeroPoints: .vector(record[4].integers), axis: axis, dtype: dtype)
        let place = "\(record[0]) \(record[1]) axis \(axis)"
        #expect(try q.integerRepresentation().integerElements == record[6].integers, "\(place)")
        #expect(sameBits(try q.dequantized().floatElements, record[7].floats), "\(place)")
        #expect(try q.scheme() === QScheme.perChannelAffine)
      }
    }

    @Test func dynamicRangesArePyTorchs() throws {
      for record in try records("dynamic") {
        let dtype = try #require(record[0].dtype)
        let x = record[2].floats
        let q = try Tensor.floats(x, [x.count]).quantizedDynamically(dtype: dtype, reduceRange: record[1] == "1")
        guard case .perTensorAffine(let scale, let zero)? = q.quantizer else {
          Issue.record("not quantized per tensor")
          continue
        }
        #expect(scale == record[3].doubles[0])
        #expect(zero == Int(record[4]))
        #expect(try q.integerRepresentation().integerElements == record[5].integers)
      }
    }

    @Test func viewsAreQuantizedInTheirOwnOrder() throws {
      let x = try Tensor.floats([1, 2, 3, 4, 5, 6], [2, 3])
      let q = try x.transpose(0, 1).quantizedPerTensor(scale: 1, zeroPoint: 0, dtype: .qint8)
      #expect(try q.integerRepresentation().integerElements == [1, 4, 2, 5, 3, 6])
      #expect(try q.transpose(0, 1).dequantized().floatElements == [1, 2, 3, 4, 5, 6])
      #expect(try q.select(0, 1).dequantized().floatElements == [2, 5])
      let turned = try x.transpose(0, 1)
      #expect(
        try turned.quantizedDynamically(dtype: .quint8, reduceRange: false).dequantized().floatElements
          == turned.denseCopy().quantizedDynamically(dtype: .quint8, reduceRange: false).dequantized().floatElements)
    }

    @Test func integersAreTakenAsTheyAre() throws {
      let integers = try Tensor.vector([1.0, 2.0], dtype: .int8)
      let q = try integers.reinterpretedPerTensor(scale: 0.5, zeroPoint: 1)
      #expect(q.dtype == .qint8)
      #expect(try q.dequantized().floatElements == [0, 0.5])
      #expect(throws: TorchError.runtime("Creation of quantized tensor requires quantized dtype like torch.quint8")) {
        try Tensor.vector([1.0], dtype: .int16).reinterpretedPerTensor(scale: 1, zeroPoint: 0)
      }
    }

    @Test func floatsPassDequantize() throws {
      let x = try Tensor.floats([1, 2], [2])
      #expect(try x.dequantized() === x)
      #expect(try x.denseCopy(.float16).dequantized().dtype == .float32)
    }

    @Test func mistakesGetPyTorchsSentences() throws {
      let x = try Tensor.floats([1, 2, 3, 4, 5, 6], [2, 3])
      func expect(_ message: String, _ body: () throws -> Tensor) { #expect(throws: TorchError.runtime(message)) { try body() } }
      expect("quantize_tensor_per_tensor_affine zero_point 256 is above upper bound.") { try x.quantizedPerTensor(scale: 1, zeroPoint: 256, dtype: .quint8) }
      expect("quantize_tensor_per_tensor_affine zero_point -1 is below lower bound.") { try x.quantizedPerTensor(scale: 1, zeroPoint: -1, dtype: .quint8) }
      expect("Quantize only works on Float Tensor, got Double") { try x.denseCopy(.float64).quantizedPerTensor(scale: 1, zeroPoint: 0, dtype: .qint8) }
      expect("ScalarType Char is not supported in new_qtensor.") { try x.quantizedPerTensor(scale: 1, zeroPoint: 0, dtype: .int8) }
      let (two, zeros) = (try Tensor.vector([1.0, 2.0]), try Tensor.vector([0, 0]))
      expect("length of scales must equal to channel, expected 3 got, 2") { try x.quantizedPerChannel(scales: two, zeroPoints: zeros, axis: 1, dtype: .qint8) }
      expect("Channel axis out of range in per channel affine quantization. Got: 2Expected: [0, 2)") { try x.quantizedPerChannel(scales: two, zeroPoints: zeros, axis: 2, dtype: .qint8) }
      expect("number of elements in scales and zero_points must match") { try x.quantizedPerChannel(scales: two, zeroPoints: .vector([0]), axis: 0, dtype: .qint8) }
      expect("scale tensor must have dimension 1") { try x.quantizedPerChannel(scales: x, zeroPoints: zeros, axis: 0, dtype: .qint8) }
      expect("quantize_tensor_per_channel_affine zero_point 200 is above upper bound.") { try x.quantizedPerChannel(scales: two, zeroPoints: .vector([0, 200]), axis: 0, dtype: .qint8) }
      expect("dtype QInt32not supported") { try x.quantizedDynamically(dtype: .qint32, reduceRange: true) }
      #expect(throws: TorchError.self) { try x.integerRepresentation() }
      #expect(throws: TorchError.self) { try x.scheme() }
    }

    @Test func everySchemaIsSound() {
      for family in quantizationFamilies { #expect(family.mistakes.isEmpty, "\(family.namespace): \(family.mistakes)") }
      for family in quantizedLayerFamilies {
        #expect(family.mistakes.isEmpty, "\(family.mistakes)")
        #expect(!family.layers.isEmpty)
      }
      #expect(Set(quantizationConstants.map(\.name)).count == quantizationConstants.count)
    }
  }
}
