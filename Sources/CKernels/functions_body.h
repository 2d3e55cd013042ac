// Loops of transcendental functions: our own exp, sigmoid, tanh and erf of float, SLEEF's for the others. After a simd_….h
// header and the definitions of QK_SLEEF_F and QK_SLEEF_D (a function's name at this width) and of QK_EACH, which runs one
// over vectors, or of run_f32 and run_f64.
#ifndef QK_FUNCTIONS_BODY_H
#define QK_FUNCTIONS_BODY_H

#include "activation_body.h"

#define QK_FUNCTION_F32(name, expression)                                         \
  QK_KERNEL void name##_f32(size_t n, const void *px, void *py) {                 \
    const float *p = px;                                                          \
    float *y = py;                                                                \
    size_t i = 0;                                                                 \
    for (; i + VW <= n; i += VW) {                                                \
      const vf x = v_load(p + i);                                                 \
      v_store(y + i, (expression));                                               \
    }                                                                             \
    if (i < n) {                                                                  \
      const vf x = v_load_part(p + i, n - i);                                     \
      v_store_part(y + i, (expression), n - i);                                   \
    }                                                                             \
  }

/// erf within 1.1 ulp: near 0 a polynomial, farther out 1 - exp of one.
QK_FN vf v_erf(vf x) {
  const vf t = v_abs(x), s = v_mul(x, x);
  vf far = v_fma(v_set(-1.72853470e-5f), t, v_set(3.83197126e-4f));
  far = v_fma(far, s, v_fma(v_set(-3.88396438e-3f), t, v_set(2.42546219e-2f)));
  far = v_fma(far, t, v_set(-1.06777877e-1f));
  far = v_fma(far, t, v_set(-6.34846687e-1f));
  far = v_fma(far, t, v_set(-1.28717512e-1f));
  // Beyond 10 the result is 1; the order keeps NaN.
  const vf u = v_min(v_set(10.0f), t);
  far = v_fnma(v_set(1.0f), u, v_mul(far, u));
  far = v_sub(v_set(1.0f), v_exp(v_max(v_set(-100.0f), far)));
  vf near = v_fma(v_set(-5.96761703e-4f), s, v_set(4.99119423e-3f));
  near = v_fma(near, s, v_set(-2.67681349e-2f));
  near = v_fma(near, s, v_set(1.12819925e-1f));
  near = v_fma(near, s, v_set(-3.76125336e-1f));
  near = v_fma(near, s, v_set(1.28379166e-1f));
  near = v_fma(near, t, t);
  return v_with_sign(v_pick_negative(v_sub(t, v_set(0.921875f)), near, far), x);
}

/// SLEEF's function over memory: y = f(x), or f(a, b) with steps of 0 or 1 element.
#define QK_RUN(name, T, width)                                                                                      \
  QK_KERNEL void name(qk_vector_function f, size_t n, const T *a, size_t sa, const T *b, size_t sb, T *y) {         \
    const T *first = a, *second = b;                                                                                \
    T ones[2][width], rest[2][width] = {{0}};                                                                       \
    for (size_t i = 0; i < (width); i++) ones[0][i] = *a, ones[1][i] = *b;                                            \
    if (!sa) first = ones[0];                                                                                       \
    if (!sb) second = ones[1];                                                                                      \
    const size_t vectors = n / (width), left = n % (width), done = n - left;                                         \
    qk_vector_job job = {f, first, second, y, vectors, sa * (width) * sizeof(T), sb * (width) * sizeof(T)};             \
    if (vectors) QK_EACH(&job);                                                                                     \
    if (!left) return;                                                                                              \
    for (size_t i = 0; i < left; i++) rest[0][i] = first[sa ? done + i : 0], rest[1][i] = second[sb ? done + i : 0]; \
    job = (qk_vector_job){f, rest[0], rest[1], rest[0], 1, 0, 0};                                                   \
    QK_EACH(&job);                                                                                                  \
    memcpy(y + done, rest[0], left * sizeof(T));                                                                    \
  }
#ifdef QK_EACH
QK_RUN(run_f32, float, VW)
QK_RUN(run_f64, double, VW / 2)
#endif

#define QK_SLEEF_LOOP(name, T, short, function)                                                   \
  QK_KERNEL void name##_##short(size_t n, const void *x, void *y) {                               \
    if (n) run_##short((qk_vector_function)(function), n, x, 1, x, 1, y);                         \
  }
