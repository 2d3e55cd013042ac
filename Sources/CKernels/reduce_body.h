// Loops that fold many elements into one, in an order of their own that no instruction set changes: lanes of 64 bytes,
// whatever the processor makes of them. After a simd_….h header.
#ifndef QK_REDUCE_BODY_H
#define QK_REDUCE_BODY_H

#include "loops.h"

typedef double qk_d8 __attribute__((vector_size(64)));
typedef float qk_f8 __attribute__((vector_size(32)));
typedef float qk_f8_anywhere __attribute__((vector_size(32), aligned(4), may_alias));
typedef double qk_d8_anywhere __attribute__((vector_size(64), aligned(8), may_alias));

/// Sums of 32 lanes into one.
QK_FN double total(double *lanes) {
  for (size_t step = 16; step; step /= 2)
    for (size_t i = 0; i < step; i++) lanes[i] += lanes[i + step];
  return lanes[0];
}

#define QK_SUM(name, T, parameters, load, one)                                \
  QK_KERNEL double name parameters {                                          \
    qk_d8 a = {0}, b = {0}, c = {0}, d = {0};                                 \
    size_t i = 0;                                                             \
    for (; i + 32 <= n; i += 32) {                                            \
      const qk_d8 p = load(x + i), q = load(x + i + 8);                       \
      const qk_d8 r = load(x + i + 16), s = load(x + i + 24);                 \
      a += p, b += q, c += r, d += s;                                         \
    }                                                                         \
    double lanes[32];                                                         \
    memcpy(lanes, &a, 64), memcpy(lanes + 8, &b, 64);                         \
    memcpy(lanes + 16, &c, 64), memcpy(lanes + 24, &d, 64);                   \
    for (size_t j = 0; i < n; i++, j++) lanes[j] += one(x[i]);                \
    return total(lanes);                                                      \
  }
#define QK_WIDE(p) __builtin_convertvector((qk_f8)*(const qk_f8_anywhere *)(p), qk_d8)
#define QK_PLAIN(p) ((qk_d8)*(const qk_d8_anywhere *)(p))
#define QK_AS_DOUBLE(x) ((double)(x))
QK_SUM(sum_f32, float, (size_t n, const float *x), QK_WIDE, QK_AS_DOUBLE)
QK_SUM(sum_f64, double, (size_t n, const double *x), QK_PLAIN, QK_AS_DOUBLE)
#define QK_SQUARE(v) ((v) * (v))
#define QK_WIDE_SQUARE(p) QK_SQUARE(QK_WIDE(p) - around)
#define QK_PLAIN_SQUARE(p) QK_SQUARE(QK_PLAIN(p) - around)
#define QK_ONE_SQUARE(x) QK_SQUARE((double)(x) - around)
QK_SUM(squares_f32, float, (size_t n, const float *x, double around), QK_WIDE_SQUARE, QK_ONE_SQUARE)
QK_SUM(squares_f64, double, (size_t n, const double *x, double around), QK_PLAIN_SQUARE, QK_ONE_SQUARE)

QK_KERNEL int64_t sum_i64(size_t n, const int64_t *x) {
  uint64_t sum = 0;
  for (size_t i = 0; i < n; i++) sum += (uint64_t)x[i];
  return (int64_t)sum;
}
QK_KERNEL int64_t sum_u8(size_t n, const uint8_t *x) {
  uint64_t sum = 0;
  for (size_t i = 0; i < n;) {
    // So few that 32 bits hold them.
    const size_t end = qk_min_size(n, i + 65536);
    uint32_t part = 0;
    for (; i < end; i++) part += x[i];
    sum += part;
  }
  return (int64_t)sum;
}

/// `w` or, where it comes first, `v`; NaN wins over all.
#define QK_PICK(V, I, w, v, than)                             \
  {                                                           \
    const I first = (v than w) | (v != v);                    \
    w = (V)((first & (I)v) | (~first & (I)w));                \
  }
/// The upper half of the lanes onto the lower, until one is left; what is in the others then does not matter.
#define QK_HALVE(V, I, a, than, ...)                          \
  {                                                           \
    const V upper = __builtin_shufflevector(a, a, __VA_ARGS__); \
    QK_PICK(V, I, a, upper, than)                             \
  }
#define QK_HALVES_8(V, I, a, than)                            \
  QK_HALVE(V, I, a, than, 4, 5, 6, 7, 4, 5, 6, 7)             \
  QK_HALVE(V, I, a, than, 2, 3, 2, 3, 2, 3, 2, 3)             \
  QK_HALVE(V, I, a, than, 1, 1, 1, 1, 1, 1, 1, 1)
