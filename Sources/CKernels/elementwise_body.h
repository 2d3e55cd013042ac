// exp, sigmoid, tanh and the LSTM cell, written once over the vector of a simd_….h header included before:
// the same expressions, hence the same bits, on every instruction set.
#ifndef QK_ELEMENTWISE_BODY_H
#define QK_ELEMENTWISE_BODY_H

/// x = n·ln 2 + r with |r| <= ln 2 / 2, and p = exp(r) - 1.
typedef struct qk_exp_parts {
  vi n;
  vf p;
} qk_exp_parts;

/// Valid for -104 <= x <= 89.
QK_FN qk_exp_parts v_exp_parts(vf x) {
  // Adding 1.5 * 2^23 rounds to an integer that can be read off the low bits.
  const vf shift = v_set(0x1.8p23f);
  const vf shifted = v_fma(x, v_set(0x1.715476p+0f), shift);
  const vf n = v_sub(shifted, shift);
  vf r = v_fnma(n, v_set(0x1.62e43p-1f), x);
  r = v_fnma(n, v_set(-0x1.05c61p-29f), r);
  // (exp(r) - 1 - r) / r² by a polynomial of least maximum error (4e-9 in exp) on |r| <= 0.3473.
  const vf r2 = v_mul(r, r);
  const vf low = v_fma(v_set(0x1.55548ep-3f), r, v_set(0.5f));
  const vf high = v_fma(v_set(0x1.123c78p-7f), r, v_set(0x1.55545cp-5f));
  const vf top = v_fma(v_set(0x1.6db5bcp-10f), r2, high);
  const vf q = v_fma(top, r2, low);
  qk_exp_parts e = {vi_sub(v_bits(shifted), v_bits(shift)), v_fma(r2, q, r)};
  return e;
}

/// x · 2ⁿ, rounded once, for 0.5 < x < 2 and -151 <= n <= 129.
QK_FN vf v_scale(vf x, vi n) {
  const vi half = vi_half(n);
  return v_mul(v_mul(x, v_power_of_two(half)), v_power_of_two(vi_sub(n, half)));
}

QK_FN vf v_exp(vf x) {
  // Beyond these the result is 0 or inf all the same. The order of operands keeps NaN.
  const qk_exp_parts e = v_exp_parts(v_min(v_set(89.0f), v_max(v_set(-104.0f), x)));
  return v_scale(v_add(v_set(1.0f), e.p), e.n);
}

QK_FN vf v_sigmoid(vf x) {
  const qk_exp_parts parts = v_exp_parts(v_max(v_set(-104.0f), v_neg_abs(x)));
  const vf e = v_scale(v_add(v_set(1.0f), parts.p), parts.n);
  return v_div(v_pick_negative(x, e, v_set(1.0f)), v_add(v_set(1.0f), e));
}

QK_FN vf v_tanh(vf x) {
  // With t = exp(-2|x|) - 1, which loses nothing near 0: tanh|x| = -t / (2 + t).
  const vf y = v_max(v_set(-40.0f), v_mul(v_set(2.0f), v_neg_abs(x)));
  const qk_exp_parts e = v_exp_parts(y);
  const vf s = v_power_of_two(e.n);
  const vf t = v_fma(s, e.p, v_sub(s, v_set(1.0f)));
  return v_with_sign(v_abs(v_div(t, v_add(v_set(2.0f), t))), x);
}

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
    size_t j = 0;
    for (; j + VW <= hidden; j += VW) cell_units(job, gates + j, c_old + j, c_new + j, h + j, VW);
    if (j < hidden) cell_units(job, gates + j, c_old + j, c_new + j, h + j, hidden - j);
  }
}

#endif
