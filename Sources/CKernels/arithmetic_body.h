// Loops of arithmetic that the compiler turns into vectors by itself; one rounding at a time, so that the width of the
// vectors does not show. After a simd_….h header.
#ifndef QK_ARITHMETIC_BODY_H
#define QK_ARITHMETIC_BODY_H

#include "loops.h"

/// An element of the result depends on the elements of its own place alone, also where the result is an operand.
#define QK_LOOP _Pragma("clang loop vectorize(assume_safety) interleave(enable)") for (size_t i = 0; i < n; i++)

#define QK_UNARY(name, T, expression)                              \
  QK_KERNEL void name(size_t n, const void *px, void *py) {        \
    const T *p = px;                                               \
    T *y = py;                                                     \
    QK_LOOP {                                                      \
      const T x = p[i];                                            \
      y[i] = (expression);                                         \
    }                                                              \
  }
#define QK_UNARY_FLOATS(name, expression) QK_UNARY(name##_f32, float, expression) QK_UNARY(name##_f64, double, expression)

QK_UNARY_FLOATS(u_neg, -x)
QK_UNARY_FLOATS(u_abs, __builtin_elementwise_abs(x))
QK_UNARY_FLOATS(u_relu, x <= 0 ? 0 : x)
QK_UNARY_FLOATS(u_square, x * x)
QK_UNARY_FLOATS(u_sqrt, __builtin_elementwise_sqrt(x))
QK_UNARY_FLOATS(u_rsqrt, 1 / __builtin_elementwise_sqrt(x))
QK_UNARY_FLOATS(u_reciprocal, 1 / x)
QK_UNARY_FLOATS(u_floor, __builtin_elementwise_floor(x))
QK_UNARY_FLOATS(u_ceil, __builtin_elementwise_ceil(x))
QK_UNARY_FLOATS(u_trunc, __builtin_elementwise_trunc(x))
QK_UNARY_FLOATS(u_rint, __builtin_elementwise_rint(x))
QK_UNARY(u_neg_i64, int64_t, (int64_t)(0 - (uint64_t)x))
QK_UNARY(u_abs_i64, int64_t, x < 0 ? (int64_t)(0 - (uint64_t)x) : x)
QK_UNARY(u_relu_i64, int64_t, x < 0 ? 0 : x)
QK_UNARY(u_square_i64, int64_t, (int64_t)((uint64_t)x * (uint64_t)x))

#define QK_PAIR(name, T, R, expression)                                                        \
  QK_KERNEL void name##_both(size_t n, const void *pa, const void *pb, void *py) {             \
    const T *p = pa, *q = pb;                                                                  \
    R *y = py;                                                                                 \
    QK_LOOP {                                                                                  \
      const T a = p[i], b = q[i];                                                              \
      y[i] = (expression);                                                                     \
    }                                                                                          \
  }                                                                                            \
  QK_KERNEL void name##_second(size_t n, const void *pa, const void *pb, void *py) {           \
    const T *p = pa, b = *(const T *)pb;                                                       \
    R *y = py;                                                                                 \
    QK_LOOP {                                                                                  \
      const T a = p[i];                                                                        \
      y[i] = (expression);                                                                     \
    }                                                                                          \
  }                                                                                            \
  QK_KERNEL void name##_first(size_t n, const void *pa, const void *pb, void *py) {            \
    const T *q = pb, a = *(const T *)pa;                                                       \
    R *y = py;                                                                                 \
    QK_LOOP {                                                                                  \
      const T b = q[i];                                                                        \
      y[i] = (expression);                                                                     \
    }                                                                                          \
  }
#define QK_PAIR_FLOATS(name, expression) QK_PAIR(name##_f32, float, float, expression) QK_PAIR(name##_f64, double, double, expression)

