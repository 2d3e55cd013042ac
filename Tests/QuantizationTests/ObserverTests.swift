import Interface
import Quantization
import TensorCore
import Testing
import Torch

extension QuantizationTests {
  @Suite struct ObserverTests {
    @Test func scalesAndZeroPointsArePyTorchs() throws {
      let all = try records("observers")
      #expect(all.count > 300)
      for record in all {
        let scheme = try #require(QScheme.all.first { $0.name == record[1] })
        let dtype = try #require(record[2].dtype)
        let (low, high, reduce) = (Int(record[4]), Int(record[5]), record[3] == "1")
        let observer: UniformObserver =
          record[0] == "1"
          ? try PerChannelMinMaxObserver(axis: 1, dtype: dtype, scheme: scheme, reduceRange: reduce, quantMin: low, quantMax: high)
          : try MinMaxObserver(dtype: dtype, scheme: scheme, reduceRange: reduce, quantMin: low, quantMax: high)
        for sample in record[6].split(separator: ";") { try observer.observe(.floats(String(sample).floats, [2, 3])) }
        let (scales, zeros) = try observer.calculateQParams()
        let place = record[0...5].joined(separator: " ")
        #expect(sameBits(try scales.floatElements, record[7].floats), "\(place)")
        #expect(zeros.dtype == record[8].dtype, "\(place)")
        #expect(zeros.integerElements == record[9].integers, "\(place)")
        #expect(observer.description == record[10].replacingEscapes, "\(place)")
      }
    }

    @Test func anObserverThatSawNothingGivesOneAndZero() throws {
      for observer in [try MinMaxObserver(), try PerChannelMinMaxObserver()] as [UniformObserver] {
        try observer.observe(.floats([], [0, 3]))
        let (scales, zeros) = try observer.calculateQParams()
        #expect(try scales.floatElements == [1])
        #expect(zeros.integerElements == [0])
      }
      #expect(try MinMaxObserver().description == "MinMaxObserver(min_val=inf, max_val=-inf)")
      #expect(try PerChannelMinMaxObserver().description == "PerChannelMinMaxObserver(min_val=tensor([]), max_val=tensor([]))")
      #expect(PlaceholderObserver(dtype: .float16).description == "PlaceholderObserver(dtype=torch.float16, is_dynamic=False)")
      #expect(throws: TorchError.self) { try NoopObserver().calculateQParams() }
    }

    @Test func nanReachesTheScale() throws {
      let observer = try MinMaxObserver()
      try observer.observe(.floats([1, .nan, 2], [3]))
      #expect(try observer.calculateQParams().scales.floatElements[0].isNaN)
    }

    @Test func configurationsPrintAsPyTorchs() throws {
      let weight = "functools.partial(<class 'torch.ao.quantization.observer.MinMaxObserver'>, dtype=torch.qint8, qscheme=torch.per_tensor_symmetric){}"
      let activation = "functools.partial(<class 'torch.ao.quantization.observer.PlaceholderObserver'>, dtype=torch.quint8, quant_min=0, quant_max=255, is_dynamic=True){}"
      #expect(try QConfig.defaultDynamic.description == "QConfig(activation=\(activation), weight=\(weight))")
    }

    @Test func optionsAreChecked() throws {
      let factory = try ObserverFactory(.minMax, ["dtype": DType.qint8.asValue])
      let narrow = try factory.with(["quant_min": .integer(-4), "quant_max": .integer(3)]).make()
      #expect((narrow as? UniformObserver)?.quantMin == -4)
      #expect(throws: TorchError.type("MinMaxObserver.__init__() got an unexpected keyword argument 'ch_axis'")) { try factory.with(["ch_axis": .integer(1)]) }
      #expect(throws: TorchError(.assertionError, "Used-specified quantization range must include 0.")) { try MinMaxObserver(quantMin: 1, quantMax: 3) }
      #expect(throws: TorchError.self) { try MinMaxObserver(scheme: .perChannelAffine) }
      #expect(throws: TorchError.self) { try PerChannelMinMaxObserver(scheme: .perTensorAffine) }
      #expect(throws: TorchError.self) { try MinMaxObserver(dtype: .float32) }
    }

    @Test func whatWasSeenGoesThroughStateDicts() throws {
      let observer = try PerChannelMinMaxObserver()
      try observer.observe(.floats([1, 2, 3, 4], [2, 2]))
      let other = try PerChannelMinMaxObserver()
      try other.loadStateDict(observer.stateDict())
      #expect(try other.calculateQParams().scales.floatElements == observer.calculateQParams().scales.floatElements)
    }
  }
}

extension String {
  /// With `\n` as the two characters that stand for it turned back.
  fileprivate var replacingEscapes: String {
    var result = ""
    var escaped = false
    for c in self {
      if escaped {
        result.append(c == "n" ? "\n" : c)
        escaped = false
      } else if c == "\\" {
        escaped = true
      } else {
        result.append(c)
      }
    }
    return result
  }
}
