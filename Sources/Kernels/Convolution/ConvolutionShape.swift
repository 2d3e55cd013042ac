/// The sizes of a convolution over one to three spatial dimensions; a transposed convolution has those of the convolution it turns round.
public struct ConvolutionShape: Hashable, Sendable {
  /// Rows, channels in and out, and the groups they fall into.
  public var batch, inChannels, outChannels, groups: Int
  /// Spatial sizes of input, kernel and output.
  public var input, kernel, output: [Int]
  /// Steps, zeros before the first element, and distances of kernel elements, for each spatial dimension.
  public var stride, padding, dilation: [Int]

  /// The sizes given one by one.
  public init(
    batch: Int, inChannels: Int, outChannels: Int, groups: Int, input: [Int], kernel: [Int], output: [Int], stride: [Int], padding: [Int],
    dilation: [Int]
  ) {
    self.batch = batch
    self.inChannels = inChannels
    self.outChannels = outChannels
    self.groups = groups
    self.input = input
    self.kernel = kernel
    self.output = output
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
  }

  /// Whether input, weight or output has no elements.
  var isEmpty: Bool { batch == 0 || inChannels == 0 || outChannels == 0 || input.contains(0) || kernel.contains(0) || output.contains(0) }

  /// The windows of the input of one row and `channels` of its channels.
  func windows(_ channels: Int) -> Windows {
    Windows(channels: channels, input: input, kernel: kernel, output: output, stride: stride, padding: padding, dilation: dilation)
  }
}

/// How windows slide over one to three spatial dimensions; fewer than three get leading ones.
public struct Windows {
  let channels: Int
  let input, kernel, output, stride, padding, dilation: (Int, Int, Int)

  /// The sizes for each spatial dimension.
  public init(channels: Int, input: [Int], kernel: [Int], output: [Int], stride: [Int], padding: [Int], dilation: [Int]) {
    func three(_ values: [Int], _ filler: Int) -> (Int, Int, Int) {
      let all = Array(repeating: filler, count: 3 - values.count) + values
      return (all[0], all[1], all[2])
    }
    self.channels = channels
    self.input = three(input, 1)
    self.kernel = three(kernel, 1)
    self.output = three(output, 1)
    self.stride = three(stride, 1)
    self.padding = three(padding, 0)
    self.dilation = three(dilation, 1)
  }

  /// Calls `body` for each run of a kernel element along the innermost output dimension: where it is in the columns, where its first
  /// element would be in the input (nil where the whole run lies outside), and the range of steps that lie inside.
  @inline(__always)
  private func runs(_ body: (_ column: Int, _ start: Int?, _ inside: Range<Int>) -> Void) {
    var column = 0
    let width = output.2
    for c in 0..<channels {
      for kd in 0..<kernel.0 {
        for kh in 0..<kernel.1 {
          for kw in 0..<kernel.2 {
            let w0 = kw * dilation.2 - padding.2
            // Steps whose place w0 + step · stride lies in [0, input).
            let from = w0 < 0 ? (-w0 + stride.2 - 1) / stride.2 : 0
            let to = w0 >= input.2 ? 0 : (input.2 - 1 - w0) / stride.2 + 1
            let inside = Swift.min(from, width)..<Swift.max(Swift.min(to, width), Swift.min(from, width))
            for od in 0..<output.0 {
              let d = od * stride.0 - padding.0 + kd * dilation.0
              for oh in 0..<output.1 {
                let h = oh * stride.1 - padding.1 + kh * dilation.1
                let isInside = d >= 0 && d < input.0 && h >= 0 && h < input.1
                body(column, isInside ? ((c * input.0 + d) * input.1 + h) * input.2 + w0 : nil, inside)
                column += width
              }
            }
          }
        }
      }
    }
  }

  /// Lays each window out as a column: x is [channels, input…], columns become [channels · kernel…, output…]. Places outside hold `zero`.
  @_specialize(where T == UInt32)
  @_specialize(where T == UInt64)
  @_specialize(where T == UInt16)
  public func unfold<T>(_ x: UnsafePointer<T>, _ columns: UnsafeMutablePointer<T>, zero: T) {
    let (width, step) = (output.2, stride.2)
    runs { column, start, inside in
      let out = columns + column
      guard let start else {
        out.update(repeating: zero, count: width)
        return
      }
      for i in 0..<inside.lowerBound { out[i] = zero }
      if step == 1 {
        (out + inside.lowerBound).update(from: x + (start + inside.lowerBound), count: inside.count)
      } else {
        for i in inside { out[i] = x[start + i * step] }
      }
      for i in inside.upperBound..<width { out[i] = zero }
    }
  }

  /// Adds each column to the places its window covers; what `unfold` turned round. x must hold numbers already.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public func fold<T: AdditiveArithmetic>(_ columns: UnsafePointer<T>, into x: UnsafeMutablePointer<T>, _ add: (T, T) -> T) {
    let step = stride.2
    runs { column, start, inside in
      guard let start else { return }
      let from = columns + column
      for i in inside { x[start + i * step] = add(x[start + i * step], from[i]) }
    }
  }
}
