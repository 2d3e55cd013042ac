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
  void (*box_muller_f32)(size_t blocks, float *x, float mean, float deviation);
  void (*affine_f32)(size_t n, const float *x, float *y, float a, float b);
  void (*combine_f32)(size_t n, const float *g, const float *x, float *y, float a, float b, float c);
  void (*normalize_f32)(size_t n, const float *x, const float *weight, const float *bias, float mean, float scale, float *y);
  void (*row_slopes_f32)(size_t n, const float *g, const float *weight, const float *x, float a, float b, float c, float *y);
  void (*dots_f32)(size_t n, const float *g, const float *x, double shift, double *sums);
  void (*weighted_dots_f32)(size_t n, const float *g, const float *weight, const float *x, double shift, double *sums);
  void (*row_weights_f32)(size_t n, const float *g, const float *x, float mean, float scale, float *slopes, float *sums);
  void (*square_columns_f32)(size_t rows, size_t columns, const float *x, size_t ldx, const double *around, double *sums);
  void (*dot_columns_f32)(size_t rows, size_t columns, size_t ld, const float *g, const float *x, const float *shift, double *sums, double *dots);
  void (*affine_columns_f32)(size_t rows, size_t columns, size_t ld, const float *x, float *y, const float *a, const float *b);
  void (*combine_columns_f32)(size_t rows, size_t columns, size_t ld, const float *g, const float *x, float *y, const float *a, const float *b, const float *c);
} qk_loops;

extern const qk_loops qk_loops_scalar, qk_loops_avx2, qk_loops_avx512;

/// Those of the instruction set in use.
QK_INLINE const qk_loops *qk_active_loops(void) { return qk_active_kernels()->loops; }

#endif
