extension MaxPooling {
  /// Pools planes of `height` × `width` by windows of 2 × 2 that lie side by side; rows and columns that make no whole window stay out.
  public static func pairs(
    planes: Int, _ height: Int, _ width: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ index: UnsafeMutablePointer<Int>
  ) {
    let (rows, columns) = (height / 2, width / 2)
    Threads.run(planes * rows, grain: max(1, Threads.grain / max(columns, 1))) { part in
      for r in part {
        let (plane, row) = r.quotientAndRemainder(dividingBy: rows)
        pairs(row * 2 * width, width, x + plane * height * width, y + r * columns, index + r * columns)
      }
    }
  }

  /// One row of windows, of which the first begins at `start`.
  private static func pairs(_ start: Int, _ width: Int, _ plane: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ index: UnsafeMutablePointer<Int>) {
    let columns = width / 2
    let (upper, lower) = (UnsafeRawPointer(plane + start), UnsafeRawPointer(plane + start + width))
    var j = 0
    var places = SIMD4<Int32>(0, 2, 4, 6) &+ Int32(truncatingIfNeeded: start)
    while j + 4 <= columns {
      let above = upper.loadUnaligned(fromByteOffset: j * 8, as: SIMD8<Float>.self)
      let below = lower.loadUnaligned(fromByteOffset: j * 8, as: SIMD8<Float>.self)
      var (best, place) = (above.evenHalf, places)
      // As a window is read: what is greater takes the place of what came before, and NaN does always.
      func take(_ x: SIMD4<Float>, _ step: Int32) {
        let wins = (x .> best) .| (x .!= x)
        best.replace(with: x, where: wins)
        place.replace(with: places &+ step, where: wins)
      }
      take(above.oddHalf, 1)
      take(below.evenHalf, Int32(truncatingIfNeeded: width))
      take(below.oddHalf, Int32(truncatingIfNeeded: width + 1))
      UnsafeMutableRawPointer(y + j).storeBytes(of: best, as: SIMD4<Float>.self)
      UnsafeMutableRawPointer(index + j).storeBytes(of: SIMD4<Int>(truncatingIfNeeded: place), as: SIMD4<Int>.self)
      places &+= 8
      j += 4
    }
    while j < columns {
      var place = start + 2 * j
      for other in [place + 1, place + width, place + width + 1] where plane[other] > plane[place] || plane[other] != plane[other] { place = other }
      y[j] = plane[place]
      index[j] = place
      j += 1
    }
  }
}
