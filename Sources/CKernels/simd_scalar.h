// Vectors of one float: the plain C form of what the elementwise kernels are written in.
#ifndef QK_SIMD_H
#define QK_SIMD_H

#include "kernels.h"
#include <math.h>
#include <string.h>

#define QK_FN QK_INLINE
#define QK_KERNEL static
#define VW 1
typedef float vf;
typedef int32_t vi;

QK_FN vf v_load(const float *p) { return *p; }
QK_FN vf v_load_part(const float *p, size_t n) { (void)n; return *p; }
/// The first `n` lanes from memory, `fill` in the others.
QK_FN vf v_load_fill(const float *p, size_t n, float fill) { (void)n; (void)fill; return *p; }
QK_FN void v_store(float *p, vf x) { *p = x; }
QK_FN void v_store_part(float *p, vf x, size_t n) { (void)n; *p = x; }
QK_FN vf v_set(float x) { return x; }
QK_FN vf v_add(vf a, vf b) { return a + b; }
QK_FN vf v_sub(vf a, vf b) { return a - b; }
QK_FN vf v_mul(vf a, vf b) { return a * b; }
QK_FN vf v_div(vf a, vf b) { return a / b; }
/// a * b + c, rounded once.
QK_FN vf v_fma(vf a, vf b, vf c) { return fmaf(a, b, c); }
/// c - a * b, rounded once.
QK_FN vf v_fnma(vf a, vf b, vf c) { return fmaf(-a, b, c); }
/// The second operand where either is NaN, as the instructions do.
QK_FN vf v_min(vf a, vf b) { return a < b ? a : b; }
QK_FN vf v_max(vf a, vf b) { return a > b ? a : b; }

QK_FN vi v_bits(vf x) { vi b; memcpy(&b, &x, sizeof b); return b; }
QK_FN vf v_from_bits(vi b) { vf x; memcpy(&x, &b, sizeof x); return x; }
QK_FN vf v_abs(vf x) { return v_from_bits(v_bits(x) & 0x7fffffff); }
QK_FN vf v_neg_abs(vf x) { return v_from_bits(v_bits(x) | INT32_MIN); }
/// `magnitude` (not negative) with the sign of `sign`.
QK_FN vf v_with_sign(vf magnitude, vf sign) { return v_from_bits(v_bits(magnitude) | (v_bits(sign) & INT32_MIN)); }
/// `a` where the sign bit of `s` is set, else `b`.
QK_FN vf v_pick_negative(vf s, vf a, vf b) { return v_bits(s) < 0 ? a : b; }
QK_FN bool v_any_nan(vf x) { return x != x; }
QK_FN vi vi_set(int32_t x) { return x; }
QK_FN vi vi_add(vi a, vi b) { return (vi)((uint32_t)a + (uint32_t)b); }
QK_FN vi vi_sub(vi a, vi b) { return (vi)((uint32_t)a - (uint32_t)b); }
QK_FN vi vi_half(vi a) { return a >> 1; }
/// The float 2^n for n in -126 ... 127.
QK_FN vf v_power_of_two(vi n) { return v_from_bits((vi)((uint32_t)vi_add(n, 127) << 23)); }

/// Rounds half to even; INT32_MIN where the result does not fit, as the instructions do.
QK_FN vi v_round(vf x) {
  const float r = rintf(x);
  return r >= -2147483648.0f && r < 2147483648.0f ? (int32_t)r : INT32_MIN;
}
QK_FN vi vi_min(vi a, vi b) { return a < b ? a : b; }
QK_FN vi vi_max(vi a, vi b) { return a > b ? a : b; }
/// Stores the low bytes of all lanes.
QK_FN void vi_store_all_bytes(void *p, vi x) { *(uint8_t *)p = (uint8_t)x; }
/// Stores the low bytes of the first `n` lanes.
QK_FN void vi_store_bytes(void *p, vi x, size_t n) { (void)n; *(uint8_t *)p = (uint8_t)x; }
QK_FN int32_t vi_total(vi x) { return x; }
QK_FN int32_t vi_greatest(vi x) { return x; }
/// `x` in the first `n` lanes, 0 in the others.
QK_FN vi vi_first(vi x, size_t n) { (void)n; return x; }
QK_FN vi vi_mul(vi a, vi b) { return (vi)((uint32_t)a * (uint32_t)b); }
/// The nearest float, half to even.
QK_FN vf v_from_int(vi x) { return (float)x; }
/// The upper 16 bits of each lane, as a number in 0 ... 65535.
QK_FN vi vi_upper_half(vi x) { return (vi)((uint32_t)x >> 16); }
QK_FN vi vi_and(vi a, vi b) { return a & b; }
/// `a` where `x` is NaN, else `b`.
QK_FN vi v_pick_nan(vf x, vi a, vi b) { return x != x ? a : b; }
/// Stores the low 16 bits of the first `n` lanes.
QK_FN void vi_store_words(uint16_t *p, vi x, size_t n) { (void)n; *p = (uint16_t)x; }
/// The least or greatest lane, in every lane. No NaN.
QK_FN vf v_spread_least(vf x) { return x; }
QK_FN vf v_spread_greatest(vf x) { return x; }
QK_FN float v_first(vf x) { return x; }
QK_FN bool v_any_greater(vf a, vf b) { return a > b; }
QK_FN int32_t vi_first_lane(vi x) { return x; }

#endif
