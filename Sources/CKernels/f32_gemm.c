#include "kernels.h"
#include <string.h>

// Packed layout: panels of QK_PANEL outputs, each k rows of (panel width) floats, outputs beyond n zero.

/// Lays `panel_width` rows of `w` (m x k, `ldw` apart) at a time side by side, so that what belongs to one column is together; the
/// rows up to the next whole lane are zero.
static void pack_rows(size_t m, size_t k, const float *w, size_t ldw, size_t panel_width, float *packed) {
  for (size_t i = 0; i < m; i += panel_width) {
    const size_t used = qk_min_size(panel_width, m - i), width = qk_round_up(used, QK_LANE);
    float *panel = packed + i * k;
    for (size_t p = 0; p < k; p++)
      for (size_t c = 0; c < width; c++) panel[p * width + c] = c < used ? w[(i + c) * ldw + p] : 0.0f;
  }
}

size_t qk_f32_packed_size(size_t n, size_t k) { return qk_round_up(n, QK_LANE) * k; }

void qk_f32_pack(size_t n, size_t k, const float *w, size_t ldw, float *packed) { pack_rows(n, k, w, ldw, QK_PANEL, packed); }

void qk_f32_unpack(size_t n, size_t k, const float *packed, float *w, size_t ldw) {
  for (size_t j = 0; j < n; j += QK_PANEL) {
    const size_t used = qk_min_size(QK_PANEL, n - j), width = qk_round_up(used, QK_LANE);
    const float *panel = packed + j * k;
    for (size_t c = 0; c < used; c++)
      for (size_t p = 0; p < k; p++) w[(j + c) * ldw + p] = panel[p * width + c];
  }
}

size_t qk_f32_turned_size(size_t m, size_t k) { return qk_round_up(m, QK_LANE) * k; }

void qk_f32_turn(size_t m, size_t k, const float *x, size_t ldx, float *turned) { pack_rows(m, k, x, ldx, QK_LINEAR_ROWS, turned); }

void qk_f32_linear(size_t m, size_t n, size_t k, const float *turned, const float *w, size_t ldw, const float *bias,
                   float *y, size_t ldy) {
  qk_active_kernels()->f32_linear(m, n, k, turned, w, ldw, bias, y, ldy);
}

void qk_f32_gemm(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *packed, const float *bias,
                 float *c, size_t ldc, bool accumulate) {
  qk_active_kernels()->f32_gemm(m, n, k, a, lda, packed, bias, c, ldc, accumulate, false);
}

/// Floats of a packed weight that are worth keeping at a time, and of rows that stay in the second-level cache meanwhile.
#define QK_PACKED_FLOATS ((size_t)1 << 20)
#define QK_ROWS_FLOATS ((size_t)1 << 17)

static size_t panels_at_once(size_t n, size_t k) {
  const size_t panels = QK_PACKED_FLOATS / (QK_PANEL * k + 1) + 1;
  return qk_min_size(panels * QK_PANEL, qk_round_up(n, QK_LANE));
}

size_t qk_f32_panels_size(size_t n, size_t k) { return panels_at_once(n, k) * k; }

void qk_f32_linear_panels(size_t m, size_t n, size_t k, const float *x, size_t ldx, const float *w, size_t ldw, const float *bias,
                          float *y, size_t ldy, float *scratch) {
  const qk_kernels *kernels = qk_active_kernels();
  const size_t some = panels_at_once(n, k), rows = QK_ROWS_FLOATS / (k + 1) / 6 * 6 + 48;
  for (size_t from = 0; from < n; from += some) {
    const size_t count = qk_min_size(some, n - from);
    for (size_t j = 0; j < count; j += QK_PANEL) {
      const size_t used = qk_min_size(QK_PANEL, count - j), width = qk_round_up(used, QK_LANE);
      float *panel = scratch + j * k;
      for (size_t p = 0; p < k && used < width; p++) memset(panel + p * width + used, 0, (width - used) * sizeof *panel);
      kernels->f32_turn(used, k, w + (from + j) * ldw, ldw, panel, width);
    }
    for (size_t i = 0; i < m; i += rows)
      kernels->f32_gemm(qk_min_size(rows, m - i), count, k, x + i * ldx, ldx, scratch, bias ? bias + from : NULL, y + i * ldy + from, ldy,
                        false, false);
  }
}
