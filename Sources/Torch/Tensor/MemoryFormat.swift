import Interface
import TensorCore

/// The order in which dimensions lie in memory. Mirrors `torch.memory_format`.
public struct MemoryFormat: SchemaArgument, Equatable, Sendable {
  /// Row-major order, or another that a copy keeps where it can.
  public static let contiguous = MemoryFormat(dimensions: 0)

  /// How many dimensions the channels-last formats are for; 0 for the others.
  let dimensions: Int

  /// PyTorch's names, as texts that stand for them.
  public static let names = ["contiguous_format", "preserve_format", "channels_last", "channels_last_3d"]

  /// Dimensions from the outermost in memory to the innermost.
  var order: [Int] { [0] + Array(2..<dimensions) + [1] }

  /// The strides of a dense tensor of these sizes in this format.
  /// - Throws: PyTorch's sentence for another number of dimensions than the format's.
  func strides(_ sizes: Dims) throws -> Dims {
    if dimensions == 0 { return Shape.contiguousStrides(sizes) }
    if sizes.count != dimensions {
      throw TorchError.runtime("required rank \(dimensions) tensor to use channels_last\(dimensions == 5 ? "_3d" : "") format")
    }
    var strides = sizes
    var step = 1
    for d in order.reversed() {
      strides[d] = step
      step *= Swift.max(sizes[d], 1)
    }
    return strides
  }

  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool {
    frame.string(i).map { $0.hasPrefix("torch.") && names.contains(String($0.dropFirst(6))) } ?? frame.isMissing(i, parameter)
  }

  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> MemoryFormat {
    if frame.isMissing(i, parameter) { return .contiguous }
    switch frame.string(i) {
    case "torch.contiguous_format", "torch.preserve_format": return .contiguous
    case "torch.channels_last": return MemoryFormat(dimensions: 4)
    case "torch.channels_last_3d": return MemoryFormat(dimensions: 5)
    default: throw frame.wrongType(i, parameter, expected: "torch.memory_format")
    }
  }
}

/// A layout argument: tensors are strided.
public struct Layout: SchemaArgument, Sendable {
  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool {
    frame.string(i) == "torch.strided" || frame.isMissing(i, parameter)
  }
  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> Layout {
    if frame.isMissing(i, parameter) || frame.string(i) == "torch.strided" { return Layout() }
    throw frame.wrongType(i, parameter, expected: "torch.layout")
  }
}

extension Tensor {
  /// Whether elements lie densely in the order of a format.
  func isContiguous(_ format: MemoryFormat) -> Bool {
    if format.dimensions == 0 { return isContiguous }
    if dim != format.dimensions { return false }
    return Shape.isContiguous(Dims(format.order.map { sizes[$0] }), Dims(format.order.map { strides[$0] }))
  }

  /// A dense copy in a format, differentiable. Mirrors `torch.clone`.
  func clone(_ format: MemoryFormat) throws -> Tensor {
    if format.dimensions == 0 { return try clone() }
    _ = try format.strides(sizes)
    var back = Array(0..<dim)
    for (i, d) in format.order.enumerated() { back[d] = i }
    return try permute(format.order).clone().permute(back)
  }

  /// Itself where it lies in a format, else a copy that does. Mirrors `Tensor.contiguous`.
  func contiguous(_ format: MemoryFormat) throws -> Tensor {
    if format.dimensions == 0 { return try contiguous() }
    _ = try format.strides(sizes)
    return isContiguous(format) ? self : try clone(format)
  }

  /// In another type and format. Mirrors `Tensor.to`.
  func to(_ target: DType, copy: Bool, _ format: MemoryFormat?) throws -> Tensor {
    if dtype.isComplex && !target.isComplex && target != .bool { UserWarning.tell("Casting complex values to real discards the imaginary part") }
    let y = try to(target, copy: copy)
    guard let format, format.dimensions > 0 else { return y }
    return try y.contiguous(format)
  }
}
