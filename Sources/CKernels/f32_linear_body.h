// Float product with a weight that lies in memory as `torch.nn.Linear` has it, over the vector of a simd_….h header
// included before: for weights that are too large to be kept a second time, or are used once.
//
// The inputs, not the weight, are turned: a vector holds one input of as many rows, every weight meets it as a scalar,
// and only the sums are turned back. So the weight is read in order, once, and an element's sum goes through k in order
// with one fused multiply-add each, as in f32_gemm_body.h.
#ifndef QK_F32_LINEAR_BODY_H
#define QK_F32_LINEAR_BODY_H

/// Outputs of a tile, and vectors of rows.
#if VW == 16
#define QK_LINEAR_OUTPUTS 12
#define QK_LINEAR_VECTORS 2
#else
#define QK_LINEAR_OUTPUTS 2
#define QK_LINEAR_VECTORS 4
#endif

/// Outputs that are turned at a time, whole tiles and whole vectors.
#define QK_LINEAR_BLOCK 48
/// Floats of a cache line.
#define QK_LINE 16

/// `QK_LINEAR_OUTPUTS` outputs of `vectors` vectors of rows, into `sums`; the weights of the next tile are asked for.
QK_FN void linear_tile(size_t k, const float *x, const float *const *w, ptrdiff_t ahead, const float *bias,
                       const size_t vectors, float *sums) {
  vf sum[QK_LINEAR_OUTPUTS][QK_LINEAR_VECTORS];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < QK_LINEAR_OUTPUTS; r++)
#pragma clang loop unroll(full)
    for (size_t v = 0; v < vectors; v++) sum[r][v] = v_set(bias[r]);
  for (size_t from = 0; from < k; from += QK_LINE) {
    const size_t to = qk_min_size(from + QK_LINE, k);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < QK_LINEAR_OUTPUTS; r++) __builtin_prefetch(w[r] + from + ahead);
    for (size_t p = from; p < to; p++, x += vectors * VW) {
      vf rows[QK_LINEAR_VECTORS];
#pragma clang loop unroll(full)
      for (size_t v = 0; v < vectors; v++) rows[v] = v_load(x + v * VW);
#pragma clang loop unroll(full)
      for (size_t r = 0; r < QK_LINEAR_OUTPUTS; r++) {
        const vf weight = v_set(w[r][p]);
#pragma clang loop unroll(full)
        for (size_t v = 0; v < vectors; v++) sum[r][v] = v_fma(rows[v], weight, sum[r][v]);
      }
    }
  }
#pragma clang loop unroll(full)
  for (size_t r = 0; r < QK_LINEAR_OUTPUTS; r++)
#pragma clang loop unroll(full)
    for (size_t v = 0; v < vectors; v++) v_store(sums + r * vectors * VW + v * VW, sum[r][v]);
}

/// Turns `outputs` rows of `width` sums into `m` rows of outputs.
QK_FN void linear_turn(size_t m, size_t outputs, size_t width, const float *sums, float *y, size_t ldy) {
  for (size_t i = 0; i < m; i += VW) {
    for (size_t j = 0; j < outputs; j += VW) {
      vf block[VW];
      for (size_t r = 0; r < VW; r++) block[r] = v_load(sums + (j + r) * width + i);
      v_transpose(block);
      const size_t rows = qk_min_size(VW, m - i), part = qk_min_size(VW, outputs - j);
      for (size_t r = 0; r < rows; r++) {
        float *to = y + (i + r) * ldy + j;
        if (part == VW) v_store(to, block[r]);
        else v_store_part(to, block[r], part);
      }
    }
  }
}

QK_KERNEL void f32_linear(size_t m, size_t n, size_t k, const float *turned, const float *w, size_t ldw,
                          const float *bias, float *y, size_t ldy) {
  _Alignas(64) float sums[QK_LINEAR_BLOCK * QK_LINEAR_ROWS];
  for (size_t j = 0; j < n; j += QK_LINEAR_BLOCK) {
    const size_t outputs = qk_min_size(QK_LINEAR_BLOCK, n - j);
    for (size_t i = 0; i < m; i += QK_LINEAR_ROWS) {
      const size_t rows = qk_min_size(QK_LINEAR_ROWS, m - i), width = qk_round_up(rows, QK_LANE);
      for (size_t q = 0; q < outputs; q += QK_LINEAR_OUTPUTS) {
        // Beyond the end the last output is computed again and not used.
        const float *at[QK_LINEAR_OUTPUTS];
        float start[QK_LINEAR_OUTPUTS];
        for (size_t r = 0; r < QK_LINEAR_OUTPUTS; r++) {
          const size_t output = qk_min_size(j + q + r, n - 1);
          at[r] = w + output * ldw, start[r] = bias ? bias[output] : 0.0f;
        }
        const ptrdiff_t ahead = i + QK_LINEAR_ROWS < m ? 0 : (ptrdiff_t)(QK_LINEAR_OUTPUTS * ldw);
        float *to = sums + q * width;
        if (width == QK_LINEAR_ROWS) linear_tile(k, turned + i * k, at, ahead, start, QK_LINEAR_VECTORS, to);
        else linear_tile(k, turned + i * k, at, ahead, start, QK_LINEAR_VECTORS / 2, to);
      }
      linear_turn(rows, outputs, width, sums, y + i * ldy + j, ldy);
    }
  }
}

#endif
