#include "simd_scalar.h"
#include "loops.h"
#include "elementwise_body.h"
#include "softmax_body.h"
#include "quantize_body.h"
#include "convert_scalar.h"
#include "attention_body.h"

static void f32_gemm(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *packed, const float *bias,
                     float *c, size_t ldc, bool accumulate, bool backwards) {
  (void)backwards;
  for (size_t j = 0; j < n; j += QK_PANEL) {
    const size_t used = qk_min_size(QK_PANEL, n - j), width = qk_round_up(used, QK_LANE);
    for (size_t i = 0; i < m; i++) {
      const float *row = a + i * lda, *panel = packed + j * k;
      float *out = c + i * ldc + j, sum[QK_PANEL];
      for (size_t q = 0; q < used; q++) {
        sum[q] = accumulate ? out[q] : 0.0f;
        if (bias) sum[q] = accumulate ? sum[q] + bias[j + q] : bias[j + q];
      }
      for (size_t p = 0; p < k; p++)
        for (size_t q = 0; q < used; q++) sum[q] = fmaf(row[p], panel[p * width + q], sum[q]);
      memcpy(out, sum, used * sizeof *out);
    }
  }
}

static void f32_linear(size_t m, size_t n, size_t k, const float *turned, const float *w, size_t ldw, const float *bias,
                       float *y, size_t ldy) {
  for (size_t i = 0; i < m; i++) {
    const size_t first = i / QK_LINEAR_ROWS * QK_LINEAR_ROWS;
    const size_t width = qk_round_up(qk_min_size(QK_LINEAR_ROWS, m - first), QK_LANE);
    const float *x = turned + first * k + i - first;
    for (size_t j = 0; j < n; j++) {
      float sum = bias ? bias[j] : 0.0f;
      for (size_t p = 0; p < k; p++) sum = fmaf(x[p * width], w[j * ldw + p], sum);
      y[i * ldy + j] = sum;
    }
  }
}

/// Output `j` of row `i` from its sum of products.
static void s8_finish(const qk_s8_job *job, size_t i, size_t j, uint32_t sum) {
  const size_t at = i * job->ldc + j;
  if (job->sums) {
    job->sums[at] = (int32_t)sum;
    return;
  }
  const qk_s8_weight *w = job->w;
  const size_t channel = w->per_channel ? j : 0;
  const uint32_t a_zero = (uint32_t)job->a_zero_point;
  uint32_t correction = a_zero * (uint32_t)w->col_sums[j];
  if (w->zero_points)
    correction += (uint32_t)w->zero_points[channel] * ((uint32_t)job->row_sums[i] - a_zero * (uint32_t)w->k);
  const float exact = (float)(int32_t)(sum - correction), scale = job->a_scale * w->scales[channel];
  const float y = job->bias ? fmaf(exact, scale, job->bias[j]) : exact * scale;
  job->y[at] = job->accumulate ? y + job->y[at] : y;
}

static void s8_gemm(const qk_s8_job *job) {
  const qk_s8_weight *w = job->w;
  const size_t groups = qk_round_up(w->k, 4) / 4;
  for (size_t j = 0; j < w->n; j += QK_PANEL) {
    const size_t used = qk_min_size(QK_PANEL, w->n - j), width = qk_round_up(used, QK_LANE);
    const int8_t *panel = w->packed + j * groups * 4;
    for (size_t i = 0; i < job->m; i++) {
      const uint8_t *row = job->a + i * job->lda;
      // Unsigned, because the sums wrap.
      uint32_t sum[QK_PANEL] = {0};
      for (size_t g = 0; g < groups; g++)
        for (size_t q = 0; q < used; q++)
          for (size_t p = 0; p < 4; p++)
            sum[q] += (uint32_t)((int32_t)row[4 * g + p] * panel[(g * width + q) * 4 + p]);
      for (size_t q = 0; q < used; q++) s8_finish(job, i, j + q, sum[q]);
    }
  }
}

typedef uint8_t qk_lanes;
QK_FN qk_lanes sparse_lanes(const uint8_t *places) { return *places; }
QK_FN vf sparse_pick(const float *window, qk_lanes lanes) { return window[lanes & (QK_SPARSE_WINDOW - 1)]; }
QK_FN vf sparse_add(vf sum, vf value, vf x, qk_lanes lanes) { return lanes & QK_SPARSE_USED ? fmaf(value, x, sum) : sum; }

#include "sparse_body.h"
#include "conv_body.h"

const qk_kernels qk_kernels_scalar = {
    .isa = QK_ISA_NONE,
    .loops = &qk_loops_scalar,
    .f32_gemm = f32_gemm,
    .f32_linear = f32_linear,
    .f32_product = f32_product,
    .f32_turn = f32_turn,
    .attention_weights = attention_weights,
    .attention_slopes = attention_slopes,
    .sparse_linear = sparse_linear,
    .conv_image = conv_image,
    .s8_gemm = s8_gemm,
    .minmax = minmax,
    .quantize_dynamic = quantize_dynamic,
    .quantize_activation = quantize_activation,
    .quantize_u8 = quantize_u8,
    .quantize_s8 = quantize_s8,
    .exp = map_exp,
    .sigmoid = map_sigmoid,
    .tanh = map_tanh,
    .softmax = softmax,
    .log_softmax = log_softmax,
    .softmax_backward = softmax_backward,
    .log_softmax_backward = log_softmax_backward,
    .log_sum_exp = log_sum_exp,
    .cross_entropy_backward = cross_entropy_backward,
    .lstm_cell = lstm_cell,
    .f32_to_f16 = f32_to_f16,
    .f16_to_f32 = f16_to_f32,
    .f32_to_bf16 = f32_to_bf16,
};
