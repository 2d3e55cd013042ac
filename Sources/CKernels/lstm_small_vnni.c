#if defined(__x86_64__)
// Eight lanes are enough for eight hidden units, and are reduced to one in a step less than sixteen.
#define QK_TARGET "avx2,fma,f16c,bmi2,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"
#include "simd_avx2.h"

typedef vi qk_operand;

QK_FN qk_operand qk_s8_spread(vi bytes) { return bytes; }

QK_FN vi qk_s8_dot(vi sum, qk_operand a, vi w, const bool small) {
  (void)small;
  return _mm256_dpbusd_epi32(sum, a, w);
}

#define QK_S8_HAS_SMALL 0
#include "activation_body.h"
#include "quantize_range.h"
#include "lstm_small_s8_body.h"

qk_status qk_lstm_small_s8_vnni_8(const qk_small_lstm_job *job) { return lstm_small_s8(job); }
#endif
