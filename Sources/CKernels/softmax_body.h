// Softmax, its logarithm and their slopes over the rows of a matrix, over the vector of a simd_….h header included
// before. Sums have sixteen lanes, whatever the vector, so that every instruction set adds in the same order.
#ifndef QK_SOFTMAX_BODY_H
#define QK_SOFTMAX_BODY_H

#include "activation_body.h"
#include <math.h>
#include <string.h>

#define QK_LANES 16
#define QK_LANE_VECTORS (QK_LANES / VW)

/// Runs `body` for each vector of a row: `v` is the accumulator's place, `i` the first element, `part` how many there are.
#define QK_EACH_VECTOR(n, body)                                                     \
  {                                                                                 \
    size_t at = 0;                                                                  \
    for (; at + QK_LANES <= (n); at += QK_LANES)                                    \
      for (size_t v = 0; v < QK_LANE_VECTORS; v++) {                                \
        const size_t i = at + v * VW, part = VW;                                    \
        (void)part;                                                                 \
        body                                                                        \
      }                                                                             \
    for (size_t v = 0; at + v * VW < (n); v++) {                                    \
      const size_t i = at + v * VW, part = qk_min_size(VW, (n) - at - v * VW);      \
      (void)part;                                                                   \
      body                                                                          \
    }                                                                               \
  }
#define QK_ROW_GET(p, fill) (part == VW ? v_load(p) : v_load_fill(p, part, fill))
#define QK_ROW_PUT(p, x) (part == VW ? v_store(p, x) : v_store_part(p, x, part))

/// The sum of all lanes, halves onto halves.
QK_FN float lane_total(const vf *lanes) {
  float t[QK_LANES];
  for (size_t v = 0; v < QK_LANE_VECTORS; v++) v_store(t + v * VW, lanes[v]);
  for (size_t half = QK_LANES / 2; half > 0; half /= 2)
    for (size_t j = 0; j < half; j++) t[j] += t[j + half];
  return t[0];
}

QK_FN void lane_set(vf *lanes, float x) {
  for (size_t v = 0; v < QK_LANE_VECTORS; v++) lanes[v] = v_set(x);
}

/// The greatest of a row, NaN left out: it comes back with the sum of exponentials.
QK_FN float row_greatest(size_t n, const float *x) {
  vf lanes[QK_LANE_VECTORS];
  lane_set(lanes, -INFINITY);
  QK_EACH_VECTOR(n, lanes[v] = v_max(QK_ROW_GET(x + i, -INFINITY), lanes[v]);)
  float t[QK_LANES], top = -INFINITY;
  for (size_t v = 0; v < QK_LANE_VECTORS; v++) v_store(t + v * VW, lanes[v]);
  for (size_t j = 0; j < QK_LANES; j++) top = t[j] > top ? t[j] : top;
  return top;
}

/// The sum of exp(x - top).
QK_FN float row_exponentials(size_t n, const float *x, float top) {
  vf lanes[QK_LANE_VECTORS];
  lane_set(lanes, 0);
  QK_EACH_VECTOR(n, lanes[v] = v_add(lanes[v], v_exp(v_sub(QK_ROW_GET(x + i, -INFINITY), v_set(top))));)
  return lane_total(lanes);
}

QK_KERNEL void softmax(size_t rows, size_t n, const float *x, float *y) {
  for (size_t r = 0; r < rows; r++, x += n, y += n) {
    const float top = row_greatest(n, x);
    vf lanes[QK_LANE_VECTORS];
    lane_set(lanes, 0);
    QK_EACH_VECTOR(n, {
      const vf e = v_exp(v_sub(QK_ROW_GET(x + i, -INFINITY), v_set(top)));
      lanes[v] = v_add(lanes[v], e);
      QK_ROW_PUT(y + i, e);
    })
    const vf sum = v_set(lane_total(lanes));
    QK_EACH_VECTOR(n, QK_ROW_PUT(y + i, v_div(QK_ROW_GET(y + i, 0), sum));)
  }
}

QK_KERNEL void log_softmax(size_t rows, size_t n, const float *x, float *y) {
  for (size_t r = 0; r < rows; r++, x += n, y += n) {
    const float top = row_greatest(n, x), shift = logf(row_exponentials(n, x, top));
    QK_EACH_VECTOR(n, QK_ROW_PUT(y + i, v_sub(v_sub(QK_ROW_GET(x + i, 0), v_set(top)), v_set(shift)));)
  }
}

QK_KERNEL void softmax_backward(size_t rows, size_t n, const float *y, const float *g, float *out) {
  for (size_t r = 0; r < rows; r++, y += n, g += n, out += n) {
    vf lanes[QK_LANE_VECTORS];
    lane_set(lanes, 0);
    QK_EACH_VECTOR(n, lanes[v] = v_add(lanes[v], v_mul(QK_ROW_GET(g + i, 0), QK_ROW_GET(y + i, 0)));)
    const vf sum = v_set(lane_total(lanes));
    QK_EACH_VECTOR(n, QK_ROW_PUT(out + i, v_mul(v_sub(QK_ROW_GET(g + i, 0), sum), QK_ROW_GET(y + i, 0)));)
  }
}

QK_KERNEL void log_softmax_backward(size_t rows, size_t n, const float *y, const float *g, float *out) {
  for (size_t r = 0; r < rows; r++, y += n, g += n, out += n) {
    vf lanes[QK_LANE_VECTORS];
    lane_set(lanes, 0);
    QK_EACH_VECTOR(n, lanes[v] = v_add(lanes[v], QK_ROW_GET(g + i, 0));)
    const vf sum = v_set(lane_total(lanes));
    QK_EACH_VECTOR(n, QK_ROW_PUT(out + i, v_sub(QK_ROW_GET(g + i, 0), v_mul(v_exp(QK_ROW_GET(y + i, 0)), sum)));)
  }
}

QK_KERNEL void log_sum_exp(size_t rows, size_t n, const float *x, float *top, float *shift) {
  for (size_t r = 0; r < rows; r++, x += n) {
    top[r] = row_greatest(n, x);
    shift[r] = logf(row_exponentials(n, x, top[r]));
  }
}

QK_KERNEL void cross_entropy_backward(size_t rows, size_t n, const float *x, const float *top, const float *shift,
                                      const int64_t *target, const float *scale, float *out) {
  for (size_t r = 0; r < rows; r++, x += n, out += n) {
    if (scale[r] == 0) {
      memset(out, 0, n * sizeof *out);
      continue;
    }
    const vf c = v_set(scale[r]);
    QK_EACH_VECTOR(n, {
      const vf y = v_sub(v_sub(QK_ROW_GET(x + i, 0), v_set(top[r])), v_set(shift[r]));
      QK_ROW_PUT(out + i, v_mul(v_exp(y), c));
    })
    out[target[r]] -= scale[r];
  }
}

#endif
