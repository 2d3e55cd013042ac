// Half precision in plain C: what the conversion instructions do, bit for bit.
#ifndef QK_CONVERT_SCALAR_H
#define QK_CONVERT_SCALAR_H

#include "convert_body.h"

static uint16_t f16_from_float(float x) {
  const uint32_t bits = (uint32_t)v_bits(x), sign = bits >> 16 & 0x8000, rest = bits & 0x7fffffff;
  if (rest > 0x7f800000) return (uint16_t)(sign | 0x7e00 | (rest >> 13 & 0x1ff));
  // 65520 is halfway between the largest half and what would be the next.
  if (rest >= 0x477ff000) return (uint16_t)(sign | 0x7c00);
  if (rest < 0x38800000) {
    // Subnormal halves are multiples of 2^-24: adding 0.5 leaves that many in the low bits, rounded half to even.
    const float magnitude = v_from_bits((vi)rest) + 0.5f;
    return (uint16_t)(sign | ((uint32_t)v_bits(magnitude) - 0x3f000000));
  }
  const uint32_t rounded = rest + 0xfff + (rest >> 13 & 1);
  return (uint16_t)(sign | ((rounded - 0x38000000) >> 13));
}

static float float_from_f16(uint16_t h) {
  const uint32_t sign = (uint32_t)(h & 0x8000) << 16, rest = h & 0x7fff;
  uint32_t bits;
  if (rest > 0x7c00) bits = 0x7fc00000 | rest << 13;
  else if (rest == 0x7c00) bits = 0x7f800000;
  else if (rest >= 0x0400) bits = (rest << 13) + 0x38000000;
  else bits = (uint32_t)v_bits((float)rest * 0x1p-24f);
  return v_from_bits((vi)(sign | bits));
}

static void f32_to_f16(size_t n, const float *x, uint16_t *y) {
  for (size_t i = 0; i < n; i++) y[i] = f16_from_float(x[i]);
}

static void f16_to_f32(size_t n, const uint16_t *x, float *y) {
  for (size_t i = 0; i < n; i++) y[i] = float_from_f16(x[i]);
}

#endif
