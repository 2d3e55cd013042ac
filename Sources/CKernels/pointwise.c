#include "loops.h"
#include <string.h>

static const char *const names[QK_UNARY_COUNT] = {
    "neg",  "abs",  "relu",  "square", "sqrt", "rsqrt", "reciprocal", "floor", "ceil", "trunc", "round", "exp",
    "exp2", "expm1", "log",  "log2",   "log10", "log1p", "sin",       "cos",   "tan",  "asin",  "acos",  "atan",
    "sinh", "cosh", "tanh",  "asinh",  "acosh", "atanh", "erf",       "erfc",  "sigmoid", "silu", "gelu", "gelu_tanh"};

int qk_unary_named(const char *name) {
  for (int i = 0; i < QK_UNARY_COUNT; i++)
    if (!strcmp(names[i], name)) return i;
  return -1;
}

qk_unary_loop qk_unary(qk_unary_op op, qk_type type) {
  const qk_loops *loops = qk_active_loops();
  if (type == QK_I64) return op <= QK_SQUARE ? loops->unary_i64[op] : NULL;
  return type <= QK_F64 ? loops->unary[op][type] : NULL;
}

qk_binary_loop qk_binary(qk_binary_op op, qk_type type, qk_form form) {
  return type <= QK_I64 ? qk_active_loops()->binary[op][type][form] : NULL;
}

qk_binary_loop qk_compare(qk_comparison op, qk_type type, qk_form form) {
  const unsigned at = type == QK_U8 || type == QK_BOOL ? 3 : type;
  return at <= 3 && type != QK_I32 ? qk_active_loops()->compare[op][at][form] : NULL;
}

qk_ternary_loop qk_ternary(qk_ternary_op op, qk_type type) {
  return type <= QK_F64 ? qk_active_loops()->ternary[op][type] : NULL;
}

qk_choice_loop qk_choose(size_t size, int a_is_one, int b_is_one) {
  const int at = size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : size == 8 ? 3 : -1;
  return at < 0 ? NULL : qk_active_loops()->choose[at][(a_is_one ? 1 : 0) + (b_is_one ? 2 : 0)];
}

qk_binary_loop qk_clamp(qk_type type) { return type <= QK_I64 ? qk_active_loops()->clamp[type] : NULL; }

qk_unary_loop qk_cast(qk_type from, qk_type to) { return qk_active_loops()->cast[from][to]; }

/// Whole lines of the cache at a time, on both sides.
#define QK_TRANSPOSE(name, T, side)                                                                      \
  static void name(size_t rows, size_t columns, const T *x, size_t ldx, T *y, size_t ldy) {           \
    for (size_t j = 0; j < columns; j += side)                                                           \
      for (size_t i = 0; i < rows; i += side) {                                                          \
        if (i + side <= rows && j + side <= columns) {                                                   \
          T tile[side][side];                                                                            \
          for (size_t p = 0; p < side; p++) memcpy(tile[p], x + (i + p) * ldx + j, sizeof tile[p]);      \
          for (size_t q = 0; q < side; q++) {                                                            \
            T line[side];                                                                                \
            for (size_t p = 0; p < side; p++) line[p] = tile[p][q];                                      \
            memcpy(y + (j + q) * ldy + i, line, sizeof line);                                            \
          }                                                                                              \
        } else {                                                                                         \
          const size_t bottom = qk_min_size(i + side, rows), right = qk_min_size(j + side, columns);     \
          for (size_t q = j; q < right; q++)                                                             \
            for (size_t p = i; p < bottom; p++) y[q * ldy + p] = x[p * ldx + q];                         \
        }                                                                                                \
      }                                                                                                  \
  }
QK_TRANSPOSE(transpose_32, uint32_t, 16)
QK_TRANSPOSE(transpose_64, uint64_t, 8)

void qk_transpose(size_t size, size_t rows, size_t columns, const void *x, size_t ldx, void *y, size_t ldy) {
  if (size == 4) transpose_32(rows, columns, x, ldx, y, ldy);
  else if (size == 8) transpose_64(rows, columns, x, ldx, y, ldy);
}
