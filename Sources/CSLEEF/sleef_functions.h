// SLEEF's vector mathematics: of each function the form that gives the same bits at every vector width ("finz": with
// fused multiply-add), and for processors without that instruction the form without ("cinz").
//
// Declared here, as bare addresses: how a wide vector is passed depends on what the compiler's own target has, and ours is
// chosen at run time. What calls them puts the vectors into the registers itself.
#ifndef QREPL_CSLEEF_H
#define QREPL_CSLEEF_H

/// X(name, accuracy) for the functions of one number.
#define QREPL_SLEEF_UNARY(X)                                                                                  \
  X(exp, u10) X(exp2, u10) X(expm1, u10) X(log, u10) X(log2, u10) X(log10, u10) X(log1p, u10) X(sin, u10)     \
  X(cos, u10) X(tan, u10) X(asin, u10) X(acos, u10) X(atan, u10) X(sinh, u10) X(cosh, u10) X(tanh, u10)       \
  X(asinh, u10) X(acosh, u10) X(atanh, u10) X(erf, u10) X(erfc, u15)
/// The same for the functions of two numbers.
#define QREPL_SLEEF_BINARY(X) X(pow, u10) X(atan2, u10)

#define QREPL_DECLARE(name, u)                                                                                    \
  void Sleef_finz_##name##f1_##u##purecfma(void), Sleef_cinz_##name##f1_##u##purec(void),                         \
      Sleef_finz_##name##d1_##u##purecfma(void), Sleef_cinz_##name##d1_##u##purec(void);
QREPL_SLEEF_UNARY(QREPL_DECLARE)
QREPL_SLEEF_BINARY(QREPL_DECLARE)
#undef QREPL_DECLARE

#if defined(__x86_64__)
#define QREPL_DECLARE(name, u)                                                           \
  void Sleef_finz_##name##f8_##u##avx2(void), Sleef_finz_##name##d4_##u##avx2(void),     \
      Sleef_finz_##name##f16_##u##avx512f(void), Sleef_finz_##name##d8_##u##avx512f(void);
QREPL_SLEEF_UNARY(QREPL_DECLARE)
QREPL_SLEEF_BINARY(QREPL_DECLARE)
#undef QREPL_DECLARE
#endif

#endif
