/// Products with a float matrix most of whose elements are zero.
#ifndef QK_SPARSE_H
#define QK_SPARSE_H

#include <stddef.h>
#include <stdint.h>

/// Outputs that are computed side by side, one a lane.
#define QK_SPARSE_LANES 16
/// Inputs that a step can reach.
#define QK_SPARSE_WINDOW 32

/// The stored elements of a weight `[n, k]`, as steps over sliding windows.
///
/// The outputs stand in groups of QK_SPARSE_LANES, those with most elements first. Each step of a group looks at the
/// QK_SPARSE_WINDOW inputs from `base[step]` on, and gives every lane whose next element lies among them its product.
/// So nothing is gathered from memory: all that lanes want lies in two registers.
typedef struct qk_sparse_weight {
  size_t n, k;
  /// The output that lane `l` of group `g` is, at `g * QK_SPARSE_LANES + l`; `n` in all.
  const uint32_t *rows;
  /// The first step of each group, and the number of steps.
  const uint32_t *first;
  /// The first input of each step's window; at most `k - QK_SPARSE_WINDOW`, or 0.
  const uint32_t *base;
  /// For each lane of each step: QK_SPARSE_USED and the input's place in the window, or 0 where the lane waits.
  const uint8_t *places;
  /// For each lane of each step: the element, or 0.
  const float *values;
} qk_sparse_weight;

#define QK_SPARSE_USED 0x80

/// A matrix as compressed rows: the elements of row `r` are `offsets[r] ..< offsets[r + 1]`, their columns increase.
typedef struct qk_sparse_rows {
  size_t n, k;
  const int32_t *offsets, *columns;
  const float *values;
} qk_sparse_rows;

/// How many groups `n` outputs make.
size_t qk_sparse_groups(size_t n);

/// Packs compressed rows in the order `rows`, which has the longest rows first. Gives the number of steps, and writes the
/// first step of each group to `first`, which has room for `qk_sparse_groups(n) + 1`. Writes `base`, `places` and `values`
/// only where they are not NULL; they have room for 1, QK_SPARSE_LANES and QK_SPARSE_LANES elements a step.
size_t qk_sparse_pack(const qk_sparse_rows *matrix, const uint32_t *rows, uint32_t *first, uint32_t *base, uint8_t *places,
                      float *values);

/// The inverse of `qk_sparse_pack`: `offsets` has room for `n + 1`, `columns` and `values` for every stored element.
void qk_sparse_unpack(const qk_sparse_weight *w, int32_t *offsets, int32_t *columns, float *values);

/// The outputs of the groups `from ..< to` of `y[m, n] = x[m, k] · wᵀ (+ bias[n])`.
///
/// Every output starts from 0, takes its stored products in the order of the inputs, each by one fused multiply-add, and
/// then adds `bias` if it is not NULL: the bits depend neither on the instruction set nor on `m`. Elements that are not
/// stored take no part: an infinity or a NaN in `x` reaches only the outputs that have an element for it.
void qk_sparse_linear(size_t m, const float *x, size_t ldx, const qk_sparse_weight *w, const float *bias, float *y,
                      size_t ldy, size_t from, size_t to);

#endif
