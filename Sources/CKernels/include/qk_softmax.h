/// Softmax, its logarithm, the loss on top and their slopes over the rows of dense float matrices.
#ifndef QK_SOFTMAX_H
#define QK_SOFTMAX_H

#include <stddef.h>
#include <stdint.h>

/// Each row `y = exp(x - max) / sum`; `n >= 1` elements a row. A row with a NaN, or of nothing but -inf, becomes NaN.
void qk_softmax_f32(size_t rows, size_t n, const float *x, float *y);

/// Each row `y = (x - max) - log(sum)`. `y` may be `x`.
void qk_log_softmax_f32(size_t rows, size_t n, const float *x, float *y);

/// The gradient of softmax's input from its result `y` and gradient `g`: `y (g - Σ g y)`.
void qk_softmax_backward_f32(size_t rows, size_t n, const float *y, const float *g, float *out);

/// The gradient of log-softmax's input from its result `y` and gradient `g`: `g - exp(y) Σ g`.
void qk_log_softmax_backward_f32(size_t rows, size_t n, const float *y, const float *g, float *out);

/// What log-softmax takes off each row: its greatest element, and the logarithm of the sum.
void qk_log_sum_exp_f32(size_t rows, size_t n, const float *x, float *top, float *shift);

/// Each row `out = scale (softmax(x) - onehot(target))`, with what `qk_log_sum_exp_f32` found; zeros where `scale` is 0.
/// Targets of other rows are in `0 ..< n`.
void qk_cross_entropy_backward_f32(size_t rows, size_t n, const float *x, const float *top, const float *shift,
                                   const int64_t *target, const float *scale, float *out);

#endif
