/// Folding dense elements into one; float sums are kept in double.
#ifndef QK_REDUCE_H
#define QK_REDUCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The sum of `n` elements. One order of additions on every processor.
double qk_sum_f32(size_t n, const float *x);
double qk_sum_f64(size_t n, const double *x);
/// Wraps around.
int64_t qk_sum_i64(size_t n, const int64_t *x);
int64_t qk_sum_u8(size_t n, const uint8_t *x);

/// The sum of (x[i] - around)².
double qk_squares_f32(size_t n, const float *x, double around);
double qk_squares_f64(size_t n, const double *x, double around);

/// The greatest or least of `n >= 1` elements; NaN where there is one.
float qk_extreme_f32(size_t n, const float *x, bool greatest);
double qk_extreme_f64(size_t n, const double *x, bool greatest);
int64_t qk_extreme_i64(size_t n, const int64_t *x, bool greatest);

/// Where `value` first stands among `n` elements, or the first NaN if it is one; `n` where nowhere.
size_t qk_find_f32(size_t n, const float *x, float value);

/// Adds each column's elements to `sums`.
void qk_sum_columns_f32(size_t rows, size_t columns, const float *x, size_t ldx, double *sums);
void qk_sum_columns_f64(size_t rows, size_t columns, const double *x, size_t ldx, double *sums);

/// Each column's greatest or least; `rows >= 1`.
void qk_extreme_columns_f32(size_t rows, size_t columns, const float *x, size_t ldx, float *y, bool greatest);


/// `sums[i] = x[0] + … + x[i]`, the sum kept in double.
void qk_cumulative_sum_f32(size_t n, const float *x, float *sums);

#endif
