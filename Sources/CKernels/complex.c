#define _GNU_SOURCE
#include "include/qk_complex.h"
#include <complex.h>
#include <math.h>

#define R float
#define C(name) c64_##name
#define F(name) name##f
#include "complex_body.h"
#undef R
#undef C
#undef F
#define R double
#define C(name) c128_##name
#define F(name) name
#include "complex_body.h"

qk_unary_loop qk_complex_unary(qk_unary_op op, int is_double) { return is_double ? c128_unary[op] : c64_unary[op]; }
qk_binary_loop qk_complex_binary(qk_binary_op op, int is_double, qk_form form) {
  return is_double ? c128_binary[op][form] : c64_binary[op][form];
}
qk_unary_loop qk_complex_conj(int is_double) { return is_double ? c128_loop_conj : c64_loop_conj; }
qk_unary_loop qk_complex_sgn(int is_double) { return is_double ? c128_loop_sgn : c64_loop_sgn; }
qk_unary_loop qk_complex_abs(int is_double) { return is_double ? c128_loop_abs : c64_loop_abs; }
qk_unary_loop qk_complex_angle(int is_double) { return is_double ? c128_loop_angle : c64_loop_angle; }
qk_binary_loop qk_complex_join(int is_double) { return is_double ? c128_loop_join : c64_loop_join; }
qk_binary_loop qk_complex_polar(int is_double) { return is_double ? c128_loop_polar : c64_loop_polar; }
void qk_complex_product(int is_double, int scan, size_t n, size_t step, const void *x, void *y) {
  if (is_double) c128_product(scan, n, step, x, y);
  else c64_product(scan, n, step, x, y);
}
