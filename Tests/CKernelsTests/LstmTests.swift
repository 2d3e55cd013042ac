import CKernels
import Testing

extension Kernels {
  @Suite struct Lstm {
    /// The record's input for direction `d`, with the output interleaved as in a bidirectional layer.
    static func input(_ record: FixtureRecords.Record, direction d: Int) -> LstmInput {
      let shape = record[integers: "shape"]
      let state = shape[4] > 0 ? shape[4] : shape[3]
      func half(_ key: String, _ count: Int) -> [Float] { Array(record.floats(key)[(d * count)..<((d + 1) * count)]) }
      var input = LstmInput(shape, x: record.floats("x"), h0: half("h", shape[1] * state), c0: half("c", shape[1] * shape[3]))
      input.reverse = d == 1
      return input
    }

    /// The largest difference from PyTorch's results of direction `d`.
    static func distance(_ run: LstmRun, _ record: FixtureRecords.Record, direction d: Int) -> Float {
      let shape = record[integers: "shape"]
      let state = shape[4] > 0 ? shape[4] : shape[3], rows = shape[0] * shape[1]
      let out = record.floats("out"), (hn, cn) = (record.floats("hn"), record.floats("cn"))
      var worst: Float = 0
      for row in 0..<rows {
        for j in 0..<state { worst = max(worst, abs(run.out[row * state + j] - out[(row * 2 + d) * state + j])) }
      }
      for i in run.hn.indices { worst = max(worst, abs(run.hn[i] - hn[d * run.hn.count + i])) }
      for i in run.cn.indices { worst = max(worst, abs(run.cn[i] - cn[d * run.cn.count + i])) }
      return worst
    }

    static func floatWeights(_ record: FixtureRecords.Record, direction d: Int) -> LstmFloatWeights {
      LstmFloatWeights(
        ih: record.floats("w_ih\(d)"), hh: record.floats("w_hh\(d)"), hr: record.array("w_hr\(d)", of: Float.self),
        ihBias: record.floats("b_ih\(d)"), hhBias: record.floats("b_hh\(d)"))
    }

    @Test func floatLayersComeNearPyTorchs() throws {
      for record in try FixtureRecords("lstm_f32.txt").records {
        for d in 0..<2 {
          let input = Self.input(record, direction: d), weights = Self.floatWeights(record, direction: d)
          var run: LstmRun?
          sameOnEachSet(record.name) {
            run = weights.run(input)
            return run?.all ?? []
          }
          #expect(Self.distance(try #require(run), record, direction: d) < 1e-6, "\(record.name)")
        }
      }
    }

