/// Convolutions of step 1 over few channels.
#ifndef QK_CONV_H
#define QK_CONV_H

#include <stddef.h>

/// The sizes of one image `[in_channels, height, width]`, zeros around it counted in, and of the weight
/// `[out_channels, in_channels, kernel_height, kernel_width]`. No size is 0, and the kernel fits into the image.
typedef struct qk_conv_shape {
  size_t in_channels, out_channels, height, width, kernel_height, kernel_width;
} qk_conv_shape;

/// The output `[out_channels, height - kernel_height + 1, width - kernel_width + 1]` of one image.
///
/// Every output starts from its channel's `bias`, or from 0 where that is NULL, and takes the products in the order of the
/// weight, each by one fused multiply-add.
void qk_conv_image(const qk_conv_shape *shape, const float *x, const float *w, const float *bias, float *y);

#endif
