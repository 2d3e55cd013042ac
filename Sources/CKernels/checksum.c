// CRC-32 by carry-less products: Gopal et al., "Fast CRC computation for generic polynomials using PCLMULQDQ" (Intel, 2009), whose
// constants for the reflected polynomial 0xEDB88320 these are: powers of x modulo it.
#include "qk_checksum.h"
#include "kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#include <stdbool.h>

static bool has_products(void) {
  unsigned a, b, c, d;
  return qk_isa_active() != QK_ISA_NONE && __get_cpuid(1, &a, &b, &c, &d) && (c & bit_PCLMULQDQ) && (c & bit_SSE4_1);
}

#define FOLDING __attribute__((target("sse4.1,pclmul"), always_inline)) static inline

FOLDING __m128i load(const uint8_t *p) { return _mm_loadu_si128((const __m128i *)p); }
/// x carried over the distance that `k` stands for, and `next` added.
FOLDING __m128i fold(__m128i x, __m128i k, __m128i next) {
  return _mm_xor_si128(_mm_xor_si128(_mm_clmulepi64_si128(x, k, 0x00), _mm_clmulepi64_si128(x, k, 0x11)), next);
}

__attribute__((target("sse4.1,pclmul"))) static uint32_t folded(uint32_t state, const uint8_t *p, size_t n) {
  const __m128i far = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4), near = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
  const __m128i last = _mm_set_epi64x(0, 0x0163cd6124), polynomial = _mm_set_epi64x(0x01f7011641, 0x01db710641);
  __m128i a = _mm_xor_si128(load(p), _mm_cvtsi32_si128((int)state)), b = load(p + 16), c = load(p + 32), d = load(p + 48);
  for (p += 64, n -= 64; n >= 64; p += 64, n -= 64) {
    a = fold(a, far, load(p));
    b = fold(b, far, load(p + 16));
    c = fold(c, far, load(p + 32));
    d = fold(d, far, load(p + 48));
  }
  a = fold(a, near, b);
  a = fold(a, near, c);
  a = fold(a, near, d);
  for (; n >= 16; p += 16, n -= 16) a = fold(a, near, load(p));
  // 128 bits to 64, and those to 32 by Barrett's reduction.
  const __m128i low = _mm_setr_epi32(-1, 0, -1, 0);
  a = _mm_xor_si128(_mm_srli_si128(a, 8), _mm_clmulepi64_si128(a, near, 0x10));
  a = _mm_xor_si128(_mm_srli_si128(a, 4), _mm_clmulepi64_si128(_mm_and_si128(a, low), last, 0x00));
  __m128i t = _mm_clmulepi64_si128(_mm_and_si128(a, low), polynomial, 0x10);
  t = _mm_clmulepi64_si128(_mm_and_si128(t, low), polynomial, 0x00);
  return (uint32_t)_mm_extract_epi32(_mm_xor_si128(a, t), 1);
}

size_t qk_crc32_fold(uint32_t *state, const void *bytes, size_t n) {
  const size_t count = n & ~(size_t)15;
  if (count < 64 || !has_products()) return 0;
  *state = folded(*state, bytes, count);
  return count;
}
#else
size_t qk_crc32_fold(uint32_t *state, const void *bytes, size_t n) { return 0; }
#endif
