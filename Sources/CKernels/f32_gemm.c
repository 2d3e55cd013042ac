#include "kernels.h"
#include <string.h>

// Packed layout: panels of QK_PANEL outputs, each k rows of (panel width) floats, outputs beyond n zero.

size_t qk_f32_packed_size(size_t n, size_t k) { return qk_round_up(n, QK_LANE) * k; }

void qk_f32_pack(size_t n, size_t k, const float *w, size_t ldw, float *packed) {
  for (size_t j = 0; j < n; j += QK_PANEL) {
    const size_t used = qk_min_size(QK_PANEL, n - j), width = qk_round_up(used, QK_LANE);
    float *panel = packed + j * k;
    for (size_t p = 0; p < k; p++)
      for (size_t c = 0; c < width; c++) panel[p * width + c] = c < used ? w[(j + c) * ldw + p] : 0.0f;
  }
}

void qk_f32_unpack(size_t n, size_t k, const float *packed, float *w, size_t ldw) {
  for (size_t j = 0; j < n; j += QK_PANEL) {
    const size_t used = qk_min_size(QK_PANEL, n - j), width = qk_round_up(used, QK_LANE);
    const float *panel = packed + j * k;
    for (size_t c = 0; c < used; c++)
      for (size_t p = 0; p < k; p++) w[(j + c) * ldw + p] = panel[p * width + c];
  }
}

size_t qk_f32_turned_size(size_t m, size_t k) { return qk_round_up(m, QK_LANE) * k; }

void qk_f32_turn(size_t m, size_t k, const float *x, size_t ldx, float *turned) {
  for (size_t i = 0; i < m; i += QK_LINEAR_ROWS) {
    const size_t rows = qk_min_size(QK_LINEAR_ROWS, m - i), width = qk_round_up(rows, QK_LANE);
    float *block = turned + i * k;
    for (size_t p = 0; p < k; p++)
      for (size_t r = 0; r < width; r++) block[p * width + r] = r < rows ? x[(i + r) * ldx + p] : 0.0f;
  }
}

void qk_f32_linear(size_t m, size_t n, size_t k, const float *turned, const float *w, size_t ldw, const float *bias,
                   float *y, size_t ldy) {
  qk_active_kernels()->f32_linear(m, n, k, turned, w, ldw, bias, y, ldy);
}

void qk_f32_gemm(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *packed, const float *bias,
                 float *c, size_t ldc, bool accumulate) {
  qk_active_kernels()->f32_gemm(m, n, k, a, lda, packed, bias, c, ldc, accumulate, false);
}
