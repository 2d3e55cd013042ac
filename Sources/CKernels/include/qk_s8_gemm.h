/// Products of 8-bit activations and 8-bit weights with exact 32-bit sums.
#ifndef QK_S8_GEMM_H
#define QK_S8_GEMM_H

#include "qk_quantize.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A packed int8 weight of a linear layer with `n` outputs and `k` inputs. Owns nothing.
typedef struct qk_s8_weight {
  size_t n, k;
  /// From `qk_s8_pack`.
  const int8_t *packed;
  /// From `qk_s8_pack`: the sum over `k` for each of the `n` outputs.
  const int32_t *col_sums;
  /// One scale, or `n` of them if `per_channel`.
  const float *scales;
  /// NULL (all 0), or as many as there are scales.
  const int32_t *zero_points;
  bool per_channel;
} qk_s8_weight;

/// How many bytes the packed form of an `n` by `k` weight takes.
size_t qk_s8_packed_size(size_t n, size_t k);

/// Packs `w[n, k]` (row stride `ldw`) into `packed` (`qk_s8_packed_size` bytes) and its row sums into
/// `col_sums[n]`. The layout is the same for every instruction set.
void qk_s8_pack(size_t n, size_t k, const int8_t *w, size_t ldw, int8_t *packed, int32_t *col_sums);

/// The inverse of `qk_s8_pack`.
void qk_s8_unpack(size_t n, size_t k, const int8_t *packed, int8_t *w, size_t ldw);

/// `c[m, n] = a[m, k] · wᵀ` as int32, wrapping at 2³². Row strides in elements; `lda` is at least `k` rounded up to a
/// multiple of 4, and the bytes between are readable (their values do not matter).
void qk_s8_gemm_s32(size_t m, const uint8_t *a, size_t lda, const qk_s8_weight *w, int32_t *c, size_t ldc);

/// How many bytes of scratch `qk_linear_dynamic_s8` takes for `m` rows of `k` inputs.
size_t qk_linear_dynamic_s8_scratch(size_t m, size_t k);

/// `y[m, n] = x[m, k] · wᵀ + bias` as PyTorch's `quantized::linear_dynamic` (x86 engine): the range of all of `x`
/// gives scale and zero point, `x` is quantized to 8 bits, the product is exact, and
/// `y = fma(sum, x_scale * w_scale, bias)`. With `accumulate` the old `y` is added to that. `bias` may be NULL.
/// Outputs are shared out among at most `threads` threads. Fails with QK_BAD_RANGE where PyTorch throws; `y` is then untouched.
qk_status qk_linear_dynamic_s8(size_t m, const float *x, size_t ldx, const qk_s8_weight *w, const float *bias,
                               bool reduce_range, bool accumulate, float *y, size_t ldy, unsigned threads, void *scratch);

#endif
