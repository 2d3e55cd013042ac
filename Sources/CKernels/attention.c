#include "qk_attention.h"
#include "kernels.h"
#include <string.h>

/// Rows of q whose scores, so many floats, stay in the first-level cache.
#define QK_SCORES 6144

/// Floats from row to row of a matrix in scratch: whole lanes, and no multiple of what maps to one place of the cache.
static size_t stride(size_t n) {
  const size_t lanes = qk_round_up(n, QK_LANE);
  return lanes % 1024 ? lanes : lanes + QK_LANE;
}

static size_t block_rows(const qk_attention *job) {
  const size_t rows = QK_SCORES / stride(job->keys) / 6 * 6;
  return qk_min_size(rows < 6 ? 6 : rows, job->queries);
}

/// Where a head's rows begin.
static float *head(const qk_attention *job, const qk_heads *rows, size_t at) {
  return rows->at ? rows->at + at / job->heads * rows->batch + at % job->heads * rows->head : NULL;
}

/// A matrix whose rows a product can read up to whole lanes.
typedef struct qk_matrix {
  const float *at;
  size_t row;
} qk_matrix;

/// Rows as they are where they have whole lanes, else copied to `scratch`.
static qk_matrix whole_lanes(size_t rows, size_t n, const float *x, size_t ldx, float *scratch) {
  if (n % QK_LANE == 0) return (qk_matrix){x, ldx};
  const size_t row = stride(n);
  for (size_t i = 0; i < rows; i++) memcpy(scratch + i * row, x + i * ldx, n * sizeof *x);
  return (qk_matrix){scratch, row};
}

/// How many keys of a head count, those at the end left out that cannot be told from none.
static size_t keys_that_count(const qk_attention *job, size_t at) {
  const float *mask = head(job, &job->mask, at);
  // Anything higher might still be reached by scores.
  const float least = -1e37f;
  // Kept weights and noise lie with all keys.
  if (!mask || job->mask.row != 0 || job->weights || job->noise) return job->keys;
  size_t count = job->keys;
  while (count > 0 && mask[count - 1] < least) count--;
  if (count == 0) return job->keys;
  // What is not finite shows in spite of the mask.
  float low, high;
  const float *k = head(job, &job->k, at), *v = head(job, &job->v, at);
  for (size_t i = count; i < job->keys; i++)
    if (!qk_active_kernels()->minmax(job->width, k + i * job->k.row, &low, &high) ||
        !qk_active_kernels()->minmax(job->value_width, v + i * job->v.row, &low, &high))
      return job->keys;
  return count;
}

size_t qk_attention_scratch(const qk_attention *job) {
  const size_t keys = stride(job->keys);
  return (job->width * keys + block_rows(job) * keys + job->keys * stride(job->value_width)) * sizeof(float);
}

void qk_attention_forward(const qk_attention *job, size_t from, size_t to, void *scratch) {
  const qk_kernels *kernels = qk_active_kernels();
  const size_t ld = stride(job->keys), block = block_rows(job);
  float *turned = scratch, *scores = turned + job->width * ld, *copy = scores + block * ld;
  for (size_t at = from; at < to; at++) {
    const size_t keys = keys_that_count(job, at), all = job->queries * job->keys;
    const float *q = head(job, &job->q, at), *mask = head(job, &job->mask, at);
    float *out = head(job, &job->out, at);
    kernels->f32_turn(keys, job->width, head(job, &job->k, at), job->k.row, turned, ld);
    const qk_matrix v = whole_lanes(keys, job->value_width, head(job, &job->v, at), job->v.row, copy);
    for (size_t i = 0; i < job->queries; i += block) {
      const size_t rows = qk_min_size(block, job->queries - i), place = at * all + i * job->keys;
      kernels->f32_product(rows, keys, job->width, q + i * job->q.row, job->q.row, turned, ld, scores, ld, false);
      kernels->attention_weights(rows, keys, scores, ld, job->scale, mask ? mask + i * job->mask.row : NULL, job->mask.row,
                                 job->zeroes_empty_rows, job->weights ? job->weights + place : NULL,
                                 job->noise ? job->noise + place : NULL, job->noise_scale);
      kernels->f32_product(rows, job->value_width, keys, scores, ld, v.at, v.row, out + i * job->out.row, job->out.row, false);
    }
  }
}

size_t qk_attention_backward_scratch(const qk_attention *job) {
  const size_t keys = stride(job->keys), queries = stride(job->queries), both = job->width + job->value_width;
  return (both * queries + (job->value_width + both) * keys + 2 * block_rows(job) * keys + job->keys * stride(job->width)) * sizeof(float);
}

void qk_attention_backward(const qk_attention *job, size_t from, size_t to, void *scratch) {
  const qk_kernels *kernels = qk_active_kernels();
  const size_t ld = stride(job->keys), ldq = stride(job->queries), block = block_rows(job), d = job->width, dv = job->value_width;
  // q and the result's gradient turned, v turned, the gradients of k and v turned, two blocks of scores.
  float *q_turned = scratch, *g_turned = q_turned + d * ldq, *v_turned = g_turned + dv * ldq, *dk = v_turned + dv * ld;
  float *dv_turned = dk + d * ld, *slopes = dv_turned + dv * ld, *kept = slopes + block * ld, *copy = kept + block * ld;
  for (size_t at = from; at < to; at++) {
    const float *q = head(job, &job->q, at), *g = head(job, &job->out, at);
    kernels->f32_turn(job->queries, d, q, job->q.row, q_turned, ldq);
    kernels->f32_turn(job->queries, dv, g, job->out.row, g_turned, ldq);
    kernels->f32_turn(job->keys, dv, head(job, &job->v, at), job->v.row, v_turned, ld);
    const qk_matrix k = whole_lanes(job->keys, d, head(job, &job->k, at), job->k.row, copy);
    for (size_t i = 0; i < job->queries; i += block) {
      const size_t rows = qk_min_size(block, job->queries - i), place = at * job->queries * job->keys + i * job->keys;
      kernels->f32_product(rows, job->keys, dv, g + i * job->out.row, job->out.row, v_turned, ld, slopes, ld, false);
      kernels->attention_slopes(rows, job->keys, slopes, ld, job->scale, job->weights + place,
                                job->noise ? job->noise + place : NULL, job->noise_scale, kept);
      kernels->f32_product(rows, d, job->keys, slopes, ld, k.at, k.row, head(job, &job->dq, at) + i * job->dq.row, job->dq.row, false);
      kernels->f32_product(d, job->keys, rows, q_turned + i, ldq, slopes, ld, dk, ld, i > 0);
      kernels->f32_product(dv, job->keys, rows, g_turned + i, ldq, kept, ld, dv_turned, ld, i > 0);
    }
    kernels->f32_turn(d, job->keys, dk, ld, head(job, &job->dk, at), job->dk.row);
    kernels->f32_turn(dv, job->keys, dv_turned, ld, head(job, &job->dv, at), job->dv.row);
  }
}
