import Interface
import TensorCore
import Torch

extension Array where Element == Tensor {
  /// Several results of one call.
  fileprivate var asResults: Value { .tuple(map { .object($0) }) }
}

/// Normalization, as PyTorch has it under `torch.nn.functional`.
public let normalizations = OperationFamily("torch.nn.functional") { ops in
  ops.define(
    "batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight=None, Tensor? bias=None, bool training=False, float momentum=0.1, float eps=1e-05) -> Tensor",
    doc: "Each channel to mean 0 and variance 1, then weighted. Mirrors F.batch_norm.", variants: [.function]
  ) { (x: Tensor, m: Tensor?, v: Tensor?, w: Tensor?, b: Tensor?, t: Bool, k: Double, e: Double) in
    if t { try Functional.checkBatch(Array(x.sizes), "torch.Size(\(x.sizes.text))") }
    return try Functional.nativeBatchNorm(x, w, b, m, v, training: t, momentum: k, eps: e)[0]
  }
  ops.define(
    "instance_norm(Tensor input, Tensor? running_mean=None, Tensor? running_var=None, Tensor? weight=None, Tensor? bias=None, bool use_input_stats=True, float momentum=0.1, float eps=1e-05) -> Tensor",
    doc: "Each channel of each row to mean 0 and variance 1, then weighted. Mirrors F.instance_norm.", variants: [.function]
  ) { (x: Tensor, m: Tensor?, v: Tensor?, w: Tensor?, b: Tensor?, u: Bool, k: Double, e: Double) in
    if u, x.sizes.dropFirst(2).reduce(1, *) == 1 {
      throw TorchError.value("Expected more than 1 spatial element when training, got input size torch.Size(\(x.sizes.text))")
    }
    return try Functional.instanceNorm(x, m, v, w, b, usesInput: u, momentum: k, eps: e)
  }
  ops.define(
    "layer_norm(Tensor input, int[1] normalized_shape, Tensor? weight=None, Tensor? bias=None, float eps=1e-05) -> Tensor",
    doc: "The last dimensions to mean 0 and variance 1, then weighted. Mirrors F.layer_norm.", variants: [.function]
  ) { (x: Tensor, s: [Int], w: Tensor?, b: Tensor?, e: Double) in try Functional.nativeLayerNorm(x, s, w, b, e)[0] }
  ops.define(
    "group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1e-05) -> Tensor",
    doc: "Groups of channels of each row to mean 0 and variance 1, then weighted. Mirrors F.group_norm.", variants: [.function]
  ) { (x: Tensor, g: Int, w: Tensor?, b: Tensor?, e: Double) in
    if x.dim < 2 { throw TorchError.runtime("Expected at least 2 dimensions for input tensor but received \(x.dim)") }
    if g > 0 {
      // Floor division, so that a batch may be one row of several groups.
      let sizes = [x.sizes[0] * x.sizes[1] / g, g] + Array(x.sizes.dropFirst(2))
      try Functional.checkBatch(sizes, x.sizes.text)
    }
    return try Functional.groupNorm(x, g, w, b, e)
  }
  ops.define(
    "rms_norm(Tensor input, int[1] normalized_shape, Tensor? weight=None, float? eps=None) -> Tensor",
    doc: "The last dimensions over the root of their mean square, then weighted. Mirrors F.rms_norm.", variants: [.function]
  ) { (x: Tensor, s: [Int], w: Tensor?, e: Double?) in try Functional.rmsNorm(x, s, w, e) }
}

