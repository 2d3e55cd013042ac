#include "loops.h"

void qk_box_muller_f32(size_t blocks, float *x, float mean, float deviation) {
  qk_active_loops()->box_muller_f32(blocks, x, mean, deviation);
}

void qk_mt_renew(uint32_t *words) { qk_active_loops()->renew_mt(words); }

void qk_mt_uniform_f32(size_t n, const uint32_t *words, float low, float width, float end, float *y) {
  qk_active_loops()->uniform_f32(n, words, low, width, end, y);
}