#define QK_HALVES_16(V, I, a, than)                                                     \
  QK_HALVE(V, I, a, than, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)   \
  QK_HALVE(V, I, a, than, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7)               \
  QK_HALVE(V, I, a, than, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3)               \
  QK_HALVE(V, I, a, than, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
/// Lanes of 64 bytes in four vectors by turns, then the lanes.
#define QK_EXTREME(name, T, V, I, W, HALVES, than)                                             \
  QK_KERNEL T name(size_t n, const T *x) {                                                     \
    enum { L = 64 / sizeof(T) };                                                               \
    T best = x[0];                                                                             \
    size_t i = 0;                                                                              \
    if (n >= 4 * L) {                                                                          \
      V a = *(const W *)x, b = *(const W *)(x + L), c = *(const W *)(x + 2 * L), d = *(const W *)(x + 3 * L); \
      for (i = 4 * L; i + 4 * L <= n; i += 4 * L) {                                            \
        const V p = *(const W *)(x + i), q = *(const W *)(x + i + L);                          \
        const V r = *(const W *)(x + i + 2 * L), s = *(const W *)(x + i + 3 * L);              \
        QK_PICK(V, I, a, p, than) QK_PICK(V, I, b, q, than) QK_PICK(V, I, c, r, than) QK_PICK(V, I, d, s, than) \
      }                                                                                        \
      QK_PICK(V, I, a, c, than) QK_PICK(V, I, b, d, than) QK_PICK(V, I, a, b, than)            \
      HALVES(V, I, a, than)                                                                    \
      best = a[0];                                                                             \
    }                                                                                          \
    for (; i < n; i++)                                                                         \
      if (x[i] than best || x[i] != x[i]) best = x[i];                                         \
    return best;                                                                               \
  }
typedef float qk_f16 __attribute__((vector_size(64)));
typedef float qk_f16_anywhere __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t qk_i16 __attribute__((vector_size(64)));
typedef int64_t qk_i8 __attribute__((vector_size(64)));
QK_EXTREME(greatest_f32, float, qk_f16, qk_i16, qk_f16_anywhere, QK_HALVES_16, >)
QK_EXTREME(least_f32, float, qk_f16, qk_i16, qk_f16_anywhere, QK_HALVES_16, <)
QK_EXTREME(greatest_f64, double, qk_d8, qk_i8, qk_d8_anywhere, QK_HALVES_8, >)
QK_EXTREME(least_f64, double, qk_d8, qk_i8, qk_d8_anywhere, QK_HALVES_8, <)

QK_KERNEL int64_t greatest_i64(size_t n, const int64_t *x) {
  int64_t best = x[0];
  for (size_t i = 1; i < n; i++) best = x[i] > best ? x[i] : best;
  return best;
}
QK_KERNEL int64_t least_i64(size_t n, const int64_t *x) {
  int64_t best = x[0];
  for (size_t i = 1; i < n; i++) best = x[i] < best ? x[i] : best;
  return best;
}

/// Where `value` first stands, or the first NaN if it is one; n where nowhere.
QK_KERNEL size_t find_f32(size_t n, const float *x, float value) {
  size_t i = 0;
  const bool nan = value != value;
  for (; i + 64 <= n; i += 64) {
    int any = 0;
    if (nan) for (size_t j = 0; j < 64; j++) any |= x[i + j] != x[i + j];
    else for (size_t j = 0; j < 64; j++) any |= x[i + j] == value;
    if (any) break;
  }
  for (; i < n; i++)
    if (nan ? x[i] != x[i] : x[i] == value) return i;
  return n;
}

#define QK_SUM_COLUMNS(name, T)                                                                    \
  QK_KERNEL void name(size_t rows, size_t columns, const T *x, size_t ldx, double *sums) {         \
    size_t i = 0;                                                                                  \
    for (; i + 4 <= rows; i += 4) {                                                                \
      const T *p = x + i * ldx, *q = p + ldx, *r = q + ldx, *s = r + ldx;                          \
      _Pragma("clang loop vectorize(assume_safety)") for (size_t j = 0; j < columns; j++) sums[j]  \
        = (((sums[j] + (double)p[j]) + (double)q[j]) + (double)r[j]) + (double)s[j];               \
    }                                                                                              \
    for (; i < rows; i++) {                                                                        \
      const T *p = x + i * ldx;                                                                    \
      _Pragma("clang loop vectorize(assume_safety)") for (size_t j = 0; j < columns; j++) sums[j] += (double)p[j]; \
    }                                                                                              \
  }
QK_SUM_COLUMNS(sum_columns_f32, float)
QK_SUM_COLUMNS(sum_columns_f64, double)

#define QK_EXTREME_COLUMNS(name, than)                                                             \
  QK_KERNEL void name(size_t rows, size_t columns, const float *x, size_t ldx, float *y) {         \
    memcpy(y, x, columns * sizeof *y);                                                             \
    for (size_t i = 1; i < rows; i++) {                                                            \
      const float *p = x + i * ldx;                                                                \
      _Pragma("clang loop vectorize(assume_safety)") for (size_t j = 0; j < columns; j++) y[j]     \
        = ((p[j] than y[j]) | (p[j] != p[j])) ? p[j] : y[j];                                         \
    }                                                                                              \
  }
QK_EXTREME_COLUMNS(greatest_columns_f32, >)
QK_EXTREME_COLUMNS(least_columns_f32, <)

#endif
