extension Generator {
  /// Sizes from here on draw 64 bits a step, as 32 would favour some elements.
  private static let wideSize = Int(UInt32.max / 20)

  /// `randperm(n)`: the integers 0..<n of `output.count == n` in random order.
  ///
  /// The caller has checked that the type holds n - 1.
  @_specialize(where T == Int64)
  @_specialize(where T == Int32)
  public func fillPermutation<T: RandomScalar>(_ output: UnsafeMutableBufferPointer<T>) {
    let count = output.count
    if count < Self.wideSize {
      for index in 0..<count { output[index] = T(integerSample: Int64(index)) }
      guard count > 1 else { return }
      for index in 0..<(count - 1) {
        output.swapAt(index, index + Int(engine.draw() % UInt32(count - index)))
      }
    } else {
      for index in 0..<count {
        let other = Int(random64() % UInt64(index + 1))
        output[index] = T(integerSample: Int64(index))
        output.swapAt(index, other)
      }
    }
  }
}
