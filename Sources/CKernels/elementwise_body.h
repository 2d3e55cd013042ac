// Loops over activations, and the LSTM cell, over the vector of a simd_….h header included before.
#ifndef QK_ELEMENTWISE_BODY_H
#define QK_ELEMENTWISE_BODY_H

#include "activation_body.h"

#define QK_MAP(name, function)                                             \
  QK_KERNEL void name(size_t n, const float *x, float *y) {                \
    size_t i = 0;                                                          \
    for (; i + VW <= n; i += VW) v_store(y + i, function(v_load(x + i)));  \
    if (i < n) v_store_part(y + i, function(v_load_part(x + i, n - i)), n - i); \
  }
QK_MAP(map_exp, v_exp)
QK_MAP(map_sigmoid, v_sigmoid)
QK_MAP(map_tanh, v_tanh)

/// `n` units of one row from `gates + j`; whole vectors if n is VW.
QK_FN void cell_units(const qk_cell_job *job, float *gates, const float *c_old, float *c_new, float *h, size_t n) {
  const size_t hidden = job->hidden;
  const bool whole = n == VW;
#define QK_GET(p) (whole ? v_load(p) : v_load_part(p, n))
#define QK_PUT(p, x) (whole ? v_store(p, x) : v_store_part(p, x, n))
  const vf i = v_sigmoid(QK_GET(gates)), f = v_sigmoid(QK_GET(gates + hidden));
  const vf g = v_tanh(QK_GET(gates + 2 * hidden)), o = v_sigmoid(QK_GET(gates + 3 * hidden));
  const vf c = v_add(v_mul(f, QK_GET(c_old)), v_mul(i, g));
  if (job->keep_gates) {
    QK_PUT(gates, i), QK_PUT(gates + hidden, f);
    QK_PUT(gates + 2 * hidden, g), QK_PUT(gates + 3 * hidden, o);
  }
  QK_PUT(c_new, c);
  QK_PUT(h, v_mul(o, v_tanh(c)));
#undef QK_GET
#undef QK_PUT
}

QK_KERNEL void lstm_cell(const qk_cell_job *job) {
  const size_t hidden = job->hidden;
  for (size_t b = 0; b < job->batch; b++) {
    float *gates = job->gates + b * 4 * hidden, *h = job->h + b * job->ldh;
    const float *c_old = job->c_old + b * hidden;
    float *c_new = job->c_new + b * hidden;
    size_t j = job->from;
    for (; j + VW <= job->to; j += VW) cell_units(job, gates + j, c_old + j, c_new + j, h + j, VW);
    if (j < job->to) cell_units(job, gates + j, c_old + j, c_new + j, h + j, job->to - j);
  }
}

#endif
