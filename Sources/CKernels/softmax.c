#include "kernels.h"

void qk_softmax_f32(size_t rows, size_t n, const float *x, float *y) { qk_active_kernels()->softmax(rows, n, x, y); }

void qk_log_softmax_f32(size_t rows, size_t n, const float *x, float *y) {
  qk_active_kernels()->log_softmax(rows, n, x, y);
}

void qk_softmax_backward_f32(size_t rows, size_t n, const float *y, const float *g, float *out) {
  qk_active_kernels()->softmax_backward(rows, n, y, g, out);
}

void qk_log_softmax_backward_f32(size_t rows, size_t n, const float *y, const float *g, float *out) {
  qk_active_kernels()->log_softmax_backward(rows, n, y, g, out);
}

void qk_log_sum_exp_f32(size_t rows, size_t n, const float *x, float *top, float *shift) {
  qk_active_kernels()->log_sum_exp(rows, n, x, top, shift);
}

void qk_cross_entropy_backward_f32(size_t rows, size_t n, const float *x, const float *top, const float *shift,
                                   const int64_t *target, const float *scale, float *out) {
  qk_active_kernels()->cross_entropy_backward(rows, n, x, top, shift, target, scale, out);
}
