// Pairs of uniform samples as pairs of normal ones, every step rounded as PyTorch's vector code rounds it: where its
// compiler fuses a product with a sum, they are fused here. After a simd_….h header.
#ifndef QK_NORMAL_BODY_H
#define QK_NORMAL_BODY_H

#include "loops.h"

#define QK_FUSED(a, b, c) __builtin_elementwise_fma((float)(a), (float)(b), (float)(c))

QK_FN uint32_t float_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}
QK_FN float bits_float(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/// ln x for normal 0 < x <= 1: the polynomial of Cephes (S. Moshier).
QK_FN float cephes_log(float x) {
  const uint32_t bits = float_bits(x);
  const float half = bits_float((bits & 0x807fffff) | 0x3f000000), power = (float)((int32_t)(bits >> 23) - 126);
  const bool small = half < 0.707106781186547524f;
  const float exponent = small ? power - 1 : power, m = (half - 1) + (small ? half : 0), square = m * m;
  float y = QK_FUSED(QK_FUSED(7.0376836292e-2f, m, -1.1514610310e-1f), m, 1.1676998740e-1f);
  y = QK_FUSED(QK_FUSED(QK_FUSED(y, m, -1.2420140846e-1f), m, 1.4249322787e-1f), m, -1.6668057665e-1f);
  y = QK_FUSED(QK_FUSED(QK_FUSED(y, m, 2.0000714765e-1f), m, -2.4999993993e-1f), m, 3.3333331174e-1f);
  y *= m;
  // ln 2 in two parts, the high one with few digits.
  y = QK_FUSED(y, square, exponent * -2.12194440e-4f);
  y = QK_FUSED(-square, 0.5f, y);
  return QK_FUSED(exponent, 0.693359375f, m + y);
}

/// In each block of 16 the first eight give the radius, the others the angle: of both, cosines and then sines.
QK_KERNEL void box_muller_f32(size_t blocks, float *x, float mean, float deviation) {
  for (size_t block = 0; block < blocks; block++, x += 16) {
#pragma clang loop vectorize(assume_safety) vectorize_width(8)
    for (size_t i = 0; i < 8; i++) {
      const float radius = __builtin_elementwise_sqrt(-2 * cephes_log(1 - x[i]));
      const float angle = 2 * 3.14159265358979323846f * x[i + 8];
      const int32_t octant = ((int32_t)(angle * 1.27323954473516f) + 1) & ~1;
      const float turns = (float)octant;
      float rest = QK_FUSED(turns, -0.78515625f, angle);
      rest = QK_FUSED(turns, -2.4187564849853515625e-4f, rest);
      rest = QK_FUSED(turns, -3.77489497744594108e-8f, rest);
      const float square = rest * rest;
      float c = QK_FUSED(QK_FUSED(2.443315711809948e-5f, square, -1.388731625493765e-3f), square, 4.166664568298827e-2f) * square;
      c = QK_FUSED(c, square, -(square * 0.5f)) + 1;
      float s = QK_FUSED(QK_FUSED(-1.9515295891e-4f, square, 8.3321608736e-3f), square, -1.6666654611e-1f) * square;
      s = QK_FUSED(s, rest, rest);
      // Bit 1 of the octant exchanges the two, bit 2 is the sign.
      const uint32_t swap = 0u - (((uint32_t)octant >> 1) & 1), difference = (float_bits(s) ^ float_bits(c)) & swap;
      const float sine = bits_float(float_bits(s) ^ difference ^ (((uint32_t)octant & 4) << 29));
      const float cosine = bits_float(float_bits(c) ^ difference ^ ((((uint32_t)octant + 2) & 4) << 29));
      x[i] = QK_FUSED(radius * cosine, deviation, mean);
      x[i + 8] = QK_FUSED(radius * sine, deviation, mean);
    }
  }
}

#endif
