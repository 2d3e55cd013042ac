// What attention is made of: products of row-major matrices, turning them, and softmax with its slopes in place. After
// softmax_body.h and, with vectors, f32_gemm_body.h; every instruction set gives the same bits.
#ifndef QK_ATTENTION_BODY_H
#define QK_ATTENTION_BODY_H

/// c[m, n] = a[m, k] · b[k, n] (+ c); rows of b are readable up to a whole lane. Sums as in `qk_f32_gemm`.
QK_KERNEL void f32_product(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb, float *c,
                           size_t ldc, bool accumulate) {
#if VW == 1
  for (size_t i = 0; i < m; i++) {
    float *row = c + i * ldc;
    if (!accumulate) memset(row, 0, n * sizeof *row);
    for (size_t p = 0; p < k; p++)
      for (size_t j = 0; j < n; j++) row[j] = fmaf(a[i * lda + p], b[p * ldb + j], row[j]);
  }
#else
  for (size_t j = 0; j < n; j += QK_PANEL) {
    const size_t used = qk_min_size(QK_PANEL, n - j), width = qk_round_up(used, QK_LANE);
    qk_f32_tile t = {.k = k, .lda = lda, .width = ldb, .ldc = ldc, .from_c = accumulate};
    for (size_t i = 0; i < m;) {
      const size_t rows = qk_tile_rows(m - i, QK_TILE_ROWS);
      const size_t step = rows == 1 ? width : QK_TILE_VECTORS * VW;
      for (size_t q = 0; q < width; q += step) {
        const size_t wide = qk_min_size(step, width - q);
        t.a = a + i * lda, t.w = b + j + q, t.c = c + i * ldc + j + q;
        t.columns = qk_min_size(wide, used > q ? used - q : 0);
        if (rows == 1) f32_row_tile(&t, wide / VW, false);
        else f32_rows_tile(&t, rows, wide / VW);
      }
      i += rows;
    }
  }
#endif
}

/// y[columns, rows] = x[rows, columns].
QK_KERNEL void f32_turn(size_t rows, size_t columns, const float *x, size_t ldx, float *y, size_t ldy) {
  size_t i = 0;
#if VW > 1
  for (; i + VW <= rows; i += VW) {
    size_t j = 0;
    for (; j + VW <= columns; j += VW) {
      vf block[VW];
      for (size_t r = 0; r < VW; r++) block[r] = v_load(x + (i + r) * ldx + j);
      v_transpose(block);
      for (size_t r = 0; r < VW; r++) v_store(y + (j + r) * ldy + i, block[r]);
    }
    for (; j < columns; j++)
      for (size_t r = i; r < i + VW; r++) y[j * ldy + r] = x[r * ldx + j];
  }
#endif
  for (; i < rows; i++)
    for (size_t j = 0; j < columns; j++) y[j * ldy + i] = x[i * ldx + j];
}

/// Whether a row whose greatest number is -inf has no NaN beside it.
QK_INLINE bool row_is_empty(size_t n, const float *x) {
  for (size_t i = 0; i < n; i++)
    if (x[i] != x[i]) return false;
  return true;
}

/// Each row x = softmax(x · scale + mask), kept in `weights` (`n` apart) and multiplied with `noise` times `noise_scale` where those
/// are not NULL; `mask_step` floats from one row's mask to the next. `empties`: rows of nothing but -inf become zeros.
QK_KERNEL void attention_weights(size_t rows, size_t n, float *x, size_t ldx, float scale, const float *mask, size_t mask_step,
                                 bool empties, float *weights, const float *noise, float noise_scale) {
  const vf factor = v_set(scale);
  for (size_t r = 0; r < rows; r++, x += ldx) {
    vf lanes[QK_LANE_VECTORS];
    if (mask) {
      QK_EACH_VECTOR(n, QK_ROW_PUT(x + i, v_fma(QK_ROW_GET(x + i, 0), factor, QK_ROW_GET(mask + i, 0)));)
      mask += mask_step;
    } else {
      QK_EACH_VECTOR(n, QK_ROW_PUT(x + i, v_mul(QK_ROW_GET(x + i, 0), factor));)
    }
    const float top = row_greatest(n, x);
    const bool empty = empties && top == -INFINITY && row_is_empty(n, x);
    lane_set(lanes, 0);
    QK_EACH_VECTOR(n, {
      const vf e = v_exp(v_sub(QK_ROW_GET(x + i, -INFINITY), v_set(top)));
      lanes[v] = v_add(lanes[v], e);
      QK_ROW_PUT(x + i, e);
    })
    const vf inverse = v_set(1 / lane_total(lanes));
    QK_EACH_VECTOR(n, {
      vf w = empty ? v_set(0) : v_mul(QK_ROW_GET(x + i, 0), inverse);
      if (weights) QK_ROW_PUT(weights + i, w);
      if (noise) w = v_mul(w, v_mul(QK_ROW_GET(noise + i, 0), v_set(noise_scale)));
      QK_ROW_PUT(x + i, w);
    })
    if (weights) weights += n;
    if (noise) noise += n;
  }
}

/// From the softmax in `weights`, `noise` (may be NULL) times `noise_scale` and x, the gradient of their product: x becomes the gradient of the
/// scores before the scale, `kept` the product.
QK_KERNEL void attention_slopes(size_t rows, size_t n, float *x, size_t ldx, float scale, const float *weights, const float *noise,
                                float noise_scale, float *kept) {
  const vf factor = v_set(scale);
  for (size_t r = 0; r < rows; r++, x += ldx, kept += ldx, weights += n) {
    vf lanes[QK_LANE_VECTORS];
    lane_set(lanes, 0);
    QK_EACH_VECTOR(n, {
      const vf w = QK_ROW_GET(weights + i, 0);
      vf g = QK_ROW_GET(x + i, 0);
      vf k = w;
      if (noise) {
        const vf z = v_mul(QK_ROW_GET(noise + i, 0), v_set(noise_scale));
        g = v_mul(g, z);
        k = v_mul(w, z);
        QK_ROW_PUT(x + i, g);
      }
      QK_ROW_PUT(kept + i, k);
      lanes[v] = v_add(lanes[v], v_mul(g, w));
    })
    const vf sum = v_set(lane_total(lanes));
    QK_EACH_VECTOR(n, QK_ROW_PUT(x + i, v_mul(v_mul(v_sub(QK_ROW_GET(x + i, 0), sum), QK_ROW_GET(weights + i, 0)), factor));)
    if (noise) noise += n;
  }
}

#endif
