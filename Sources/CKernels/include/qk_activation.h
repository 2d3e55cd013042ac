/// Elementwise exp, logistic sigmoid and hyperbolic tangent.
#ifndef QK_ACTIVATION_H
#define QK_ACTIVATION_H

#include <stddef.h>

/// `y[i] = exp(x[i])` for `n` elements, within 1.05 ulp, also in the subnormal range; exact at 0, +inf and -inf;
/// NaN stays NaN. `y` may be `x`.
void qk_exp_f32(size_t n, const float *x, float *y);

/// `y[i] = 1 / (1 + exp(-x[i]))` for `n` elements, within 1.75 ulp, or 2.5 below x = -16;
/// 0 where exp(-x) overflows, as in PyTorch. `y` may be `x`.
void qk_sigmoid_f32(size_t n, const float *x, float *y);

/// `y[i] = tanh(x[i])` for `n` elements, within 1.35 ulp; odd, keeps the sign of zero; 1 and -1 at +inf and -inf.
/// `y` may be `x`.
void qk_tanh_f32(size_t n, const float *x, float *y);

#endif
