// Vectors of sixteen floats in AVX-512 (F, BW, VL, DQ). See simd_scalar.h for what each does.
#ifndef QK_SIMD_H
#define QK_SIMD_H

#include "kernels.h"
#include <immintrin.h>

#ifdef QK_VNNI
#define QK_TARGET "avx2,fma,f16c,bmi2,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"
#else
#define QK_TARGET "avx2,fma,f16c,bmi2,avx512f,avx512bw,avx512vl,avx512dq"
#endif
#define QK_FN QK_INLINE __attribute__((target(QK_TARGET)))
#define QK_KERNEL static __attribute__((target(QK_TARGET)))
#define VW 16
typedef __m512 vf;
typedef __m512i vi;

/// The first `n` lanes.
QK_FN __mmask16 v_mask(size_t n) { return (__mmask16)_bzhi_u32(0xffff, (unsigned)n); }
QK_FN vf v_load(const float *p) { return _mm512_loadu_ps(p); }
QK_FN vf v_load_part(const float *p, size_t n) { return _mm512_maskz_loadu_ps(v_mask(n), p); }
QK_FN vf v_load_fill(const float *p, size_t n, float fill) {
  return _mm512_mask_loadu_ps(_mm512_set1_ps(fill), v_mask(n), p);
}
QK_FN void v_store(float *p, vf x) { _mm512_storeu_ps(p, x); }
/// Half a vector without a mask: what is stored under one is not soon loaded again on some processors.
QK_FN void v_store_part(float *p, vf x, size_t n) {
  if (n == 8) _mm256_storeu_ps(p, _mm512_castps512_ps256(x));
  else _mm512_mask_storeu_ps(p, v_mask(n), x);
}
QK_FN vf v_set(float x) { return _mm512_set1_ps(x); }
QK_FN vf v_add(vf a, vf b) { return _mm512_add_ps(a, b); }
QK_FN vf v_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
QK_FN vf v_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
QK_FN vf v_div(vf a, vf b) { return _mm512_div_ps(a, b); }
QK_FN vf v_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
QK_FN vf v_fnma(vf a, vf b, vf c) { return _mm512_fnmadd_ps(a, b, c); }
QK_FN vf v_min(vf a, vf b) { return _mm512_min_ps(a, b); }
QK_FN vf v_max(vf a, vf b) { return _mm512_max_ps(a, b); }

QK_FN vi v_bits(vf x) { return _mm512_castps_si512(x); }
QK_FN vf v_from_bits(vi b) { return _mm512_castsi512_ps(b); }
QK_FN vf v_sign_mask(void) { return _mm512_set1_ps(-0.0f); }
QK_FN vf v_abs(vf x) { return _mm512_andnot_ps(v_sign_mask(), x); }
QK_FN vf v_neg_abs(vf x) { return _mm512_or_ps(v_sign_mask(), x); }
QK_FN vf v_with_sign(vf magnitude, vf sign) { return _mm512_or_ps(magnitude, _mm512_and_ps(v_sign_mask(), sign)); }
QK_FN vf v_pick_negative(vf s, vf a, vf b) { return _mm512_mask_blend_ps(_mm512_movepi32_mask(v_bits(s)), b, a); }
QK_FN bool v_any_nan(vf x) { return _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q) != 0; }
QK_FN vi vi_set(int32_t x) { return _mm512_set1_epi32(x); }
QK_FN vi vi_add(vi a, vi b) { return _mm512_add_epi32(a, b); }
QK_FN vi vi_sub(vi a, vi b) { return _mm512_sub_epi32(a, b); }
QK_FN vi vi_half(vi a) { return _mm512_srai_epi32(a, 1); }
QK_FN vf v_power_of_two(vi n) { return v_from_bits(_mm512_slli_epi32(vi_add(n, vi_set(127)), 23)); }

/// x · 2ⁿ, rounded once.
#define QK_HAS_SCALE
QK_FN vf v_times_power_of_two(vf x, vf n) { return _mm512_scalef_ps(x, n); }

