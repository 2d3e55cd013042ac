#if defined(__x86_64__)
#include "simd_avx512.h"
#include "loops.h"
#include "elementwise_body.h"
#include "softmax_body.h"
#include "quantize_body.h"
#include "convert_body.h"
#include "f32_gemm_body.h"
#include "f32_linear_body.h"
#include "attention_body.h"
#include <string.h>

/// Four activations, widened so that no product sum can saturate: [a0 a2] and [a1 a3] as int16, and as they are.
typedef struct qk_operand {
  vi even, odd, bytes;
} qk_operand;

QK_FN qk_operand qk_s8_spread(vi bytes) {
  qk_operand x = {_mm512_and_si512(bytes, _mm512_set1_epi16(0xff)), _mm512_srli_epi16(bytes, 8), bytes};
  return x;
}

QK_FN qk_operand qk_s8_operand(const uint8_t *a) {
  int32_t four;
  memcpy(&four, a, sizeof four);
  return qk_s8_spread(vi_set(four));
}

QK_FN vi qk_s8_dot(vi sum, qk_operand a, vi w, const bool small) {
  // With activations up to 128 a pair of products is in -32768 ... 32512 and fits int16.
  if (small) return vi_add(sum, _mm512_madd_epi16(_mm512_maddubs_epi16(a.bytes, w), _mm512_set1_epi16(1)));
  const vi even = _mm512_srai_epi16(_mm512_slli_epi16(w, 8), 8), odd = _mm512_srai_epi16(w, 8);
  return vi_add(sum, vi_add(_mm512_madd_epi16(a.even, even), _mm512_madd_epi16(a.odd, odd)));
}

#define QK_S8_MOST_ROWS 4
#define QK_S8_HAS_SMALL 1
#include "s8_gemm_body.h"
#include "lstm_small_s8_body.h"

/// Places in a window, and which lanes are used.
typedef struct qk_lanes {
  vi places;
  __mmask16 used;
} qk_lanes;

QK_FN qk_lanes sparse_lanes(const uint8_t *places) {
  const __m128i bytes = _mm_loadu_si128((const __m128i *)places);
  // The permutation looks at five bits only.
  const qk_lanes lanes = {_mm512_cvtepu8_epi32(bytes), _mm_movepi8_mask(bytes)};
  return lanes;
}
QK_FN vf sparse_pick(const float *window, qk_lanes lanes) {
  return _mm512_permutex2var_ps(v_load(window), lanes.places, v_load(window + VW));
}
QK_FN vf sparse_add(vf sum, vf value, vf x, qk_lanes lanes) { return _mm512_mask3_fmadd_ps(value, x, sum, lanes.used); }

#include "sparse_body.h"
#include "conv_body.h"

__attribute__((target(QK_TARGET))) static void f32_to_f16(size_t n, const float *x, uint16_t *y) {
  for (size_t i = 0; i < n; i += VW) {
    const __mmask16 part = v_mask(qk_min_size(VW, n - i));
    const __m256i half = _mm512_cvtps_ph(_mm512_maskz_loadu_ps(part, x + i), _MM_FROUND_TO_NEAREST_INT);
    _mm256_mask_storeu_epi16(y + i, part, half);
  }
}

__attribute__((target(QK_TARGET))) static void f16_to_f32(size_t n, const uint16_t *x, float *y) {
  for (size_t i = 0; i < n; i += VW) {
    const __mmask16 part = v_mask(qk_min_size(VW, n - i));
    _mm512_mask_storeu_ps(y + i, part, _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(part, x + i)));
  }
}

#define QK_TABLE(which, product, small)                                                                      \
  .isa = which, .loops = &qk_loops_avx512, .f32_gemm = f32_gemm, .s8_gemm = product, .minmax = minmax,        \
  .f32_linear = f32_linear, .sparse_linear = sparse_linear, .conv_image = conv_image,                  \
  .f32_product = f32_product, .f32_turn = f32_turn, .attention_weights = attention_weights,            \
  .attention_slopes = attention_slopes,                                                                \
  .quantize_dynamic = quantize_dynamic, .quantize_activation = quantize_activation,                    \
  .quantize_u8 = quantize_u8, .quantize_s8 = quantize_s8,                                              \
  .exp = map_exp, .sigmoid = map_sigmoid, .tanh = map_tanh, .lstm_cell = lstm_cell,                    \
  .softmax = softmax, .log_softmax = log_softmax, .softmax_backward = softmax_backward,                \
  .log_softmax_backward = log_softmax_backward, .log_sum_exp = log_sum_exp,                            \
  .cross_entropy_backward = cross_entropy_backward,                                                    \
  .small_hidden = VW, .lstm_small_s8 = small,                                                          \
  .f32_to_f16 = f32_to_f16, .f16_to_f32 = f16_to_f32, .f32_to_bf16 = f32_to_bf16

const qk_kernels qk_kernels_avx512 = {QK_TABLE(QK_ISA_AVX512, s8_gemm, lstm_small_s8)};
const qk_kernels qk_kernels_avx512_vnni = {QK_TABLE(QK_ISA_AVX512_VNNI, qk_s8_gemm_vnni, qk_lstm_small_s8_vnni)};
#endif
