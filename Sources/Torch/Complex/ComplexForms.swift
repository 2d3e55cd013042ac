import Interface
import TensorCore

/// Which operations take complex tensors. All others refuse them before they see an element: code for real numbers would
/// take the real parts for the whole.
enum ComplexForms {
  /// - Throws: PyTorch's sentence where the operation has no complex form.
  static func admit(_ parameter: Parameter, _ dtype: DType) throws {
    let name = parameter.operation
    if admitted.contains(name) { return }
    let bare = name.hasSuffix("_") && !name.hasPrefix("_") ? String(name.dropLast()) : name
    if bare != name && admitted.contains(bare) { return }
    if name.hasPrefix("__"), operators.contains(name.split(separator: "_").joined()) { return }
    throw refusal(bare, dtype)
  }

  /// PyTorch's sentence for an operation that has no complex form.
  static func refusal(_ name: String, _ dtype: DType) -> TorchError {
    guard let own = sentences[name] else { return .notImplemented("\(name)_cpu", for: dtype) }
    let text = own.text.replacing("{T}", with: dtype.capitalized).replacing("{C}", with: "c10::complex<\(dtype == .complex64 ? "float" : "double")>")
    switch own.kind {
    case "kernel": return .notImplemented(text, for: dtype)
    case "type": return .type(text)
    case "value": return .value(text)
    case "none": return .notImplemented(text)
    default: return .runtime(text)
    }
  }

  private static let sentences: [String: (kind: String, text: String)] = {
    var all: [String: (kind: String, text: String)] = [:]
    for line in refusals.split(separator: "\n") {
      let parts = line.split(separator: "|", omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      for name in parts[2].split(separator: ",") { all[String(name)] = (String(parts[0]), String(parts[1])) }
    }
    return all
  }()

  /// What stands between the underscores of Python's operators, with `r` or `i` for those turned round and in place.
  private static let operators = Set(
    ["add", "sub", "mul", "div", "truediv", "pow", "matmul"].flatMap { [$0, "r\($0)", "i\($0)"] } + ["pos", "neg", "abs", "eq", "ne", "getitem"])

  private static let admitted = Set(names.split { $0 == " " || $0 == "\n" }.map(String.init))

  /// By group: what asks about a tensor, autograd, moving elements, making tensors, arithmetic, linear algebra, Fourier.
  private static let names = """
    f shape dtype device layout ndim itemsize nbytes requires_grad is_leaf grad grad_fn data T mT H mH real imag is_cuda is_sparse
    is_meta is_nested is_mkldnn is_mps is_xpu is_xla is_cpu is_quantized _version _base retains_grad output_nr size stride
    untyped_storage get_device dim_order is_same_size is_set_to pin_memory is_pinned is_shared item tolist numel nelement dim
    ndimension element_size storage_offset data_ptr is_floating_point result_type is_complex is_conj is_neg is_signed is_nonzero
    is_contiguous is_tensor is_inference has_names isreal is_storage is_non_overlapping_and_dense
    backward detach detach_ requires_grad_ retain_grad register_hook register_post_accumulate_grad_hook grad_and_value set_data
    to type type_as cpu float double half bfloat16 long int short char byte bool cfloat cdouble numpy copy contiguous clone
    view view_as reshape reshape_as permute transpose swapaxes swapdims t unsqueeze squeeze expand expand_as select slice narrow
    narrow_copy flatten unflatten ravel movedim moveaxis adjoint split split_with_sizes chunk tensor_split hsplit vsplit dsplit
    unbind unfold as_strided view_as_real view_as_complex resolve_conj resolve_neg conj conj_physical diagonal diag diag_embed
    diagflat tril triu repeat tile repeat_interleave roll rot90 flip fliplr flipud cat concat concatenate stack hstack vstack
    dstack column_stack row_stack atleast_1d atleast_2d atleast_3d broadcast_to broadcast_tensors meshgrid index_select
    masked_select masked_fill masked_scatter gather take take_along_dim where index_fill index_copy index_put fill zero copy_
    select_scatter slice_scatter diagonal_scatter nonzero nonzero_static argwhere count_nonzero block_diag cartesian_prod
    combinations fill_diagonal constant_pad_nd pad index __getitem__ set_ resize resize_ resize_as swap_tensors
    unsafe_chunk unsafe_split unsafe_split_with_sizes unfold_copy put new_empty_strided empty_strided as_strided_scatter
    conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d pixel_shuffle pixel_unshuffle channel_shuffle gradient tanhshrink softsign
    as_strided_copy view_copy permute_copy transpose_copy t_copy unsqueeze_copy squeeze_copy expand_copy select_copy slice_copy
    detach_copy alias_copy diagonal_copy unbind_copy split_copy split_with_sizes_copy view_as_real_copy view_as_complex_copy
    new_empty new_zeros new_ones new_full new_tensor empty_like zeros_like ones_like full_like randn_like rand_like
    tensor as_tensor asarray normal uniform save clone_
    add sub subtract mul multiply div divide true_divide rsub neg negative positive pow float_power square sqrt rsqrt reciprocal
    exp exp2 expm1 log log2 log10 log1p sin cos tan asin arcsin acos arccos atan arctan sinh cosh tanh asinh arcsinh acosh arccosh
    atanh arctanh sigmoid silu abs absolute angle sgn complex polar eq ne not_equal equal isclose allclose isnan isinf isfinite
    logical_and logical_or logical_xor logical_not all any sum mean prod cumsum cumprod var std var_mean std_mean addcmul addcdiv
    lerp diff dist scatter_add scatter index_add cumulative_trapezoid trapezoid trapz sum_to_size
    mm bmm matmul mv dot vdot inner outer ger addmm addmv addbmm baddbmm addr linear kron tensordot einsum chain_matmul multi_dot
    vecdot matrix_power trace eig eigvals inv inverse inv_ex solve solve_ex det slogdet logdet solve_triangular lu lu_factor lu_factor_ex lu_unpack
    tensorinv tensorsolve norm vector_norm matrix_norm normalize pairwise_distance l1_loss ldexp cross linalg_cross vander bilinear
    fft ifft fft2 ifft2 fftn ifftn rfft irfft rfft2 irfft2 rfftn irfftn hfft ihfft hfft2 ihfft2 hfftn ihfftn fftshift ifftshift
    stft istft
    """
}
