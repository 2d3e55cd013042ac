/// What normalization and its slopes do with means and variances, which qk_reduce.h gives. Each float is rounded after every
/// operation; sums are kept in double, in one order on every processor.
#ifndef QK_NORMALIZE_H
#define QK_NORMALIZE_H

#include <stddef.h>

/// y = x · a + b.
void qk_affine_f32(size_t n, const float *x, float *y, float a, float b);
/// y = g · a + (x · b + c).
void qk_combine_f32(size_t n, const float *g, const float *x, float *y, float a, float b, float c);
/// y = (x - mean) · scale · weight + bias, without those that are NULL.
void qk_normalize_f32(size_t n, const float *x, const float *weight, const float *bias, float mean, float scale, float *y);
/// y = g · weight · a + (x · b + c); `weight` may be NULL.
void qk_row_slopes_f32(size_t n, const float *g, const float *weight, const float *x, float a, float b, float c, float *y);
/// The sums of g · weight and of g · weight · (x - shift); `weight` may be NULL.
void qk_dots_f32(size_t n, const float *g, const float *weight, const float *x, double shift, double *sums);
/// Adds g · ((x - mean) · scale) to `slopes` and g to `sums`, where they are not NULL.
void qk_row_weights_f32(size_t n, const float *g, const float *x, float mean, float scale, float *slopes, float *sums);

/// Adds (x - around)² of each column to `sums`.
void qk_square_columns_f32(size_t rows, size_t columns, const float *x, size_t ldx, const double *around, double *sums);
/// Adds g and g · (x - shift) of each column to `sums` and `dots`.
void qk_dot_columns_f32(size_t rows, size_t columns, size_t ld, const float *g, const float *x, const float *shift, double *sums, double *dots);
/// `qk_affine_f32` row by row, with a pair of numbers for each column.
void qk_affine_columns_f32(size_t rows, size_t columns, size_t ld, const float *x, float *y, const float *a, const float *b);
/// `qk_combine_f32` row by row, with three numbers for each column.
void qk_combine_columns_f32(size_t rows, size_t columns, size_t ld, const float *g, const float *x, float *y, const float *a, const float *b, const float *c);

#endif
