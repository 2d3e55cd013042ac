/// Conversions between float32 and the 16-bit float formats, rounding half to even.
#ifndef QK_CONVERT_H
#define QK_CONVERT_H

#include <stddef.h>
#include <stdint.h>

/// Rounds `n` floats to IEEE half precision (bit patterns). Too large becomes infinity, NaN a quiet NaN with the
/// upper payload bits kept.
void qk_f32_to_f16(size_t n, const float *x, uint16_t *y);

/// Widens `n` half precision bit patterns; exact.
void qk_f16_to_f32(size_t n, const uint16_t *x, float *y);

/// Rounds `n` floats to bfloat16 (bit patterns). Every NaN becomes 0x7fc0.
void qk_f32_to_bf16(size_t n, const float *x, uint16_t *y);

/// Widens `n` bfloat16 bit patterns; exact.
void qk_bf16_to_f32(size_t n, const uint16_t *x, float *y);

/// `y[i]` is `x[i]` limited to ±65504 and rounded to half precision, as a float: the weights PyTorch's float16
/// dynamic quantization multiplies with. NaN stays NaN. Returns how many elements were out of range (PyTorch warns
/// when there is one). `y` may be `x`.
size_t qk_f32_round_to_f16_saturated(size_t n, const float *x, float *y);

#endif
