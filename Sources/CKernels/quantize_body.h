// Range and quantization of activations, written once over the vector of a simd_….h header included before.
#ifndef QK_QUANTIZE_BODY_H
#define QK_QUANTIZE_BODY_H

#include "quantize_range.h"

/// Largest float that converts to int32 without overflow.
#define QK_INT32_FLOAT_MAX 2147483520.0f

/// Least and greatest of `n >= 1` floats in every lane; false where there is a NaN (or an infinity: see below).
QK_FN bool spread_range(size_t n, const float *x, vf *least, vf *greatest) {
  // The lanes beyond the end repeat the first number.
  vf low = n < VW ? v_load_fill(x, n, x[0]) : v_load(x), high = low;
  // A NaN stays in the sum, whatever comes after; inf - inf is one too, and is left to the slow path.
  vf all = v_sub(low, low);
  for (size_t i = VW; i < n; i += VW) {
    const vf v = i + VW <= n ? v_load(x + i) : v_load_fill(x + i, n - i, x[0]);
    low = v_min(low, v), high = v_max(high, v), all = v_add(all, v_sub(v, v));
  }
  *least = v_spread_least(low);
  *greatest = v_spread_greatest(high);
  return !v_any_nan(all);
}

QK_KERNEL bool minmax(size_t n, const float *x, float *min, float *max) {
  vf low, high;
  if (!spread_range(n, x, &low, &high)) return false;
  // + 0 makes a negative zero positive: which of two zeros is found depends on the order.
  *min = v_first(low) + 0.0f;
  *max = v_first(high) + 0.0f;
  return true;
}

QK_FN vi quantize_lanes(vf x, vf inverse_scale, vi zero_point, int32_t least, int32_t most) {
  // NaN becomes the second operand of min. The sum with the zero point may wrap, as FBGEMM's does.
  const vf y = v_min(v_mul(x, inverse_scale), v_set(QK_INT32_FLOAT_MAX));
  return vi_min(vi_max(vi_add(v_round(y), zero_point), vi_set(least)), vi_set(most));
}

QK_KERNEL qk_row_stats quantize_activation(size_t n, const float *x, float inverse_scale, int32_t zero_point,
                                           uint8_t *q) {
  const vf scale = v_set(inverse_scale);
  const vi zero = vi_set(zero_point);
  vi sum = vi_set(0), max = vi_set(0);
  size_t i = 0;
  for (; i + VW <= n; i += VW) {
    const vi v = quantize_lanes(v_load(x + i), scale, zero, 0, 255);
    sum = vi_add(sum, v), max = vi_max(max, v);
    vi_store_bytes(q + i, v, VW);
  }
  if (i < n) {
    const vi v = vi_first(quantize_lanes(v_load_part(x + i, n - i), scale, zero, 0, 255), n - i);
    sum = vi_add(sum, v), max = vi_max(max, v);
    vi_store_bytes(q + i, v, n - i);
  }
  return (qk_row_stats){vi_total(sum), (uint8_t)vi_greatest(max)};
}

/// Quantizes `n >= 1` floats by their own range; 0 ... 255, or 0 ... 127 if `levels` is that. Returns false, with
/// nothing of use written, in the rare cases that take the slow way. May write up to VW - 1 bytes beyond `q + n`.
QK_KERNEL bool quantize_dynamic(size_t n, const float *x, int32_t levels, uint8_t *q, qk_dynamic_range *range) {
  vf low, high;
  if (!spread_range(n, x, &low, &high)) return false;
  const qk_fast_range fast = fast_range(v_min(low, v_set(0.0f)), v_max(high, v_set(0.0f)), levels);
  vf worst = v_set(0.0f);
  vi max = vi_set(0);
  for (size_t i = 0; i < n; i += VW) {
    const bool whole = i + VW <= n;
    const vf y = v_mul(whole ? v_load(x + i) : v_load_part(x + i, n - i), fast.steps);
    const vi rounded = v_round(y);
    worst = v_max(worst, v_abs(v_sub(y, v_from_int(rounded))));
    const vi v = vi_min(vi_max(vi_add(rounded, fast.zero_point), vi_set(0)), vi_set(255));
    max = vi_max(max, v);
    vi_store_all_bytes(q + i, v);
  }
  *range = (qk_dynamic_range){fast.scale, vi_first_lane(fast.zero_point), (uint8_t)vi_greatest(max)};
  return fast.valid && !v_any_greater(worst, v_set(QK_NEAR_TIE));
}

#define QK_QUANTIZE(name, type, least, most)                                                                    \
  QK_KERNEL void name(size_t n, const float *x, float inverse_scale, int32_t zero_point, type *q) {            \
    const vf scale = v_set(inverse_scale);                                                                      \
    const vi zero = vi_set(zero_point);                                                                         \
    size_t i = 0;                                                                                               \
    for (; i + VW <= n; i += VW) vi_store_bytes(q + i, quantize_lanes(v_load(x + i), scale, zero, least, most), VW); \
    if (i < n)                                                                                                  \
      vi_store_bytes(q + i, quantize_lanes(v_load_part(x + i, n - i), scale, zero, least, most), n - i);       \
  }
QK_QUANTIZE(quantize_u8, uint8_t, 0, 255)
QK_QUANTIZE(quantize_s8, int8_t, -128, 127)

#endif
