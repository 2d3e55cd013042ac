#include "kernels.h"
#include "qk_threads.h"
#include <string.h>

/// A thread is worth starting for so many multiplications.
#define QK_THREAD_WORK ((size_t)1 << 20)

size_t qk_lstm_scratch_f32(const qk_lstm_shape *s) {
  const size_t rows = s->steps * s->batch;
  return (rows * 4 * s->hidden + s->batch * s->hidden) * sizeof(float);
}

/// A layer's run, as its parts see it.
typedef struct layer_run {
  const qk_kernels *kernels;
  const qk_lstm_shape *shape;
  const qk_lstm_weights_f32 *weights;
  const qk_lstm_io *io;
  /// `[T, B, 4H]`, and where the projection reads states that nobody keeps.
  float *gates, *unprojected;
} layer_run;

/// What the input gives to the gates, for the rows `from ..< to` of all steps.
static void input_part(void *context, size_t from, size_t to) {
  const layer_run *r = context;
  const size_t wide = 4 * r->shape->hidden;
  r->kernels->f32_gemm(to - from, wide, r->shape->input, r->io->x + from * r->io->ldx, r->io->ldx, r->weights->ih,
                       r->weights->b_ih, r->gates + from * wide, wide, false);
}

/// All steps of the rows `from ..< to` of the batch: a row needs nothing of the others, so no thread waits for another.
static void steps_part(void *context, size_t from, size_t to) {
  const layer_run *r = context;
  const qk_lstm_shape *s = r->shape;
  const qk_lstm_weights_f32 *w = r->weights;
  const qk_lstm_io *io = r->io;
  const size_t B = s->batch, H = s->hidden, P = s->projection ? s->projection : H, count = to - from;
  const float *h = io->h0 + from * P, *c = io->c0 + from * H;
  float *cn = io->cn + from * H;
  size_t ldh = P;
  for (size_t i = 0; i < s->steps; i++) {
    const size_t t = io->reverse ? s->steps - 1 - i : i, row = t * B + from;
    float *step = r->gates + row * 4 * H, *out = io->out + row * io->ldout;
    r->kernels->f32_gemm(count, 4 * H, P, h, ldh, w->hh, w->b_hh, step, 4 * H, true);
    qk_cell_job cell = {.batch = count, .hidden = H, .gates = step, .keep_gates = io->gates != NULL, .c_old = c,
                        .c_new = io->cells ? io->cells + row * H : cn, .h = out, .ldh = io->ldout};
    if (s->projection) {
      cell.h = io->unprojected ? io->unprojected + row * H : r->unprojected + from * H;
      cell.ldh = H;
    }
    r->kernels->lstm_cell(&cell);
    if (s->projection) r->kernels->f32_gemm(count, P, H, cell.h, H, w->hr, NULL, out, io->ldout, false);
    h = out, ldh = io->ldout, c = cell.c_new;
  }
  for (size_t b = 0; b < count; b++) memmove(io->hn + (from + b) * P, h + b * ldh, P * sizeof *h);
  if (c != cn) memmove(cn, c, count * H * sizeof *c);
}

/// Items of `each` multiplications that make a thread's work.
static size_t grain(size_t each) { return each >= QK_THREAD_WORK ? 1 : (QK_THREAD_WORK + each) / (each + 1); }

void qk_lstm_layer_f32(const qk_lstm_shape *s, const qk_lstm_weights_f32 *w, const qk_lstm_io *io, unsigned threads) {
  const size_t B = s->batch, H = s->hidden, P = s->projection ? s->projection : H, rows = s->steps * B;
  float *scratch = io->scratch;
  layer_run run = {.kernels = qk_active_kernels(), .shape = s, .weights = w, .io = io,
                   .gates = io->gates ? io->gates : scratch, .unprojected = scratch + rows * 4 * H};
  qk_parallel(rows, grain(4 * H * s->input), threads, input_part, &run);
  qk_parallel(B, grain(s->steps * 4 * H * P), threads, steps_part, &run);
}
