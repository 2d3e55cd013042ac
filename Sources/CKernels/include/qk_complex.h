/// Elementwise loops over dense complex numbers (pairs of float or of double, the real part first). The result may be an
/// operand itself, but must not overlap one otherwise.
#ifndef QK_COMPLEX_H
#define QK_COMPLEX_H

#include "qk_pointwise.h"

/// The loop y = op(x), or NULL where complex numbers have no such function.
qk_unary_loop qk_complex_unary(qk_unary_op op, int is_double);

/// The loop y = op(a, b), or NULL.
qk_binary_loop qk_complex_binary(qk_binary_op op, int is_double, qk_form form);

/// The loop y = conjugate of x.
qk_unary_loop qk_complex_conj(int is_double);
/// The loop y = x / |x|, zero where x is.
qk_unary_loop qk_complex_sgn(int is_double);
/// The loop y = |x|, real.
qk_unary_loop qk_complex_abs(int is_double);
/// The loop y = the angle of x, real.
qk_unary_loop qk_complex_angle(int is_double);
/// The loop y = a + bi of reals a and b.
qk_binary_loop qk_complex_join(int is_double);
/// The loop y = a (cos b + i sin b) of reals a and b.
qk_binary_loop qk_complex_polar(int is_double);
/// y = the products of the first k of n numbers, for each k (`scan`), or of all; x and y step by `step` numbers.
void qk_complex_product(int is_double, int scan, size_t n, size_t step, const void *x, void *y);

#endif
