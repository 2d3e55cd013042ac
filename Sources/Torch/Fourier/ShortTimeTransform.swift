import Interface
import Kernels
import TensorCore

/// The arguments of a short-time transform and of its inverse.
private struct ShortTime {
  let name: String
  let nFFT: Int
  let hop: Int
  let length: Int
  let window: Tensor?
  /// What PyTorch's sentences begin with, for a tensor as they show it.
  let head: (String) -> String

  /// What both warn of.
  static let windowHint =
    "To suppress this warning and use a rectangular window, explicitly set `window=torch.ones(n_fft, device=<device>)`."

  init(_ name: String, _ n: Int, _ hop: Int?, _ length: Int?, _ window: Tensor?, tail: String) {
    self.name = name
    nFFT = n
    self.hop = hop ?? n / 4
    self.length = length ?? n
    self.window = window
    let (h, l) = (hop ?? n / 4, length ?? n)
    let shown = window.map { "\($0.dtype.tensorTypeName){\($0.sizes.text)}" } ?? "None"
    head = { "\(name)(\($0), n_fft=\(n), hop_length=\(h), win_length=\(l), window=\(shown), \(tail))" }
  }

  /// The window in the middle of `nFFT` places, or ones where there is none.
  func centered(_ dtype: DType) throws -> Tensor? {
    if length == nFFT && window == nil { return nil }
    let w = try window ?? .ones([length], dtype: dtype)
    let left = (nFFT - length) / 2
    if length == nFFT { return w }
    return try .cat([.zeros([left], dtype: w.dtype), w, .zeros([nFFT - length - left], dtype: w.dtype)], 0)
  }
}

private func shown(_ flag: Bool?) -> String { flag.map { $0 ? "1" : "0" } ?? "None" }

extension Tensor {
  /// Mirrored at both ends of the last dimension, or filled with zeros or with copies.
  private func centeredFor(_ n: Int, _ mode: String) throws -> Tensor {
    let pad = Swift.max(n, 0) / 2
    let size = sizes[dim - 1]
    let places: [Int]
    switch mode {
    case "constant":
      var rest = Array(sizes)
      rest[dim - 1] = pad
      let zeros = try Tensor.zeros(Dims(rest), dtype: dtype)
      return try .cat([zeros, self, zeros], -1)
    case "reflect":
      if pad >= size {
        throw TorchError.runtime(
          "Argument #4: Padding size should be less than the corresponding input dimension, but got: padding (\(pad), \(pad)) at dimension 2 of input \(Dims(Array(repeating: 1, count: 3 - dim) + Array(sizes)).text)")
      }
      places = (-pad..<(size + pad)).map { $0 < 0 ? -$0 : $0 >= size ? 2 * (size - 1) - $0 : $0 }
    case "replicate": places = (-pad..<(size + pad)).map { Swift.min(Swift.max($0, 0), size - 1) }
    case "circular": places = (-pad..<(size + pad)).map { (($0 % size) + size) % size }
    default: throw TorchError.notImplemented("Unrecognised padding mode \(mode)")
    }
    return try indexSelect(-1, .vector(places))
  }

