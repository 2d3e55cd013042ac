#include "kernels.h"
#include <string.h>

/// Where the pieces of scratch begin, in bytes.
typedef struct scratch_layout {
  size_t linear, total;
} scratch_layout;

static scratch_layout lay_out(const qk_lstm_shape *s) {
  const size_t rows = s->steps * s->batch;
  const size_t gates = qk_round_up(rows * 4 * s->hidden * sizeof(float), 64);
  const size_t input = qk_linear_dynamic_s8_scratch(rows, s->input);
  const size_t state = qk_linear_dynamic_s8_scratch(s->batch, s->hidden);
  return (scratch_layout){gates, gates + (input > state ? input : state)};
}

size_t qk_lstm_scratch_s8(const qk_lstm_shape *shape) { return lay_out(shape).total; }

qk_status qk_lstm_layer_s8(const qk_lstm_shape *s, const qk_lstm_weights_s8 *w, const qk_lstm_io *io) {
  const qk_kernels *kernels = qk_active_kernels();
  const size_t B = s->batch, H = s->hidden, rows = s->steps * B;
  float *gates = io->gates ? io->gates : io->scratch;
  void *linear = (char *)io->scratch + lay_out(s).linear;
  qk_status status = qk_linear_dynamic_s8(rows, io->x, io->ldx, &w->ih, w->b_ih, w->reduce_range, false, gates, 4 * H,
                                          linear);
  if (status != QK_OK) return status;

  if (B == 1 && H > 0 && H <= kernels->small_hidden && !w->hh.zero_points) {
    const qk_small_lstm_job small = {.shape = s, .weights = w, .io = io, .gates = gates};
    return kernels->lstm_small_s8(&small);
  }
  const float *h = io->h0, *c = io->c0;
  size_t ldh = H;
  for (size_t i = 0; i < s->steps; i++) {
    const size_t t = io->reverse ? s->steps - 1 - i : i, row = t * B;
    float *step = gates + row * 4 * H, *out = io->out + row * io->ldout;
    status = qk_linear_dynamic_s8(B, h, ldh, &w->hh, w->b_hh, w->reduce_range, true, step, 4 * H, linear);
    if (status != QK_OK) return status;
    const qk_cell_job cell = {.batch = B, .hidden = H, .gates = step, .keep_gates = io->gates != NULL, .c_old = c,
                              .c_new = io->cells ? io->cells + row * H : io->cn, .h = out, .ldh = io->ldout};
    kernels->lstm_cell(&cell);
    h = out, ldh = io->ldout, c = cell.c_new;
  }
  for (size_t b = 0; b < B; b++) memmove(io->hn + b * H, h + b * ldh, H * sizeof *h);
  if (c != io->cn) memmove(io->cn, c, B * H * sizeof *c);
  return QK_OK;
}
