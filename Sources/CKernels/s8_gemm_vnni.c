#if defined(__x86_64__)
#define QK_VNNI
#include "simd_avx512.h"
#include <string.h>

typedef vi qk_operand;

QK_FN qk_operand qk_s8_spread(vi bytes) { return bytes; }

QK_FN qk_operand qk_s8_operand(const uint8_t *a) {
  int32_t four;
  memcpy(&four, a, sizeof four);
  return vi_set(four);
}

QK_FN vi qk_s8_dot(vi sum, qk_operand a, vi w, const bool small) {
  (void)small;
  return _mm512_dpbusd_epi32(sum, a, w);
}

#define QK_S8_MOST_ROWS 6
#define QK_S8_HAS_SMALL 0
#include "s8_gemm_body.h"
#include "activation_body.h"
#include "quantize_range.h"
#include "lstm_small_s8_body.h"

void qk_s8_gemm_vnni(const qk_s8_job *job) { s8_gemm(job); }

qk_status qk_lstm_small_s8_vnni(const qk_small_lstm_job *job) {
  return job->shape->hidden <= 8 ? qk_lstm_small_s8_vnni_8(job) : lstm_small_s8(job);
}
#endif
