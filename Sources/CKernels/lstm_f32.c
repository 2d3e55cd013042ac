#include "kernels.h"
#include <string.h>

size_t qk_lstm_scratch_f32(const qk_lstm_shape *s) {
  const size_t rows = s->steps * s->batch;
  return (rows * 4 * s->hidden + s->batch * s->hidden) * sizeof(float);
}

void qk_lstm_layer_f32(const qk_lstm_shape *s, const qk_lstm_weights_f32 *w, const qk_lstm_io *io) {
  const qk_kernels *kernels = qk_active_kernels();
  const size_t B = s->batch, H = s->hidden, P = s->projection ? s->projection : H, rows = s->steps * B;
  float *gates = io->gates ? io->gates : io->scratch;
  float *unprojected = (float *)io->scratch + rows * 4 * H;
  kernels->f32_gemm(rows, 4 * H, s->input, io->x, io->ldx, w->ih, w->b_ih, gates, 4 * H, false);

  const float *h = io->h0, *c = io->c0;
  size_t ldh = P;
  for (size_t i = 0; i < s->steps; i++) {
    const size_t t = io->reverse ? s->steps - 1 - i : i, row = t * B;
    float *step = gates + row * 4 * H, *out = io->out + row * io->ldout;
    kernels->f32_gemm(B, 4 * H, P, h, ldh, w->hh, w->b_hh, step, 4 * H, true);
    qk_cell_job cell = {.batch = B, .hidden = H, .gates = step, .keep_gates = io->gates != NULL, .c_old = c,
                        .c_new = io->cells ? io->cells + row * H : io->cn, .h = out, .ldh = io->ldout};
    if (s->projection) {
      cell.h = io->unprojected ? io->unprojected + row * H : unprojected;
      cell.ldh = H;
    }
    kernels->lstm_cell(&cell);
    if (s->projection) kernels->f32_gemm(B, P, H, cell.h, H, w->hr, NULL, out, io->ldout, false);
    h = out, ldh = io->ldout, c = cell.c_new;
  }
  for (size_t b = 0; b < B; b++) memmove(io->hn + b * P, h + b * ldh, P * sizeof *h);
  if (c != io->cn) memmove(io->cn, c, B * H * sizeof *c);
}
