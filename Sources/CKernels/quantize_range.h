// A fast way to the parameters of dynamic quantization, over the vector of a simd_….h header included before.
#ifndef QK_QUANTIZE_RANGE_H
#define QK_QUANTIZE_RANGE_H

/// Scale and zero point, with the steps of a range in every lane, for values that are surely quantized by them.
///
/// `qk_choose_qparams` takes three divisions one after the other. One division approximates what `x` is multiplied
/// with to within 6 roundings, so unless `x * steps` comes closer than `QK_NEAR_TIE` to a tie it rounds to the same
/// integer; the exact scale, needed only after the product, is found meanwhile.
typedef struct qk_fast_range {
  vf steps;
  vi zero_point;
  double scale;
  bool valid;
} qk_fast_range;

/// 6 roundings of a number up to 255 are 9.2e-5.
#define QK_NEAR_TIE (0.5f - 0x1p-12f)

/// `low <= 0 <= high`.
QK_FN qk_fast_range fast_range(vf low, vf high, int32_t levels) {
  qk_fast_range r;
  r.steps = v_div(v_set((float)levels), v_sub(high, low));
  r.zero_point = v_round(v_mul(v_sub(v_set(0.0f), low), r.steps));
  r.scale = ((double)v_first(high) - v_first(low)) / levels;
  // Within these bounds nothing is cut off or overflows, and the zero point is the nearest to -low / scale. Whether
  // that is close to a tie shows where `low`, one of the values or 0, is quantized.
  r.valid = r.scale >= 1e-4 && r.scale < 1e30;
  return r;
}

#endif