#define QK_SLEEF_F32(name, u) QK_SLEEF_LOOP(f_##name, float, f32, QK_SLEEF_F(name, u))
#define QK_SLEEF_F64(name, u) QK_SLEEF_LOOP(f_##name, double, f64, QK_SLEEF_D(name, u))
QREPL_SLEEF_UNARY(QK_SLEEF_F64)
QK_SLEEF_F32(exp2, u10)
QK_SLEEF_F32(expm1, u10)
QK_SLEEF_F32(log, u10)
QK_SLEEF_F32(log2, u10)
QK_SLEEF_F32(log10, u10)
QK_SLEEF_F32(log1p, u10)
QK_SLEEF_F32(sin, u10)
QK_SLEEF_F32(cos, u10)
QK_SLEEF_F32(tan, u10)
QK_SLEEF_F32(asin, u10)
QK_SLEEF_F32(acos, u10)
QK_SLEEF_F32(atan, u10)
QK_SLEEF_F32(sinh, u10)
QK_SLEEF_F32(cosh, u10)
QK_SLEEF_F32(asinh, u10)
QK_SLEEF_F32(acosh, u10)
QK_SLEEF_F32(atanh, u10)
QK_SLEEF_F32(erfc, u15)
QK_FUNCTION_F32(f_exp, v_exp(x))
QK_FUNCTION_F32(f_tanh, v_tanh(x))
QK_FUNCTION_F32(f_erf, v_erf(x))
QK_FUNCTION_F32(f_sigmoid, v_sigmoid(x))
QK_FUNCTION_F32(f_silu, v_mul(x, v_sigmoid(x)))
#define QK_HALF_ROOT 0.70710678118654752440
QK_FUNCTION_F32(f_gelu, v_mul(v_mul(x, v_set(0.5f)), v_add(v_set(1), v_erf(v_mul(x, v_set((float)QK_HALF_ROOT))))))
// √2 · 2/√π / 2, and the coefficient of the cube.
#define QK_GELU_BETA (1.41421356237309504880 * 1.12837916709551257390 * 0.5)
#define QK_GELU_KAPPA 0.044715
QK_FUNCTION_F32(f_gelu_tanh, v_mul(v_mul(v_set(0.5f), x), v_add(v_set(1), v_tanh(v_mul(v_set((float)QK_GELU_BETA),
  v_add(x, v_mul(v_set((float)QK_GELU_KAPPA), v_mul(v_mul(x, x), x))))))))

/// A function of doubles around one of SLEEF's: `inner` of x goes in, `outer` of x and its value t comes out.
#define QK_AROUND(name, function, inner, outer)                                          \
  QK_KERNEL void name##_f64(size_t n, const void *px, void *py) {                        \
    const double *p = px;                                                                \
    double *y = py, block[256];                                                          \
    for (size_t at = 0; at < n; at += 256) {                                             \
      const size_t count = qk_min_size(256, n - at);                                     \
      for (size_t i = 0; i < count; i++) {                                               \
        const double x = p[at + i];                                                      \
        block[i] = (inner);                                                              \
      }                                                                                  \
      f_##function##_f64(count, block, block);                                           \
      for (size_t i = 0; i < count; i++) {                                               \
        const double x = p[at + i], t = block[i];                                        \
        y[at + i] = ((void)x, outer);                                                    \
      }                                                                                  \
    }                                                                                    \
  }
QK_AROUND(f_sigmoid, exp, -x, 1 / (1 + t))
QK_AROUND(f_silu, exp, -x, x / (1 + t))
QK_AROUND(f_gelu, erf, x * QK_HALF_ROOT, x * 0.5 * (1 + t))
QK_AROUND(f_gelu_tanh, tanh, QK_GELU_BETA * (x + QK_GELU_KAPPA * (x * x * x)), 0.5 * x * (1 + t))

#define QK_SLEEF_PAIR(name, short, function)                                                            \
  QK_KERNEL void name##_both(size_t n, const void *a, const void *b, void *y) {                         \
    if (n) run_##short((qk_vector_function)(function), n, a, 1, b, 1, y);                               \
  }                                                                                                     \
  QK_KERNEL void name##_second(size_t n, const void *a, const void *b, void *y) {                       \
    if (n) run_##short((qk_vector_function)(function), n, a, 1, b, 0, y);                               \
  }                                                                                                     \
  QK_KERNEL void name##_first(size_t n, const void *a, const void *b, void *y) {                        \
    if (n) run_##short((qk_vector_function)(function), n, a, 0, b, 1, y);                               \
  }
#define QK_SLEEF_PAIRS(name, u) QK_SLEEF_PAIR(b_##name##_f32, f32, QK_SLEEF_F(name, u)) QK_SLEEF_PAIR(b_##name##_f64, f64, QK_SLEEF_D(name, u))
QREPL_SLEEF_BINARY(QK_SLEEF_PAIRS)

#endif
