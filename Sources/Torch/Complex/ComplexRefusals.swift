/// PyTorch's refusals of complex tensors that are not the usual sentence, which names the operation itself.
// Written from what PyTorch says of each operation in its own list.
extension ComplexForms {
  /// One refusal a line: its kind (`kernel` for the usual sentence with the name of a kernel), what it says, the operations.
  /// `{T}` stands for the type.
  static let refusals = #"""
    none|Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead.|sign
    none|Unsupported input type encountered for isin(): {T}|isin
    none|ceil is not supported for complex inputs|ceil
    none|clamp is not supported for complex types|clamp,cosine_embedding_loss,hardtanh,hinge_embedding_loss,margin_ranking_loss,relu,relu6
    none|deg2rad is not supported for complex tensors.|deg2rad
    none|floor is not supported for complex inputs|floor
    none|heaviside is not yet implemented for complex tensors.|heaviside
    none|nansum on CPU does not support complex inputs|nanmean,nansum
    none|rad2deg is not supported for complex tensors.|rad2deg
    none|signbit is not implemented for complex tensors.|signbit
    none|trunc is not supported for complex inputs|trunc
    runtime|Cauchy distribution is a continuous probability distribution. dtype must be a floating point but you specified {C}|cauchy
    runtime|Expected tensor for argument #1 'weight' to have one of the following scalar types: Half, BFloat16, Float, Double; but got CPU{T}Type instead (while checking arguments for embedding_bag)|embedding_bag
    runtime|Exponential distribution is a continuous probability distribution. dtype must be a floating point but you specified {T}|exponential
    runtime|cdist only supports floating-point dtypes, X1 got: {T}|cdist
    runtime|check_random_bounds handles only integral, floating-point and boolean types|randint_like
    runtime|expected common dtype to be floating point, yet common dtype is {T}|cosine_similarity
    runtime|kl_div: Complex inputs not supported.|kl_div
    runtime|multinomial only supports floating-point dtypes for input, got: {T}|multinomial
    runtime|one_hot is only applicable to index tensor of type LongTensor.|one_hot
    runtime|pdist only supports floating-point dtypes|pdist
    runtime|quantile() input tensor must be either float or double dtype|nanquantile,quantile
    runtime|torch.frexp() only supports floating-point dtypes|frexp
    type| Sort does not support complex dtypes on CPU|argsort,msort,sort
    type| topk does not support complex dtypes on CPU|topk
    type|aminmax not implemented for {T}|aminmax
    type|argmax(): does not support complex input|argmax
    type|argmin(): does not support complex input|argmin
    type|expected 'indices' to be integer dtype, but got torch.complex64|unravel_index
    type|fmax not implemented for complex tensors.|fmax
    type|fmin not implemented for complex tensors.|fmin
    type|isneginf does not support complex inputs.|isneginf
    type|isposinf does not support complex inputs.|isposinf
    type|max(): does not support complex input|max
    type|maximum not implemented for complex tensors.|maximum
    type|min(): does not support complex input|min
    type|minimum not implemented for complex tensors.|minimum
    kernel|GeluKernelImpl|gelu
    kernel|GroupNormKernelImpl|group_norm,native_group_norm
    kernel|LayerNormKernelImpl|layer_norm,native_layer_norm
    kernel|adaptive_avg_pool2d|adaptive_avg_pool1d,adaptive_avg_pool2d
    kernel|adaptive_max_pool2d|adaptive_max_pool1d,adaptive_max_pool2d
    kernel|arange_cpu|mvlgamma
    kernel|avg_pool2d|avg_pool1d,avg_pool2d,local_response_norm
    kernel|avg_pool3d_out_frame|avg_pool3d
    kernel|batch_norm|_batch_norm_with_update,_native_batch_norm_legit,batch_norm,instance_norm,native_batch_norm
    kernel|bernoulli_tensor_cpu_self_|bernoulli
    kernel|binary_cross_entropy|binary_cross_entropy
    kernel|compute_index_ranges_weights|_upsample_bilinear2d_aa
    kernel|compute_indices_weights_nearest|interpolate,upsample_nearest
    kernel|digamma|digamma
    kernel|div_floor_cpu|floor_divide
    kernel|elu_cpu|celu,selu
    kernel|erf_vml_cpu|erf,ndtr
    kernel|erfc_vml_cpu|erfc
    kernel|erfinv_vml_cpu|erfinv
    kernel|fractional_max_pool2d_out_frame|fractional_max_pool2d
    kernel|fractional_max_pool3d_out_frame|fractional_max_pool3d
    kernel|grid_sampler3d_cpu|grid_sampler_3d
    kernel|grid_sampler_2d_cpu_kernel_impl|grid_sample,grid_sampler_2d
    kernel|histogram_cpu|histc
    kernel|histogramdd|histogram,histogramdd
    kernel|huber_cpu|huber_loss
    kernel|i0_vml_cpu|i0
    kernel|index_func_|index_reduce
    kernel|le_cpu|poisson_nll_loss
    kernel|lgamma_vml_cpu|lgamma
    kernel|log_sigmoid_cpu|binary_cross_entropy_with_logits,logsigmoid,multilabel_soft_margin_loss
    kernel|log_softmax_lastdim_kernel_impl|cross_entropy,linear_cross_entropy,log_softmax
    kernel|lshift_cpu|bitwise_left_shift
    kernel|lt_cpu|gaussian_nll_loss
    kernel|max_pool2d|max_pool1d,max_pool2d,max_pool2d_with_indices_backward
    kernel|max_pool3d|max_pool3d
    kernel|max_unpool2d|max_unpool1d,max_unpool2d
    kernel|max_unpool3d|max_unpool3d
    kernel|max_values_cpu|amax
    kernel|maximum_cpu|clamp_min
    kernel|median_cpu|nanmedian
    kernel|min_values_cpu|amin
    kernel|minimum_cpu|clamp_max
    kernel|mse_cpu|mse_loss
    kernel|multi_margin_loss_cpu_kernel|multi_margin_loss
    kernel|multilabel_margin_loss_forward_out_frame|multilabel_margin_loss
    kernel|nll_loss_out_frame|nll_loss
    kernel|round_vml_cpu|round
    kernel|rrelu_with_noise_out_cpu|rrelu
    kernel|rshift_cpu|bitwise_right_shift
    kernel|scatter_gather_tensor_cpu_reduce_amin|scatter_reduce
    kernel|searchsorted_out_cpu|bucketize
    kernel|smooth_l1_cpu|smooth_l1_loss
    kernel|softmax_backward_lastdim_kernel_impl|_softmax_backward_data
    kernel|softmax_lastdim_kernel_impl|multi_head_attention_forward,scaled_dot_product_attention,softmax,softmin
    kernel|softshrink_check|softshrink
    kernel|trigamma|polygamma
    kernel|unique|unique,unique_consecutive
    kernel|upsample_bilinear2d_channels_last|upsample_bilinear
    kernel|xor_sum_cpu|hash_tensor
    """#
}
