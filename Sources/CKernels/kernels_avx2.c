#if defined(__x86_64__)
#include "simd_avx2.h"
#include "loops.h"
#include "elementwise_body.h"
#include "softmax_body.h"
#include "quantize_body.h"
#include "convert_body.h"
#include "f32_gemm_body.h"
#include "f32_linear_body.h"
#include "attention_body.h"

/// Four activations, widened so that no product sum can saturate: [a0 a2] and [a1 a3] as int16, and as they are.
typedef struct qk_operand {
  vi even, odd, bytes;
} qk_operand;

QK_FN qk_operand qk_s8_spread(vi bytes) {
  qk_operand x = {_mm256_and_si256(bytes, _mm256_set1_epi16(0xff)), _mm256_srli_epi16(bytes, 8), bytes};
  return x;
}

QK_FN qk_operand qk_s8_operand(const uint8_t *a) {
  int32_t four;
  memcpy(&four, a, sizeof four);
  return qk_s8_spread(vi_set(four));
}

QK_FN vi qk_s8_dot(vi sum, qk_operand a, vi w, const bool small) {
  // With activations up to 128 a pair of products is in -32768 ... 32512 and fits int16.
  if (small) return vi_add(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(a.bytes, w), _mm256_set1_epi16(1)));
  const vi even = _mm256_srai_epi16(_mm256_slli_epi16(w, 8), 8), odd = _mm256_srai_epi16(w, 8);
  return vi_add(sum, vi_add(_mm256_madd_epi16(a.even, even), _mm256_madd_epi16(a.odd, odd)));
}

#define QK_S8_MOST_ROWS 4
#define QK_S8_HAS_SMALL 1
#include "s8_gemm_body.h"
#include "lstm_small_s8_body.h"

/// Places in a window, negative in the lanes that are used.
typedef vi qk_lanes;

QK_FN qk_lanes sparse_lanes(const uint8_t *places) { return _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)places)); }
QK_FN vf sparse_pick(const float *window, qk_lanes lanes) {
  // Each permutation looks at three bits; the next two say whose result counts.
  const vf fourth = _mm256_castsi256_ps(_mm256_slli_epi32(lanes, 28)), fifth = _mm256_castsi256_ps(_mm256_slli_epi32(lanes, 27));
  const vf low = _mm256_blendv_ps(_mm256_permutevar8x32_ps(v_load(window), lanes),
                                  _mm256_permutevar8x32_ps(v_load(window + VW), lanes), fourth);
  const vf high = _mm256_blendv_ps(_mm256_permutevar8x32_ps(v_load(window + 2 * VW), lanes),
                                   _mm256_permutevar8x32_ps(v_load(window + 3 * VW), lanes), fourth);
  return _mm256_blendv_ps(low, high, fifth);
}
QK_FN vf sparse_add(vf sum, vf value, vf x, qk_lanes lanes) {
  return _mm256_blendv_ps(sum, v_fma(value, x, sum), _mm256_castsi256_ps(lanes));
}

#include "sparse_body.h"
#include "conv_body.h"

__attribute__((target(QK_TARGET))) static void f32_to_f16(size_t n, const float *x, uint16_t *y) {
  for (size_t i = 0; i < n; i += VW) {
    const size_t part = qk_min_size(VW, n - i);
    v_store_halves(y + i, _mm256_cvtps_ph(v_load_part(x + i, part), _MM_FROUND_TO_NEAREST_INT), part);
  }
}

__attribute__((target(QK_TARGET))) static void f16_to_f32(size_t n, const uint16_t *x, float *y) {
  for (size_t i = 0; i < n; i += VW) {
    const size_t part = qk_min_size(VW, n - i);
    uint16_t half[VW] = {0};
    memcpy(half, x + i, part * sizeof *half);
    v_store_part(y + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)half)), part);
  }
}

const qk_kernels qk_kernels_avx2 = {
    .isa = QK_ISA_AVX2,
    .loops = &qk_loops_avx2,
    .f32_gemm = f32_gemm,
    .f32_linear = f32_linear,
    .f32_product = f32_product,
    .f32_turn = f32_turn,
    .attention_weights = attention_weights,
    .attention_slopes = attention_slopes,
    .sparse_linear = sparse_linear,
    .conv_image = conv_image,
    .s8_gemm = s8_gemm,
    .minmax = minmax,
    .quantize_dynamic = quantize_dynamic,
    .quantize_activation = quantize_activation,
    .quantize_u8 = quantize_u8,
    .quantize_s8 = quantize_s8,
    .exp = map_exp,
    .sigmoid = map_sigmoid,
    .tanh = map_tanh,
    .softmax = softmax,
    .log_softmax = log_softmax,
    .softmax_backward = softmax_backward,
    .log_softmax_backward = log_softmax_backward,
    .log_sum_exp = log_sum_exp,
    .cross_entropy_backward = cross_entropy_backward,
    .lstm_cell = lstm_cell,
    .small_hidden = VW,
    .lstm_small_s8 = lstm_small_s8,
    .f32_to_f16 = f32_to_f16,
    .f16_to_f32 = f16_to_f32,
    .f32_to_bf16 = f32_to_bf16,
};
#endif
