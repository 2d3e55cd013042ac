import CKernels

/// Convolutions of step 1 over few channels, in rows: oneDNN works on eight or sixteen channels at a time, however few there are.
enum NarrowConvolution {
  /// Whether the kernel is quicker than oneDNN's for the shape.
  static func fits(_ s: ConvolutionShape) -> Bool {
    s.input.count == 2 && !s.isEmpty && s.groups == 1 && s.inChannels <= 3 && s.outChannels <= 16 && s.stride == [1, 1] && s.dilation == [1, 1]
      && (0..<2).allSatisfy { s.output[$0] == s.input[$0] + 2 * s.padding[$0] - s.kernel[$0] + 1 } && s.output[1] >= 8
  }

  /// Computes the output, an image at a time.
  static func run(
    _ s: ConvolutionShape, _ input: UnsafeMutableRawPointer, _ weight: UnsafeMutableRawPointer, _ bias: UnsafeMutableRawPointer?,
    _ output: UnsafeMutableRawPointer
  ) {
    let (x, w, y) = (input.assumingMemoryBound(to: Float.self), weight.assumingMemoryBound(to: Float.self), output.assumingMemoryBound(to: Float.self))
    let b = bias?.assumingMemoryBound(to: Float.self)
    let (height, width) = (s.input[0] + 2 * s.padding[0], s.input[1] + 2 * s.padding[1])
    let (inside, whole) = (s.inChannels * s.input[0] * s.input[1], s.inChannels * height * width)
    let outside = s.outChannels * s.output[0] * s.output[1]
    Threads.run(s.batch, grain: max(1, Threads.grain / (outside * s.inChannels))) { images in
      var shape = qk_conv_shape(
        in_channels: s.inChannels, out_channels: s.outChannels, height: height, width: width, kernel_height: s.kernel[0], kernel_width: s.kernel[1])
      if s.padding == [0, 0] {
        for n in images { qk_conv_image(&shape, x + n * inside, w, b, y + n * outside) }
        return
      }
      withUnsafeTemporaryAllocation(of: Float.self, capacity: whole) { room in
        guard let padded = room.baseAddress else { return }
        padded.initialize(repeating: 0, count: whole)
        for n in images {
          for r in 0..<(s.inChannels * s.input[0]) {
            let (c, h) = r.quotientAndRemainder(dividingBy: s.input[0])
            (padded + (c * height + h + s.padding[0]) * width + s.padding[1]).update(from: x + n * inside + r * s.input[1], count: s.input[1])
          }
          qk_conv_image(&shape, padded, w, b, y + n * outside)
        }
      }
    }
  }
}
