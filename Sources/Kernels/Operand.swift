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
  /// The dimensions around a strip, innermost first.
  public let outer: [Outer]

  /// A dimension around strips.
  public struct Outer {
    /// How often the loop goes round.
    public var size: Int
    /// The step in elements of each operand.
    public var strides: InlineArray<4, Int>
  }

  /// Merges dimensions that every operand walks evenly, so that strips are as long as can be.
  public init(sizes shape: Dims, operands: [Dims]) {
    var length = 1
    var steps = InlineArray<4, Int>(repeating: 1)
    var outer: [Outer] = []
    var any = false
    for d in stride(from: shape.count - 1, through: 0, by: -1) where shape[d] != 1 {
      var step = InlineArray<4, Int>(repeating: 0)
      for k in operands.indices { step[k] = operands[k][d] }
      if !any {
        (length, steps, any) = (shape[d], step, true)
        continue
      }
      let (size, last) = outer.last.map { ($0.size, $0.strides) } ?? (length, steps)
      var even = true
      for k in 0..<4 where step[k] != last[k] * size { even = false }
      if !even {
        outer.append(Outer(size: shape[d], strides: step))
      } else if outer.isEmpty {
        length *= shape[d]
      } else {
        outer[outer.count - 1].size *= shape[d]
      }
    }
    self.length = length
    self.steps = steps
    self.outer = outer
  }

  /// How many strips there are.
  public var count: Int {
    var count = 1
    for dimension in outer { count *= dimension.size }
    return length == 0 ? 0 : count
  }

  /// Calls `body` with the operands' offsets of each strip.
  @inline(__always)
  public func forEach(_ body: (InlineArray<4, Int>) throws -> Void) rethrows {
    if length == 0 { return }
    if outer.isEmpty { return try body(InlineArray(repeating: 0)) }
    try walk(0..<count, body)
  }

  /// Calls `body` with the offsets of a strip or of a part of one, and the part's length; at once on several threads where
  /// there is much to do.
  @inlinable
  public func inParallel(_ body: (InlineArray<4, Int>, Int) -> Void) {
    if length == 0 { return }
    if outer.isEmpty {
      Threads.run(length) { part in
        var at = InlineArray<4, Int>(repeating: 0)
        for k in 0..<4 { at[k] = part.lowerBound * steps[k] }
        body(at, part.count)
      }
    } else {
      Threads.run(count, grain: max(1, Threads.grain / length)) { part in walk(part) { body($0, length) } }
    }
  }

  /// The strips of these numbers, in order.
  @inlinable
  func walk(_ range: Range<Int>, _ body: (InlineArray<4, Int>) throws -> Void) rethrows {
    if range.isEmpty { return }
    var offsets = InlineArray<4, Int>(repeating: 0)
    let first = outer[0]
    if outer.count == 1 {
      for k in 0..<4 { offsets[k] = range.lowerBound * first.strides[k] }
      for _ in range {
        try body(offsets)
        for k in 0..<4 { offsets[k] += first.strides[k] }
      }
      return
    }
    var index = Array(repeating: 0, count: outer.count)
    var rest = range.lowerBound
    for d in outer.indices {
      index[d] = rest % outer[d].size
      rest /= outer[d].size
      for k in 0..<4 { offsets[k] += index[d] * outer[d].strides[k] }
    }
    for _ in range {
      try body(offsets)
      var d = 0
      while d < index.count {
        index[d] += 1
        for k in 0..<4 { offsets[k] += outer[d].strides[k] }
        if index[d] < outer[d].size { break }
        for k in 0..<4 { offsets[k] -= outer[d].strides[k] * outer[d].size }
        index[d] = 0
        d += 1
      }
    }
  }
}
