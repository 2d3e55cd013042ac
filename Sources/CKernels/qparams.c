#include "kernels.h"
#include <math.h>
#include <stdlib.h>

/// `fbgemm::FindMinMax` where there is a NaN: eight lanes, each taking the newer value where one of two is NaN.
static void minmax_with_nan(size_t n, const float *x, float *min, float *max) {
  float low = x[0], high = x[0];
  size_t i = 0;
  if (n >= 8) {
    float lows[8], highs[8];
    for (size_t j = 0; j < 8; j++) lows[j] = highs[j] = x[0];
    for (; i + 8 <= n; i += 8)
      for (size_t j = 0; j < 8; j++) {
        const float v = x[i + j];
        lows[j] = lows[j] < v ? lows[j] : v;
        highs[j] = highs[j] > v ? highs[j] : v;
      }
    for (size_t j = 0; j < 8; j++) {
      low = lows[j] < low ? lows[j] : low;
      high = high < highs[j] ? highs[j] : high;
    }
  }
  for (; i < n; i++) {
    low = x[i] < low ? x[i] : low;
    high = high < x[i] ? x[i] : high;
  }
  *min = low + 0.0f;
  *max = high + 0.0f;
}

void qk_minmax_f32(size_t n, const float *x, float *min, float *max) {
  if (n == 0) {
    *min = *max = 0.0f;
  } else if (!qk_active_kernels()->minmax(n, x, min, max)) {
    minmax_with_nan(n, x, min, max);
  }
}

/// Below this PyTorch does not go: scales in half precision's subnormal range are avoided.
static const float small_scale = 6.1e-5f;

/// The power of two that `force_scale_power_of_two` makes of `scale`.
static double power_of_two_scale(double scale) {
  if (scale < 1) return 1.0 / (1 << (int)floor(log(1.0 / scale) / log(2)));
  return 1 << (int)ceil(log(scale) / log(2));
}

/// Half to even, as a conversion instruction: INT32_MIN for what does not fit, NaN too.
static int32_t to_int32(double x) {
  const double r = nearbyint(x);
  return r >= -2147483648.0 && r <= 2147483647.0 ? (int32_t)r : INT32_MIN;
}

qk_status qk_choose_qparams(float min, float max, int32_t qmin, int32_t qmax, bool preserve_sparsity,
                            bool force_scale_power_of_two, bool reduce_range, double *scale_out,
                            int32_t *zero_point) {
  if (!(min <= max)) return QK_BAD_RANGE;
  if (reduce_range) qmin /= 2, qmax /= 2;
  if (min < 0 && max > 0 && preserve_sparsity) {
    const int symmetric_qmin = -((qmax - qmin) / 2 + 1), symmetric_qmax = (qmax - qmin) / 2;
    // The quotients are float, as in the original.
    const double from_min = fabs(min / symmetric_qmin), from_max = fabs(max / symmetric_qmax);
    const double max_scale = from_min < from_max ? from_max : from_min;
    min = (float)(max_scale * symmetric_qmin);
    max = (float)(max_scale * symmetric_qmax);
  }
  // Zero must be representable.
  min = 0.0f < min ? 0.0f : min;
  max = max < 0.0f ? 0.0f : max;
  if (!(qmin < qmax)) return QK_BAD_LEVELS;

  double scale = ((double)max - min) / (qmax - qmin);
  if ((float)scale == 0.0f || isinf(1.0f / (float)scale)) scale = 0.1;
  if (!(scale > 0)) return QK_BAD_SCALE;
  if (force_scale_power_of_two) scale = power_of_two_scale(scale);
  if (scale < small_scale) {
    const float original = (float)scale;
    scale = small_scale;
    if (min == 0.0f) {
      max = small_scale * (float)(qmax - qmin);
    } else if (max == 0.0f) {
      min = -small_scale * (float)(qmax - qmin);
    } else {
      const float amplifier = small_scale / original;
      min *= amplifier;
      max *= amplifier;
    }
  }

  // Of the two ends the one with the smaller terms gives the smaller error.
  const double min_steps = min / scale, max_steps = max / scale;
  const bool from_min = abs(qmin) - fabs(min_steps) < abs(qmax) - fabs(max_steps);
  double zero = from_min ? qmin - min_steps : qmax - max_steps;
  if (min < 0 && max > 0 && preserve_sparsity) zero = (double)(qmin + qmax) / 2;
  *zero_point = zero < qmin ? qmin : zero > qmax ? qmax : to_int32(zero);
  *scale_out = scale;
  return QK_OK;
}