/// Normalization, as PyTorch has it under `torch`.
public let plainNormalizations = OperationFamily("torch") { ops in
  ops.define(
    "batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float momentum, float eps, bool cudnn_enabled) -> Tensor",
    doc: "Each channel to mean 0 and variance 1, then weighted. Mirrors torch.batch_norm."
  ) { (x: Tensor, w: Tensor?, b: Tensor?, m: Tensor?, v: Tensor?, t: Bool, k: Double, e: Double, _: Bool) in
    try Functional.nativeBatchNorm(x, w, b, m, v, training: t, momentum: k, eps: e)[0]
  }
  for name in ["native_batch_norm", "_native_batch_norm_legit"] {
    ops.define(
      "\(name)(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float momentum, float eps) -> (Tensor, Tensor, Tensor)",
      doc: "batch_norm, the means and 1/sqrt(variance + eps). Mirrors torch.\(name)."
    ) { (x: Tensor, w: Tensor?, b: Tensor?, m: Tensor?, v: Tensor?, t: Bool, k: Double, e: Double) in
      try Functional.nativeBatchNorm(x, w, b, m, v, training: t, momentum: k, eps: e).asResults
    }
  }
  ops.define(
    "_native_batch_norm_legit.no_stats(Tensor input, Tensor? weight, Tensor? bias, bool training, float momentum, float eps) -> (Tensor, Tensor, Tensor)",
    doc: "The same without running statistics. Mirrors torch._native_batch_norm_legit."
  ) { (x: Tensor, w: Tensor?, b: Tensor?, t: Bool, k: Double, e: Double) in
    try Functional.nativeBatchNorm(x, w, b, nil, nil, training: t, momentum: k, eps: e).asResults
  }
  ops.define(
    "_batch_norm_with_update(Tensor input, Tensor? weight, Tensor? bias, Tensor running_mean, Tensor running_var, float momentum, float eps) -> (Tensor, Tensor, Tensor, Tensor)",
    doc: "batch_norm while training, the means, 1/sqrt(variance + eps) and an empty tensor. Mirrors torch._batch_norm_with_update."
  ) { (x: Tensor, w: Tensor?, b: Tensor?, m: Tensor, v: Tensor, k: Double, e: Double) in
    (try Functional.nativeBatchNorm(x, w, b, m, v, training: true, momentum: k, eps: e) + [try Tensor(uninitialized: [0], dtype: .uint8)]).asResults
  }
  ops.define(
    "instance_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool use_input_stats, float momentum, float eps, bool cudnn_enabled) -> Tensor",
    doc: "Each channel of each row to mean 0 and variance 1, then weighted. Mirrors torch.instance_norm."
  ) { (x: Tensor, w: Tensor?, b: Tensor?, m: Tensor?, v: Tensor?, u: Bool, k: Double, e: Double, _: Bool) in
    try Functional.instanceNorm(x, m, v, w, b, usesInput: u, momentum: k, eps: e)
  }
  ops.define(
    "layer_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float eps=1e-05, bool cudnn_enable=True) -> Tensor",
    doc: "The last dimensions to mean 0 and variance 1, then weighted. Mirrors torch.layer_norm."
  ) { (x: Tensor, s: [Int], w: Tensor?, b: Tensor?, e: Double, _: Bool) in try Functional.nativeLayerNorm(x, s, w, b, e)[0] }
  ops.define(
    "native_layer_norm(Tensor input, int[] normalized_shape, Tensor? weight, Tensor? bias, float eps) -> (Tensor, Tensor, Tensor)",
    doc: "layer_norm, the means and 1/sqrt(variance + eps). Mirrors torch.native_layer_norm."
  ) { (x: Tensor, s: [Int], w: Tensor?, b: Tensor?, e: Double) in try Functional.nativeLayerNorm(x, s, w, b, e).asResults }
  ops.define(
    "group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1e-05, bool cudnn_enabled=True) -> Tensor",
    doc: "Groups of channels of each row to mean 0 and variance 1, then weighted. Mirrors torch.group_norm."
  ) { (x: Tensor, g: Int, w: Tensor?, b: Tensor?, e: Double, _: Bool) in try Functional.groupNorm(x, g, w, b, e) }
  ops.define(
    "native_group_norm(Tensor input, Tensor? weight, Tensor? bias, int N, int C, int HxW, int group, float eps) -> (Tensor, Tensor, Tensor)",
    doc: "group_norm, the means and 1/sqrt(variance + eps). Mirrors torch.native_group_norm."
  ) { (x: Tensor, w: Tensor?, b: Tensor?, n: Int, c: Int, l: Int, g: Int, e: Double) in
    try Functional.nativeGroupNorm(x, w, b, batch: n, channels: c, length: l, groups: g, e).asResults
  }
  ops.define("rms_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, float? eps=None) -> Tensor", doc: "The last dimensions over the root of their mean square, then weighted. Mirrors torch.rms_norm.") {
    (x: Tensor, s: [Int], w: Tensor?, e: Double?) in try Functional.rmsNorm(x, s, w, e)
  }
}