    @Test func int8LayersComeNearPyTorchs() throws {
      for record in try FixtureRecords("lstm_s8.txt").records {
        let shape = record[integers: "shape"]
        for d in 0..<2 {
          func weight(_ key: String, _ k: Int) throws -> Int8Weight {
            Int8Weight(try #require(record.array("w_\(key)\(d)", of: Int8.self)), n: 4 * shape[3], k: k, scales: record.floats("scale_\(key)\(d)"))
          }
          let weights = LstmInt8Weights(
            ih: try weight("ih", shape[2]), hh: try weight("hh", shape[3]), ihBias: record.floats("b_ih\(d)"),
            hhBias: record.floats("b_hh\(d)"))
          var run: LstmRun?
          sameOnEachSet(record.name) {
            run = weights.run(Self.input(record, direction: d))
            return run?.all ?? []
          }
          #expect(Self.distance(try #require(run), record, direction: d) < 1e-6, "\(record.name)")
        }
      }
    }

    @Test func threadsMakeNoDifference() throws {
      qk_parallel_always(true)
      defer { qk_parallel_always(false) }
      var numbers = Numbers(state: 12)
      for trial in 0..<12 {
        let (steps, batch, size, hidden) = (numbers.integer(1..<7), trial % 3 == 0 ? 3 : 1, numbers.integer(1..<40), [64, 192, 256, 72][trial % 4])
        var input = LstmInput(
          [steps, batch, size, hidden, 0], x: numbers.floats(steps * batch * size), h0: numbers.floats(batch * hidden),
          c0: numbers.floats(batch * hidden))
        input.reverse = trial % 2 == 1
        input.keep = trial % 5 == 0
        var int8 = Self.randomLayer(&numbers, input: size, hidden: hidden, perChannel: trial % 2 == 0, zeroPoint: trial % 4 == 1 ? 3 : nil)
        var float = LstmFloatWeights(
          ih: numbers.floats(4 * hidden * size).map { $0 / 8 }, hh: numbers.floats(4 * hidden * hidden).map { $0 / 8 },
          ihBias: numbers.floats(4 * hidden), hhBias: trial % 2 == 0 ? numbers.floats(4 * hidden) : nil)
        (int8.threads, float.threads) = (1, 1)
        let (alone, floatAlone) = (try #require(int8.run(input)).all, try #require(float.run(input)).all)
        for threads in [2, 3, 9] as [UInt32] {
          (int8.threads, float.threads) = (threads, threads)
          for (set, run) in onEachSet({ int8.run(input) }) { #expect(run?.all == alone, "int8 \(set) \(threads) threads, hidden \(hidden)") }
          for (set, run) in onEachSet({ float.run(input) }) { #expect(run?.all == floatAlone, "float \(set) \(threads) threads, hidden \(hidden)") }
        }
        // A state that is no number stops all threads at the same step.
        input.h0 = input.h0.map { _ in .nan }
        int8.threads = 2
        #expect(int8.run(input) == nil)
      }
    }

    @Test func whatIsKeptIsWhatWasComputed() throws {
      for record in try FixtureRecords("lstm_f32.txt").records {
        var input = Self.input(record, direction: 1)
        let weights = Self.floatWeights(record, direction: 1)
        let run = try #require(weights.run(input))
        let (steps, batch, hidden) = (input.shape.steps, input.shape.batch, input.shape.hidden)
        // h = o tanh(c) and c = f c + i g, from the kept gates and cells, last step first.
        var c = input.c0
        for t in (0..<steps).reversed() {
          for b in 0..<batch {
            for j in 0..<hidden {
              let row = t * batch + b
              let gate = { (g: Int) in run.gates[(row * 4 + g) * hidden + j] }
              c[b * hidden + j] = gate(1) * c[b * hidden + j] + gate(0) * gate(2)
              #expect(run.cells[row * hidden + j] == c[b * hidden + j])
              let h = gate(3) * Activation.apply(qk_tanh_f32, [c[b * hidden + j]])[0]
              #expect(h == (input.shape.projection > 0 ? run.unprojected : run.out)[row * hidden + j])
            }
          }
        }
        #expect(run.cn == c)
        // Keeping them changes nothing, nor does a wider output row.
        input.keep = false
        input.outputStride += 3
        let bare = try #require(weights.run(input))
        #expect(bare.hn == run.hn && bare.cn == run.cn)
        let state = input.outputStride - 3
        for row in 0..<steps * batch {
          #expect(bare.out[(row * (state + 3))..<(row * (state + 3) + state)] == run.out[(row * state)..<((row + 1) * state)])
          #expect(bare.out[(row * (state + 3) + state)..<((row + 1) * (state + 3))].allSatisfy { $0 == 7 })
        }
      }
    }

    /// An int8 layer of random weights.
    static func randomLayer(_ numbers: inout Numbers, input: Int, hidden: Int, perChannel: Bool, zeroPoint: Int32?) -> LstmInt8Weights {
      func weight(_ k: Int, _ zeroPoint: Int32?) -> Int8Weight {
        let count = perChannel ? 4 * hidden : 1
        return Int8Weight(
          numbers.bytes(4 * hidden * k), n: 4 * hidden, k: k, scales: numbers.floats(count).map { (abs($0) + 0.1) / 200 },
          zeroPoints: zeroPoint.map { [Int32](repeating: $0, count: count) }, perChannel: perChannel)
      }
      let ih = weight(input, nil), hh = weight(hidden, zeroPoint)
      let bias = numbers.integer(0..<2) == 0
      return LstmInt8Weights(
        ih: ih, hh: hh, ihBias: bias ? numbers.floats(4 * hidden) : nil, hhBias: bias ? numbers.floats(4 * hidden) : nil,
        reduceRange: numbers.integer(0..<2) == 0)
    }

    /// The layer by its definition: `qk_linear_dynamic_s8` for the input and for each step, and the activations.
    static func inSteps(_ weights: LstmInt8Weights, _ input: LstmInput) -> LstmRun? {
      let (steps, batch, hidden) = (input.shape.steps, input.shape.batch, input.shape.hidden)
      guard let gates = weights.ih.linear(input.x, rows: steps * batch, bias: weights.ihBias, reduceRange: weights.reduceRange)
      else { return nil }
      var (h, c) = (input.h0, input.c0)
      var run = LstmRun(out: [Float](repeating: 0, count: steps * batch * hidden), hn: [], cn: [], gates: gates, cells: [], unprojected: [])
      run.cells = run.out
      for t in input.reverse ? Array((0..<steps).reversed()) : Array(0..<steps) {
        let rows = (t * batch * 4 * hidden)..<((t + 1) * batch * 4 * hidden)
        guard let step = weights.hh.linear(h, rows: batch, bias: weights.hhBias, reduceRange: weights.reduceRange, adding: Array(run.gates[rows]))
        else { return nil }
        let (soft, flat) = (Activation.apply(qk_sigmoid_f32, step), Activation.apply(qk_tanh_f32, step))
        run.gates.replaceSubrange(rows, with: step.indices.map { $0 / hidden % 4 == 2 ? flat[$0] : soft[$0] })
        for i in c.indices {
          let at = rows.lowerBound + i / hidden * 4 * hidden + i % hidden
          c[i] = run.gates[at + hidden] * c[i] + run.gates[at] * run.gates[at + 2 * hidden]
          h[i] = run.gates[at + 3 * hidden] * Activation.apply(qk_tanh_f32, [c[i]])[0]
        }
        run.out.replaceSubrange((t * batch * hidden)..<((t + 1) * batch * hidden), with: h)
        run.cells.replaceSubrange((t * batch * hidden)..<((t + 1) * batch * hidden), with: c)
      }
      (run.hn, run.cn) = (h, c)
      return run
    }

    @Test func int8LayersAreTheirStepsBitForBit() {
      var numbers = Numbers(state: 9)
      for trial in 0..<400 {
        // Small states, which have a way of their own, with one row; and others.
        let (steps, batch) = (numbers.integer(1..<8), trial % 4 == 0 ? numbers.integer(2..<4) : 1)
        let (inputs, hidden) = (numbers.integer(1..<12), trial % 3 == 0 ? numbers.integer(17..<40) : numbers.integer(1..<18))
        let weights = Self.randomLayer(
          &numbers, input: inputs, hidden: hidden, perChannel: trial % 5 == 0, zeroPoint: trial % 7 == 0 ? 3 : nil)
        let size: Float = [1, 1e-5, 1e-20, 100][trial / 2 % 4]
        var input = LstmInput(
          [steps, batch, inputs, hidden, 0], x: numbers.floats(steps * batch * inputs),
          h0: numbers.floats(batch * hidden).map { trial % 6 == 0 ? ($0 * 8).rounded() : $0 * size }, c0: numbers.floats(batch * hidden))
        input.reverse = trial % 2 == 1
        if trial % 5 < 2 { input.h0 = numbers.nearTies(batch * hidden, levels: weights.reduceRange ? 127 : 255) }
        let expected = Self.inSteps(weights, input)
        let all = sameOnEachSet("T \(steps) B \(batch) I \(inputs) H \(hidden)") { weights.run(input)?.all ?? [] }
        #expect(all == expected?.all, "T \(steps) B \(batch) I \(inputs) H \(hidden) \(size)")
      }
    }

    @Test func notANumberIsReported() {
      var numbers = Numbers(state: 10)
      for (hidden, batch) in [(8, 1), (3, 1), (20, 1), (8, 2)] {
        let weights = Self.randomLayer(&numbers, input: 4, hidden: hidden, perChannel: false, zeroPoint: nil)
        var input = LstmInput(
          [3, batch, 4, hidden, 0], x: numbers.floats(12 * batch), h0: numbers.floats(batch * hidden), c0: numbers.floats(batch * hidden))
        for (_, ran) in onEachSet({ weights.run(input) != nil }) { #expect(ran) }
        input.h0[0] = .nan
        for (set, ran) in onEachSet({ weights.run(input) != nil }) { #expect(!ran, "\(set) \(hidden)") }
        input.h0[0] = 0
        input.x[0] = .nan
        for (set, ran) in onEachSet({ weights.run(input) != nil }) { #expect(!ran, "\(set) \(hidden)") }
      }
    }

    @Test func noStepsCopyTheStates() throws {
      let input = LstmInput([0, 2, 3, 5, 0], x: [], h0: (0..<10).map { Float($0) }, c0: (0..<10).map { -Float($0) })
      let weights = LstmFloatWeights(ih: [Float](repeating: 1, count: 60), hh: [Float](repeating: 1, count: 100))
      let run = try #require(weights.run(input))
      #expect(run.hn == input.h0 && run.cn == input.c0 && run.out.isEmpty)
    }

    @Test func statesMayBeUpdatedInPlace() {
      var numbers = Numbers(state: 11)
      let hidden = 6
      let input = LstmInput([4, 2, 3, hidden, 0], x: numbers.floats(24), h0: numbers.floats(12), c0: numbers.floats(12))
      let weights = LstmFloatWeights(ih: numbers.floats(72), hh: numbers.floats(144))
      let run = weights.run(input)
      let (ih, hh) = (FloatGemm.pack(weights.ih, n: 24, k: 3), FloatGemm.pack(weights.hh, n: 24, k: 6))
      var (h, c, out) = (input.h0, input.c0, [Float](repeating: 0, count: 48))
      var scratch = [Float](repeating: 0, count: withUnsafePointer(to: input.shape) { qk_lstm_scratch_f32($0) } / 4)
      ih.withUnsafeBufferPointer { ih in hh.withUnsafeBufferPointer { hh in input.x.withUnsafeBufferPointer { x in
        h.withUnsafeMutableBufferPointer { h in c.withUnsafeMutableBufferPointer { c in out.withUnsafeMutableBufferPointer { out in
          scratch.withUnsafeMutableBytes { scratch in
            var w = qk_lstm_weights_f32(ih: ih.baseAddress, hh: hh.baseAddress, hr: nil, b_ih: nil, b_hh: nil)
            var shape = input.shape
            var io = qk_lstm_io(
              x: x.baseAddress, ldx: 3, h0: h.baseAddress, c0: c.baseAddress, out: out.baseAddress, ldout: hidden, hn: h.baseAddress,
              cn: c.baseAddress, gates: nil, cells: nil, unprojected: nil, scratch: scratch.baseAddress, reverse: false)
            qk_lstm_layer_f32(&shape, &w, &io, 1)
          }
        } } }
      } } }
      #expect(h == run?.hn && c == run?.cn && out == run?.out)
    }
  }
}