QK_PAIR_FLOATS(b_add, a + b)
QK_PAIR_FLOATS(b_sub, a - b)
QK_PAIR_FLOATS(b_mul, a * b)
QK_PAIR_FLOATS(b_div, a / b)
QK_PAIR_FLOATS(b_maximum, a != a || a > b ? a : b)
QK_PAIR_FLOATS(b_minimum, a != a || a < b ? a : b)
QK_PAIR(b_add_i64, int64_t, int64_t, (int64_t)((uint64_t)a + (uint64_t)b))
QK_PAIR(b_sub_i64, int64_t, int64_t, (int64_t)((uint64_t)a - (uint64_t)b))
QK_PAIR(b_mul_i64, int64_t, int64_t, (int64_t)((uint64_t)a * (uint64_t)b))
QK_PAIR(b_maximum_i64, int64_t, int64_t, a > b ? a : b)
QK_PAIR(b_minimum_i64, int64_t, int64_t, a < b ? a : b)

#define QK_QUESTION(name, expression)               \
  QK_PAIR(name##_f32, float, uint8_t, expression)   \
  QK_PAIR(name##_f64, double, uint8_t, expression)  \
  QK_PAIR(name##_i64, int64_t, uint8_t, expression) \
  QK_PAIR(name##_u8, uint8_t, uint8_t, expression)
QK_QUESTION(c_eq, a == b)
QK_QUESTION(c_ne, a != b)
QK_QUESTION(c_lt, a < b)
QK_QUESTION(c_le, a <= b)

#define QK_TRIPLE(name, T, expression)                                                                                   \
  QK_KERNEL void name(size_t n, const void *pa, const void *pb, const void *pc, const void *pv, void *py) {              \
    const T *p = pa, *q = pb, *r = pc, v = *(const T *)pv;                                                               \
    T *y = py;                                                                                                           \
    QK_LOOP {                                                                                                            \
      const T a = p[i], b = q[i], c = r[i];                                                                              \
      y[i] = (expression);                                                                                               \
    }                                                                                                                    \
  }
#define QK_TRIPLE_FLOATS(name, expression) QK_TRIPLE(name##_f32, float, expression) QK_TRIPLE(name##_f64, double, expression)
QK_TRIPLE_FLOATS(t_addcmul, a + v * b * c)
QK_TRIPLE_FLOATS(t_addcdiv, a + v * b / c)
QK_TRIPLE_FLOATS(t_lerp, ((void)v, (c < 0 ? -c : c) < (float)0.5 ? a + c * (b - a) : b - (b - a) * (1 - c)))
QK_TRIPLE_FLOATS(t_add_scaled, ((void)c, __builtin_elementwise_fma(v, b, a)))

#define QK_CHOICE(T, bits)                                                                                    \
  QK_KERNEL void choose_##bits(size_t n, const void *pc, const void *pa, const void *pb, void *py) {          \
    const uint8_t *c = pc;                                                                                    \
    const T *a = pa, *b = pb;                                                                                 \
    T *y = py;                                                                                                \
    QK_LOOP {                                                                                                 \
      const T u = a[i], v = b[i];                                                                             \
      y[i] = c[i] ? u : v;                                                                                    \
    }                                                                                                         \
  }                                                                                                           \
  QK_KERNEL void choose_one_##bits(size_t n, const void *pc, const void *pa, const void *pb, void *py) {      \
    const uint8_t *c = pc;                                                                                    \
    const T a = *(const T *)pa, *b = pb;                                                                      \
    T *y = py;                                                                                                \
    QK_LOOP {                                                                                                 \
      const T v = b[i];                                                                                       \
      y[i] = c[i] ? a : v;                                                                                    \
    }                                                                                                         \
  }                                                                                                           \
  QK_KERNEL void choose_else_one_##bits(size_t n, const void *pc, const void *pa, const void *pb, void *py) { \
    const uint8_t *c = pc;                                                                                    \
    const T *a = pa, b = *(const T *)pb;                                                                      \
    T *y = py;                                                                                                \
    QK_LOOP {                                                                                                 \
      const T u = a[i];                                                                                       \
      y[i] = c[i] ? u : b;                                                                                    \
    }                                                                                                         \
  }                                                                                                           \
  QK_KERNEL void choose_ones_##bits(size_t n, const void *pc, const void *pa, const void *pb, void *py) {     \
    const uint8_t *c = pc;                                                                                    \
    const T a = *(const T *)pa, b = *(const T *)pb;                                                           \
    T *y = py;                                                                                                \
    QK_LOOP y[i] = c[i] ? a : b;                                                                              \
  }
