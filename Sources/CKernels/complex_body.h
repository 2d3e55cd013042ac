// The loops for one type of parts: R the part, C(name) this type's name of a loop, F(name) the library's function of R.
// Products and quotients are written out as PyTorch's: C's own ask for infinities after every one.

typedef struct { R re, im; } C(number);
typedef R _Complex C(native);

static inline C(number) C(of)(C(native) z) { return (C(number)){F(creal)(z), F(cimag)(z)}; }
static inline C(native) C(to)(C(number) z) {
  union { C(number) n; C(native) c; } u = {z};
  return u.c;
}
static inline C(number) C(mul)(C(number) a, C(number) b) {
  return (C(number)){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
static inline C(number) C(div)(C(number) a, C(number) b) {
  const R x = F(fabs)(b.re), y = F(fabs)(b.im);
  if (x >= y) {
    if (x == 0 && y == 0) return (C(number)){a.re / x, a.im / y};
    const R ratio = b.im / b.re, scale = (R)1 / (b.re + b.im * ratio);
    return (C(number)){(a.re + a.im * ratio) * scale, (a.im - a.re * ratio) * scale};
  }
  const R ratio = b.re / b.im, scale = (R)1 / (b.re * ratio + b.im);
  return (C(number)){(a.re * ratio + a.im) * scale, (a.im * ratio - a.re) * scale};
}
static inline C(number) C(sigmoid)(C(number) z) {
  C(number) e = C(of)(F(cexp)(C(to)((C(number)){-z.re, -z.im})));
  e.re += 1;
  return C(div)((C(number)){1, 0}, e);
}

#define LOOP(name, value)                                  \
  static void C(name)(size_t n, const void *x, void *y) {  \
    const C(number) *p = x;                                \
    C(number) *o = y;                                      \
    for (size_t i = 0; i < n; i++) {                       \
      const C(number) z = p[i];                            \
      o[i] = value;                                        \
    }                                                      \
  }
#define LIBRARY(name, function) LOOP(name, C(of)(F(function)(C(to)(z))))

LOOP(loop_neg, ((C(number)){-z.re, -z.im}))
LOOP(loop_square, C(mul)(z, z))
LOOP(loop_reciprocal, C(div)((C(number)){1, 0}, z))
LOOP(loop_rsqrt, C(div)((C(number)){1, 0}, C(of)(F(csqrt)(C(to)(z)))))
LOOP(loop_exp2, C(of)(F(cexp)(C(to)((C(number)){z.re * (R)M_LN2, z.im * (R)M_LN2}))))
LOOP(loop_expm1, ((C(number)){(R)(expm1(z.re) * cos(z.im) - 2 * sin(z.im / 2.0) * sin(z.im / 2.0)), (R)(exp(z.re) * sin(z.im))}))
LOOP(loop_log1p, ((C(number)){(R)(log1p((double)z.re * (2 + (double)z.re) + (double)z.im * z.im) / 2), F(atan2)(z.im, 1 + z.re)}))
LOOP(loop_sigmoid, C(sigmoid)(z))
LOOP(loop_silu, C(mul)(z, C(sigmoid)(z)))
LOOP(loop_conj, ((C(number)){z.re, -z.im}))
LIBRARY(loop_sqrt, csqrt)
LIBRARY(loop_exp, cexp)
LIBRARY(loop_log, clog)
LIBRARY(loop_sin, csin)
LIBRARY(loop_cos, ccos)
LIBRARY(loop_tan, ctan)
LIBRARY(loop_asin, casin)
LIBRARY(loop_acos, cacos)
LIBRARY(loop_atan, catan)
LIBRARY(loop_sinh, csinh)
LIBRARY(loop_cosh, ccosh)
LIBRARY(loop_tanh, ctanh)
LIBRARY(loop_asinh, casinh)
LIBRARY(loop_acosh, cacosh)
LIBRARY(loop_atanh, catanh)

static inline C(number) C(log_scaled)(C(number) z, double base) {
  const C(number) l = C(of)(F(clog)(C(to)(z)));
  return (C(number)){(R)(l.re / base), (R)(l.im / base)};
}
LOOP(loop_log2, C(log_scaled)(z, M_LN2))
LOOP(loop_log10, C(log_scaled)(z, M_LN10))

static inline C(number) C(sign)(C(number) z) {
  if (z.re == 0 && z.im == 0) return (C(number)){0, 0};
  const R size = F(hypot)(z.re, z.im);
  return (C(number)){z.re / size, z.im / size};
}
LOOP(loop_sgn, C(sign)(z))

static void C(loop_abs)(size_t n, const void *x, void *y) {
  const C(number) *p = x;
  R *o = y;
  for (size_t i = 0; i < n; i++) o[i] = F(hypot)(p[i].re, p[i].im);
}
static void C(loop_angle)(size_t n, const void *x, void *y) {
  const C(number) *p = x;
  R *o = y;
  for (size_t i = 0; i < n; i++) o[i] = F(atan2)(p[i].im, p[i].re);
}
static void C(loop_join)(size_t n, const void *a, const void *b, void *y) {
  const R *p = a, *q = b;
  C(number) *o = y;
  for (size_t i = 0; i < n; i++) o[i] = (C(number)){p[i], q[i]};
}
static void C(loop_polar)(size_t n, const void *a, const void *b, void *y) {
  const R *p = a, *q = b;
  C(number) *o = y;
  for (size_t i = 0; i < n; i++) o[i] = (C(number)){p[i] * F(cos)(q[i]), p[i] * F(sin)(q[i])};
}

static inline C(number) C(power)(C(number) a, C(number) b) {
  if (b.re == 0 && b.im == 0) return (C(number)){1, 0};
  if (a.re == 0 && a.im == 0 && b.im == 0 && b.re > 0) return (C(number)){0, 0};
  if (b.im == 0) {
    if (b.re == 1) return a;
    if (b.re == 2) return C(mul)(a, a);
    if (b.re == 3) return C(mul)(C(mul)(a, a), a);
    if (b.re == -1) return C(div)((C(number)){1, 0}, a);
    if (b.re == 0.5) return C(of)(F(csqrt)(C(to)(a)));
  }
  return C(of)(F(cpow)(C(to)(a), C(to)(b)));
}

#define PAIR(name, value)                                                          \
  static void C(name##_both)(size_t n, const void *x, const void *y, void *r) {    \
    const C(number) *p = x, *q = y;                                                \
    C(number) *o = r;                                                              \
    for (size_t i = 0; i < n; i++) { const C(number) a = p[i], b = q[i]; o[i] = value; } \
  }                                                                                \
  static void C(name##_second)(size_t n, const void *x, const void *y, void *r) {  \
    const C(number) *p = x, b = *(const C(number) *)y;                             \
    C(number) *o = r;                                                              \
    for (size_t i = 0; i < n; i++) { const C(number) a = p[i]; o[i] = value; }     \
  }                                                                                \
  static void C(name##_first)(size_t n, const void *x, const void *y, void *r) {   \
    const C(number) *q = y, a = *(const C(number) *)x;                             \
    C(number) *o = r;                                                              \
    for (size_t i = 0; i < n; i++) { const C(number) b = q[i]; o[i] = value; }     \
  }
PAIR(pair_add, ((C(number)){a.re + b.re, a.im + b.im}))
PAIR(pair_sub, ((C(number)){a.re - b.re, a.im - b.im}))
PAIR(pair_mul, C(mul)(a, b))
PAIR(pair_div, C(div)(a, b))
PAIR(pair_pow, C(power)(a, b))

static void C(product)(int scan, size_t n, size_t step, const void *x, void *y) {
  const C(number) *p = x;
  C(number) *o = y, all = {1, 0};
  for (size_t i = 0; i < n; i++) {
    all = i ? C(mul)(all, p[i * step]) : p[0];
    if (scan) o[i * step] = all;
  }
  if (!scan) *o = all;
}

static const qk_unary_loop C(unary)[QK_UNARY_COUNT] = {
    [QK_NEG] = C(loop_neg), [QK_SQUARE] = C(loop_square), [QK_SQRT] = C(loop_sqrt), [QK_RSQRT] = C(loop_rsqrt),
    [QK_RECIPROCAL] = C(loop_reciprocal), [QK_EXP] = C(loop_exp), [QK_EXP2] = C(loop_exp2), [QK_EXPM1] = C(loop_expm1),
    [QK_LOG] = C(loop_log), [QK_LOG2] = C(loop_log2), [QK_LOG10] = C(loop_log10), [QK_LOG1P] = C(loop_log1p),
    [QK_SIN] = C(loop_sin), [QK_COS] = C(loop_cos), [QK_TAN] = C(loop_tan), [QK_ASIN] = C(loop_asin), [QK_ACOS] = C(loop_acos),
    [QK_ATAN] = C(loop_atan), [QK_SINH] = C(loop_sinh), [QK_COSH] = C(loop_cosh), [QK_TANH] = C(loop_tanh),
    [QK_ASINH] = C(loop_asinh), [QK_ACOSH] = C(loop_acosh), [QK_ATANH] = C(loop_atanh), [QK_SIGMOID] = C(loop_sigmoid),
    [QK_SILU] = C(loop_silu)};
static const qk_binary_loop C(binary)[QK_BINARY_COUNT][QK_FORM_COUNT] = {
    [QK_ADD] = {C(pair_add_both), C(pair_add_second), C(pair_add_first)},
    [QK_SUB] = {C(pair_sub_both), C(pair_sub_second), C(pair_sub_first)},
    [QK_MUL] = {C(pair_mul_both), C(pair_mul_second), C(pair_mul_first)},
    [QK_DIV] = {C(pair_div_both), C(pair_div_second), C(pair_div_first)},
    [QK_POW] = {C(pair_pow_both), C(pair_pow_second), C(pair_pow_first)}};

#undef LOOP
#undef LIBRARY
#undef PAIR