  /// Transforms of windows that move along a signal: batch, frequency, window. Mirrors `torch.stft`.
  func stft(
    _ n: Int, _ hop: Int?, _ length: Int?, _ window: Tensor?, center: Bool, padMode: String, normalized: Bool, onesided: Bool?,
    returnComplex: Bool?
  ) throws -> Tensor {
    if window == nil {
      UserWarning.tell(
        "A window was not provided. A rectangular window will be applied,which is known to cause spectral leakage. Other windows such as torch.hann_window or torch.hamming_window are recommended to reduce spectral leakage.\(ShortTime.windowHint)")
    }
    var x = self
    if center && dim > 0 {
      if dim > 2 { x = try x.centeredFor(n, padMode) } else {
        let row = dim == 1 ? try x.unsqueeze(0) : x
        let padded = try row.centeredFor(n, padMode)
        x = dim == 1 ? try padded.squeeze([0]) : padded
      }
    }
    let plan = ShortTime(
      "stft", n, hop, length, window,
      tail: "normalized=\(shown(normalized)), onesided=\(shown(onesided)), return_complex=\(shown(returnComplex)), align_to_window=None")
    let type = x.dtype.tensorTypeName
    func refuse(_ text: String, _ kind: TorchError.Kind = .runtimeError) -> TorchError {
      TorchError(kind, "\(plan.head("\(type)\(x.sizes.text)")) : \(text)")
    }
    let isComplex = x.dtype.isComplex || (window?.dtype.isComplex ?? false)
    guard let returnComplex = returnComplex ?? (isComplex ? true : nil) else {
      throw TorchError.runtime(
        "stft requires the return_complex parameter be given for real inputs, and will further require that return_complex=True in a future PyTorch release.")
    }
    if !x.dtype.isInexact { throw refuse("expected a tensor of floating point or complex values", .notImplementedError) }
    if x.dim > 2 || x.dim < 1 { throw refuse("expected a 1D or 2D tensor") }
    let batched = x.dim == 2 ? x : try x.unsqueeze(0)
    let size = batched.sizes[1]
    if n <= 0 || n > size { throw refuse("expected 0 < n_fft < \(size), but got n_fft=\(n)") }
    if plan.hop <= 0 { throw refuse("expected hop_length > 0, but got hop_length=\(plan.hop)") }
    if plan.length <= 0 || plan.length > n { throw refuse("expected 0 < win_length <= n_fft, but got win_length=\(plan.length)") }
    if let window, window.dim != 1 || window.sizes[0] != plan.length {
      throw refuse("expected a 1D window tensor of size equal to win_length=\(plan.length), but got window with size \(window.sizes.text)")
    }
    let half = onesided ?? !isComplex
    if half && isComplex { throw TorchError.runtime("Cannot have onesided output if window or input is complex") }
    var frames = try batched.unfold(-1, n, plan.hop)
    if let w = try plan.centered(x.dtype) { frames = try frames.mul(w) }
    let norm = normalized ? "ortho" : "backward"
    let y: Tensor
    if half {
      y = try FourierLine.half("rfft", frames, nil, -1, norm, forward: true)
    } else {
      y = try FourierLine.complex(frames, nil, -1, norm, forward: true)
    }
    var result = try y.transpose(1, 2)
    if dim == 1 { result = try result.squeeze([0]) }
    return returnComplex ? result : try result.contiguous().viewAsReal()
  }

