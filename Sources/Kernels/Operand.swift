import TensorCore

/// One tensor as a loop sees it: where its first element is, of what type, and the steps between elements.
public struct Operand {
  /// The first element.
  public var pointer: UnsafeMutableRawPointer
  /// The element type.
  public var dtype: DType
  /// Steps in elements for each dimension of the loop (0 where broadcast).
  public var strides: Dims

  /// An operand that begins at `pointer`, with steps in elements.
  public init(_ pointer: UnsafeMutableRawPointer, _ dtype: DType, _ strides: Dims) {
    self.pointer = pointer
    self.dtype = dtype
    self.strides = strides
  }
}

/// Walks the elements of up to four operands of one shape in strips along the innermost dimension.
public struct Strips {
  /// A strip: where each operand stands (an offset in elements) is in `offsets`.
  public let length: Int
  /// The step between two elements of a strip, for each operand.
  public let steps: InlineArray<4, Int>
  private var sizes: [Int] = []
  private var strides: [InlineArray<4, Int>] = []

  /// Merges dimensions that every operand walks evenly, so that strips are as long as can be.
  public init(sizes shape: Dims, operands: [Dims]) {
    var sizes: [Int] = []
    var strides: [InlineArray<4, Int>] = []
    for d in stride(from: shape.count - 1, through: 0, by: -1) where shape[d] != 1 {
      var step = InlineArray<4, Int>(repeating: 0)
      for (k, operand) in operands.enumerated() { step[k] = operand[d] }
      if let last = sizes.indices.last {
        var even = true
        for k in 0..<4 where step[k] != strides[last][k] * sizes[last] { even = false }
        if even {
          sizes[last] *= shape[d]
          continue
        }
      }
      sizes.append(shape[d])
      strides.append(step)
    }
    if sizes.isEmpty {
      length = 1
      steps = InlineArray(repeating: 1)
    } else {
      length = sizes[0]
      steps = strides[0]
      self.sizes = Array(sizes.dropFirst())
      self.strides = Array(strides.dropFirst())
    }
  }

  /// Calls `body` with the operands' offsets of each strip.
  @inline(__always)
  public func forEach(_ body: (InlineArray<4, Int>) throws -> Void) rethrows {
    if length == 0 || sizes.contains(0) { return }
    var offsets = InlineArray<4, Int>(repeating: 0)
    if sizes.isEmpty { return try body(offsets) }
    var index = Array(repeating: 0, count: sizes.count)
    while true {
      try body(offsets)
      var d = 0
      while true {
        index[d] += 1
        for k in 0..<4 { offsets[k] += strides[d][k] }
        if index[d] < sizes[d] { break }
        for k in 0..<4 { offsets[k] -= strides[d][k] * sizes[d] }
        index[d] = 0
        d += 1
        if d == sizes.count { return }
      }
    }
  }
}
