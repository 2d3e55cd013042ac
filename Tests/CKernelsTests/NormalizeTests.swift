import CKernels
import Testing

extension Kernels {
  @Suite struct Normalize {
    @Test(arguments: [1, 7, 8, 15, 16, 33, 500]) func isTheSameOnEachSet(_ n: Int) {
      var numbers = Numbers(state: UInt64(n))
      let (g, x, w, b) = (numbers.floats(n), numbers.floats(n), numbers.floats(n), numbers.floats(n))
      for (weight, bias) in [(w, b), (w, nil), (nil, b), (nil, nil)] as [([Float]?, [Float]?)] {
        sameOnEachSet("\(n)") {
          var (y, slopes, added, sums) = ([Float](repeating: 0, count: n), [Float](repeating: 0, count: n), w, b)
          var dots = [0.0, 0.0]
          func call(_ w: UnsafePointer<Float>?, _ b: UnsafePointer<Float>?) {
            qk_normalize_f32(n, x, w, b, 0.25, 1.5, &y)
            qk_row_slopes_f32(n, g, w, x, 0.5, 0.3, 0.1, &slopes)
            qk_dots_f32(n, g, w, x, 0.125, &dots)
          }
          switch (weight, bias) {
          case (let w?, let b?): call(w, b)
          case (let w?, nil): call(w, nil)
          case (nil, let b?): call(nil, b)
          case (nil, nil): call(nil, nil)
          }
          qk_row_weights_f32(n, g, x, 0.25, 1.5, &added, &sums)
          var exact = 0.0
          for i in 0..<n {
            let gradient = Double(g[i]) * Double(weight?[i] ?? 1)
            exact += gradient * (Double(x[i]) - 0.125)
          }
          #expect((dots[1] - exact).magnitude < 1e-9)
          return [y, slopes, added, sums, dots.map { Float($0) }].flatMap { $0 }
        }
      }
    }

    @Test func columnsAreTheSameOnEachSet() {
      var numbers = Numbers(state: 5)
      let (rows, columns) = (9, 37)
      let (g, x, a, b) = (numbers.floats(rows * columns), numbers.floats(rows * columns), numbers.floats(columns), numbers.floats(columns))
      sameOnEachSet("columns") {
        var (y, z) = ([Float](repeating: 0, count: rows * columns), [Float](repeating: 0, count: rows * columns))
        var (sums, dots, squares) = ([Double](repeating: 0, count: columns), [Double](repeating: 0, count: columns), [Double](repeating: 0, count: columns))
        qk_affine_columns_f32(rows, columns, columns, x, &y, a, b)
        qk_combine_columns_f32(rows, columns, columns, g, x, &z, a, b, a)
        qk_dot_columns_f32(rows, columns, columns, g, x, a, &sums, &dots)
        qk_square_columns_f32(rows, columns, x, columns, sums, &squares)
        #expect(y[columns + 2] == x[columns + 2] * a[2] + b[2])
        return [y, z].flatMap { $0 } + [sums, dots, squares].flatMap { $0 }.map { Float($0) }
      }
    }

    @Test func normalSamplesAreTheSameOnEachSet() {
      var numbers = Numbers(state: 6)
      var samples = (0..<4096).map { _ in Float(numbers.bits() & 0xff_ffff) * 0x1p-24 }
      for i in 0..<64 { samples[i] = Float(i % 8) / 8 }
      let normal = sameOnEachSet("Box-Muller") {
        var x = samples
        qk_box_muller_f32(x.count / 16, &x, 0.5, 2)
        return x
      }
      let mean = normal.dropFirst(64).reduce(0, +) / Float(normal.count - 64)
      #expect((mean - 0.5).magnitude < 0.2)
    }
  }
}
