// Vectors of eight floats in AVX2 with FMA. See simd_scalar.h for what each does.
#ifndef QK_SIMD_H
#define QK_SIMD_H

#include "kernels.h"
#include <immintrin.h>
#include <math.h>
#include <string.h>

#ifndef QK_TARGET
#define QK_TARGET "avx2,fma,f16c"
#endif
#define QK_FN QK_INLINE __attribute__((target(QK_TARGET)))
#define QK_KERNEL static __attribute__((target(QK_TARGET)))
#define VW 8
typedef __m256 vf;
typedef __m256i vi;

/// All ones in the first `n` lanes.
QK_FN vi vi_mask(size_t n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
QK_FN vf v_load(const float *p) { return _mm256_loadu_ps(p); }
QK_FN vf v_load_part(const float *p, size_t n) { return _mm256_maskload_ps(p, vi_mask(n)); }
QK_FN vf v_load_fill(const float *p, size_t n, float fill) {
  return _mm256_blendv_ps(_mm256_set1_ps(fill), v_load_part(p, n), _mm256_castsi256_ps(vi_mask(n)));
}
QK_FN void v_store(float *p, vf x) { _mm256_storeu_ps(p, x); }
/// Without a masked store, which takes some processors dozens of cycles.
QK_FN void v_store_part(float *p, vf x, size_t n) {
  __m128 s = _mm256_castps256_ps128(x);
  if (n >= 8) {
    _mm256_storeu_ps(p, x);
    return;
  }
  if (n & 4) {
    _mm_storeu_ps(p, s);
    s = _mm256_extractf128_ps(x, 1), p += 4;
  }
  if (n & 2) {
    _mm_storel_pi((__m64 *)p, s);
    s = _mm_movehl_ps(s, s), p += 2;
  }
  if (n & 1) _mm_store_ss(p, s);
}
QK_FN vf v_set(float x) { return _mm256_set1_ps(x); }
QK_FN vf v_add(vf a, vf b) { return _mm256_add_ps(a, b); }
QK_FN vf v_sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
QK_FN vf v_mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
QK_FN vf v_div(vf a, vf b) { return _mm256_div_ps(a, b); }
QK_FN vf v_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
QK_FN vf v_fnma(vf a, vf b, vf c) { return _mm256_fnmadd_ps(a, b, c); }
QK_FN vf v_min(vf a, vf b) { return _mm256_min_ps(a, b); }
QK_FN vf v_max(vf a, vf b) { return _mm256_max_ps(a, b); }

QK_FN vi v_bits(vf x) { return _mm256_castps_si256(x); }
QK_FN vf v_from_bits(vi b) { return _mm256_castsi256_ps(b); }
QK_FN vf v_sign_mask(void) { return _mm256_set1_ps(-0.0f); }
QK_FN vf v_abs(vf x) { return _mm256_andnot_ps(v_sign_mask(), x); }
QK_FN vf v_neg_abs(vf x) { return _mm256_or_ps(v_sign_mask(), x); }
QK_FN vf v_with_sign(vf magnitude, vf sign) { return _mm256_or_ps(magnitude, _mm256_and_ps(v_sign_mask(), sign)); }
QK_FN vf v_pick_negative(vf s, vf a, vf b) { return _mm256_blendv_ps(b, a, s); }
QK_FN bool v_any_nan(vf x) { return _mm256_movemask_ps(_mm256_cmp_ps(x, x, _CMP_UNORD_Q)) != 0; }
QK_FN vi vi_set(int32_t x) { return _mm256_set1_epi32(x); }
QK_FN vi vi_add(vi a, vi b) { return _mm256_add_epi32(a, b); }
QK_FN vi vi_sub(vi a, vi b) { return _mm256_sub_epi32(a, b); }
QK_FN vi vi_half(vi a) { return _mm256_srai_epi32(a, 1); }
QK_FN vf v_power_of_two(vi n) { return v_from_bits(_mm256_slli_epi32(vi_add(n, vi_set(127)), 23)); }

QK_FN vi v_round(vf x) { return _mm256_cvtps_epi32(x); }
QK_FN vi vi_min(vi a, vi b) { return _mm256_min_epi32(a, b); }
QK_FN vi vi_max(vi a, vi b) { return _mm256_max_epi32(a, b); }
QK_FN __m128i vi_bytes(vi x) {
  const vi order = _mm256_setr_epi8(0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 4, 8, 12, -1, -1,
                                    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
  const vi fours = _mm256_shuffle_epi8(x, order);
  return _mm_unpacklo_epi32(_mm256_castsi256_si128(fours), _mm256_extracti128_si256(fours, 1));
}
QK_FN void vi_store_all_bytes(void *p, vi x) { _mm_storel_epi64((__m128i *)p, vi_bytes(x)); }
QK_FN void vi_store_bytes(void *p, vi x, size_t n) {
  if (n >= 8) {
    vi_store_all_bytes(p, x);
  } else {
    const int64_t all = _mm_cvtsi128_si64(vi_bytes(x));
    for (size_t i = 0; i < n; i++) ((uint8_t *)p)[i] = (uint8_t)(all >> (8 * i));
  }
}
QK_FN int32_t vi_total(vi x) {
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1)));
}
QK_FN int32_t vi_greatest(vi x) {
  __m128i s = _mm_max_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
  s = _mm_max_epi32(s, _mm_shuffle_epi32(s, 0x4e));
  return _mm_cvtsi128_si32(_mm_max_epi32(s, _mm_shuffle_epi32(s, 0xb1)));
}
QK_FN vi vi_first(vi x, size_t n) { return _mm256_and_si256(x, vi_mask(n)); }
QK_FN vi vi_mul(vi a, vi b) { return _mm256_mullo_epi32(a, b); }
QK_FN vf v_from_int(vi x) { return _mm256_cvtepi32_ps(x); }
QK_FN vi vi_upper_half(vi x) { return _mm256_srli_epi32(x, 16); }
QK_FN vi vi_and(vi a, vi b) { return _mm256_and_si256(a, b); }
QK_FN vi v_pick_nan(vf x, vi a, vi b) {
  return _mm256_blendv_epi8(b, a, v_bits(_mm256_cmp_ps(x, x, _CMP_UNORD_Q)));
}
QK_FN void v_store_halves(uint16_t *p, __m128i x, size_t n) {
  if (n >= 8) {
    _mm_storeu_si128((__m128i *)p, x);
  } else {
    uint16_t all[8];
    _mm_storeu_si128((__m128i *)all, x);
    memcpy(p, all, n * sizeof *p);
  }
}
QK_FN void vi_store_words(uint16_t *p, vi x, size_t n) {
  const vi packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(vi_and(x, vi_set(0xffff)), vi_set(0)), 0xd8);
  v_store_halves(p, _mm256_castsi256_si128(packed), n);
}
QK_FN vf v_spread_least(vf x) {
  x = v_min(x, _mm256_permute2f128_ps(x, x, 1));
  x = v_min(x, _mm256_permute_ps(x, 0x4e));
  return v_min(x, _mm256_permute_ps(x, 0xb1));
}
QK_FN vf v_spread_greatest(vf x) {
  x = v_max(x, _mm256_permute2f128_ps(x, x, 1));
  x = v_max(x, _mm256_permute_ps(x, 0x4e));
  return v_max(x, _mm256_permute_ps(x, 0xb1));
}
QK_FN float v_first(vf x) { return _mm256_cvtss_f32(x); }
QK_FN bool v_any_greater(vf a, vf b) { return _mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GT_OQ)) != 0; }
QK_FN int32_t vi_first_lane(vi x) { return _mm_cvtsi128_si32(_mm256_castsi256_si128(x)); }
/// Whether a lane is beyond `bound` or NaN.
QK_FN bool v_any_beyond(vf x, vf bound) { return _mm256_movemask_ps(_mm256_cmp_ps(x, bound, _CMP_NLE_UQ)) != 0; }
/// In each block of four lanes: their low bytes, as the four bytes of every lane.
QK_FN vi vi_low_bytes(vi x) { return _mm256_shuffle_epi8(x, vi_set(0x0c080400)); }
/// Block `i` of four lanes in every block.
QK_FN vi vi_spread_four(vi x, const int i) {
  return i ? _mm256_permute2x128_si256(x, x, 0x11) : _mm256_permute2x128_si256(x, x, 0);
}
/// Lane i of vector j becomes lane j of vector i.
QK_FN void v_transpose(vf *x) {
  vf t[8];
  for (int i = 0; i < 8; i += 2) {
    t[i] = _mm256_unpacklo_ps(x[i], x[i + 1]);
    t[i + 1] = _mm256_unpackhi_ps(x[i], x[i + 1]);
  }
  for (int i = 0; i < 8; i += 4)
    for (int h = 0; h < 2; h++) {
      const __m256d a = _mm256_castps_pd(t[i + h]), b = _mm256_castps_pd(t[i + h + 2]);
      x[i + 2 * h] = _mm256_castpd_ps(_mm256_unpacklo_pd(a, b));
      x[i + 2 * h + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(a, b));
    }
  for (int q = 0; q < 4; q++) {
    t[q] = _mm256_permute2f128_ps(x[q], x[4 + q], 0x20);
    t[4 + q] = _mm256_permute2f128_ps(x[q], x[4 + q], 0x31);
  }
  for (int i = 0; i < 8; i++) x[i] = t[i];
}
QK_FN vi vi_load(const void *p) { return v_bits(v_load((const float *)p)); }
QK_FN vi vi_load_part(const void *p, size_t n) { return v_bits(v_load_part((const float *)p, n)); }

#endif
