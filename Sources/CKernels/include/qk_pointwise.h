/// Elementwise loops over dense elements. A loop is looked up once and then run over as many stretches of memory as there
/// are: the pointer stays right as long as the instruction set in use does. The result may be an operand itself, but must
/// not overlap one otherwise.
#ifndef QK_POINTWISE_H
#define QK_POINTWISE_H

#include <stddef.h>

/// Types that loops know.
typedef enum qk_type { QK_F32, QK_F64, QK_I64, QK_I32, QK_U8, QK_BOOL, QK_TYPE_COUNT } qk_type;

/// Which operand of a pair is one number for all: a pointer to it stands in the operand's place.
typedef enum qk_form { QK_BOTH, QK_SECOND_IS_ONE, QK_FIRST_IS_ONE, QK_FORM_COUNT } qk_form;

/// Functions of two numbers. Integers have no quotient, power nor angle.
typedef enum qk_binary_op {
  QK_ADD, QK_SUB, QK_MUL, QK_DIV,
  /// NaN where one of the two is.
  QK_MAXIMUM, QK_MINIMUM,
  QK_POW, QK_ATAN2,
  QK_BINARY_COUNT
} qk_binary_op;

/// Questions about two numbers, answered by the bytes 0 and 1.
typedef enum qk_comparison { QK_EQ, QK_NE, QK_LT, QK_LE, QK_COMPARISON_COUNT } qk_comparison;

/// Functions of one number. Integers have the first four.
typedef enum qk_unary_op {
  QK_NEG, QK_ABS, QK_RELU, QK_SQUARE,
  QK_SQRT, QK_RSQRT, QK_RECIPROCAL, QK_FLOOR, QK_CEIL, QK_TRUNC, QK_RINT,
  /// Within 1 ulp; `exp`, `sigmoid` and `tanh` of float as in qk_activation.h.
  QK_EXP, QK_EXP2, QK_EXPM1, QK_LOG, QK_LOG2, QK_LOG10, QK_LOG1P, QK_SIN, QK_COS, QK_TAN, QK_ASIN, QK_ACOS, QK_ATAN,
  QK_SINH, QK_COSH, QK_TANH, QK_ASINH, QK_ACOSH, QK_ATANH, QK_ERF, QK_ERFC,
  QK_SIGMOID, QK_SILU, QK_GELU, QK_GELU_TANH,
  QK_UNARY_COUNT
} qk_unary_op;

/// Functions of three numbers; floats only.
typedef enum qk_ternary_op {
  /// a + value · b · c, rounded after every step.
  QK_ADDCMUL,
  /// a + value · b / c.
  QK_ADDCDIV,
  /// From a to b by c; from whichever end is nearer, as PyTorch does.
  QK_LERP,
  /// a + value · b in one rounding; c is not read.
  QK_ADD_SCALED,
  QK_TERNARY_COUNT
} qk_ternary_op;

typedef void (*qk_unary_loop)(size_t n, const void *x, void *y);
typedef void (*qk_binary_loop)(size_t n, const void *a, const void *b, void *y);
typedef void (*qk_ternary_loop)(size_t n, const void *a, const void *b, const void *c, const void *value, void *y);
typedef void (*qk_choice_loop)(size_t n, const void *condition, const void *a, const void *b, void *y);

/// The loop y = op(x), or NULL where there is none for the type.
qk_unary_loop qk_unary(qk_unary_op op, qk_type type);

/// The number of the function called `name` ("log1p"), or -1.
int qk_unary_named(const char *name);

/// The loop y = op(a, b), or NULL.
qk_binary_loop qk_binary(qk_binary_op op, qk_type type, qk_form form);

/// The loop y = op(a, b), where y has bytes, or NULL.
qk_binary_loop qk_compare(qk_comparison op, qk_type type, qk_form form);

/// The loop y = op(a, b, c, value), or NULL.
qk_ternary_loop qk_ternary(qk_ternary_op op, qk_type type);

/// The loop y = condition ? a : b over elements of `size` bytes (1, 2, 4 or 8), or NULL. Where `a_is_one` or `b_is_one`,
/// that operand is one number for all.
qk_choice_loop qk_choose(size_t size, int a_is_one, int b_is_one);

/// The loop that holds x between two bounds, `bounds[0] <= bounds[1]` and no NaN; NaN stays. As a qk_binary_loop of x and
/// the two bounds. NULL for types other than F32, F64 and I64.
qk_binary_loop qk_clamp(qk_type type);

/// The loop y = x in another type, as C casts, what does not fit as x86 has it; NULL where there is none.
qk_unary_loop qk_cast(qk_type from, qk_type to);

/// The matrix y[columns, rows] = x[rows, columns] turned, of elements of 4 or 8 bytes; row strides in elements.
void qk_transpose(size_t size, size_t rows, size_t columns, const void *x, size_t ldx, void *y, size_t ldy);

#endif
