#include "kernels.h"
#include <string.h>

size_t qk_sparse_groups(size_t n) { return qk_round_up(n, QK_SPARSE_LANES) / QK_SPARSE_LANES; }

/// Packs the rows of one group; gives its number of steps.
static size_t pack_group(const qk_sparse_rows *m, const uint32_t *rows, size_t count, uint32_t *base, uint8_t *places,
                         float *values) {
  int32_t next[QK_SPARSE_LANES], end[QK_SPARSE_LANES];
  for (size_t l = 0; l < count; l++) next[l] = m->offsets[rows[l]], end[l] = m->offsets[rows[l] + 1];
  const size_t last = m->k > QK_SPARSE_WINDOW ? m->k - QK_SPARSE_WINDOW : 0;
  for (size_t step = 0;; step++) {
    size_t from = SIZE_MAX;
    for (size_t l = 0; l < count; l++)
      if (next[l] < end[l]) from = qk_min_size(from, (size_t)m->columns[next[l]]);
    if (from == SIZE_MAX) return step;
    from = qk_min_size(from, last);
    if (base) {
      base[step] = (uint32_t)from;
      memset(places + step * QK_SPARSE_LANES, 0, QK_SPARSE_LANES);
      memset(values + step * QK_SPARSE_LANES, 0, QK_SPARSE_LANES * sizeof *values);
    }
    for (size_t l = 0; l < count; l++) {
      if (next[l] == end[l]) continue;
      const size_t place = (size_t)m->columns[next[l]] - from;
      if (place >= QK_SPARSE_WINDOW) continue;
      if (base) {
        places[step * QK_SPARSE_LANES + l] = (uint8_t)(QK_SPARSE_USED | place);
        values[step * QK_SPARSE_LANES + l] = m->values[next[l]];
      }
      next[l]++;
    }
  }
}

size_t qk_sparse_pack(const qk_sparse_rows *matrix, const uint32_t *rows, uint32_t *first, uint32_t *base, uint8_t *places,
                      float *values) {
  size_t steps = 0, group = 0;
  for (size_t at = 0; at < matrix->n; at += QK_SPARSE_LANES, group++) {
    first[group] = (uint32_t)steps;
    const size_t lane = steps * QK_SPARSE_LANES;
    steps += pack_group(matrix, rows + at, qk_min_size(QK_SPARSE_LANES, matrix->n - at), base ? base + steps : NULL,
                        base ? places + lane : NULL, base ? values + lane : NULL);
  }
  first[group] = (uint32_t)steps;
  return steps;
}

void qk_sparse_unpack(const qk_sparse_weight *w, int32_t *offsets, int32_t *columns, float *values) {
  // Lengths first, at the places where the offsets come.
  memset(offsets, 0, (w->n + 1) * sizeof *offsets);
  for (size_t at = 0; at < w->n; at++) {
    const size_t group = at / QK_SPARSE_LANES, lane = at % QK_SPARSE_LANES;
    for (size_t step = w->first[group]; step < w->first[group + 1]; step++)
      offsets[w->rows[at] + 1] += w->places[step * QK_SPARSE_LANES + lane] >> 7;
  }
  for (size_t r = 0; r < w->n; r++) offsets[r + 1] += offsets[r];
  for (size_t at = 0; at < w->n; at++) {
    const size_t group = at / QK_SPARSE_LANES, lane = at % QK_SPARSE_LANES;
    int32_t to = offsets[w->rows[at]];
    for (size_t step = w->first[group]; step < w->first[group + 1]; step++) {
      const size_t from = step * QK_SPARSE_LANES + lane;
      if (!(w->places[from] & QK_SPARSE_USED)) continue;
      columns[to] = (int32_t)(w->base[step] + (w->places[from] & (QK_SPARSE_WINDOW - 1)));
      values[to++] = w->values[from];
    }
  }
}

void qk_sparse_linear(size_t m, const float *x, size_t ldx, const qk_sparse_weight *w, const float *bias, float *y,
                      size_t ldy, size_t from, size_t to) {
  const qk_kernels *kernels = qk_active_kernels();
  float padded[QK_SPARSE_ROWS * QK_SPARSE_WINDOW];
  for (size_t i = 0; i < m;) {
    const size_t left = m - i, rows = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
    const float *some = x + i * ldx;
    size_t ld = ldx;
    if (w->k < QK_SPARSE_WINDOW) {
      // A window is wider than what there is.
      memset(padded, 0, sizeof padded);
      for (size_t r = 0; r < rows; r++) memcpy(padded + r * QK_SPARSE_WINDOW, some + r * ldx, w->k * sizeof *x);
      some = padded;
      ld = QK_SPARSE_WINDOW;
    }
    kernels->sparse_linear(rows, some, ld, w, bias, y + i * ldy, ldy, from, to);
    i += rows;
  }
}
