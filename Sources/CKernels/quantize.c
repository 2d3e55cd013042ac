#include "kernels.h"

void qk_quantize_u8(size_t n, const float *x, float scale, int32_t zero_point, uint8_t *q) {
  qk_active_kernels()->quantize_u8(n, x, 1.0f / scale, zero_point, q);
}

void qk_quantize_s8(size_t n, const float *x, float scale, int32_t zero_point, int8_t *q) {
  qk_active_kernels()->quantize_s8(n, x, 1.0f / scale, zero_point, q);
}
