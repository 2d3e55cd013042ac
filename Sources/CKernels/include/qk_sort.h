/// Sorting with the places the elements came from. Stable; NaN counts as greater than all else.
#ifndef QK_SORT_H
#define QK_SORT_H

#include "qk_pointwise.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How many bytes of scratch, 8-byte aligned, `qk_sort` takes for `n` elements.
size_t qk_sort_scratch(size_t n);

/// Sorts `n < 2^32` elements of type F32, F64, I64, I32, U8 or BOOL into `values` (which may be `x`), and their places
/// into `places`, which may be NULL.
void qk_sort(qk_type type, size_t n, const void *x, void *values, int64_t *places, bool descending, void *scratch);

/// The `k` greatest (or least) of `n >= k` floats in order, with their places; of equal ones the first.
void qk_top_f32(size_t n, size_t k, const float *x, float *values, int64_t *places, bool greatest);

#endif
