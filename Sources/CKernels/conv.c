#include "kernels.h"

void qk_conv_image(const qk_conv_shape *shape, const float *x, const float *w, const float *bias, float *y) {
  qk_active_kernels()->conv_image(shape, x, w, bias, y);
}