  /// The signal of which `stft` made this. Mirrors `torch.istft`.
  func istft(
    _ n: Int, _ hop: Int?, _ length: Int?, _ window: Tensor?, center: Bool, normalized: Bool, onesided: Bool?, count wanted: Int?,
    returnComplex: Bool
  ) throws -> Tensor {
    let plan = ShortTime(
      "istft", n, hop, length, window,
      tail: "center=\(shown(center)), normalized=\(shown(normalized)), onesided=\(shown(onesided)), length=\(wanted.map { "\($0)" } ?? "None"), return_complex=\(shown(returnComplex))")
    func refuse(_ text: String, gap: String = " : ") -> TorchError { .runtime("\(plan.head("CPU\(dtype.capitalized)Type\(sizes.text)"))\(gap)\(text)") }
    if window == nil {
      UserWarning.tell(
        "A window was not provided. A rectangular window will be applied.Please provide the same window used by stft to make the inversion lossless.\(ShortTime.windowHint)")
    }
    if !dtype.isComplex {
      throw TorchError.type("istft requires a complex-valued input tensor matching the output from stft with return_complex=True.")
    }
    if count == 0 { throw refuse("input tensor cannot be empty.") }
    if dim != 2 && dim != 3 { throw refuse("expected a tensor with 3 or 4 dimensions, but got \(dim + 1)") }
    let x = dim == 2 ? try unsqueeze(0) : self
    let (bins, frames) = (x.sizes[1], x.sizes[2])
    let half = onesided ?? (bins != n)
    if half {
      if n / 2 + 1 != bins {
        throw refuse(
          "expected the frequency dimension (3rd to the last) of the input tensor to match n_fft / 2 + 1 when onesided=True, but got \(bins)")
      }
    } else if n != bins {
      throw refuse("expected the frequency dimension (3rd to the last) of the input tensor to match n_fft when onesided=False, but got \(bins)")
    }
    if plan.hop <= 0 || plan.hop > plan.length { throw refuse("expected 0 < hop_length <= win_length") }
    if plan.length <= 0 || plan.length > n { throw refuse("expected 0 < win_length <= n_fft") }
    if let window, window.dim != 1 || window.sizes[0] != plan.length { throw refuse("Invalid window shape. window has to be 1D and length of `win_length`") }
    let real = dtype.parts
    if !returnComplex && (window?.dtype.isComplex ?? false) { throw TorchError.runtime("Complex windows are incompatible with return_complex=False") }
    let w = try plan.centered(real) ?? .ones([n], dtype: real)
    let norm = normalized ? "ortho" : "backward"
    let spectra = try x.transpose(1, 2)
    var pieces: Tensor
    if returnComplex {
      if half { throw TorchError.runtime("Cannot have onesided output if window or input is complex") }
      pieces = try FourierLine.complex(spectra, nil, -1, norm, forward: false)
    } else {
      let input = half ? spectra : try spectra.slice(2, 0, n / 2 + 1)
      pieces = try FourierLine.real(input, n, -1, norm, forward: false)
    }
    pieces = try pieces.mul(w)
    let whole = n + plan.hop * (frames - 1)
    // Where the samples of each window lie in the signal.
    let places = try Tensor.vector((0..<frames).flatMap { frame in (0..<n).map { frame * plan.hop + $0 } })
    func overlapped(_ y: Tensor) throws -> Tensor {
      let flat = try y.reshape([y.sizes[0], frames * n])
      return try Tensor.zeros([y.sizes[0], whole], dtype: y.dtype).indexAdd(1, places, flat, alpha: .integer(1))
    }
    var y = try overlapped(pieces)
    var envelope = try overlapped(w.mul(w).unsqueeze(0).expand([frames, n]).unsqueeze(0))
    let start = center ? n / 2 : 0
    let end = wanted.map { start + $0 } ?? (center ? whole - n / 2 : whole)
    y = try y.slice(1, start, end)
    envelope = try envelope.slice(1, start, end)
    if envelope.count > 0 {
      let tiny = try GradMode.with(false) { try envelope.abs().lt(.wrapped(.double(1e-11))).any().scalar(at: 0) }
      if tiny == .boolean(true) {
        throw refuse("window overlap add min: 1", gap: " ")
      }
    }
    y = try y.div(envelope)
    if dim == 2 { y = try y.squeeze([0]) }
    if let wanted, end > whole {
      var rest = Array(y.sizes)
      rest[y.dim - 1] = wanted - y.sizes[y.dim - 1]
      y = try .cat([y, .zeros(Dims(rest), dtype: y.dtype)], -1)
    }
    return y
  }
}

/// Spectra of moving windows.
public let shortTimeTransforms = OperationFamily("torch") { ops in
  ops.define(
    "stft(Tensor self, int n_fft, int? hop_length=None, int? win_length=None, Tensor? window=None, bool center=True, str pad_mode='reflect', bool normalized=False, bool? onesided=None, bool? return_complex=None, bool? align_to_window=None) -> Tensor",
    doc: "Transforms of windows that move along a signal. Mirrors torch.stft."
  ) { (x: Tensor, n: Int, hop: Int?, length: Int?, window: Tensor?, center: Bool, mode: String, normalized: Bool, half: Bool?, complex: Bool?, align: Bool?) -> Tensor in
    if align != nil && center { throw TorchError.runtime("stft align_to_window should only be set when center = false.") }
    return try x.stft(n, hop, length, window, center: center, padMode: mode, normalized: normalized, onesided: half, returnComplex: complex)
  }
  ops.define(
    "istft(Tensor self, int n_fft, int? hop_length=None, int? win_length=None, Tensor? window=None, bool center=True, bool normalized=False, bool? onesided=None, int? length=None, bool return_complex=False) -> Tensor",
    doc: "The signal whose spectra these are. Mirrors torch.istft."
  ) { (x: Tensor, n: Int, hop: Int?, length: Int?, window: Tensor?, center: Bool, normalized: Bool, half: Bool?, count: Int?, complex: Bool) -> Tensor in
    try x.istft(n, hop, length, window, center: center, normalized: normalized, onesided: half, count: count, returnComplex: complex)
  }
}
