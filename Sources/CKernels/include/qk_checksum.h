/// The checksum of zip archives.
#ifndef QK_CHECKSUM_H
#define QK_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/// Advances `state`, the inverted CRC-32 (IEEE 802.3, reflected) of what came before, over the first bytes of `bytes`, as many of the
/// `n` as the processor's carry-less products handle at once. Returns how many those are: 0 without such products.
size_t qk_crc32_fold(uint32_t *state, const void *bytes, size_t n);

#endif
