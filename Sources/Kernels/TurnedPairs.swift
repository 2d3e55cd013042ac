import CKernels
import TensorCore

/// Compiled loops of pairs where one operand lies the other way round, as a transpose does: read element by element each would
/// cost a line of the cache, so that operand is turned in pieces that stay there.
enum TurnedPairs {
  /// Rows and columns of a piece.
  private static let (band, width) = (16, 512)

  /// Runs `loops`; false, with nothing done, where the operands lie otherwise.
  static func run(_ loops: PairLoops, _ a: Operand, _ b: Operand, _ out: Operand, _ strips: Strips) -> Bool {
    let size = a.dtype.itemSize
    guard size == 4 || size == 8, strips.length >= 8, let rows = strips.outer.first, rows.size >= 8, strips.steps[2] == 1,
      let side = (0..<2).first(where: { strips.steps[$0] > 1 && rows.strides[$0] == 1 }), case let step = strips.steps[1 - side],
      let loop = step == 1 ? loops.both : step != 0 ? nil : side == 0 ? loops.second : loops.first
    else { return false }
    let (pointers, result) = ([UnsafeRawPointer(a.pointer), UnsafeRawPointer(b.pointer)], out.dtype.itemSize)
    let bands = (rows.size + band - 1) / band
    Threads.run(strips.count / rows.size * bands, grain: max(1, Threads.grain / (band * strips.length))) { part in
      withUnsafeTemporaryAllocation(byteCount: band * width * size, alignment: 64) { piece in
        // unreachable: a temporary allocation of fixed size has an address
        let piece = piece.baseAddress!
        for unit in part {
          let first = unit % bands * band
          var (rest, at) = (unit / bands, rows.strides)
          for k in 0..<4 { at[k] *= first }
          for dimension in strips.outer.dropFirst() {
            for k in 0..<4 { at[k] += rest % dimension.size * dimension.strides[k] }
            rest /= dimension.size
          }
          let height = min(band, rows.size - first)
          for column in stride(from: 0, to: strips.length, by: width) {
            let n = min(width, strips.length - column)
            qk_transpose(size, n, height, pointers[side] + (at[side] + column * strips.steps[side]) * size, strips.steps[side], piece, n)
            for row in 0..<height {
              let turned = UnsafeRawPointer(piece + row * n * size)
              let straight = pointers[1 - side] + (at[1 - side] + row * rows.strides[1 - side] + column * step) * size
              let target = out.pointer + (at[2] + row * rows.strides[2] + column) * result
              loop(n, side == 0 ? turned : straight, side == 0 ? straight : turned, target)
            }
          }
        }
      }
    }
    return true
  }
}
