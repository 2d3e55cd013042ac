#include "kernels.h"
#include "qk_threads.h"

// Packed layout: panels of QK_PANEL outputs; in each, for every four inputs, four consecutive weights of each output
// in turn. Inputs beyond k and outputs beyond n are zero.

size_t qk_s8_packed_size(size_t n, size_t k) { return qk_round_up(n, QK_LANE) * qk_round_up(k, 4); }

void qk_s8_pack(size_t n, size_t k, const int8_t *w, size_t ldw, int8_t *packed, int32_t *col_sums) {
  const size_t depth = qk_round_up(k, 4);
  for (size_t j = 0; j < n; j += QK_PANEL) {
    const size_t used = qk_min_size(QK_PANEL, n - j), width = qk_round_up(used, QK_LANE);
    int8_t *panel = packed + j * depth;
    for (size_t c = 0; c < width; c++) {
      uint32_t sum = 0;
      for (size_t p = 0; p < depth; p++) {
        const int8_t v = c < used && p < k ? w[(j + c) * ldw + p] : 0;
        panel[(p / 4 * width + c) * 4 + p % 4] = v;
        sum += (uint32_t)v;
      }
      if (c < used) col_sums[j + c] = (int32_t)sum;
    }
  }
}

void qk_s8_unpack(size_t n, size_t k, const int8_t *packed, int8_t *w, size_t ldw) {
  const size_t depth = qk_round_up(k, 4);
  for (size_t j = 0; j < n; j += QK_PANEL) {
    const size_t used = qk_min_size(QK_PANEL, n - j), width = qk_round_up(used, QK_LANE);
    const int8_t *panel = packed + j * depth;
    for (size_t c = 0; c < used; c++)
      for (size_t p = 0; p < k; p++) w[(j + c) * ldw + p] = panel[(p / 4 * width + c) * 4 + p % 4];
  }
}

void qk_s8_gemm_s32(size_t m, const uint8_t *a, size_t lda, const qk_s8_weight *w, int32_t *c, size_t ldc) {
  const qk_s8_job job = {.m = m, .a = a, .lda = lda, .w = w, .sums = c, .ldc = ldc};
  qk_active_kernels()->s8_gemm(&job);
}

/// Rows of quantized activations are this far apart. What is between them meets weights that are 0.
static size_t activation_stride(size_t k) { return qk_round_up(k, 4); }

size_t qk_linear_dynamic_s8_scratch(size_t m, size_t k) {
  return qk_round_up(m * sizeof(int32_t), 64) + m * activation_stride(k) + QK_QUANTIZE_SLACK;
}

/// The range of `m` rows; one pass where they are adjacent.
static void minmax_rows(size_t m, size_t k, const float *x, size_t ldx, float *min, float *max) {
  if (ldx == k || m <= 1) {
    qk_minmax_f32(m * k, x, min, max);
    return;
  }
  qk_minmax_f32(k, x, min, max);
  for (size_t i = 1; i < m; i++) {
    float low, high;
    qk_minmax_f32(k, x + i * ldx, &low, &high);
    // A NaN of one row must not be lost: both comparisons are false for it.
    *min = *min <= low ? *min : low;
    *max = *max >= high ? *max : high;
    if (!(low <= high)) {
      *min = low, *max = high;
      return;
    }
  }
}

/// Quantizes `m` rows by the range of them all, one step after the other.
static qk_status quantize_rows(size_t m, size_t k, const float *x, size_t ldx, bool reduce_range, uint8_t *a,
                               int32_t *row_sums, qk_dynamic_range *range) {
  float min, max;
  minmax_rows(m, k, x, ldx, &min, &max);
  const qk_status status =
      qk_choose_qparams(min, max, 0, 255, false, false, reduce_range, &range->scale, &range->zero_point);
  if (status != QK_OK) return status;
  const float inverse_scale = 1.0f / (float)range->scale;
  range->max = 0;
  for (size_t i = 0; i < m; i++) {
    const qk_row_stats row = qk_active_kernels()->quantize_activation(k, x + i * ldx, inverse_scale, range->zero_point,
                                                                      a + i * activation_stride(k));
    row_sums[i] = row.sum;
    if (row.max > range->max) range->max = row.max;
  }
  return QK_OK;
}

/// One in two thousand is within `QK_NEAR_TIE` of a tie.
#define QK_FEW_VALUES 4096

qk_status qk_s8_quantize_input(size_t m, const float *x, size_t ldx, const qk_s8_weight *w, bool reduce_range, void *scratch,
                               qk_s8_job *job) {
  const qk_kernels *kernels = qk_active_kernels();
  const size_t k = w->k, stride = activation_stride(k);
  int32_t *row_sums = scratch;
  uint8_t *a = (uint8_t *)scratch + qk_round_up(m * sizeof *row_sums, 64);
  qk_dynamic_range range;
  // In one go where quantized rows follow each other as the rows do, and their sums are not needed; of many values one is near a
  // tie almost surely, and all would have to be done again.
  const bool adjacent = !w->zero_points && m * k > 0 && m * k <= QK_FEW_VALUES && (m == 1 || (ldx == k && stride == k));
  if (!adjacent || !kernels->quantize_dynamic(m * k, x, reduce_range ? 127 : 255, a, &range)) {
    const qk_status status = quantize_rows(m, k, x, ldx, reduce_range, a, row_sums, &range);
    if (status != QK_OK) return status;
  }
  job->m = m, job->a = a, job->lda = stride, job->w = w, job->small = range.max <= 128, job->row_sums = row_sums;
  job->a_scale = (float)range.scale, job->a_zero_point = range.zero_point;
  return QK_OK;
}

void qk_s8_outputs(const qk_s8_job *job, size_t from, size_t to) {
  qk_s8_weight part = *job->w;
  part.n = to - from;
  part.packed += from * qk_round_up(part.k, 4);
  part.col_sums += from;
  if (part.per_channel) {
    part.scales += from;
    if (part.zero_points) part.zero_points += from;
  }
  qk_s8_job own = *job;
  own.w = &part;
  if (own.bias) own.bias += from;
  own.y += from;
  qk_active_kernels()->s8_gemm(&own);
}

/// The panels `from ..< to`.
static void some_panels(void *context, size_t from, size_t to) {
  const qk_s8_job *job = context;
  qk_s8_outputs(job, from * QK_PANEL, qk_min_size(to * QK_PANEL, job->w->n));
}

/// A thread is worth starting for so many multiplications.
#define QK_THREAD_WORK ((size_t)1 << 22)

qk_status qk_linear_dynamic_s8(size_t m, const float *x, size_t ldx, const qk_s8_weight *w, const float *bias,
                               bool reduce_range, bool accumulate, float *y, size_t ldy, unsigned threads, void *scratch) {
  qk_s8_job job = {.bias = bias, .y = y, .ldc = ldy, .accumulate = accumulate};
  const qk_status status = qk_s8_quantize_input(m, x, ldx, w, reduce_range, scratch, &job);
  if (status != QK_OK) return status;
  const size_t panels = (w->n + QK_PANEL - 1) / QK_PANEL;
  qk_parallel(panels, QK_THREAD_WORK / (m * w->k * QK_PANEL + 1) + 1, threads, some_panels, &job);
  return QK_OK;
}
