// The steps of an int8 LSTM whose state fits one vector, over the vector of a simd_….h header included before: state
// and weights stay in registers. The arithmetic is that of `qk_linear_dynamic_s8` and `lstm_cell`.
#ifndef QK_LSTM_SMALL_S8_BODY_H
#define QK_LSTM_SMALL_S8_BODY_H

/// Groups of four inputs in a vector.
#define QK_GROUPS (VW / 4)

/// The state quantized: 0 ... 255 in the low byte of each lane.
typedef struct qk_small_state {
  vi q;
  vi zero_point;
  float scale;
  /// No value exceeds 128; only where the product has use for that.
  bool small;
  qk_status status;
} qk_small_state;

/// The slow way, for what `fast_range` leaves.
__attribute__((noinline)) QK_KERNEL qk_status small_state_slowly(const float *h, size_t hidden, bool reduce_range,
                                                                 int32_t *q, int32_t *zero_point, float *scale) {
  float min, max;
  double exact;
  qk_minmax_f32(hidden, h, &min, &max);
  const qk_status status = qk_choose_qparams(min, max, 0, 255, false, false, reduce_range, &exact, zero_point);
  if (status != QK_OK) return status;
  uint8_t bytes[VW] = {0};
  *scale = (float)exact;
  qk_quantize_u8(hidden, h, *scale, *zero_point, bytes);
  for (size_t i = 0; i < VW; i++) q[i] = bytes[i];
  return QK_OK;
}

/// `has_zero`: a lane beyond the hidden units, which is 0, makes the range contain 0.
QK_FN qk_small_state small_state(vf h, size_t hidden, bool reduce_range, const bool has_zero) {
  vf low = v_spread_least(h), high = v_spread_greatest(h);
  if (!has_zero) low = v_min(low, v_set(0.0f)), high = v_max(high, v_set(0.0f));
  const qk_fast_range fast = fast_range(low, high, reduce_range ? 127 : 255);
  // Adding 1.5 * 2^23 rounds to an integer, which is then in the low bits. Near ties are left to the slow way, so it
  // does not matter which way they go, and with no ties in it the range ends at 0 and the number of levels: nothing is
  // to be cut off.
  const vf shift = v_set(0x1.8p23f);
  const vf shifted = v_fma(h, fast.steps, shift);
  qk_small_state s = {vi_add(v_bits(shifted), fast.zero_point), fast.zero_point, (float)fast.scale, reduce_range, QK_OK};
  const vf off = v_fma(h, fast.steps, v_sub(shift, shifted));
  if (__builtin_expect(!fast.valid || v_any_beyond(v_abs(off), v_set(QK_NEAR_TIE)), 0)) {
    float values[VW];
    int32_t q[VW], zero_point = 0;
    v_store(values, h);
    s.status = small_state_slowly(values, hidden, reduce_range, q, &zero_point, &s.scale);
    s.q = vi_load(q), s.zero_point = vi_set(zero_point), s.small = vi_greatest(s.q) <= 128;
  }
  return s;
}

/// What does not change from step to step: four gates, in as many lanes as there are hidden units.
typedef struct qk_small_weights {
  vi packed[4][QK_GROUPS];
  vi col_sums[4];
  vf bias[4], scale[4];
} qk_small_weights;

QK_FN qk_small_weights small_weights(const qk_small_lstm_job *job, const size_t groups) {
  const qk_s8_weight *w = &job->weights->hh;
  const size_t hidden = job->shape->hidden, width = qk_round_up(4 * hidden, QK_LANE);
  const float *bias = job->weights->b_hh;
  qk_small_weights s;
  for (size_t g = 0; g < 4; g++) {
    const size_t at = g * hidden;
    for (size_t p = 0; p < groups; p++) s.packed[g][p] = vi_load_part(w->packed + (p * width + at) * 4, hidden);
    s.col_sums[g] = vi_load_part(w->col_sums + at, hidden);
    s.bias[g] = bias ? v_load_part(bias + at, hidden) : v_set(0.0f);
    s.scale[g] = w->per_channel ? v_load_part(w->scales + at, hidden) : v_set(w->scales[0]);
  }
  return s;
}

