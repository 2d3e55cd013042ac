/// softmax(q · kᵀ · scale + mask) · v, head by head, and its slopes.
#ifndef QK_ATTENTION_H
#define QK_ATTENTION_H

#include <stdbool.h>
#include <stddef.h>

/// Where the rows of all heads are: steps in floats from one batch, head and row to the next. The floats of a row are adjacent.
typedef struct qk_heads {
  float *at;
  size_t batch, head, row;
} qk_heads;

typedef struct qk_attention {
  /// Heads of a batch, rows of q, rows of k and v, floats of a row of q and k, and of v.
  size_t heads, queries, keys, width, value_width;
  float scale;
  qk_heads q, k, v;
  /// Is added to the scores; `at` may be NULL, steps may be 0. It belongs to the scores' rows, `keys` floats each.
  qk_heads mask;
  /// A row that the mask leaves nothing of becomes zeros.
  bool zeroes_empty_rows;
  /// [batch, heads, queries, keys], dense, or NULL: the softmax. Written by the forward pass, read by the backward one.
  float *weights;
  /// As `weights`, or NULL: that times `noise_scale` is what they are multiplied with before they meet v.
  const float *noise;
  float noise_scale;
  /// The result. Backward: its gradient, and those of q, k and v.
  qk_heads out, dq, dk, dv;
} qk_attention;

/// How many bytes of scratch a thread takes.
size_t qk_attention_scratch(const qk_attention *job);
size_t qk_attention_backward_scratch(const qk_attention *job);

/// The heads `from ..< to` of all, batch after batch. `scratch` is best 64-byte aligned.
///
/// Where no weights are kept, keys at the end that the mask takes to the least float or below, the same for all rows of a
/// batch's head, are left out: exp makes zeros of them.
void qk_attention_forward(const qk_attention *job, size_t from, size_t to, void *scratch);

/// The gradients of q, k and v, which must not overlap.
void qk_attention_backward(const qk_attention *job, size_t from, size_t to, void *scratch);

#endif
