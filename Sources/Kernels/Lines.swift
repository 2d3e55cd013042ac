import TensorCore

/// The lines of a dense tensor along one of its dimensions: where each begins, and the step between its elements.
public struct Lines {
  /// How many lines there are.
  public let count: Int
  /// How many elements each has.
  public let length: Int
  /// The step between two elements of a line.
  public let step: Int

  /// The lines along dimension `d`; a tensor without dimensions is one line of one element.
  public init(_ sizes: Dims, along d: Int) {
    length = sizes.isEmpty ? 1 : sizes[d]
    step = sizes.isEmpty ? 1 : sizes[(d + 1)...].reduce(1, *)
    count = sizes.isEmpty ? 1 : sizes[..<d].reduce(1, *) * step
  }

  /// Where line `i` begins, in elements.
  @inlinable
  @inline(__always)
  public func start(_ i: Int) -> Int { (i / step) * length * step + i % step }
}
