// Register-blocked float product, over the vector of a simd_….h header included before.
//
// An element's sum goes through k in order with one fused multiply-add each; blocks of k only put it into memory and
// take it out again, so neither blocking nor vector width shows in the bits.
#ifndef QK_F32_GEMM_BODY_H
#define QK_F32_GEMM_BODY_H

#include "tile.h"

/// k is walked in blocks of this many, so that a block of a panel stays in the second-level cache.
#define QK_K_BLOCK 1024

/// From this many bytes on hardly anything of a weight is expected in the second-level cache.
#define QK_LARGE_WEIGHT ((size_t)2 << 20)

/// One tile: `rows` by `vectors`, of which the first `columns` columns exist.
typedef struct qk_f32_tile {
  size_t k, lda, width, ldc, columns;
  const float *a, *w, *bias;
  float *c;
  /// The sum goes on from what is in `c`.
  bool from_c;
} qk_f32_tile;

/// Weights read once, from beyond the second-level cache, are asked for this many bytes ahead.
#define QK_PREFETCH 1536

QK_FN void f32_tile(const qk_f32_tile t, const size_t rows, const size_t vectors, const bool prefetch) {
  vf sum[QK_TILE_ROWS][QK_ROW_VECTORS];
  const bool whole = t.columns == vectors * VW;
#pragma clang loop unroll(full)
  for (size_t v = 0; v < vectors; v++) {
    const size_t at = v * VW, left = t.columns > at ? t.columns - at : 0;
    const size_t part = left < VW ? left : VW;
    const vf bias = !t.bias ? v_set(0.0f) : whole ? v_load(t.bias + at) : v_load_part(t.bias + at, part);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      const float *c = t.c + r * t.ldc + at;
      if (!t.from_c) sum[r][v] = bias;
      else if (!t.bias) sum[r][v] = whole ? v_load(c) : v_load_part(c, part);
      else sum[r][v] = v_add(whole ? v_load(c) : v_load_part(c, part), bias);
    }
  }
  const float *w = t.w, *a = t.a;
  for (size_t p = 0; p < t.k; p++, w += t.width) {
    if (prefetch) {
      for (size_t line = 0; line < vectors * VW * sizeof(float); line += 64)
        __builtin_prefetch((const char *)w + QK_PREFETCH + line);
    }
    vf column[QK_ROW_VECTORS];
#pragma clang loop unroll(full)
    for (size_t v = 0; v < vectors; v++) column[v] = v_load(w + v * VW);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      const vf x = v_set(a[r * t.lda + p]);
#pragma clang loop unroll(full)
      for (size_t v = 0; v < vectors; v++) sum[r][v] = v_fma(x, column[v], sum[r][v]);
    }
  }
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (size_t v = 0; v < vectors; v++) {
      const size_t at = v * VW, left = t.columns > at ? t.columns - at : 0;
      float *c = t.c + r * t.ldc + at;
      if (whole) v_store(c, sum[r][v]);
      else v_store_part(c, sum[r][v], left < VW ? left : VW);
    }
  }
}

#define QK_TILE(rows, vectors) \
  case rows * 16 + vectors: f32_tile(*t, rows, vectors, false); break;

QK_KERNEL void f32_rows_tile(const qk_f32_tile *t, size_t rows, size_t vectors) {
  switch (rows * 16 + vectors) {
    QK_TILE(2, 1) QK_TILE(3, 1) QK_TILE(4, 1) QK_TILE(5, 1) QK_TILE(6, 1)
    QK_TILE(2, 2) QK_TILE(3, 2) QK_TILE(4, 2) QK_TILE(5, 2) QK_TILE(6, 2)
#if QK_TILE_VECTORS == 4
    QK_TILE(2, 3) QK_TILE(3, 3) QK_TILE(4, 3) QK_TILE(5, 3) QK_TILE(6, 3)
    QK_TILE(2, 4) QK_TILE(3, 4) QK_TILE(4, 4) QK_TILE(5, 4) QK_TILE(6, 4)
#endif
  }
}

QK_KERNEL void f32_row_tile(const qk_f32_tile *t, size_t vectors, bool prefetch) {
  // Only whole panels matter for that.
  if (prefetch && vectors == QK_ROW_VECTORS) {
    f32_tile(*t, 1, QK_ROW_VECTORS, true);
    return;
  }
  switch (vectors * VW / QK_LANE) {
    case 1: f32_tile(*t, 1, 1 * QK_LANE / VW, false); break;
    case 2: f32_tile(*t, 1, 2 * QK_LANE / VW, false); break;
    case 3: f32_tile(*t, 1, 3 * QK_LANE / VW, false); break;
    case 4: f32_tile(*t, 1, 4 * QK_LANE / VW, false); break;
  }
}

QK_KERNEL void f32_gemm(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *packed,
                        const float *bias, float *c, size_t ldc, bool accumulate, bool backwards) {
  const bool large = n * k * sizeof(float) >= QK_LARGE_WEIGHT;
  const size_t panels = (n + QK_PANEL - 1) / QK_PANEL;
  for (size_t panel = 0; panel < panels; panel++) {
    const size_t j = (backwards ? panels - 1 - panel : panel) * QK_PANEL;
    const size_t used = qk_min_size(QK_PANEL, n - j), width = qk_round_up(used, QK_LANE);
    size_t p = 0;
    do {
      const size_t depth = qk_min_size(QK_K_BLOCK, k - p);
      qk_f32_tile t = {.k = depth, .lda = lda, .width = width, .ldc = ldc, .from_c = accumulate || p > 0};
      for (size_t i = 0; i < m;) {
        const size_t rows = qk_tile_rows(m - i, QK_TILE_ROWS);
        const size_t step = rows == 1 ? width : QK_TILE_VECTORS * VW;
        for (size_t q = 0; q < width; q += step) {
          const size_t wide = qk_min_size(step, width - q);
          t.a = a + i * lda + p, t.w = packed + j * k + p * width + q, t.c = c + i * ldc + j + q;
          t.bias = bias && p == 0 ? bias + j + q : NULL;
          t.columns = qk_min_size(wide, used > q ? used - q : 0);
          if (rows == 1) f32_row_tile(&t, wide / VW, large);
          else f32_rows_tile(&t, rows, wide / VW);
        }
        i += rows;
      }
      p += depth;
    } while (p < k);
  }
}

#endif
