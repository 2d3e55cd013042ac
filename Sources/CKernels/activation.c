#include "kernels.h"

void qk_exp_f32(size_t n, const float *x, float *y) { qk_active_kernels()->exp(n, x, y); }

void qk_sigmoid_f32(size_t n, const float *x, float *y) { qk_active_kernels()->sigmoid(n, x, y); }

void qk_tanh_f32(size_t n, const float *x, float *y) { qk_active_kernels()->tanh(n, x, y); }
