// Rounding to bfloat16, written once over the vector of a simd_….h header included before.
#ifndef QK_CONVERT_BODY_H
#define QK_CONVERT_BODY_H

QK_FN vi bf16_lanes(vf x) {
  const vi bits = v_bits(x);
  const vi odd = vi_and(vi_upper_half(bits), vi_set(1));
  const vi rounded = vi_upper_half(vi_add(vi_add(bits, vi_set(0x7fff)), odd));
  return v_pick_nan(x, vi_set(0x7fc0), rounded);
}

QK_KERNEL void f32_to_bf16(size_t n, const float *x, uint16_t *y) {
  size_t i = 0;
  for (; i + VW <= n; i += VW) vi_store_words(y + i, bf16_lanes(v_load(x + i)), VW);
  if (i < n) vi_store_words(y + i, bf16_lanes(v_load_part(x + i, n - i)), n - i);
}

#endif
