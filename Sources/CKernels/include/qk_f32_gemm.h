/// Float matrix product with packed weights.
#ifndef QK_F32_GEMM_H
#define QK_F32_GEMM_H

#include <stdbool.h>
#include <stddef.h>

/// How many floats the packed form of an `n` by `k` weight takes.
size_t qk_f32_packed_size(size_t n, size_t k);

/// Packs `w[n, k]` (row stride `ldw`), as `torch.nn.Linear.weight`, into `packed`, which has room for
/// `qk_f32_packed_size(n, k)` floats. The layout is the same for every instruction set.
void qk_f32_pack(size_t n, size_t k, const float *w, size_t ldw, float *packed);

/// The inverse of `qk_f32_pack`.
void qk_f32_unpack(size_t n, size_t k, const float *packed, float *w, size_t ldw);

/// `c[m, n] = a[m, k] · wᵀ (+ bias[n]) (+ c)`.
///
/// Every element starts from `c` if `accumulate`, else 0, plus `bias` if it is not NULL, and takes the `k` products
/// in order, each by one fused multiply-add: the bits depend neither on the instruction set nor on `m`.
void qk_f32_gemm(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *packed, const float *bias,
                 float *c, size_t ldc, bool accumulate);

/// How many floats the turned form of `m` rows of `k` inputs takes.
size_t qk_f32_turned_size(size_t m, size_t k);

/// Turns `x[m, k]` into `turned`, which has room for `qk_f32_turned_size(m, k)` floats and is best 64-byte aligned.
void qk_f32_turn(size_t m, size_t k, const float *x, size_t ldx, float *turned);

/// `y[m, n] = x[m, k] · wᵀ (+ bias[n])` with the weight `w[n, k]` (row stride `ldw`) as it is and `turned` from
/// `qk_f32_turn`. The bits are those of `qk_f32_gemm`. A part of the outputs is computed by giving that part of `w`,
/// `bias` and `y`.
void qk_f32_linear(size_t m, size_t n, size_t k, const float *turned, const float *w, size_t ldw, const float *bias,
                   float *y, size_t ldy);

/// How many floats of scratch `qk_f32_linear_panels` takes.
size_t qk_f32_panels_size(size_t n, size_t k);

/// The same for many rows of `x` as they are: the weight is packed on the way, some panels at a time.
void qk_f32_linear_panels(size_t m, size_t n, size_t k, const float *x, size_t ldx, const float *w, size_t ldw, const float *bias,
                          float *y, size_t ldy, float *scratch);

#endif
