// The kernels one instruction set provides. The public functions look up the active table and call through it.
#ifndef QK_KERNELS_H
#define QK_KERNELS_H

#include "CKernels.h"

#pragma STDC FP_CONTRACT OFF

/// How a tile of int32 sums becomes output.
typedef struct qk_s8_job {
  size_t m, lda;
  const uint8_t *a;
  const qk_s8_weight *w;
  /// No value of `a` exceeds 128: a pair of products cannot leave int16.
  bool small;
  /// Raw sums go here if not NULL, and nothing below is used.
  int32_t *sums;
  /// Sum over k of each row of `a`; read only if `w` has zero points.
  const int32_t *row_sums;
  float a_scale;
  int32_t a_zero_point;
  const float *bias;
  float *y;
  bool accumulate;
  /// Row stride of `sums` or `y`.
  size_t ldc;
} qk_s8_job;

/// What quantizing a row of activations tells besides the row.
typedef struct qk_row_stats {
  int32_t sum;
  uint8_t max;
} qk_row_stats;

#define QK_QUANTIZE_SLACK 64

/// Quantizes `m` rows of `w->k` inputs by the range of them all into `scratch` (`qk_linear_dynamic_s8_scratch` bytes), and
/// sets what of a job comes from that.
qk_status qk_s8_quantize_input(size_t m, const float *x, size_t ldx, const qk_s8_weight *w, bool reduce_range, void *scratch,
                               qk_s8_job *job);

/// The outputs `from ..< to` of a job whose other members are set; `from` is a multiple of QK_PANEL.
void qk_s8_outputs(const qk_s8_job *job, size_t from, size_t to);

/// The most threads that step through a layer together.
#define QK_MOST_MEMBERS 8

/// How many threads are worth having for the steps of a layer whose step takes `work` multiplications, `least` being worth
/// a second one. Each has whole panels of every gate, so that its part is a product of its own.
unsigned qk_step_members(size_t hidden, size_t work, size_t least, unsigned threads);

/// The most rows that share a pass over a sparse weight.
#define QK_SPARSE_ROWS 8

/// How values were quantized by their own range.
typedef struct qk_dynamic_range {
  double scale;
  int32_t zero_point;
  /// The greatest quantized value, or more.
  uint8_t max;
} qk_dynamic_range;

/// Rows of gates and cells of one LSTM step; all row strides in elements.
typedef struct qk_cell_job {
  size_t batch, hidden;
  /// The units that are computed, `from ..< to`.
  size_t from, to;
  /// In: i, f, g, o before their activation, 4 * hidden per row. Out: after it, if `keep_gates`.
  float *gates;
  bool keep_gates;
  const float *c_old;
  float *c_new;
  float *h;
  size_t ldh;
} qk_cell_job;

/// All steps of an int8 layer with one row and `hidden <= small_hidden`.
typedef struct qk_small_lstm_job {
  const qk_lstm_shape *shape;
  const qk_lstm_weights_s8 *weights;
  const qk_lstm_io *io;
  /// The input's part of the gates, 4 * hidden per step.
  float *gates;
} qk_small_lstm_job;

