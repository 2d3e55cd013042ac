// Normalization: the loops around means and variances, which the reductions give. Sums are kept in double, in lanes of 64
// bytes whatever the processor makes of them. After reduce_body.h.
#ifndef QK_NORMALIZE_BODY_H
#define QK_NORMALIZE_BODY_H

#include "reduce_body.h"

#define QK_EACH_ELEMENT(count) _Pragma("clang loop vectorize(assume_safety) interleave(enable)") for (size_t j = 0; j < count; j++)

QK_KERNEL void affine_f32(size_t n, const float *x, float *y, float a, float b) {
  QK_EACH_ELEMENT(n) y[j] = x[j] * a + b;
}

QK_KERNEL void combine_f32(size_t n, const float *g, const float *x, float *y, float a, float b, float c) {
  QK_EACH_ELEMENT(n) y[j] = g[j] * a + (x[j] * b + c);
}

QK_KERNEL void normalize_f32(size_t n, const float *x, const float *weight, const float *bias, float mean, float scale, float *y) {
  if (weight && bias) QK_EACH_ELEMENT(n) y[j] = (x[j] - mean) * scale * weight[j] + bias[j];
  else if (weight) QK_EACH_ELEMENT(n) y[j] = (x[j] - mean) * scale * weight[j];
  else if (bias) QK_EACH_ELEMENT(n) y[j] = (x[j] - mean) * scale + bias[j];
  else QK_EACH_ELEMENT(n) y[j] = (x[j] - mean) * scale;
}

QK_KERNEL void row_slopes_f32(size_t n, const float *g, const float *weight, const float *x, float a, float b, float c, float *y) {
  QK_EACH_ELEMENT(n) y[j] = g[j] * weight[j] * a + (x[j] * b + c);
}

/// Both sums over elements g, or weight · g where there is a weight.
#define QK_DOTS(name, parameters, gradient, one)                                                     \
  QK_KERNEL void name parameters {                                                                   \
    qk_d8 a = {0}, b = {0}, c = {0}, d = {0};                                                        \
    size_t i = 0;                                                                                    \
    for (; i + 16 <= n; i += 16) {                                                                   \
      const qk_d8 p = gradient(i), q = gradient(i + 8);                                              \
      const qk_d8 u = p * (QK_WIDE(x + i) - shift), v = q * (QK_WIDE(x + i + 8) - shift);            \
      a += p, b += q, c += u, d += v;                                                                \
    }                                                                                                \
    a += b, c += d;                                                                                  \
    double lanes[16];                                                                                \
    memcpy(lanes, &a, 64), memcpy(lanes + 8, &c, 64);                                                \
    for (size_t j = 0; i < n; i++, j = (j + 1) % 8) {                                                \
      const double p = one(i), u = p * ((double)x[i] - shift);                                       \
      lanes[j] += p, lanes[j + 8] += u;                                                              \
    }                                                                                                \
    for (size_t step = 4; step; step /= 2)                                                           \
      for (size_t j = 0; j < step; j++) lanes[j] += lanes[j + step], lanes[j + 8] += lanes[j + 8 + step]; \
    sums[0] = lanes[0], sums[1] = lanes[8];                                                          \
  }
#define QK_G(i) QK_WIDE(g + (i))
#define QK_G_ONE(i) ((double)g[i])
#define QK_WG(i) (QK_WIDE(g + (i)) * QK_WIDE(weight + (i)))
#define QK_WG_ONE(i) ((double)g[i] * (double)weight[i])
QK_DOTS(dots_f32, (size_t n, const float *g, const float *x, double shift, double *sums), QK_G, QK_G_ONE)
QK_DOTS(weighted_dots_f32, (size_t n, const float *g, const float *weight, const float *x, double shift, double *sums), QK_WG, QK_WG_ONE)

QK_KERNEL void row_weights_f32(size_t n, const float *g, const float *x, float mean, float scale, float *slopes, float *sums) {
  if (slopes) QK_EACH_ELEMENT(n) slopes[j] += g[j] * ((x[j] - mean) * scale);
  if (sums) QK_EACH_ELEMENT(n) sums[j] += g[j];
}

QK_KERNEL void square_columns_f32(size_t rows, size_t columns, const float *x, size_t ldx, const double *around, double *sums) {
  for (size_t i = 0; i < rows; i++, x += ldx) {
    QK_EACH_ELEMENT(columns) {
      const double apart = (double)x[j] - around[j];
      sums[j] += apart * apart;
    }
  }
}

QK_KERNEL void dot_columns_f32(size_t rows, size_t columns, size_t ld, const float *g, const float *x, const float *shift,
                               double *sums, double *dots) {
  for (size_t i = 0; i < rows; i++, g += ld, x += ld) {
    QK_EACH_ELEMENT(columns) {
      const double p = g[j];
      sums[j] += p;
      dots[j] += p * ((double)x[j] - (double)shift[j]);
    }
  }
}

QK_KERNEL void affine_columns_f32(size_t rows, size_t columns, size_t ld, const float *x, float *y, const float *a, const float *b) {
  for (size_t i = 0; i < rows; i++, x += ld, y += ld) QK_EACH_ELEMENT(columns) y[j] = x[j] * a[j] + b[j];
}

QK_KERNEL void combine_columns_f32(size_t rows, size_t columns, size_t ld, const float *g, const float *x, float *y,
                                   const float *a, const float *b, const float *c) {
  for (size_t i = 0; i < rows; i++, g += ld, x += ld, y += ld) QK_EACH_ELEMENT(columns) y[j] = g[j] * a[j] + (x[j] * b[j] + c[j]);
}

#endif
