import CKernels
import Interface
import TensorCore

/// The gradients of one direction of one LSTM layer in float32, back through all steps.
public struct LSTMDirectionBackward {
  /// A dense matrix whose rows are `stride` floats apart.
  public struct Rows {
    /// The first row's first element.
    public var pointer: UnsafeMutablePointer<Float>
    /// The step from row to row, in elements.
    public var stride: Int
    /// Rows that begin at `pointer`.
    public init(_ pointer: UnsafeMutablePointer<Float>, _ stride: Int) {
      self.pointer = pointer
      self.stride = stride
    }
  }

  /// The layer's sizes.
  public var shape: LSTMShape
  /// Whether the layer goes from the last step to the first.
  public var reverse: Bool
  /// Dense weights as the layer has them.
  public var ih, hh: UnsafePointer<Float>
  /// The projection's weight; nil where there is none.
  public var hr: UnsafePointer<Float>?
  /// What the forward pass read and gave; states nil for zero.
  public var x: UnsafePointer<Float>
  /// The states it began with; nil for zero.
  public var h0, c0: UnsafePointer<Float>?
  /// The results of all steps.
  public var out: Rows
  /// What the forward pass kept.
  public var kept: UnsafePointer<Float>
  /// Gradients of the results; nil for zero.
  public var outGradient: Rows?
  /// Gradients of the final states; nil for zero.
  public var hnGradient, cnGradient: UnsafePointer<Float>?

  /// What the forward pass read, gave and kept, and the gradients of its results.
  public init(
    _ shape: LSTMShape, reverse: Bool, ih: UnsafePointer<Float>, hh: UnsafePointer<Float>, hr: UnsafePointer<Float>?,
    x: UnsafePointer<Float>, h0: UnsafePointer<Float>?, c0: UnsafePointer<Float>?, out: Rows, kept: UnsafePointer<Float>,
    outGradient: Rows?, hnGradient: UnsafePointer<Float>?, cnGradient: UnsafePointer<Float>?
  ) {
    self.shape = shape
    self.reverse = reverse
    self.ih = ih
    self.hh = hh
    self.hr = hr
    self.x = x
    self.h0 = h0
    self.c0 = c0
    self.out = out
    self.kept = kept
    self.outGradient = outGradient
    self.hnGradient = hnGradient
    self.cnGradient = cnGradient
  }

  /// Where the gradients go; nil where one is not wanted. All are dense and overwritten, but `x` is added to where `addX`.
  public struct Targets {
    /// Where each gradient goes.
    public var x, h0, c0, ih, hh, hr, bias: UnsafeMutablePointer<Float>?
    /// Whether the input's gradient is added to what is there.
    public var addX = false
    public init() {}
  }

  /// Computes the gradients that are wanted.
  public func run(_ targets: Targets) throws {
    let (T, B, H, P, I) = (shape.steps, shape.batch, shape.hidden, shape.state, shape.input)
    if B == 0 || T == 0 { return zero(targets) }
    let gates = kept
    let cells = kept + shape.rows * 4 * H
    let size = shape.rows * 4 * H + (shape.projection > 0 ? shape.rows * P : 0) + B * (P + 3 * H)
    let work = UnsafeMutablePointer<Float>.allocate(capacity: size)
    defer { work.deallocate() }
    let dGates = work
    let dProjected = work + shape.rows * 4 * H
    let dh = dProjected + (shape.projection > 0 ? shape.rows * P : 0)
    let dc = dh + B * P
    let dHidden = dc + B * H
    let tanhC = dHidden + B * H
    for i in 0..<(B * P) { dh[i] = hnGradient?[i] ?? 0 }
    for i in 0..<(B * H) { dc[i] = cnGradient?[i] ?? 0 }

    // Steps multiply small matrices by the same weights again and again: packed once.
    let hhTurned = try LSTMDirectionBackward.turned(hh, rows: 4 * H, columns: P)
    let hrTurned = try hr.map { try LSTMDirectionBackward.turned($0, rows: P, columns: H) }
    // A row of the batch needs nothing of the others, so each thread goes through all steps with rows of its own.
    Threads.run(B, grain: max(1, (1 << 20) / max(T * 4 * H * P, 1))) { part in
      let (first, count) = (part.lowerBound, part.count)
      let (dh, dc) = (dh + first * P, dc + first * H)
      for s in stride(from: T - 1, through: 0, by: -1) {
        let t = reverse ? T - 1 - s : s
        let row = t * B + first
        if let outGradient {
          for b in 0..<count {
            let gradient = outGradient.pointer + (row + b) * outGradient.stride
            for j in 0..<P { dh[b * P + j] += gradient[j] }
          }
        }
        var dState = UnsafePointer(dh)
        if let hrTurned {
          (dProjected + row * P).update(from: dh, count: count * P)
          qk_f32_gemm(count, H, P, dh, P, hrTurned.pointer, nil, dHidden + first * H, H, false)
          dState = UnsafePointer(dHidden + first * H)
        }
        let previous: UnsafePointer<Float>? = s == 0 ? c0.map { $0 + first * H } : cells + ((reverse ? t + 1 : t - 1) * B + first) * H
        qk_tanh_f32(count * H, cells + row * H, tanhC + first * H)
        step(gates + row * 4 * H, dGates + row * 4 * H, dState, dc, tanhC + first * H, previous, rows: count)
        qk_f32_gemm(count, P, 4 * H, dGates + row * 4 * H, 4 * H, hhTurned.pointer, nil, dh, P, false)
      }
    }
    targets.h0?.update(from: dh, count: B * P)
    targets.c0?.update(from: dc, count: B * H)
    if let target = targets.x, I > 0 {
      try MatrixProduct.float(
        m: shape.rows, n: I, k: 4 * H, dGates, lda: 4 * H, aT: false, ih, ldb: I, bT: false, target, ldc: I, accumulate: targets.addX)
    }
    if let target = targets.ih, I > 0 {
      try MatrixProduct.float(
        m: 4 * H, n: I, k: shape.rows, dGates, lda: 4 * H, aT: true, x, ldb: I, bT: false, target, ldc: I, accumulate: false)
    }
    if let target = targets.hh { try recurrentGradient(dGates, target) }
    if let target = targets.bias {
      target.update(repeating: 0, count: 4 * H)
      for r in 0..<shape.rows {
        let row = dGates + r * 4 * H
        for j in 0..<(4 * H) { target[j] += row[j] }
      }
    }
    if let target = targets.hr {
      let unprojected = cells + shape.rows * H
      try MatrixProduct.float(
        m: P, n: H, k: shape.rows, dProjected, lda: P, aT: true, unprojected, ldb: H, bT: false, target, ldc: H, accumulate: false)
    }
  }

