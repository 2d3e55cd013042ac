/// The Mersenne Twister (mt19937), a block at a time.
#ifndef QK_RANDOM_H
#define QK_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/// Renews the 624 words of state.
void qk_mt_renew(uint32_t *words);

/// `n` words of the state as samples low + (24 random bits / 2^24) · width, rounded once; `low` stands for one that
/// comes out as `end`.
void qk_mt_uniform_f32(size_t n, const uint32_t *words, float low, float width, float end, float *y);

/// `blocks` blocks of 16 uniform samples become normal ones: Box and Muller's method as PyTorch's vector code rounds it.
void qk_box_muller_f32(size_t blocks, float *x, float mean, float deviation);

#endif
