import Interface
import Kernels
import TensorCore
import Torch

/// One call of one layer (both directions) in float32: the kernel forward, one node in the graph, and back through time.
struct LSTMLayerRun {
  let owner: LSTM
  let layer: Int
  let x: Tensor
  let options: LSTM.Options
  let shape: LSTMShape

  @inline(__always)
  init(_ owner: LSTM, layer: Int, x: Tensor) {
    self.owner = owner
    self.layer = layer
    self.x = x
    options = owner.weights.options
    shape = LSTMShape(
      steps: x.sizes[0], batch: x.sizes[1], input: x.sizes[2], hidden: options.hiddenSize, projection: options.projection)
  }

  /// The output [T, B, directions · P]. Writes this layer's rows of `h` and `c`; where gradients are recorded, the
  /// tensors over those rows that belong to the node are added to `parts`.
  @inline(__always)
  func forward(_ h: Tensor, _ c: Tensor, _ state: (Tensor, Tensor)?, _ parts: inout [(Tensor, Tensor)]) throws -> Tensor {
    let directions = options.directions
    let first = layer * directions
    let out = try Tensor(uninitialized: [shape.steps, shape.batch, directions * shape.state], dtype: .float32)
    let tensors = owner.weights.flat[(first * options.tensorsEach)..<((first + directions) * options.tensorsEach)]
    let records =
      GradMode.isEnabled
      && (x.requiresGrad || tensors.contains { $0.requiresGrad } || state.map { $0.0.requiresGrad || $0.1.requiresGrad } ?? false)
    let kept = records ? try Storage(byteCount: shape.keptCount * directions * 4) : nil
    let (hStep, cStep) = (shape.batch * shape.state, shape.batch * shape.hidden)
    // States that are not given are zeros; where they are given the fallback is not read.
    let zeros = try owner.zeroState(state == nil ? cStep : 0)
    for d in 0..<directions {
      let k = first + d
      try owner.weights.packed[k].run(
        shape, x: x.elements(Float.self), h0: state.map { UnsafePointer($0.0.elements(Float.self) + k * hStep) } ?? zeros,
        c0: state.map { UnsafePointer($0.1.elements(Float.self) + k * cStep) } ?? zeros,
        out: out.elements(Float.self) + d * shape.state, outStride: directions * shape.state,
        hn: h.elements(Float.self) + k * hStep, cn: c.elements(Float.self) + k * cStep,
        kept: kept.map { $0.pointer.assumingMemoryBound(to: Float.self) + d * shape.keptCount }, scratch: owner.scratch, reverse: d == 1)
    }
    if let kept { parts.append(try record(out, h, c, state, kept, Array(tensors))) }
    return out
  }

  /// The name PyTorch's `grad_fn` has for a layer's output.
  private var nodeName: String {
    if options.bidirectional { return "CatBackward0" }
    return options.projection > 0 || shape.batch == 0 ? "StackBackward0" : "MkldnnRnnLayerBackward0"
  }

  private func record(
    _ out: Tensor, _ h: Tensor, _ c: Tensor, _ state: (Tensor, Tensor)?, _ kept: Storage, _ tensors: [Tensor]
  ) throws -> (Tensor, Tensor) {
    let first = layer * options.directions
    func rows(_ t: Tensor) -> Tensor {
      var sizes = t.sizes
      sizes[0] = options.directions
      return Tensor(storage: t.storage, sizes: sizes, strides: t.strides, storageOffset: first * t.strides[0], dtype: .float32)
    }
    let (hOwn, cOwn) = (rows(h), rows(c))
    var inputs = [x] + tensors
    if let state {
      inputs.append(options.layers == 1 ? state.0 : try state.0.narrow(0, first, options.directions))
      inputs.append(options.layers == 1 ? state.1 : try state.1.narrow(0, first, options.directions))
    }
    let backward = LSTMLayerBackward(
      options: options, shape: shape, inputs: inputs.map { SavedTensor($0) }, weightCount: tensors.count, hasState: state != nil,
      out: SavedTensor(result: out), kept: kept)
    Tensor.recordNode(nodeName, inputs: inputs, results: [out, hOwn, cOwn]) { node, gradients in try backward.run(node, gradients) }
    return (hOwn, cOwn)
  }
}

extension LSTM {
  /// `count` zeros that nobody writes to.
  @inline(__always)
  func zeroState(_ count: Int) throws -> UnsafePointer<Float> {
    if count > zeroCount {
      let fresh = try zeros.reserve(count * 4)
      fresh.initializeMemory(as: UInt8.self, repeating: 0, count: count * 4)
      zeroCount = count
    }
    return UnsafePointer(try zeros.reserve(count * 4).assumingMemoryBound(to: Float.self))
  }
}
