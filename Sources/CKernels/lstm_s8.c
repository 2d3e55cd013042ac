#include "kernels.h"
#include "qk_threads.h"
#include <stdatomic.h>
#include <string.h>

/// Where the pieces of scratch begin, in bytes.
typedef struct scratch_layout {
  size_t linear, total;
} scratch_layout;

/// One thread's room for the quantized state.
static size_t state_scratch(const qk_lstm_shape *s) {
  return qk_round_up(qk_linear_dynamic_s8_scratch(s->batch, s->hidden), 64);
}

static scratch_layout lay_out(const qk_lstm_shape *s) {
  const size_t rows = s->steps * s->batch;
  const size_t gates = qk_round_up(rows * 4 * s->hidden * sizeof(float), 64);
  const size_t input = qk_linear_dynamic_s8_scratch(rows, s->input);
  const size_t state = QK_MOST_MEMBERS * state_scratch(s);
  return (scratch_layout){gates, gates + (input > state ? input : state)};
}

size_t qk_lstm_scratch_s8(const qk_lstm_shape *shape) { return lay_out(shape).total; }

/// A layer's run, as the threads that step through it see it.
typedef struct layer_run {
  const qk_kernels *kernels;
  const qk_lstm_shape *shape;
  const qk_lstm_weights_s8 *weights;
  const qk_lstm_io *io;
  /// `[T, B, 4H]`.
  float *gates;
  char *scratch;
  atomic_int status;
} layer_run;

/// Step `i` of the units `from ..< to`. Every member quantizes the whole state, which takes less time than to wait for it.
static qk_status run_step(const layer_run *r, size_t i, size_t from, size_t to, const float *h, size_t ldh, const float *c, float *c_new,
                          void *scratch) {
  const qk_lstm_shape *s = r->shape;
  const qk_lstm_io *io = r->io;
  const size_t B = s->batch, H = s->hidden, row = (io->reverse ? s->steps - 1 - i : i) * B;
  qk_s8_job job = {.bias = r->weights->b_hh, .y = r->gates + row * 4 * H, .ldc = 4 * H, .accumulate = true};
  const qk_status status = qk_s8_quantize_input(B, h, ldh, &r->weights->hh, r->weights->reduce_range, scratch, &job);
  if (status != QK_OK) return status;
  if (to - from == H) r->kernels->s8_gemm(&job);
  else for (size_t g = 0; g < 4; g++) qk_s8_outputs(&job, g * H + from, g * H + to);
  const qk_cell_job cell = {.batch = B, .hidden = H, .from = from, .to = to, .gates = job.y, .keep_gates = io->gates != NULL,
                            .c_old = c, .c_new = c_new, .h = io->out + row * io->ldout, .ldh = io->ldout};
  r->kernels->lstm_cell(&cell);
  return QK_OK;
}

static void run_steps(void *context, qk_team *team, unsigned me, unsigned members) {
  layer_run *r = context;
  const qk_lstm_shape *s = r->shape;
  const qk_lstm_io *io = r->io;
  const size_t B = s->batch, H = s->hidden, panels = H / QK_PANEL;
  const size_t from = members == 1 ? 0 : panels * me / members * QK_PANEL;
  const size_t to = members == 1 ? H : panels * (me + 1) / members * QK_PANEL;
  void *scratch = r->scratch + me * state_scratch(s);
  const float *h = io->h0, *c = io->c0;
  size_t ldh = H;
  for (size_t i = 0; i < s->steps; i++) {
    const size_t row = (io->reverse ? s->steps - 1 - i : i) * B;
    float *c_new = io->cells ? io->cells + row * H : io->cn;
    const qk_status status = run_step(r, i, from, to, h, ldh, c, c_new, scratch);
    // All see the same state and stop at the same step.
    if (status != QK_OK) {
      atomic_store_explicit(&r->status, status, memory_order_relaxed);
      return;
    }
    h = io->out + row * io->ldout, ldh = io->ldout, c = c_new;
    qk_team_wait(team);
  }
  if (me > 0) return;
  for (size_t b = 0; b < B; b++) memmove(io->hn + b * H, h + b * ldh, H * sizeof *h);
  if (c != io->cn) memmove(io->cn, c, B * H * sizeof *c);
}

/// So many multiplications in every step are worth waiting for another thread at every step.
#define QK_STEP_WORK ((size_t)1 << 18)

qk_status qk_lstm_layer_s8(const qk_lstm_shape *s, const qk_lstm_weights_s8 *w, const qk_lstm_io *io, unsigned threads) {
  const qk_kernels *kernels = qk_active_kernels();
  const size_t B = s->batch, H = s->hidden, rows = s->steps * B;
  float *gates = io->gates ? io->gates : io->scratch;
  char *scratch = (char *)io->scratch + lay_out(s).linear;
  const qk_status status = qk_linear_dynamic_s8(rows, io->x, io->ldx, &w->ih, w->b_ih, w->reduce_range, false, gates, 4 * H, threads,
                                                scratch);
  if (status != QK_OK) return status;

  if (B == 1 && H > 0 && H <= kernels->small_hidden && !w->hh.zero_points) {
    const qk_small_lstm_job small = {.shape = s, .weights = w, .io = io, .gates = gates};
    return kernels->lstm_small_s8(&small);
  }
  layer_run run = {.kernels = kernels, .shape = s, .weights = w, .io = io, .gates = gates, .scratch = scratch, .status = QK_OK};
  qk_team_run(qk_step_members(H, B * 4 * H * H, QK_STEP_WORK, threads), run_steps, &run);
  return (qk_status)atomic_load_explicit(&run.status, memory_order_relaxed);
}
