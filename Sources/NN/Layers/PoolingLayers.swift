import Interface
import OrderedCollections
import TensorCore
import Torch

/// Lets the stride be the kernel's size where it is not given.
private func strideFromKernel(_ layer: FunctionLayer) {
  if case .none? = layer.attributes["stride"] { layer.attributes["stride"] = layer.attributes["kernel_size"] }
}

/// Puts None in the places of sizes that a Lua table lost.
private func completeSizes(_ layer: FunctionLayer, _ n: Int) {
  switch layer.attributes["output_size"] {
  case .tuple(let items)? where n > 1: layer.attributes["output_size"] = .tuple(Functional.sizes(items, n))
  case .dictionary(let entries)?: layer.attributes["output_size"] = .tuple(Functional.sizes([.dictionary(entries)], n))
  default: break
  }
}

/// Layers that pool.
public let poolingLayers = LayerFamily(module: "pooling") { layers in
  for n in 1...3 {
    layers.function(
      "MaxPool\(n)d(int[\(n)] kernel_size, int[\(n)]? stride=None, int[\(n)] padding=0, int[\(n)] dilation=1, bool return_indices=False, bool ceil_mode=False)",
      shows: "kernel_size={kernel_size}, stride={stride}, padding={padding}, dilation={dilation}, ceil_mode={ceil_mode}",
      doc: "The greatest element of each window. Mirrors torch.nn.MaxPool\(n)d.", setUp: strideFromKernel
    ) { (x: Tensor, k: [Int], s: [Int]?, p: [Int], d: [Int], i: Bool, c: Bool) in
      pooled(try Functional.maxPool(x, PoolingWindow(n, "max_pool\(n)d", kernel: k, stride: s, padding: p, dilation: d, ceil: c)), indices: i)
    }
    layers.function(
      "MaxUnpool\(n)d(int[\(n)] kernel_size, int[\(n)]? stride=None, int[\(n)] padding=0)", shows: "kernel_size={kernel_size}, stride={stride}, padding={padding}",
      doc: "Puts each element where MaxPool\(n)d found it, among zeros. Mirrors torch.nn.MaxUnpool\(n)d.",
      forward: "forward(Tensor input, Tensor indices, int[]? output_size=None) -> Tensor",
      setUp: { layer in
        strideFromKernel(layer)
        for name in ["kernel_size", "stride", "padding"] {
          if case .integer? = layer.attributes[name] { layer.attributes[name] = .tuple(Array(repeating: layer.attributes[name] ?? .none, count: n)) }
        }
      }
    ) { (x: Tensor, i: Tensor, o: [Int]?, k: [Int], s: [Int]?, p: [Int]) in
      try Functional.maxUnpool(x, i, PoolingWindow(n, "max_unpool\(n)d", kernel: k, stride: s, padding: p, ceil: false), o)
    }
    let shows = "kernel_size={kernel_size}, stride={stride}, padding={padding}"
    let doc = "The mean of each window. Mirrors torch.nn.AvgPool\(n)d."
    if n == 1 {
      layers.function(
        "AvgPool1d(int[1] kernel_size, int[1]? stride=None, int[1] padding=0, bool ceil_mode=False, bool count_include_pad=True)", shows: LayerText(stringLiteral: shows), doc: doc,
        setUp: { layer in
          strideFromKernel(layer)
          for name in ["kernel_size", "stride", "padding"] {
            if case .integer? = layer.attributes[name] { layer.attributes[name] = .tuple([layer.attributes[name] ?? .none]) }
          }
        }
      ) { (x: Tensor, k: [Int], s: [Int]?, p: [Int], c: Bool, i: Bool) in
        try Functional.avgPool(x, PoolingWindow(1, "avg_pool1d", kernel: k, stride: s, padding: p, ceil: c), includesPadding: i, divisor: nil, "avg_pool1d")
      }
    } else {
      layers.function(
        "AvgPool\(n)d(int[\(n)] kernel_size, int[\(n)]? stride=None, int[\(n)] padding=0, bool ceil_mode=False, bool count_include_pad=True, int? divisor_override=None)",
        shows: LayerText(stringLiteral: shows), doc: doc, setUp: strideFromKernel
      ) { (x: Tensor, k: [Int], s: [Int]?, p: [Int], c: Bool, i: Bool, d: Int?) in
        try Functional.avgPool(x, PoolingWindow(n, "avg_pool\(n)d", kernel: k, stride: s, padding: p, ceil: c), includesPadding: i, divisor: d, "avg_pool\(n)d")
      }
    }
    layers.function(
      "AdaptiveAvgPool\(n)d(Any[\(n)] output_size)", shows: "output_size={output_size}", doc: "The mean of output_size windows. Mirrors torch.nn.AdaptiveAvgPool\(n)d.",
      setUp: { completeSizes($0, n) }
    ) {
      (x: Tensor, s: [Value]) in try Functional.adaptiveAvgPool(x, Functional.sizes(s, like: x, n), n)
    }
    layers.function(
      "AdaptiveMaxPool\(n)d(Any[\(n)] output_size, bool return_indices=False)", shows: "output_size={output_size}",
      doc: "The greatest element of output_size windows. Mirrors torch.nn.AdaptiveMaxPool\(n)d.", setUp: { completeSizes($0, n) }
    ) {
      (x: Tensor, s: [Value], i: Bool) in pooled(try Functional.adaptiveMaxPool(x, Functional.sizes(s, like: x, n), n), indices: i)
    }
    layers.function(
      "LPPool\(n)d(float norm_type, int[\(n)] kernel_size, int[\(n)]? stride=None, bool ceil_mode=False)",
      shows: "norm_type={norm_type}, kernel_size={kernel_size}, stride={stride}, ceil_mode={ceil_mode}", doc: "The norm of each window. Mirrors torch.nn.LPPool\(n)d."
    ) { (x: Tensor, p: Scalar, k: [Int], s: [Int]?, c: Bool) in
      try Functional.lpPool(x, p, PoolingWindow(n, "avg_pool\(n)d", kernel: k, stride: s, padding: [0], ceil: c), "lp_pool\(n)d")
    }
    if n == 1 { continue }
    layers.function(
      "FractionalMaxPool\(n)d(int[\(n)] kernel_size, int[\(n)]? output_size=None, Any output_ratio=None, bool return_indices=False, Tensor? _random_samples=None)",
      doc: "The greatest element of windows of random place. Mirrors torch.nn.FractionalMaxPool\(n)d.",
      setUp: { layer in
        if case .integer? = layer.attributes["kernel_size"] {
          layer.attributes["kernel_size"] = .tuple(Array(repeating: layer.attributes["kernel_size"] ?? .none, count: n))
        }
        func isNone(_ name: String) -> Bool { if case .none? = layer.attributes[name] { true } else { false } }
        if isNone("output_size") && isNone("output_ratio") { throw TorchError.value("FractionalMaxPool\(n)d requires specifying either an output size, or a pooling ratio") }
        if !isNone("output_size") && !isNone("output_ratio") { throw TorchError.value("only one of output_size and output_ratio may be specified") }
      }
    ) { (x: Tensor, k: [Int], o: [Int]?, r: Value, i: Bool, u: Tensor?) in
      var ratio = r
      switch r {
      case .number, .integer: ratio = .list(Array(repeating: r, count: n))
      default: break
      }
      return pooled(try Functional.fractionalMaxPool(x, k, o, ratio: ratio, u, n), indices: i)
    }
  }
}