/// Gate `g` before its activation: the state's part, then the input's.
QK_FN vf small_gate(const qk_small_weights *w, const size_t g, const size_t groups, const qk_operand *x,
                    qk_small_state state, bool has_bias, const bool small, vf input) {
  // Onto the bits of 1.5 * 2^23 a sum below 2^22 adds as integers do: a subtraction makes a float of it.
  const vf shift = v_set(0x1.8p23f);
  vi sum = qk_s8_dot(vi_sub(v_bits(shift), vi_mul(state.zero_point, w->col_sums[g])), x[0], w->packed[g][0], small);
  // Sums of their own, because one after the other takes longer.
  for (size_t p = 1; p < groups; p++) sum = vi_add(sum, qk_s8_dot(vi_set(0), x[p], w->packed[g][p], small));
  const vf exact = v_sub(v_from_bits(sum), shift), scale = v_mul(v_set(state.scale), w->scale[g]);
  return v_add(has_bias ? v_fma(exact, scale, w->bias[g]) : v_mul(exact, scale), input);
}

QK_FN vf small_load(const float *p, size_t hidden, const bool whole) {
  return whole ? v_load(p) : v_load_part(p, hidden);
}
QK_FN void small_store(float *p, vf x, size_t hidden, const bool whole) {
  if (whole) v_store(p, x);
  else v_store_part(p, x, hidden);
}

/// `whole`: as many hidden units as lanes.
QK_FN qk_status small_steps(const qk_small_lstm_job *job, const size_t groups, const bool whole) {
  const qk_lstm_shape *shape = job->shape;
  const qk_lstm_io *io = job->io;
  const size_t hidden = shape->hidden;
  const bool has_bias = job->weights->b_hh != NULL, reduce_range = job->weights->reduce_range;
  const qk_small_weights w = small_weights(job, groups);
  vf h = small_load(io->h0, hidden, whole), c = small_load(io->c0, hidden, whole);
  for (size_t step = 0; step < shape->steps; step++) {
    const size_t t = io->reverse ? shape->steps - 1 - step : step;
    float *gates = job->gates + t * 4 * hidden;
    const qk_small_state state = small_state(h, hidden, reduce_range, !whole);
    if (state.status != QK_OK) return state.status;
    const vi fours = vi_low_bytes(state.q);
    qk_operand x[QK_GROUPS];
#pragma clang loop unroll(full)
    for (size_t p = 0; p < groups; p++) x[p] = qk_s8_spread(vi_spread_four(fours, (int)p));
    vf gate[4];
#pragma clang loop unroll(full)
    for (size_t g = 0; g < 4; g++) {
      const vf input = small_load(gates + g * hidden, hidden, whole);
      if (QK_S8_HAS_SMALL && state.small) gate[g] = small_gate(&w, g, groups, x, state, has_bias, true, input);
      else gate[g] = small_gate(&w, g, groups, x, state, has_bias, false, input);
    }
    // Lanes beyond the hidden units stay 0: their gates are 0, and tanh(0) is.
    const vf i = v_sigmoid(gate[0]), f = v_sigmoid(gate[1]), g = v_tanh(gate[2]), o = v_sigmoid(gate[3]);
    c = v_add(v_mul(f, c), v_mul(i, g));
    h = v_mul(o, v_tanh(c));
    small_store(io->out + t * io->ldout, h, hidden, whole);
    if (io->gates) {
      small_store(gates, i, hidden, whole), small_store(gates + hidden, f, hidden, whole);
      small_store(gates + 2 * hidden, g, hidden, whole), small_store(gates + 3 * hidden, o, hidden, whole);
    }
    if (io->cells) small_store(io->cells + t * hidden, c, hidden, whole);
  }
  small_store(io->hn, h, hidden, whole);
  small_store(io->cn, c, hidden, whole);
  return QK_OK;
}

QK_KERNEL qk_status lstm_small_s8(const qk_small_lstm_job *job) {
  if (job->shape->hidden == VW) return small_steps(job, QK_GROUPS, true);
  switch ((job->shape->hidden + 3) / 4) {
    case 1: return small_steps(job, 1, false);
#if QK_GROUPS == 4
    case 2: return small_steps(job, 2, false);
    case 3: return small_steps(job, 3, false);
#endif
    default: return small_steps(job, QK_GROUPS, false);
  }
}

#endif
