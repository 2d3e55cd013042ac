// Product of 8-bit activations and weights with exact int32 sums, over the vector of a simd_….h header included
// before. The including file defines
//   qk_operand qk_s8_operand(const uint8_t *a): four activations, in every lane, in the form the product takes;
//   vi qk_s8_dot(vi sum, qk_operand a, vi w, bool small): sum + the four products in each lane.
#ifndef QK_S8_GEMM_BODY_H
#define QK_S8_GEMM_BODY_H

#include "tile.h"

/// One tile: `rows` by `vectors`, of which the first `columns` columns exist, from output `column` on.
typedef struct qk_s8_tile {
  const qk_s8_job *job;
  size_t row, column, columns, width;
  const int8_t *w;
  /// From here on `lines` cache lines are asked for at each step.
  const int8_t *ahead;
  size_t lines;
} qk_s8_tile;

/// What makes floats of the sums of `n` outputs from `j` on, the same for every row.
typedef struct qk_s8_finish {
  vi correction, zero_point;
  vf scale, bias;
} qk_s8_finish;

QK_FN qk_s8_finish s8_finish_columns(const qk_s8_job *job, size_t j, size_t n) {
  const qk_s8_weight *w = job->w;
  const bool whole = n == VW;
  qk_s8_finish f;
  f.correction = vi_mul(vi_set(job->a_zero_point), whole ? vi_load(w->col_sums + j) : vi_load_part(w->col_sums + j, n));
  f.zero_point = !w->zero_points ? vi_set(0)
                 : w->per_channel ? vi_load_part(w->zero_points + j, n) : vi_set(w->zero_points[0]);
  f.scale = v_mul(v_set(job->a_scale), w->per_channel ? v_load_part(w->scales + j, n) : v_set(w->scales[0]));
  f.bias = !job->bias ? v_set(0.0f) : whole ? v_load(job->bias + j) : v_load_part(job->bias + j, n);
  return f;
}

QK_FN void s8_finish_row(const qk_s8_job *job, const qk_s8_finish *f, size_t i, size_t j, size_t n, vi sum) {
  const bool whole = n == VW;
  vi exact = vi_sub(sum, f->correction);
  if (job->w->zero_points) {
    const uint32_t rest = (uint32_t)job->row_sums[i] - (uint32_t)job->a_zero_point * (uint32_t)job->w->k;
    exact = vi_sub(exact, vi_mul(f->zero_point, vi_set((int32_t)rest)));
  }
  const vf x = v_from_int(exact);
  vf y = job->bias ? v_fma(x, f->scale, f->bias) : v_mul(x, f->scale);
  float *out = job->y + i * job->ldc + j;
  if (job->accumulate) y = v_add(y, whole ? v_load(out) : v_load_part(out, n));
  if (whole) v_store(out, y);
  else v_store_part(out, y, n);
}

QK_FN void s8_tile(const qk_s8_tile t, const size_t rows, const size_t vectors, const bool small) {
  vi sum[QK_TILE_ROWS][QK_ROW_VECTORS];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (size_t v = 0; v < vectors; v++) sum[r][v] = vi_set(0);
  }
  const size_t lda = t.job->lda, k = t.job->w->k;
  const uint8_t *a = t.job->a + t.row * lda;
  const int8_t *w = t.w;
  const int8_t *ahead = t.ahead;
  for (size_t p = 0; p < k; p += 4, w += 4 * t.width) {
    if (rows > 1) {
      for (size_t line = 0; line < t.lines; line++, ahead += 64) __builtin_prefetch(ahead);
    }
    vi column[QK_ROW_VECTORS];
#pragma clang loop unroll(full)
    for (size_t v = 0; v < vectors; v++) column[v] = vi_load(w + v * VW * 4);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      const qk_operand x = qk_s8_operand(a + r * lda + p);
#pragma clang loop unroll(full)
      for (size_t v = 0; v < vectors; v++) sum[r][v] = qk_s8_dot(sum[r][v], x, column[v], small);
    }
  }
