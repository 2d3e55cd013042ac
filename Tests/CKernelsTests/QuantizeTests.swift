import CKernels
import Testing

extension Kernels {
  @Suite struct Quantize {
    @Test func rangesGivePyTorchsScaleAndZeroPoint() throws {
      for record in try FixtureRecords("ranges.txt").records {
        let x = record.floats("x")
        let scales = try #require(record.array("scale", of: Double.self))
        let zeroPoints = try #require(record.array("zero_point", of: Int32.self))
        for i in scales.indices {
          var (low, high, scale, zeroPoint) = (Float.nan, Float.nan, 0.0, Int32.min)
          let row = Array(x[(i / 2 * 6)..<(i / 2 * 6 + 6)])
          qk_minmax_f32(6, row, &low, &high)
          #expect(low == row.min() && high == row.max())
          #expect(qk_choose_qparams(low, high, 0, 255, false, false, i % 2 == 1, &scale, &zeroPoint) == QK_OK)
          #expect(scale == scales[i] && zeroPoint == zeroPoints[i], "\(record.name) \(row)")
        }
      }
    }

    @Test func badRangesAreRefused() {
      var (scale, zeroPoint) = (0.0, Int32(0))
      #expect(qk_choose_qparams(1, -1, 0, 255, false, false, false, &scale, &zeroPoint) == QK_BAD_RANGE)
      #expect(qk_choose_qparams(.nan, 1, 0, 255, false, false, false, &scale, &zeroPoint) == QK_BAD_RANGE)
      #expect(qk_choose_qparams(0, 1, 7, 7, false, false, false, &scale, &zeroPoint) == QK_BAD_LEVELS)
    }

    @Test func sparsityPreservingRangesAreSymmetric() {
      // quant_utils::ChooseQuantizationParams by hand: max_scale = max(|-1 / -128|, |3 / 127|), both ends scaled by it.
      var (scale, zeroPoint) = (0.0, Int32(0))
      #expect(qk_choose_qparams(-1, 3, -128, 127, true, false, false, &scale, &zeroPoint) == QK_OK)
      let most = Double(Float(3) / 127)
      #expect(scale == (Double(Float(most * 127)) - Double(Float(most * -128))) / 255)
      #expect(zeroPoint == 0)
      #expect(qk_choose_qparams(-1, 3, 0, 255, false, true, false, &scale, &zeroPoint) == QK_OK)
      // 1 / 2^floor(log2(255 / 4)).
      #expect(scale == 1.0 / 32)
      #expect(zeroPoint == 32)
    }

    @Test func aNaNCountsWhereFbgemmCountsIt() {
      onEach { set in
        var (low, high): (Float, Float) = (0, 0)
        // Eight lanes: a later number in the same lane replaces a NaN, the comparison after them ignores it.
        var x = (0..<24).map { Float($0) }
        x[3] = .nan
        qk_minmax_f32(x.count, x, &low, &high)
        #expect(low == 0 && high == 23, "\(set)")
        x[3] = 3
        x[19] = .nan
        qk_minmax_f32(x.count, x, &low, &high)
        #expect(low == 0 && high == 23, "\(set)")
        qk_minmax_f32(2, [.nan, 1], &low, &high)
        #expect(low.isNaN && high.isNaN, "\(set)")
        qk_minmax_f32(2, [1, .nan], &low, &high)
        #expect(low == 1 && high == 1, "\(set)")
      }
    }

    @Test func nothingHasTheRangeZero() {
      var (low, high): (Float, Float) = (1, 1)
      qk_minmax_f32(0, nil, &low, &high)
      #expect(low == 0 && high == 0)
    }

    @Test func everyLengthAndPlaceIsSeen() {
      for n in 1..<70 {
        onEach { set in
          for place in 0..<n {
            var (low, high): (Float, Float) = (0, 0)
            var x = [Float](repeating: 1, count: n)
            x[place] = -5
            qk_minmax_f32(n, x, &low, &high)
            #expect(low == -5 && high == (n == 1 ? -5 : 1), "\(set) \(n) \(place)")
            x[place] = 9
            qk_minmax_f32(n, x, &low, &high)
            #expect(high == 9 && low == (n == 1 ? 9 : 1), "\(set) \(n) \(place)")
          }
        }
      }
    }

    @Test func valuesQuantizeAsInPyTorch() throws {
      for record in try FixtureRecords("quantize.txt").records {
        let (x, scale, zeroPoints) = (record.floats("x"), record.floats("scale")[0], record[integers: "zero_points"])
        onEach { set in
          var (u, s) = ([UInt8](repeating: 99, count: x.count + 1), [Int8](repeating: 99, count: x.count + 1))
          qk_quantize_u8(x.count, x, scale, Int32(zeroPoints[0]), &u)
          qk_quantize_s8(x.count, x, scale, Int32(zeroPoints[1]), &s)
          #expect(Array(u.dropLast()) == record.array("u8", of: UInt8.self), "\(set) \(record.name)")
          #expect(Array(s.dropLast()) == record.array("s8", of: Int8.self), "\(set) \(record.name)")
          #expect(u.last == 99 && s.last == 99)
        }
      }
    }

    func onEach(_ body: (String) -> Void) {
      _ = Kernels.onEachSet { body(String(cString: qk_isa_name(qk_isa_active()))) }
    }
  }
}
