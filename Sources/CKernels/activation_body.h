// exp, sigmoid and tanh, written once over the vector of a simd_….h header included before: the same expressions,
// hence the same bits, on every instruction set.
#ifndef QK_ACTIVATION_BODY_H
#define QK_ACTIVATION_BODY_H

/// f·x = n·ln 2 + r with |r| <= ln 2 / 2, and p = (exp(r) - 1) / f.
typedef struct qk_exp_parts {
  vi n;
  vf p;
} qk_exp_parts;

/// Takes exp(f·x) apart, for -104 <= f·x <= 89. `f` is 1, -1 or 2: the constants take it in without a rounding, and
/// without the time of a negation or doubling.
QK_FN qk_exp_parts v_exp_parts(vf x, const float f) {
  // Adding 1.5 * 2^23 rounds to an integer that can be read off the low bits.
  const vf shift = v_set(0x1.8p23f);
  const vf shifted = v_fma(x, v_set(f * 0x1.715476p+0f), shift);
  const vf n = v_sub(shifted, shift);
  // r / f. ln 2 comes in two parts, of which the first times n is exact, and so is the first difference.
  vf r = v_fnma(n, v_set(0x1.62ep-1f / f), x);
  r = v_fnma(n, v_set(0x1.0bfbe8p-15f / f), r);
  // (exp(r) - 1 - r) / r² by a polynomial of least maximum error (4e-9 in exp) on |r| <= 0.3473.
  const vf r2 = v_mul(r, r);
  const vf low = v_fma(v_set(f * f * 0x1.55548ep-3f), r, v_set(f * 0.5f));
  const vf high = v_fma(v_set(f * f * f * f * 0x1.123c78p-7f), r, v_set(f * f * f * 0x1.55545cp-5f));
  const vf top = v_fma(v_set(f * f * f * f * f * 0x1.6db5bcp-10f), r2, high);
  const vf q = v_fma(top, r2, low);
  qk_exp_parts e = {vi_sub(v_bits(shifted), v_bits(shift)), v_fma(r2, q, r)};
  return e;
}

/// x · 2ⁿ, rounded once, for 0.5 < x < 2 and -151 <= n <= 129.
QK_FN vf v_scale(vf x, vi n) {
#ifdef QK_HAS_SCALE
  return v_times_power_of_two(x, v_from_int(n));
#else
  const vi half = vi_half(n);
  return v_mul(v_mul(x, v_power_of_two(half)), v_power_of_two(vi_sub(n, half)));
#endif
}

QK_FN vf v_exp(vf x) {
  // Beyond these the result is 0 or inf all the same. The order of operands keeps NaN.
  const qk_exp_parts e = v_exp_parts(v_min(v_set(89.0f), v_max(v_set(-104.0f), x)), 1);
  return v_scale(v_add(v_set(1.0f), e.p), e.n);
}

QK_FN vf v_sigmoid(vf x) {
  // 1 / (1 + exp(-x)), both halved so that the power of two stays in range; the sum is rounded once.
  const qk_exp_parts e = v_exp_parts(v_min(v_set(87.0f), v_max(v_set(-89.0f), x)), -1);
  const vf half = v_set(0.5f), s = v_power_of_two(vi_add(e.n, vi_set(-1)));
  // Where exp(-x) is beyond the largest float, e no longer tells.
  const vf one = v_pick_negative(v_add(x, v_set(88.7228394f)), v_set(0.0f), half);
  return v_div(one, v_fnma(s, e.p, v_add(half, s)));
}

QK_FN vf v_tanh(vf x) {
  // Far from 0: 1 - 2 / (1 + exp(2|x|)); for 10 and more that is 1.
  const vf magnitude = v_abs(x);
  const qk_exp_parts e = v_exp_parts(v_min(v_set(10.0f), magnitude), 2);
  const vf one = v_set(1.0f), s = v_power_of_two(e.n), twice = v_power_of_two(vi_add(e.n, vi_set(1)));
  const vf far = v_sub(one, v_div(v_set(2.0f), v_fma(twice, e.p, v_add(one, s))));
  // Near 0, where that cancels: x + x³ · polynomial in x² of least maximum relative error (1.2e-9) on |x| <= 0.5505.
  const vf x2 = v_mul(x, x), x4 = v_mul(x2, x2);
  const vf low = v_fma(v_set(0x1.110ceep-3f), x2, v_set(-0x1.55554ap-2f));
  const vf high = v_fma(v_set(0x1.58e518p-6f), x2, v_set(-0x1.b91e7ep-5f));
  const vf top = v_fma(v_set(-0x1.9921ap-8f), x4, high);
  const vf near = v_fma(v_mul(x2, x), v_fma(top, x4, low), x);
  // Setting the sign again, which near has but for -0.
  return v_with_sign(v_pick_negative(v_sub(magnitude, v_set(0.55f)), near, far), x);
}

#endif
