// The loops that one instruction set provides.
#ifndef QK_LOOPS_H
#define QK_LOOPS_H

#include "kernels.h"

typedef struct qk_loops {
  qk_unary_loop unary[QK_UNARY_COUNT][2];
  qk_unary_loop unary_i64[4];
  qk_binary_loop binary[QK_BINARY_COUNT][3][QK_FORM_COUNT];
  qk_binary_loop compare[QK_COMPARISON_COUNT][4][QK_FORM_COUNT];
  qk_ternary_loop ternary[QK_TERNARY_COUNT][2];
  qk_choice_loop choose[4][4];
  qk_binary_loop clamp[3];
  qk_unary_loop cast[QK_TYPE_COUNT][QK_TYPE_COUNT];
  double (*sum_f32)(size_t n, const float *x);
  double (*sum_f64)(size_t n, const double *x);
  int64_t (*sum_i64)(size_t n, const int64_t *x);
  int64_t (*sum_u8)(size_t n, const uint8_t *x);
  double (*squares_f32)(size_t n, const float *x, double around);
  double (*squares_f64)(size_t n, const double *x, double around);
  float (*extreme_f32[2])(size_t n, const float *x);
  double (*extreme_f64[2])(size_t n, const double *x);
  int64_t (*extreme_i64[2])(size_t n, const int64_t *x);
  size_t (*find_f32)(size_t n, const float *x, float value);
  void (*sum_columns_f32)(size_t rows, size_t columns, const float *x, size_t ldx, double *sums);
  void (*sum_columns_f64)(size_t rows, size_t columns, const double *x, size_t ldx, double *sums);
  void (*extreme_columns_f32[2])(size_t rows, size_t columns, const float *x, size_t ldx, float *y);
  void (*uniform_f32)(size_t n, const uint32_t *words, float low, float width, float end, float *y);
  void (*renew_mt)(uint32_t *words);
} qk_loops;

extern const qk_loops qk_loops_scalar, qk_loops_avx2, qk_loops_avx512;

/// Those of the instruction set in use.
QK_INLINE const qk_loops *qk_active_loops(void) { return qk_active_kernels()->loops; }

#endif
