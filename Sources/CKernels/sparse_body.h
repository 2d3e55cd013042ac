// Products of sparse rows, over the vector of a simd_….h header included before and three functions on lanes:
// `sparse_lanes` reads the places of a vector of lanes, `sparse_pick` takes their inputs out of a window, and `sparse_add`
// adds products where a lane is used.
#ifndef QK_SPARSE_BODY_H
#define QK_SPARSE_BODY_H

#define QK_SPARSE_VECTORS (QK_SPARSE_LANES / VW)

/// The outputs of one group for `rows` rows of `x`.
QK_FN void sparse_tile(const qk_sparse_weight *w, size_t group, const float *x, size_t ldx, const float *bias, float *y,
                       size_t ldy, const size_t rows) {
  vf sum[QK_SPARSE_ROWS][QK_SPARSE_VECTORS];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (size_t v = 0; v < QK_SPARSE_VECTORS; v++) sum[r][v] = v_set(0.0f);
  }
  const size_t end = w->first[group + 1];
  for (size_t step = w->first[group]; step < end; step++) {
    const float *window = x + w->base[step], *values = w->values + step * QK_SPARSE_LANES;
    const uint8_t *places = w->places + step * QK_SPARSE_LANES;
#pragma clang loop unroll(full)
    for (size_t v = 0; v < QK_SPARSE_VECTORS; v++) {
      const qk_lanes lanes = sparse_lanes(places + v * VW);
      const vf value = v_load(values + v * VW);
#pragma clang loop unroll(full)
      for (size_t r = 0; r < rows; r++) sum[r][v] = sparse_add(sum[r][v], value, sparse_pick(window + r * ldx, lanes), lanes);
    }
  }
  const uint32_t *outputs = w->rows + group * QK_SPARSE_LANES;
  const size_t used = qk_min_size(QK_SPARSE_LANES, w->n - group * QK_SPARSE_LANES);
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) {
    float out[QK_SPARSE_LANES];
#pragma clang loop unroll(full)
    for (size_t v = 0; v < QK_SPARSE_VECTORS; v++) v_store(out + v * VW, sum[r][v]);
    float *to = y + r * ldy;
    if (bias) {
      for (size_t l = 0; l < used; l++) to[outputs[l]] = out[l] + bias[outputs[l]];
    } else {
      for (size_t l = 0; l < used; l++) to[outputs[l]] = out[l];
    }
  }
}

QK_KERNEL void sparse_linear(size_t rows, const float *x, size_t ldx, const qk_sparse_weight *w, const float *bias, float *y,
                             size_t ldy, size_t from, size_t to) {
  for (size_t group = from; group < to; group++) {
    switch (rows) {
    case 8: sparse_tile(w, group, x, ldx, bias, y, ldy, 8); break;
    case 4: sparse_tile(w, group, x, ldx, bias, y, ldy, 4); break;
    case 2: sparse_tile(w, group, x, ldx, bias, y, ldy, 2); break;
    default: sparse_tile(w, group, x, ldx, bias, y, ldy, 1); break;
    }
  }
}

#endif