#pragma clang loop unroll(full)
  for (size_t v = 0; v < vectors; v++) {
    const size_t at = v * VW, j = t.column + at;
    if (at >= t.columns) break;
    const size_t n = qk_min_size(VW, t.columns - at);
    if (t.job->sums) {
#pragma clang loop unroll(full)
      for (size_t r = 0; r < rows; r++)
        v_store_part((float *)(t.job->sums + (t.row + r) * t.job->ldc + j), v_from_bits(sum[r][v]), n);
    } else {
      const qk_s8_finish finish = s8_finish_columns(t.job, j, n);
#pragma clang loop unroll(full)
      for (size_t r = 0; r < rows; r++) s8_finish_row(t.job, &finish, t.row + r, j, n, sum[r][v]);
    }
  }
}

#define QK_S8_TILE(rows, vectors) \
  case rows * 16 + vectors: s8_tile(*t, rows, vectors, small); break;

QK_FN void s8_any_tile(const qk_s8_tile *t, size_t rows, size_t vectors, const bool small) {
  switch (rows * 16 + vectors) {
#if VW == 16
    QK_S8_TILE(1, 1) QK_S8_TILE(1, 2) QK_S8_TILE(1, 3) QK_S8_TILE(1, 4)
    QK_S8_TILE(2, 1) QK_S8_TILE(2, 2) QK_S8_TILE(2, 3) QK_S8_TILE(2, 4)
    QK_S8_TILE(3, 1) QK_S8_TILE(3, 2) QK_S8_TILE(3, 3) QK_S8_TILE(3, 4)
    QK_S8_TILE(4, 1) QK_S8_TILE(4, 2) QK_S8_TILE(4, 3) QK_S8_TILE(4, 4)
#if QK_S8_MOST_ROWS >= 6
    QK_S8_TILE(5, 1) QK_S8_TILE(5, 2) QK_S8_TILE(5, 3) QK_S8_TILE(5, 4)
    QK_S8_TILE(6, 1) QK_S8_TILE(6, 2) QK_S8_TILE(6, 3) QK_S8_TILE(6, 4)
#endif
#else
    QK_S8_TILE(1, 2) QK_S8_TILE(1, 4) QK_S8_TILE(1, 6) QK_S8_TILE(1, 8)
    QK_S8_TILE(2, 2) QK_S8_TILE(3, 2) QK_S8_TILE(4, 2)
#endif
  }
}

QK_KERNEL void s8_exact_tile(const qk_s8_tile *t, size_t rows, size_t vectors) {
  s8_any_tile(t, rows, vectors, false);
}

QK_KERNEL void s8_small_tile(const qk_s8_tile *t, size_t rows, size_t vectors) {
  s8_any_tile(t, rows, vectors, true);
}

QK_KERNEL void s8_gemm(const qk_s8_job *job) {
  if (job->m == 0) return;
  const size_t n = job->w->n, depth = qk_round_up(job->w->k, 4);
  for (size_t j = 0; j < n; j += QK_PANEL) {
    const size_t used = qk_min_size(QK_PANEL, n - j), width = qk_round_up(used, QK_LANE);
    // While the tiles use a panel the next one is fetched, by equal parts as long as there is some.
    const size_t tiles = (job->m + QK_S8_MOST_ROWS - 1) / QK_S8_MOST_ROWS * ((width + QK_TILE_VECTORS * VW - 1) / (QK_TILE_VECTORS * VW));
    const size_t lines = (width * 4 / 64 + tiles - 1) / tiles;
    size_t at = width * depth;
    for (size_t i = 0; i < job->m;) {
      const size_t rows = qk_tile_rows(job->m - i, QK_S8_MOST_ROWS);
      const size_t step = rows == 1 ? width : QK_TILE_VECTORS * VW;
      for (size_t q = 0; q < width; q += step) {
        const size_t wide = qk_min_size(step, width - q);
        const qk_s8_tile t = {.job = job, .row = i, .column = j + q, .columns = used > q ? qk_min_size(wide, used - q) : 0,
                              .width = width, .w = job->w->packed + j * depth + q * 4,
                              .ahead = job->w->packed + j * depth + at, .lines = at < 2 * width * depth ? lines : 0};
        at += lines * 64 * (depth / 4);
        if (QK_S8_HAS_SMALL && job->small) s8_small_tile(&t, rows, wide / VW);
        else s8_exact_tile(&t, rows, wide / VW);
      }
      i += rows;
    }
  }
}

#endif
