#include "kernels.h"
#include <string.h>

void qk_f32_to_f16(size_t n, const float *x, uint16_t *y) { qk_active_kernels()->f32_to_f16(n, x, y); }

void qk_f16_to_f32(size_t n, const uint16_t *x, float *y) { qk_active_kernels()->f16_to_f32(n, x, y); }

void qk_f32_to_bf16(size_t n, const float *x, uint16_t *y) { qk_active_kernels()->f32_to_bf16(n, x, y); }

void qk_bf16_to_f32(size_t n, const uint16_t *x, float *y) {
  for (size_t i = 0; i < n; i++) {
    const uint32_t bits = (uint32_t)x[i] << 16;
    memcpy(y + i, &bits, sizeof bits);
  }
}

size_t qk_f32_round_to_f16_saturated(size_t n, const float *x, float *y) {
  const qk_kernels *kernels = qk_active_kernels();
  const float most = 65504.0f;
  float limited[64];
  uint16_t half[64];
  size_t out_of_range = 0;
  for (size_t i = 0; i < n; i += 64) {
    const size_t count = qk_min_size(64, n - i);
    for (size_t j = 0; j < count; j++) {
      const float v = x[i + j];
      limited[j] = v > most ? most : v < -most ? -most : v;
      out_of_range += v > most || v < -most;
    }
    kernels->f32_to_f16(count, limited, half);
    kernels->f16_to_f32(count, half, y + i);
  }
  return out_of_range;
}
