/// Affine quantization of activations, as FBGEMM and PyTorch do it.
#ifndef QK_QUANTIZE_H
#define QK_QUANTIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What can be wrong with a range to be quantized.
typedef enum qk_status {
  QK_OK = 0,
  /// min is not <= max: there was a NaN. PyTorch: "In ChooseQuantizationParams, min should be less than or equal to max".
  QK_BAD_RANGE = 1,
  /// qmin is not < qmax.
  QK_BAD_LEVELS = 2,
  /// The scale is not > 0.
  QK_BAD_SCALE = 3,
} qk_status;

/// Smallest and largest of `n` floats; 0 and 0 for `n == 0`. NaN counts as in `fbgemm::FindMinMax`: whether it reaches
/// the result depends on where it stands. A zero result is +0.
void qk_minmax_f32(size_t n, const float *x, float *min, float *max);

/// Scale and zero point for the range [min, max], as `quant_utils::ChooseQuantizationParams` (ATen) and
/// `fbgemm::ChooseQuantizationParams`. `reduce_range` halves `qmin` and `qmax`.
qk_status qk_choose_qparams(float min, float max, int32_t qmin, int32_t qmax, bool preserve_sparsity,
                            bool force_scale_power_of_two, bool reduce_range, double *scale, int32_t *zero_point);

/// `q[i] = clamp(round(x[i] * (1 / scale)) + zero_point, 0, 255)`, rounding half to even: `torch.quantize_per_tensor`
/// to quint8 on x86, and how FBGEMM quantizes the activations of a dynamic linear layer. -inf gives 0, +inf and NaN
/// 255, or 0 with a zero point above 127, where the sum wraps as FBGEMM's does.
void qk_quantize_u8(size_t n, const float *x, float scale, int32_t zero_point, uint8_t *q);

/// `q[i] = clamp(round(x[i] * (1 / scale)) + zero_point, -128, 127)`: `torch.quantize_per_tensor` to qint8 on x86.
void qk_quantize_s8(size_t n, const float *x, float scale, int32_t zero_point, int8_t *q);

#endif