QK_CHOICE(uint8_t, 8)
QK_CHOICE(uint16_t, 16)
QK_CHOICE(uint32_t, 32)
QK_CHOICE(uint64_t, 64)

#define QK_CLAMP(name, T)                                                        \
  QK_KERNEL void name(size_t n, const void *px, const void *bounds, void *py) {  \
    const T *p = px, low = *(const T *)bounds, high = ((const T *)bounds)[1];    \
    T *y = py;                                                                   \
    QK_LOOP {                                                                    \
      const T x = p[i], z = x < low ? low : x;                                   \
      y[i] = z > high ? high : z;                                                \
    }                                                                            \
  }
QK_CLAMP(clamp_f32, float)
QK_CLAMP(clamp_f64, double)
QK_CLAMP(clamp_i64, int64_t)

#define QK_CAST(name, S, T, expression)                     \
  QK_KERNEL void name(size_t n, const void *px, void *py) { \
    const S *p = px;                                        \
    T *y = py;                                              \
    QK_LOOP {                                               \
      const S x = p[i];                                     \
      y[i] = (T)(expression);                               \
    }                                                       \
  }
QK_CAST(cast_f32_f64, float, double, x)
QK_CAST(cast_f64_f32, double, float, x)
QK_CAST(cast_i64_f32, int64_t, float, x)
QK_CAST(cast_i64_f64, int64_t, double, x)
QK_CAST(cast_i32_f32, int32_t, float, x)
QK_CAST(cast_i32_f64, int32_t, double, x)
QK_CAST(cast_u8_f32, uint8_t, float, x)
QK_CAST(cast_u8_f64, uint8_t, double, x)
QK_CAST(cast_bool_f32, uint8_t, float, x != 0)
QK_CAST(cast_bool_f64, uint8_t, double, x != 0)
QK_CAST(cast_bool_i64, uint8_t, int64_t, x != 0)
QK_CAST(cast_u8_i64, uint8_t, int64_t, x)
QK_CAST(cast_i32_i64, int32_t, int64_t, x)
QK_CAST(cast_i64_i32, int64_t, int32_t, x)
QK_CAST(cast_i64_bool, int64_t, uint8_t, x != 0)
QK_CAST(cast_f32_bool, float, uint8_t, x != 0)
QK_CAST(cast_f64_bool, double, uint8_t, x != 0)
QK_CAST(cast_f32_i64, float, int64_t, x)
QK_CAST(cast_f64_i64, double, int64_t, x)

QK_KERNEL void renew_mt(uint32_t *w) {
#define QK_TWIST(i, far) w[i] = w[far] ^ (((w[i] & 0x80000000) | (w[(i) + 1] & 0x7fffffff)) >> 1) ^ ((0 - (w[(i) + 1] & 1)) & 0x9908b0df)
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < 227; i++) QK_TWIST(i, i + 397);
  // What is read lies 227 words back: more than a vector.
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 227; i < 623; i++) QK_TWIST(i, i - 227);
#undef QK_TWIST
  w[623] = w[396] ^ (((w[623] & 0x80000000) | (w[0] & 0x7fffffff)) >> 1) ^ ((0 - (w[0] & 1)) & 0x9908b0df);
}

QK_KERNEL void uniform_f32(size_t n, const uint32_t *words, float low, float width, float end, float *y) {
  QK_LOOP {
    uint32_t v = words[i];
    v ^= v >> 11;
    v ^= (v << 7) & 0x9d2c5680;
    v ^= (v << 15) & 0xefc60000;
    v ^= v >> 18;
    const float x = __builtin_elementwise_fma((float)(int32_t)(v & 0xffffff) * 0x1p-24f, width, low);
    y[i] = x == end ? low : x;
  }
}

#endif
