/// One direction of one LSTM layer over all time steps, forward.
#ifndef QK_LSTM_H
#define QK_LSTM_H

#include "qk_s8_gemm.h"
#include <stdbool.h>
#include <stddef.h>

/// The sizes of a layer.
typedef struct qk_lstm_shape {
  size_t steps, batch, input, hidden;
  /// `proj_size`, or 0 for none. The recurrent state has this many features if it is not 0, else `hidden`.
  size_t projection;
} qk_lstm_shape;

/// What a layer reads and writes. H is `hidden`, P the size of the recurrent state, T steps, B batch.
typedef struct qk_lstm_io {
  /// Input: row `t * batch + b` has `input` floats at `x + row * ldx`.
  const float *x;
  size_t ldx;
  /// Initial state `[B, P]` and cell `[B, H]`, contiguous.
  const float *h0, *c0;
  /// Output: row `t * batch + b` has P floats at `out + row * ldout`; with `ldout = 2 * P` two directions interleave.
  float *out;
  size_t ldout;
  /// Final state `[B, P]` and cell `[B, H]`, contiguous. They may be the buffers of `h0` and `c0`.
  float *hn, *cn;
  /// NULL, or `[T, B, 4H]`: the gates i, f, g, o after their activation, kept for the backward pass.
  float *gates;
  /// NULL, or `[T, B, H]`: the cell after each step.
  float *cells;
  /// NULL, or `[T, B, H]`: the hidden state before projection; only with `projection`.
  float *unprojected;
  /// `qk_lstm_scratch_f32` or `qk_lstm_scratch_s8` bytes; 64-byte aligned is fastest.
  void *scratch;
  /// Goes through the steps from the last to the first.
  bool reverse;
} qk_lstm_io;

/// Packed float weights (`qk_f32_pack`) in PyTorch's gate order i, f, g, o. Biases may be NULL; `hr` is NULL without
/// projection.
typedef struct qk_lstm_weights_f32 {
  const float *ih, *hh, *hr, *b_ih, *b_hh;
} qk_lstm_weights_f32;

/// Packed int8 weights in PyTorch's gate order. Biases may be NULL.
typedef struct qk_lstm_weights_s8 {
  qk_s8_weight ih, hh;
  const float *b_ih, *b_hh;
  /// Activations use 7 bits, as PyTorch's LSTM does by default.
  bool reduce_range;
} qk_lstm_weights_s8;

/// Bytes of scratch for `qk_lstm_layer_f32`.
size_t qk_lstm_scratch_f32(const qk_lstm_shape *shape);

/// Bytes of scratch for `qk_lstm_layer_s8`.
size_t qk_lstm_scratch_s8(const qk_lstm_shape *shape);

/// Runs the layer: gates = x · w_ihᵀ + b_ih + b_hh + h · w_hhᵀ, c = f·c + i·g, h = o·tanh(c) (· w_hrᵀ).
/// With no steps the states are copied. Rows of the batch, or the units where it
/// has fewer rows, are shared out among at most `threads` threads.
void qk_lstm_layer_f32(const qk_lstm_shape *shape, const qk_lstm_weights_f32 *weights, const qk_lstm_io *io, unsigned threads);

/// Runs the layer as PyTorch's dynamically quantized LSTM (x86 engine): one dynamic linear over the whole input, and
/// one per step over the hidden state of the whole batch. No projection. Fails with QK_BAD_RANGE where an input or a
/// state holds NaN; the outputs are then incomplete. Shared out among at most `threads` threads, as is the float layer, with the
/// same bits.
qk_status qk_lstm_layer_s8(const qk_lstm_shape *shape, const qk_lstm_weights_s8 *weights, const qk_lstm_io *io, unsigned threads);

#endif
