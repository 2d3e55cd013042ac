#include "kernels.h"
#include "qk_threads.h"
#include <string.h>

/// A thread is worth starting for so many multiplications.
#define QK_THREAD_WORK ((size_t)1 << 20)
/// And for so many in every step to wait for it at every step.
#define QK_STEP_WORK ((size_t)1 << 17)

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
                       r->weights->b_ih, r->gates + from * wide, wide, false, false);
}

/// A part of a layer's run: rows of the batch and units of the state.
typedef struct step_part {
  size_t row, rows, unit, units;
  qk_team *team;
} step_part;

/// The state's part of the gates of some units. The weight is walked forwards and backwards by turns: what was read last is
/// still in the cache.
static void hidden_part(const layer_run *r, const step_part *part, size_t i, const float *h, size_t ldh, float *step) {
  const size_t H = r->shape->hidden, P = r->shape->projection ? r->shape->projection : H;
  const qk_lstm_weights_f32 *w = r->weights;
  if (part->units == H) {
    r->kernels->f32_gemm(part->rows, 4 * H, P, h, ldh, w->hh, w->b_hh, step, 4 * H, true, i % 2);
    return;
  }
  for (size_t g = 0; g < 4; g++) {
    const size_t at = (i % 2 ? 3 - g : g) * H + part->unit;
    r->kernels->f32_gemm(part->rows, part->units, P, h, ldh, w->hh + at * P, w->b_hh ? w->b_hh + at : NULL, step + at, 4 * H, true,
                         i % 2);
  }
}

/// All steps of a part. With a team every step waits for the others' units of the state; without one, nothing is shared:
/// a row needs nothing of the others.
static void run_steps(const layer_run *r, const step_part *part) {
  const qk_lstm_shape *s = r->shape;
  const qk_lstm_io *io = r->io;
  const size_t B = s->batch, H = s->hidden, P = s->projection ? s->projection : H;
  const float *h = io->h0 + part->row * P, *c = io->c0 + part->row * H;
  float *cn = io->cn + part->row * H;
  size_t ldh = P;
  for (size_t i = 0; i < s->steps; i++) {
    const size_t t = io->reverse ? s->steps - 1 - i : i, row = t * B + part->row;
    float *step = r->gates + row * 4 * H, *out = io->out + row * io->ldout;
    hidden_part(r, part, i, h, ldh, step);
    qk_cell_job cell = {.batch = part->rows, .hidden = H, .from = part->unit, .to = part->unit + part->units, .gates = step,
                        .keep_gates = io->gates != NULL, .c_old = c, .c_new = io->cells ? io->cells + row * H : cn, .h = out,
                        .ldh = io->ldout};
    if (s->projection) {
      cell.h = io->unprojected ? io->unprojected + row * H : r->unprojected + part->row * H;
      cell.ldh = H;
    }
    r->kernels->lstm_cell(&cell);
    if (s->projection) r->kernels->f32_gemm(part->rows, P, H, cell.h, H, r->weights->hr, NULL, out, io->ldout, false, false);
    h = out, ldh = io->ldout, c = cell.c_new;
    if (part->team) qk_team_wait(part->team);
  }
  if (part->unit > 0) return;
  for (size_t b = 0; b < part->rows; b++) memmove(io->hn + (part->row + b) * P, h + b * ldh, P * sizeof *h);
  if (c != cn) memmove(cn, c, part->rows * H * sizeof *c);
}

static void some_rows(void *context, size_t from, size_t to) {
  const layer_run *r = context;
  const step_part part = {.row = from, .rows = to - from, .unit = 0, .units = r->shape->hidden};
  run_steps(r, &part);
}

static void some_units(void *context, qk_team *team, unsigned me, unsigned members) {
  const layer_run *r = context;
  const size_t panels = r->shape->hidden / QK_PANEL, from = panels * me / members, to = panels * (me + 1) / members;
  const step_part part = {.row = 0, .rows = r->shape->batch, .unit = from * QK_PANEL, .units = (to - from) * QK_PANEL, .team = team};
  run_steps(r, &part);
}

unsigned qk_step_members(size_t hidden, size_t work, size_t least, unsigned threads) {
  if (hidden % QK_PANEL != 0 || work < least) return 1;
  const size_t most = qk_min_size(hidden / QK_PANEL, QK_MOST_MEMBERS);
  return (unsigned)qk_min_size(most, threads);
}

/// Items of `each` multiplications that make a thread's work.
static size_t grain(size_t each) { return each >= QK_THREAD_WORK ? 1 : (QK_THREAD_WORK + each) / (each + 1); }

void qk_lstm_layer_f32(const qk_lstm_shape *s, const qk_lstm_weights_f32 *w, const qk_lstm_io *io, unsigned threads) {
  const size_t B = s->batch, H = s->hidden, P = s->projection ? s->projection : H, rows = s->steps * B;
  float *scratch = io->scratch;
  layer_run run = {.kernels = qk_active_kernels(), .shape = s, .weights = w, .io = io,
                   .gates = io->gates ? io->gates : scratch, .unprojected = scratch + rows * 4 * H};
  qk_parallel(rows, grain(4 * H * s->input), threads, input_part, &run);
  // With a projection a step has two products that need all of a state each.
  const unsigned members = s->projection || B >= threads ? 1 : qk_step_members(H, B * 4 * H * P, QK_STEP_WORK, threads);
  if (members > 1) qk_team_run(members, some_units, &run);
  else qk_parallel(B, grain(s->steps * 4 * H * P), threads, some_rows, &run);
}