  /// A dense matrix packed so that rows are multiplied by it as it stands, not by its transpose.
  private static func turned(_ matrix: UnsafePointer<Float>, rows: Int, columns: Int) throws -> PackedMatrix {
    let turned = UnsafeMutablePointer<Float>.allocate(capacity: max(rows * columns, 1))
    defer { turned.deallocate() }
    // By blocks, so that both sides stay in the cache.
    for r in stride(from: 0, to: rows, by: 16) {
      for c in stride(from: 0, to: columns, by: 16) {
        for j in c..<min(c + 16, columns) { for i in r..<min(r + 16, rows) { turned[j * rows + i] = matrix[i * columns + j] } }
      }
    }
    return try PackedMatrix(turned, n: columns, k: rows, stride: rows)
  }

  /// One step: from the gradients of state and cell to those of the four gates before their activation and of the cell before.
  private func step(
    _ gates: UnsafePointer<Float>, _ dGates: UnsafeMutablePointer<Float>, _ dState: UnsafePointer<Float>,
    _ dc: UnsafeMutablePointer<Float>, _ tanhC: UnsafePointer<Float>, _ previous: UnsafePointer<Float>?,
    rows: Int
  ) {
    let H = shape.hidden
    for b in 0..<rows {
      let (g, d, at) = (gates + b * 4 * H, dGates + b * 4 * H, b * H)
      for j in 0..<H {
        let (i, f, c, o) = (g[j], g[H + j], g[2 * H + j], g[3 * H + j])
        let (grad, t) = (dState[at + j], tanhC[at + j])
        let cell = dc[at + j] + grad * o * (1 - t * t)
        d[j] = cell * c * i * (1 - i)
        d[H + j] = cell * (previous?[at + j] ?? 0) * f * (1 - f)
        d[2 * H + j] = cell * i * (1 - c * c)
        d[3 * H + j] = grad * t * o * (1 - o)
        dc[at + j] = cell * f
      }
    }
  }

  /// dGatesᵀ times the states that went into each step.
  private func recurrentGradient(_ dGates: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>) throws {
    let (T, B, H, P) = (shape.steps, shape.batch, shape.hidden, shape.state)
    let inner = (T - 1) * B
    // Each step's gates meet the output of the step before it: both lists, shifted by one step.
    let gates = reverse ? dGates : dGates + B * 4 * H
    let states = reverse ? out.pointer + B * out.stride : out.pointer
    if inner > 0 {
      try MatrixProduct.float(
        m: 4 * H, n: P, k: inner, gates, lda: 4 * H, aT: true, states, ldb: out.stride, bT: false, target, ldc: P, accumulate: false)
    } else {
      target.update(repeating: 0, count: 4 * H * P)
    }
    guard let h0 else { return }
    let first = reverse ? dGates + (T - 1) * B * 4 * H : dGates
    try MatrixProduct.float(m: 4 * H, n: P, k: B, first, lda: 4 * H, aT: true, h0, ldb: P, bT: false, target, ldc: P, accumulate: true)
  }

  private func zero(_ targets: Targets) {
    let (H, P, I) = (shape.hidden, shape.state, shape.input)
    if !targets.addX { targets.x?.update(repeating: 0, count: shape.rows * I) }
    for i in 0..<(shape.batch * P) { targets.h0?[i] = hnGradient?[i] ?? 0 }
    for i in 0..<(shape.batch * H) { targets.c0?[i] = cnGradient?[i] ?? 0 }
    targets.ih?.update(repeating: 0, count: 4 * H * I)
    targets.hh?.update(repeating: 0, count: 4 * H * P)
    targets.hr?.update(repeating: 0, count: P * H)
    targets.bias?.update(repeating: 0, count: 4 * H)
  }
}
