import CKernels
import Glibc
import Interface
import TensorCore

/// A float32 weight in the order in which the kernels read it.
public final class PackedMatrix {
  let pointer: UnsafeMutablePointer<Float>

  /// Packs `n` rows of `k` floats, `stride` apart.
  public init(_ weight: UnsafePointer<Float>, n: Int, k: Int, stride: Int) throws {
    let bytes = max(qk_f32_packed_size(n, k) * MemoryLayout<Float>.size, 64)
    var p: UnsafeMutableRawPointer?
    if posix_memalign(&p, 64, bytes) != 0 { p = nil }
    guard let p else { throw TorchError.runtime("DefaultCPUAllocator: can't allocate memory: you tried to allocate \(bytes) bytes.") }
    pointer = p.bindMemory(to: Float.self, capacity: bytes / MemoryLayout<Float>.size)
    if n > 0 && k > 0 { qk_f32_pack(n, k, weight, stride, pointer) }
  }

  deinit { free(pointer) }
}

/// Memory that a layer uses again at every call; grows as needed.
public final class Scratch {
  /// The packed bytes; nil where there are none.
  public private(set) var pointer: UnsafeMutableRawPointer?
  private var capacity = 0

  public init() {}
  deinit { free(pointer) }

  /// At least `byteCount` bytes, 64-byte aligned, with whatever they hold.
  /// - Throws: a `RuntimeError` when the system has not that much memory.
  @inline(__always)
  public func reserve(_ byteCount: Int) throws -> UnsafeMutableRawPointer {
    if byteCount <= capacity, let pointer { return pointer }
    return try grow(byteCount)
  }

  /// Gives memory of more than so many bytes back.
  func trim(above limit: Int) {
    if capacity <= limit { return }
    free(pointer)
    pointer = nil
    capacity = 0
  }

  private func grow(_ byteCount: Int) throws -> UnsafeMutableRawPointer {
    free(pointer)
    pointer = nil
    capacity = 0
    if posix_memalign(&pointer, 64, max(byteCount, 64)) != 0 { pointer = nil }
    guard let pointer else {
      throw TorchError.runtime("DefaultCPUAllocator: can't allocate memory: you tried to allocate \(byteCount) bytes.")
    }
    capacity = byteCount
    return pointer
  }
}

/// The sizes of one LSTM layer: T steps of B rows, `input` and `hidden` features, the state projected to `projection` of them (0: not).
public struct LSTMShape {
  /// Steps, rows, features in, features out, and features after the projection (0: none).
  public var steps, batch, input, hidden, projection: Int
  /// The sizes given one by one.
  public init(steps: Int, batch: Int, input: Int, hidden: Int, projection: Int) {
    self.steps = steps
    self.batch = batch
    self.input = input
    self.hidden = hidden
    self.projection = projection
  }
  /// The features of the recurrent state.
  @inline(__always) public var state: Int { projection > 0 ? projection : hidden }
  /// All rows of the input.
  @inline(__always) public var rows: Int { steps * batch }
  /// Floats of gates, cells and (with projection) unprojected states that the backward pass needs for one direction.
  public var keptCount: Int { rows * hidden * (projection > 0 ? 6 : 5) }
}

/// One direction of one LSTM layer in float32.
public struct LSTMDirection {
  /// Packed weights; `hr` only with projection.
  public var ih, hh: PackedMatrix
  /// The projection's weight; nil where there is none.
  public var hr: PackedMatrix?
  /// Biases of 4 · hidden, or nil.
  public var ihBias, hhBias: UnsafePointer<Float>?
  /// The weights and biases of one layer and direction.
  public init(ih: PackedMatrix, hh: PackedMatrix, hr: PackedMatrix?, ihBias: UnsafePointer<Float>?, hhBias: UnsafePointer<Float>?) {
    self.ih = ih
    self.hh = hh
    self.hr = hr
    self.ihBias = ihBias
    self.hhBias = hhBias
  }

  /// Runs all steps. `x` is dense [T, B, input]; rows of `out` are `outStride` floats apart; states are dense.
  /// `kept`, where given, has room for `keptCount` floats that the backward pass reads.
  @inline(__always)
  public func run(
    _ shape: LSTMShape, x: UnsafePointer<Float>, h0: UnsafePointer<Float>, c0: UnsafePointer<Float>,
    out: UnsafeMutablePointer<Float>, outStride: Int, hn: UnsafeMutablePointer<Float>, cn: UnsafeMutablePointer<Float>,
    kept: UnsafeMutablePointer<Float>?, scratch: Scratch, reverse: Bool
  ) throws {
    var s = qk_lstm_shape(
      steps: shape.steps, batch: shape.batch, input: shape.input, hidden: shape.hidden, projection: shape.projection)
    var weights = qk_lstm_weights_f32(
      ih: ih.pointer, hh: hh.pointer, hr: UnsafePointer(hr?.pointer), b_ih: ihBias, b_hh: hhBias)
    let cells = kept.map { $0 + shape.rows * shape.hidden * 4 }
    var io = qk_lstm_io(
      x: x, ldx: shape.input, h0: h0, c0: c0, out: out, ldout: outStride, hn: hn, cn: cn, gates: kept, cells: cells,
      unprojected: shape.projection > 0 ? cells.map { $0 + shape.rows * shape.hidden } : nil,
      scratch: try scratch.reserve(qk_lstm_scratch_f32(&s)), reverse: reverse)
    qk_lstm_layer_f32(&s, &weights, &io, UInt32(Threads.count))
  }
}
