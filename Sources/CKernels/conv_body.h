// Convolutions of step 1, over the vector of a simd_….h header included before: lanes go along the rows of the output.
#ifndef QK_CONV_BODY_H
#define QK_CONV_BODY_H

/// The most output channels that share what is read of the input.
#define QK_CONV_CHANNELS 4

/// `outs` channels of one row of the output: a vector at `y`, another at `y + second` where there are two. `used` lanes count.
QK_FN void conv_tile(const qk_conv_shape *s, const float *x, const float *w, const float *bias, float *y, size_t plane,
                     size_t second, size_t used, const size_t outs, const bool two) {
  const size_t taps = s->in_channels * s->kernel_height * s->kernel_width;
  vf a[QK_CONV_CHANNELS], b[QK_CONV_CHANNELS];
#pragma clang loop unroll(full)
  for (size_t o = 0; o < outs; o++) a[o] = b[o] = v_set(bias ? bias[o] : 0.0f);
  for (size_t c = 0; c < s->in_channels; c++) {
    for (size_t i = 0; i < s->kernel_height; i++) {
      const float *row = x + (c * s->height + i) * s->width;
      for (size_t j = 0; j < s->kernel_width; j++, w++) {
        const vf p = two || used == VW ? v_load(row + j) : v_load_part(row + j, used), q = two ? v_load(row + second + j) : p;
#pragma clang loop unroll(full)
        for (size_t o = 0; o < outs; o++) {
          const vf t = v_set(w[o * taps]);
          a[o] = v_fma(t, p, a[o]);
          if (two) b[o] = v_fma(t, q, b[o]);
        }
      }
    }
  }
#pragma clang loop unroll(full)
  for (size_t o = 0; o < outs; o++) {
    if (two || used == VW) v_store(y + o * plane, a[o]);
    else v_store_part(y + o * plane, a[o], used);
    if (two) v_store(y + o * plane + second, b[o]);
  }
}

QK_FN void conv_row(const qk_conv_shape *s, const float *x, const float *w, const float *bias, float *y, size_t plane,
                    const size_t outs) {
  const size_t n = s->width - s->kernel_width + 1;
  if (n < VW) {
    conv_tile(s, x, w, bias, y, plane, 0, n, outs, false);
    return;
  }
  // The last vector lies over the one before where the row does not end with it; both give the same.
  for (size_t at = 0; at < n;) {
    const size_t first = qk_min_size(at, n - VW);
    if (n - at > VW) {
      conv_tile(s, x + first, w, bias, y + first, plane, qk_min_size(at + VW, n - VW) - first, VW, outs, true);
      at += 2 * VW;
    } else {
      conv_tile(s, x + first, w, bias, y + first, plane, 0, VW, outs, false);
      at += VW;
    }
  }
}

QK_KERNEL void conv_image(const qk_conv_shape *s, const float *x, const float *w, const float *bias, float *y) {
  const size_t rows = s->height - s->kernel_height + 1, n = s->width - s->kernel_width + 1, plane = rows * n;
  const size_t taps = s->in_channels * s->kernel_height * s->kernel_width;
  for (size_t o = 0; o < s->out_channels;) {
    const size_t left = s->out_channels - o, outs = left == 6 || left == 5 ? 3 : qk_min_size(left, QK_CONV_CHANNELS);
    for (size_t r = 0; r < rows; r++) {
      const float *from = x + r * s->width, *weight = w + o * taps, *added = bias ? bias + o : NULL;
      float *to = y + o * plane + r * n;
      switch (outs) {
      case 4: conv_row(s, from, weight, added, to, plane, 4); break;
      case 3: conv_row(s, from, weight, added, to, plane, 3); break;
      case 2: conv_row(s, from, weight, added, to, plane, 2); break;
      default: conv_row(s, from, weight, added, to, plane, 1); break;
      }
    }
    o += outs;
  }
}

#endif
