#include "loops.h"

double qk_sum_f32(size_t n, const float *x) { return qk_active_loops()->sum_f32(n, x); }
double qk_sum_f64(size_t n, const double *x) { return qk_active_loops()->sum_f64(n, x); }
int64_t qk_sum_i64(size_t n, const int64_t *x) { return qk_active_loops()->sum_i64(n, x); }
int64_t qk_sum_u8(size_t n, const uint8_t *x) { return qk_active_loops()->sum_u8(n, x); }
double qk_squares_f32(size_t n, const float *x, double around) { return qk_active_loops()->squares_f32(n, x, around); }
double qk_squares_f64(size_t n, const double *x, double around) { return qk_active_loops()->squares_f64(n, x, around); }
float qk_extreme_f32(size_t n, const float *x, bool greatest) { return qk_active_loops()->extreme_f32[greatest](n, x); }
double qk_extreme_f64(size_t n, const double *x, bool greatest) { return qk_active_loops()->extreme_f64[greatest](n, x); }
int64_t qk_extreme_i64(size_t n, const int64_t *x, bool greatest) { return qk_active_loops()->extreme_i64[greatest](n, x); }
size_t qk_find_f32(size_t n, const float *x, float value) { return qk_active_loops()->find_f32(n, x, value); }

void qk_sum_columns_f32(size_t rows, size_t columns, const float *x, size_t ldx, double *sums) {
  qk_active_loops()->sum_columns_f32(rows, columns, x, ldx, sums);
}
void qk_sum_columns_f64(size_t rows, size_t columns, const double *x, size_t ldx, double *sums) {
  qk_active_loops()->sum_columns_f64(rows, columns, x, ldx, sums);
}
void qk_extreme_columns_f32(size_t rows, size_t columns, const float *x, size_t ldx, float *y, bool greatest) {
  qk_active_loops()->extreme_columns_f32[greatest](rows, columns, x, ldx, y);
}


void qk_cumulative_sum_f32(size_t n, const float *x, float *sums) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    sum += (double)x[i];
    sums[i] = (float)sum;
  }
}