QK_FN vi v_round(vf x) { return _mm512_cvtps_epi32(x); }
QK_FN vi vi_min(vi a, vi b) { return _mm512_min_epi32(a, b); }
QK_FN vi vi_max(vi a, vi b) { return _mm512_max_epi32(a, b); }
QK_FN void vi_store_all_bytes(void *p, vi x) { _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8(x)); }
QK_FN void vi_store_bytes(void *p, vi x, size_t n) {
  if (n >= 16) vi_store_all_bytes(p, x);
  else _mm_mask_storeu_epi8(p, v_mask(n), _mm512_cvtepi32_epi8(x));
}
QK_FN int32_t vi_total(vi x) { return _mm512_reduce_add_epi32(x); }
QK_FN int32_t vi_greatest(vi x) { return _mm512_reduce_max_epi32(x); }
QK_FN vi vi_first(vi x, size_t n) { return _mm512_maskz_mov_epi32(v_mask(n), x); }
QK_FN vi vi_mul(vi a, vi b) { return _mm512_mullo_epi32(a, b); }
QK_FN vf v_from_int(vi x) { return _mm512_cvtepi32_ps(x); }
QK_FN vi vi_upper_half(vi x) { return _mm512_srli_epi32(x, 16); }
QK_FN vi vi_and(vi a, vi b) { return _mm512_and_si512(a, b); }
QK_FN vi v_pick_nan(vf x, vi a, vi b) {
  return _mm512_mask_mov_epi32(b, _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q), a);
}
QK_FN void vi_store_words(uint16_t *p, vi x, size_t n) {
  _mm512_mask_cvtepi32_storeu_epi16(p, v_mask(n < 16 ? n : 16), x);
}
QK_FN vf v_spread_least(vf x) {
  x = v_min(x, _mm512_shuffle_f32x4(x, x, 0x4e));
  x = v_min(x, _mm512_shuffle_f32x4(x, x, 0xb1));
  x = v_min(x, _mm512_permute_ps(x, 0x4e));
  return v_min(x, _mm512_permute_ps(x, 0xb1));
}
QK_FN vf v_spread_greatest(vf x) {
  x = v_max(x, _mm512_shuffle_f32x4(x, x, 0x4e));
  x = v_max(x, _mm512_shuffle_f32x4(x, x, 0xb1));
  x = v_max(x, _mm512_permute_ps(x, 0x4e));
  return v_max(x, _mm512_permute_ps(x, 0xb1));
}
QK_FN float v_first(vf x) { return _mm512_cvtss_f32(x); }
QK_FN bool v_any_greater(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ) != 0; }
QK_FN int32_t vi_first_lane(vi x) { return _mm_cvtsi128_si32(_mm512_castsi512_si128(x)); }
/// Whether a lane is beyond `bound` or NaN.
QK_FN bool v_any_beyond(vf x, vf bound) { return _mm512_cmp_ps_mask(x, bound, _CMP_NLE_UQ) != 0; }
/// In each block of four lanes: their low bytes, as the four bytes of every lane.
QK_FN vi vi_low_bytes(vi x) { return _mm512_shuffle_epi8(x, vi_set(0x0c080400)); }
/// Block `i` of four lanes in every block.
QK_FN vi vi_spread_four(vi x, const int i) {
  return i == 0   ? _mm512_shuffle_i32x4(x, x, 0x00)
         : i == 1 ? _mm512_shuffle_i32x4(x, x, 0x55)
         : i == 2 ? _mm512_shuffle_i32x4(x, x, 0xaa)
                  : _mm512_shuffle_i32x4(x, x, 0xff);
}
/// Lane i of vector j becomes lane j of vector i.
QK_FN void v_transpose(vf *x) {
  vf t[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_ps(x[i], x[i + 1]);
    t[i + 1] = _mm512_unpackhi_ps(x[i], x[i + 1]);
  }
  for (int i = 0; i < 16; i += 4)
    for (int h = 0; h < 2; h++) {
      const __m512d a = _mm512_castps_pd(t[i + h]), b = _mm512_castps_pd(t[i + h + 2]);
      x[i + 2 * h] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, b));
      x[i + 2 * h + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, b));
    }
  // Now block b of vector 4i + q has column 4b + q of the rows from 4i on.
  for (int q = 0; q < 4; q++) {
    const vf even = _mm512_shuffle_f32x4(x[q], x[4 + q], 0x88), odd = _mm512_shuffle_f32x4(x[q], x[4 + q], 0xdd);
    const vf even2 = _mm512_shuffle_f32x4(x[8 + q], x[12 + q], 0x88), odd2 = _mm512_shuffle_f32x4(x[8 + q], x[12 + q], 0xdd);
    t[q] = _mm512_shuffle_f32x4(even, even2, 0x88), t[8 + q] = _mm512_shuffle_f32x4(even, even2, 0xdd);
    t[4 + q] = _mm512_shuffle_f32x4(odd, odd2, 0x88), t[12 + q] = _mm512_shuffle_f32x4(odd, odd2, 0xdd);
  }
  for (int i = 0; i < 16; i++) x[i] = t[i];
}
QK_FN vi vi_load(const void *p) { return v_bits(v_load((const float *)p)); }
QK_FN vi vi_load_part(const void *p, size_t n) { return v_bits(v_load_part((const float *)p, n)); }

#endif