typedef struct qk_kernels {
  qk_isa isa;
  /// Loops over elements, in a table of their own.
  const struct qk_loops *loops;
  /// `backwards` begins with the last outputs, for one who has just read the weight forwards: those are still in the cache.
  void (*f32_gemm)(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *packed, const float *bias,
                   float *c, size_t ldc, bool accumulate, bool backwards);
  void (*f32_linear)(size_t m, size_t n, size_t k, const float *turned, const float *w, size_t ldw, const float *bias,
                     float *y, size_t ldy);
  /// See attention_body.h.
  void (*f32_product)(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb, float *c, size_t ldc,
                      bool accumulate);
  void (*f32_turn)(size_t rows, size_t columns, const float *x, size_t ldx, float *y, size_t ldy);
  void (*attention_weights)(size_t rows, size_t n, float *x, size_t ldx, float scale, const float *mask, size_t mask_step,
                            bool empties, float *weights, const float *noise, float noise_scale);
  void (*attention_slopes)(size_t rows, size_t n, float *x, size_t ldx, float scale, const float *weights, const float *noise,
                           float noise_scale, float *kept);
  /// Outputs of `rows` rows, 1, 2, 4 or QK_SPARSE_ROWS, that reach a whole window.
  void (*sparse_linear)(size_t rows, const float *x, size_t ldx, const qk_sparse_weight *w, const float *bias, float *y,
                        size_t ldy, size_t from, size_t to);
  void (*conv_image)(const qk_conv_shape *shape, const float *x, const float *w, const float *bias, float *y);
  void (*s8_gemm)(const qk_s8_job *job);
  /// `n >= 1`. Returns false, with nothing written, where there is a NaN.
  bool (*minmax)(size_t n, const float *x, float *min, float *max);
  /// Quantizes `n >= 1` floats by their own range in `levels` steps. False in rare cases, and where there is NaN or
  /// infinity: the caller then goes step by step. May write up to QK_QUANTIZE_SLACK bytes beyond `q + n`.
  bool (*quantize_dynamic)(size_t n, const float *x, int32_t levels, uint8_t *q, qk_dynamic_range *range);
  qk_row_stats (*quantize_activation)(size_t n, const float *x, float inverse_scale, int32_t zero_point, uint8_t *q);
  void (*quantize_u8)(size_t n, const float *x, float inverse_scale, int32_t zero_point, uint8_t *q);
  void (*quantize_s8)(size_t n, const float *x, float inverse_scale, int32_t zero_point, int8_t *q);
  void (*exp)(size_t n, const float *x, float *y);
  void (*sigmoid)(size_t n, const float *x, float *y);
  void (*tanh)(size_t n, const float *x, float *y);
  void (*softmax)(size_t rows, size_t n, const float *x, float *y);
  void (*log_softmax)(size_t rows, size_t n, const float *x, float *y);
  void (*softmax_backward)(size_t rows, size_t n, const float *y, const float *g, float *out);
  void (*log_softmax_backward)(size_t rows, size_t n, const float *y, const float *g, float *out);
  void (*log_sum_exp)(size_t rows, size_t n, const float *x, float *top, float *shift);
  void (*cross_entropy_backward)(size_t rows, size_t n, const float *x, const float *top, const float *shift,
                                 const int64_t *target, const float *scale, float *out);
  void (*lstm_cell)(const qk_cell_job *job);
  /// 0 where `lstm_small_s8` is NULL.
  size_t small_hidden;
  qk_status (*lstm_small_s8)(const qk_small_lstm_job *job);
  void (*f32_to_f16)(size_t n, const float *x, uint16_t *y);
  void (*f16_to_f32)(size_t n, const uint16_t *x, float *y);
  void (*f32_to_bf16)(size_t n, const float *x, uint16_t *y);
} qk_kernels;

extern const qk_kernels qk_kernels_scalar, qk_kernels_avx2, qk_kernels_avx512, qk_kernels_avx512_vnni;

/// The 8-bit product by VNNI; the rest of that table is AVX-512's.
void qk_s8_gemm_vnni(const qk_s8_job *job);
qk_status qk_lstm_small_s8_vnni(const qk_small_lstm_job *job);
qk_status qk_lstm_small_s8_vnni_8(const qk_small_lstm_job *job);

/// The table of the instruction set in use.
const qk_kernels *qk_active_kernels(void);

#define QK_INLINE static inline __attribute__((always_inline, unused))

/// Weights are packed in panels of this many outputs; the last panel is as wide as what is left, rounded up to QK_LANE.
#define QK_PANEL 64
#define QK_LANE 16

/// Rows of input that `f32_linear` has side by side.
#define QK_LINEAR_ROWS 32

QK_INLINE size_t qk_round_up(size_t x, size_t step) { return (x + step - 1) / step * step; }
QK_INLINE size_t qk_min_size(size_t a, size_t b) { return a < b ? a : b; }

#endif
