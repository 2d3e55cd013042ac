#include "loops.h"

void qk_affine_f32(size_t n, const float *x, float *y, float a, float b) { qk_active_loops()->affine_f32(n, x, y, a, b); }

void qk_combine_f32(size_t n, const float *g, const float *x, float *y, float a, float b, float c) {
  qk_active_loops()->combine_f32(n, g, x, y, a, b, c);
}

void qk_normalize_f32(size_t n, const float *x, const float *weight, const float *bias, float mean, float scale, float *y) {
  qk_active_loops()->normalize_f32(n, x, weight, bias, mean, scale, y);
}

void qk_row_slopes_f32(size_t n, const float *g, const float *weight, const float *x, float a, float b, float c, float *y) {
  if (weight) qk_active_loops()->row_slopes_f32(n, g, weight, x, a, b, c, y);
  else qk_active_loops()->combine_f32(n, g, x, y, a, b, c);
}

void qk_dots_f32(size_t n, const float *g, const float *weight, const float *x, double shift, double *sums) {
  if (weight) qk_active_loops()->weighted_dots_f32(n, g, weight, x, shift, sums);
  else qk_active_loops()->dots_f32(n, g, x, shift, sums);
}

void qk_row_weights_f32(size_t n, const float *g, const float *x, float mean, float scale, float *slopes, float *sums) {
  qk_active_loops()->row_weights_f32(n, g, x, mean, scale, slopes, sums);
}

void qk_square_columns_f32(size_t rows, size_t columns, const float *x, size_t ldx, const double *around, double *sums) {
  qk_active_loops()->square_columns_f32(rows, columns, x, ldx, around, sums);
}

void qk_dot_columns_f32(size_t rows, size_t columns, size_t ld, const float *g, const float *x, const float *shift, double *sums, double *dots) {
  qk_active_loops()->dot_columns_f32(rows, columns, ld, g, x, shift, sums, dots);
}

void qk_affine_columns_f32(size_t rows, size_t columns, size_t ld, const float *x, float *y, const float *a, const float *b) {
  qk_active_loops()->affine_columns_f32(rows, columns, ld, x, y, a, b);
}

void qk_combine_columns_f32(size_t rows, size_t columns, size_t ld, const float *g, const float *x, float *y, const float *a, const float *b, const float *c) {
  qk_active_loops()->combine_columns_f32(rows, columns, ld, g, x, y, a, b, c);
}
