import Interface
import TensorCore
import Torch

extension Value {
  /// Tensors one by one, a list of them, or those of an iterator.
  fileprivate func tensors() throws -> [Tensor] {
    switch self {
    case .object(let object as Tensor): return [object]
    case .object(let object as ValueIterator):
      var all: [Tensor] = []
      while let row = try object.next() { if let last = row.last { all.append(try last.tensor()) } }
      return all
    case .object(let object as ParameterList): return object.values.compactMap { Tensor.element(from: $0) }
    case .list(let items), .tuple(let items): return try items.map { try $0.tensor() }
    default: throw TorchError.type("'\(pythonTypeName)' object is not iterable")
    }
  }
}

/// Gradients and parameters of whole models. Mirrors `torch.nn.utils`.
enum ParameterTools {
  /// The norm of all tensors taken as one vector.
  /// - Throws: PyTorch's sentence for a norm that is not finite, where asked for.
  static func totalNorm(_ all: [Tensor], _ p: Double, refusesNonfinite: Bool) throws -> Tensor {
    try GradMode.with(false) {
      if all.isEmpty { return try .scalar(.double(0), dtype: .defaultFloat) }
      let total = try Tensor.stack(all.map { try $0.vectorNorm(.double(p)) }, 0).vectorNorm(.double(p))
      if refusesNonfinite, !(try total.item().doubleValue.isFinite) {
        throw TorchError.runtime(
          "The total norm of order \(p) for gradients from `parameters` is non-finite, so it cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set `error_if_nonfinite=False`")
      }
      return total
    }
  }

  static func clip(_ parameters: [Tensor], _ most: Double, _ total: Tensor) throws {
    try GradMode.with(false) {
      let factor = try (most / 1 * (total + 1e-6).reciprocal()).clamp(nil, .double(1))
      for gradient in parameters.compactMap(\.grad) { try gradient.become(gradient * factor) }
    }
  }
}

/// `torch.nn.utils`.
public let parameterTools = OperationFamily("torch.nn.utils") { ops in
  let plain: Variants = [.function]
  ops.define("clip_grad_norm_(Tensor[] parameters, float max_norm, float norm_type=2.0, bool error_if_nonfinite=False, bool? foreach=None) -> Tensor", doc: "Scales gradients so that their common norm is at most max_norm; gives the norm before. Mirrors torch.nn.utils.clip_grad_norm_.", variants: plain) {
    (p: Value, m: Double, n: Double, e: Bool, _: Bool?) -> Tensor in
    let all = try p.tensors()
    let total = try ParameterTools.totalNorm(all.compactMap(\.grad), n, refusesNonfinite: e)
    try ParameterTools.clip(all, m, total)
    return total
  }
  ops.define("clip_grads_with_norm_(Tensor[] parameters, float max_norm, Tensor total_norm, bool? foreach=None) -> ()", doc: "Scales gradients as clip_grad_norm_ does, by a norm known already. Mirrors torch.nn.utils.clip_grads_with_norm_.", variants: plain) {
    (p: Value, m: Double, t: Tensor, _: Bool?) -> Nothing in
    try ParameterTools.clip(p.tensors(), m, t)
    return Nothing()
  }
  ops.define("get_total_norm(Tensor[] tensors, float norm_type=2.0, bool error_if_nonfinite=False, bool? foreach=None) -> Tensor", doc: "The norm of all tensors taken as one vector. Mirrors torch.nn.utils.get_total_norm.", variants: plain) {
    (p: Value, n: Double, e: Bool, _: Bool?) in try ParameterTools.totalNorm(p.tensors(), n, refusesNonfinite: e)
  }
  ops.define("clip_grad_value_(Tensor[] parameters, float clip_value, bool? foreach=None) -> ()", doc: "Holds gradients' elements in [-clip_value, clip_value]. Mirrors torch.nn.utils.clip_grad_value_.", variants: plain) {
    (p: Value, v: Double, _: Bool?) -> Nothing in
    try GradMode.with(false) {
      for gradient in try p.tensors().compactMap(\.grad) { try gradient.become(gradient.clamp(.double(-v), .double(v))) }
    }
    return Nothing()
  }
  ops.define("parameters_to_vector(Tensor[] parameters) -> Tensor", doc: "All elements in one vector. Mirrors torch.nn.utils.parameters_to_vector.", variants: plain) {
    (p: Value) in try Tensor.cat(p.tensors().map { try $0.reshape([-1]) }, 0)
  }
  ops.define("vector_to_parameters(Tensor vec, Tensor[] parameters) -> ()", doc: "Parameters look at the elements of a vector, one after the other. Mirrors torch.nn.utils.vector_to_parameters.", variants: plain) {
    (v: Tensor, p: Value) -> Nothing in
    var start = 0
    for parameter in try p.tensors() {
      try parameter.setData(v.detached().narrow(0, start, parameter.count).reshape(Array(parameter.sizes)))
      start += parameter.count
    }
    return Nothing()
  }
}
