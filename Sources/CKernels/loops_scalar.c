#include "simd_scalar.h"
#include "sleef_call.h"

/// Whether the processor multiplies and adds in one rounding; where it does not, SLEEF's last bits may differ.
static bool has_fma(void) {
#if defined(__x86_64__)
  static _Atomic int known;
  if (!known) known = __builtin_cpu_supports("fma") ? 1 : -1;
  return known > 0;
#else
  return true;
#endif
}

#define QK_RUN_ONES(name, T)                                                                                          \
  static void name(qk_vector_function f, size_t n, const T *a, size_t sa, const T *b, size_t sb, T *y) {              \
    T (*g)(T, T) = (T (*)(T, T))f;                                                                                    \
    for (size_t i = 0; i < n; i++) y[i] = g(a[i * sa], b[i * sb]);                                                    \
  }
QK_RUN_ONES(run_f32, float)
QK_RUN_ONES(run_f64, double)
#define QK_SLEEF_F(name, u) (has_fma() ? Sleef_finz_##name##f1_##u##purecfma : Sleef_cinz_##name##f1_##u##purec)
#define QK_SLEEF_D(name, u) (has_fma() ? Sleef_finz_##name##d1_##u##purecfma : Sleef_cinz_##name##d1_##u##purec)

#include "arithmetic_body.h"
#include "functions_body.h"
#include "reduce_body.h"
#include "normalize_body.h"
#include "normal_body.h"
#define QK_TABLE_NAME qk_loops_scalar
#include "loops_table.h"
