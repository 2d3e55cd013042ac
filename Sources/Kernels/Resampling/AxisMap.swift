import TensorCore

/// A linear function along one dimension: each output is a weighted sum of a few inputs.
public struct AxisMap: Sendable {
  /// The size of the dimension before and after.
  public let inputSize, outputSize: Int
  /// Output j sums entries starts[j] ..< starts[j + 1].
  private let starts: [Int]
  private let places: [Int]
  private let weights: [Double]

  /// For each output its inputs and their weights.
  public init(inputSize: Int, outputs: [[(place: Int, weight: Double)]]) {
    self.inputSize = inputSize
    outputSize = outputs.count
    var starts = [0]
    starts.reserveCapacity(outputs.count + 1)
    var places: [Int] = []
    var weights: [Double] = []
    for entries in outputs {
      for entry in entries {
        places.append(entry.place)
        weights.append(entry.weight)
      }
      starts.append(places.count)
    }
    self.starts = starts
    self.places = places
    self.weights = weights
  }

  /// The map that gathers one input for each output; nil gives zero.
  public init(inputSize: Int, gathering places: [Int?]) {
    self.init(inputSize: inputSize, outputs: places.map { $0.map { [($0, 1)] } ?? [] })
  }

  /// The map that sums windows of inputs, given as ranges.
  public init(inputSize: Int, summing windows: [Range<Int>]) {
    self.init(inputSize: inputSize, outputs: windows.map { $0.map { ($0, 1) } })
  }

  /// The map that carries gradients of outputs to inputs.
  public var transposed: AxisMap {
    var rows = Array(repeating: [(place: Int, weight: Double)](), count: inputSize)
    for j in 0..<outputSize {
      for e in starts[j]..<starts[j + 1] { rows[places[e]].append((j, weights[e])) }
    }
    return AxisMap(inputSize: outputSize, outputs: rows)
  }

  /// Whether it gives what it gets.
  public var isIdentity: Bool {
    inputSize == outputSize && places.count == outputSize && (0..<outputSize).allSatisfy { starts[$0] == $0 && places[$0] == $0 && weights[$0] == 1 }
  }

  /// Maps the middle dimension of dense x [outer, inputSize, inner] to y [outer, outputSize, inner], of float32, float64 or int64.
  public func apply(_ dtype: DType, _ x: UnsafeMutableRawPointer, _ y: UnsafeMutableRawPointer, outer: Int, inner: Int) {
    switch dtype {
    case .float32: run(x.assumingMemoryBound(to: Float.self), y.assumingMemoryBound(to: Float.self), outer, inner) { $0 + $1 * $2 }
    case .float64: run(x.assumingMemoryBound(to: Double.self), y.assumingMemoryBound(to: Double.self), outer, inner) { $0 + $1 * $2 }
    default: run(x.assumingMemoryBound(to: Int64.self), y.assumingMemoryBound(to: Int64.self), outer, inner) { $0 &+ $1 &* $2 }
    }
  }

  @inline(__always)
  private func run<W: WideElement & Numeric>(
    _ x: UnsafePointer<W>, _ y: UnsafeMutablePointer<W>, _ outer: Int, _ inner: Int, _ add: (W, W, W) -> W
  ) {
    let weights = self.weights.map { W(casting: $0) }
    starts.withUnsafeBufferPointer { starts in
      places.withUnsafeBufferPointer { places in
        weights.withUnsafeBufferPointer { weights in
          for o in 0..<outer {
            let (source, target) = (x + o * inputSize * inner, y + o * outputSize * inner)
            if inner == 1 {
              for j in 0..<outputSize {
                var sum: W = 0
                for e in starts[j]..<starts[j + 1] { sum = add(sum, weights[e], source[places[e]]) }
                target[j] = sum
              }
              continue
            }
            for j in 0..<outputSize {
              let row = target + j * inner
              let (from, to) = (starts[j], starts[j + 1])
              if from == to {
                row.update(repeating: 0, count: inner)
                continue
              }
              let (first, w) = (source + places[from] * inner, weights[from])
              if w == 1 { row.update(from: first, count: inner) } else { for i in 0..<inner { row[i] = add(0, w, first[i]) } }
              for e in (from + 1)..<max(to, from + 1) {
                let (next, w) = (source + places[e] * inner, weights[e])
                for i in 0..<inner { row[i] = add(row[i], w, next[i]) }
              }
            }
          }
        }
      }
    }
  }
}
