import CKernels

/// One direction of a layer on arrays, with all optional buffers.
struct LstmRun {
  var out: [Float]
  var hn: [Float], cn: [Float]
  var gates: [Float], cells: [Float], unprojected: [Float]

  /// Everything that comes out.
  var all: [Float] { out + hn + cn + gates + cells + unprojected }
}

struct LstmInput {
  var shape: qk_lstm_shape
  var x: [Float], h0: [Float], c0: [Float]
  var reverse = false
  /// Rows of the output are this many floats apart, filled with 7 before.
  var outputStride: Int
  var keep = true

  init(_ shape: [Int], x: [Float], h0: [Float], c0: [Float]) {
    self.shape = qk_lstm_shape(steps: shape[0], batch: shape[1], input: shape[2], hidden: shape[3], projection: shape[4])
    (self.x, self.h0, self.c0) = (x, h0, c0)
    outputStride = shape[4] > 0 ? shape[4] : shape[3]
  }

  /// Runs `layer` with buffers of this shape and a fence behind the scratch; nil where it fails.
  func run(scratch size: Int, _ layer: (UnsafePointer<qk_lstm_shape>, UnsafePointer<qk_lstm_io>) -> qk_status) -> LstmRun? {
    let rows = shape.steps * shape.batch, state = shape.projection > 0 ? shape.projection : shape.hidden
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: size + 64, alignment: 64)
    defer { scratch.deallocate() }
    scratch.initializeMemory(as: UInt8.self, repeating: 0xcc, count: size + 64)
    func empty(_ count: Int) -> [Float] { [Float](repeating: 7, count: count) }
    var result = LstmRun(
      out: empty(rows * outputStride), hn: empty(shape.batch * state), cn: empty(shape.batch * shape.hidden),
      gates: empty(keep ? rows * 4 * shape.hidden : 0), cells: empty(keep ? rows * shape.hidden : 0),
      unprojected: empty(keep && shape.projection > 0 ? rows * shape.hidden : 0))
    let status = x.withUnsafeBufferPointer { x in
      h0.withUnsafeBufferPointer { h0 in
        c0.withUnsafeBufferPointer { c0 in
          result.out.withUnsafeMutableBufferPointer { out in
            result.hn.withUnsafeMutableBufferPointer { hn in
              result.cn.withUnsafeMutableBufferPointer { cn in
                result.gates.withUnsafeMutableBufferPointer { gates in
                  result.cells.withUnsafeMutableBufferPointer { cells in
                    result.unprojected.withUnsafeMutableBufferPointer { unprojected in
                      let io = qk_lstm_io(
                        x: x.baseAddress, ldx: shape.input, h0: h0.baseAddress, c0: c0.baseAddress, out: out.baseAddress,
                        ldout: outputStride, hn: hn.baseAddress, cn: cn.baseAddress, gates: keep ? gates.baseAddress : nil,
                        cells: keep ? cells.baseAddress : nil, unprojected: unprojected.isEmpty ? nil : unprojected.baseAddress,
                        scratch: scratch, reverse: reverse)
                      return withUnsafePointer(to: shape) { shape in withUnsafePointer(to: io) { layer(shape, $0) } }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    precondition((size..<size + 64).allSatisfy { scratch.load(fromByteOffset: $0, as: UInt8.self) == 0xcc })
    return status == QK_OK ? result : nil
  }
}

/// Float weights of one direction, row-major as in PyTorch.
struct LstmFloatWeights {
  var ih: [Float], hh: [Float]
  var hr: [Float]? = nil
  var ihBias: [Float]? = nil
  var hhBias: [Float]? = nil
  var threads: UInt32 = 2

  func run(_ input: LstmInput) -> LstmRun? {
    let shape = input.shape, state = shape.projection > 0 ? shape.projection : shape.hidden
    let ih = Kernels.FloatGemm.pack(ih, n: 4 * shape.hidden, k: shape.input)
    let hh = Kernels.FloatGemm.pack(hh, n: 4 * shape.hidden, k: state)
    let hr = hr.map { Kernels.FloatGemm.pack($0, n: shape.projection, k: shape.hidden) } ?? []
    return ih.withUnsafeBufferPointer { ih in
      hh.withUnsafeBufferPointer { hh in
        hr.withUnsafeBufferPointer { hr in
          (ihBias ?? []).withUnsafeBufferPointer { ihBias in
            (hhBias ?? []).withUnsafeBufferPointer { hhBias in
              let weights = qk_lstm_weights_f32(
                ih: ih.baseAddress, hh: hh.baseAddress, hr: hr.isEmpty ? nil : hr.baseAddress,
                b_ih: self.ihBias == nil ? nil : ihBias.baseAddress, b_hh: self.hhBias == nil ? nil : hhBias.baseAddress)
              let size = withUnsafePointer(to: shape) { qk_lstm_scratch_f32($0) }
              return input.run(scratch: size) { shape, io in
                withUnsafePointer(to: weights) { qk_lstm_layer_f32(shape, $0, io, threads) }
                return QK_OK
              }
            }
          }
        }
      }
    }
  }
}

/// Int8 weights of one direction.
struct LstmInt8Weights {
  var ih: Int8Weight, hh: Int8Weight, ihBias: [Float]?, hhBias: [Float]?
  var reduceRange = true
  var threads: UInt32 = 2

  func run(_ input: LstmInput) -> LstmRun? {
    (ihBias ?? []).withUnsafeBufferPointer { ihBias in
      (hhBias ?? []).withUnsafeBufferPointer { hhBias in
        let weights = qk_lstm_weights_s8(
          ih: ih.raw, hh: hh.raw, b_ih: self.ihBias == nil ? nil : ihBias.baseAddress,
          b_hh: self.hhBias == nil ? nil : hhBias.baseAddress, reduce_range: reduceRange)
        let size = withUnsafePointer(to: input.shape) { qk_lstm_scratch_s8($0) }
        return withExtendedLifetime((ih, hh)) {
          input.run(scratch: size) { shape, io in withUnsafePointer(to: weights) { qk_lstm_layer_s8(shape, $0, io, threads) } }
        }
      }
    }
  }
}
