// Sorting by digits of keys that have the elements' order as unsigned integers.
#include "kernels.h"
#include "qk_interrupt.h"
#include <string.h>

/// A key and where it came from. Of 32 bits each both fit one word, which then sorts by itself.
typedef struct qk_keyed {
  uint64_t key, place;
} qk_keyed;

size_t qk_sort_scratch(size_t n) { return 2 * n * sizeof(qk_keyed) + 65536 * sizeof(uint32_t); }

QK_INLINE uint32_t key_f32(const float *p) {
  uint32_t b;
  memcpy(&b, p, sizeof b);
  if ((b & 0x7fffffff) > 0x7f800000) return UINT32_MAX;
  if (b == 0x80000000) b = 0;
  return b & 0x80000000 ? ~b : b | 0x80000000;
}
QK_INLINE uint64_t key_f64(const double *p) {
  uint64_t b;
  memcpy(&b, p, sizeof b);
  if ((b & INT64_MAX) > 0x7ff0000000000000) return UINT64_MAX;
  if (b == 0x8000000000000000) b = 0;
  return b >> 63 ? ~b : b | 0x8000000000000000;
}

/// Few elements: by insertion.
static void insert_words(size_t n, uint64_t *x) {
  for (size_t i = 1; i < n; i++) {
    const uint64_t v = x[i];
    size_t j = i;
    for (; j > 0 && x[j - 1] > v; j--) x[j] = x[j - 1];
    x[j] = v;
  }
}

/// Sorts words by their upper half; what stands equal keeps its order. The result may be in either array.
static uint64_t *sort_words(size_t n, uint64_t *x, uint64_t *other, uint32_t *counts) {
  // More bits a digit are fewer passes, and more counters to set up and to keep in the cache.
  const unsigned bits = n < 6000 ? 8 : 11, passes = n < 6000 ? 4 : 3, size = 1u << bits, mask = size - 1;
  memset(counts, 0, passes * size * sizeof *counts);
  for (size_t i = 0; i < n; i++) {
    const uint32_t key = (uint32_t)(x[i] >> 32);
    for (unsigned pass = 0; pass < passes; pass++) counts[pass * size + (key >> (pass * bits) & mask)]++;
  }
  for (unsigned pass = 0; pass < passes; pass++) {
    uint32_t *count = counts + pass * size, sum = 0;
    const unsigned shift = 32 + pass * bits;
    // All alike in this digit.
    if (count[x[0] >> shift & mask] == n) continue;
    if (n > 1 << 20 && qk_is_interrupted()) break;
    for (unsigned d = 0; d < size; d++) {
      const uint32_t c = count[d];
      count[d] = sum, sum += c;
    }
    for (size_t i = 0; i < n; i++) other[count[x[i] >> shift & mask]++] = x[i];
    uint64_t *swap = x;
    x = other, other = swap;
  }
  return x;
}

static qk_keyed *sort_keyed(size_t n, qk_keyed *x, qk_keyed *other, uint32_t *counts) {
  memset(counts, 0, 8 * 256 * sizeof *counts);
  for (size_t i = 0; i < n; i++)
    for (unsigned pass = 0; pass < 8; pass++) counts[pass * 256 + (x[i].key >> (8 * pass) & 255)]++;
  for (unsigned pass = 0; pass < 8; pass++) {
    uint32_t *count = counts + pass * 256, sum = 0;
    if (count[x[0].key >> (8 * pass) & 255] == n) continue;
    if (n > 1 << 20 && qk_is_interrupted()) break;
    for (unsigned d = 0; d < 256; d++) {
      const uint32_t c = count[d];
      count[d] = sum, sum += c;
    }
    for (size_t i = 0; i < n; i++) other[count[x[i].key >> (8 * pass) & 255]++] = x[i];
    qk_keyed *swap = x;
    x = other, other = swap;
  }
  return x;
}

static uint32_t key32(qk_type type, const void *x, size_t i) {
  switch (type) {
    case QK_F32: return key_f32((const float *)x + i);
    case QK_I32: return (uint32_t)((const int32_t *)x)[i] ^ 0x80000000;
    default: return ((const uint8_t *)x)[i];
  }
}

void qk_sort(qk_type type, size_t n, const void *x, void *values, int64_t *places, bool descending, void *scratch) {
  if (n == 0) return;
  uint32_t *counts = (uint32_t *)((char *)scratch + 2 * n * sizeof(qk_keyed));
  const size_t size = type == QK_U8 || type == QK_BOOL ? 1 : type == QK_F32 || type == QK_I32 ? 4 : 8;
  if (size == 8) {
    qk_keyed *keyed = scratch;
    for (size_t i = 0; i < n; i++) {
      uint64_t key = type == QK_F64 ? key_f64((const double *)x + i) : (uint64_t)((const int64_t *)x)[i] ^ 0x8000000000000000;
      keyed[i] = (qk_keyed){descending ? ~key : key, i};
    }
    qk_keyed *other = keyed + n, *sorted;
    if (n <= 32) {
      for (size_t i = 1; i < n; i++) {
        const qk_keyed v = keyed[i];
        size_t j = i;
        for (; j > 0 && keyed[j - 1].key > v.key; j--) keyed[j] = keyed[j - 1];
        keyed[j] = v;
      }
      sorted = keyed;
    } else sorted = sort_keyed(n, keyed, other, counts);
    // The elements themselves, which zero's sign and NaN's bits are part of; through the other array, as values may be x.
    uint64_t *out = (uint64_t *)(sorted == keyed ? other : keyed);
    for (size_t i = 0; i < n; i++) out[i] = ((const uint64_t *)x)[sorted[i].place];
    for (size_t i = 0; places && i < n; i++) places[i] = (int64_t)sorted[i].place;
    memcpy(values, out, n * size);
    return;
  }
  uint64_t *words = scratch, *other = words + n;
  const uint32_t turn = descending ? UINT32_MAX : 0;
  bool exact = type != QK_F32;
  if (type == QK_F32) {
    // Only minus zero and NaN are not their key's.
    bool odd = false;
    for (size_t i = 0; i < n; i++) {
      const uint32_t key = key_f32((const float *)x + i);
      uint32_t b;
      memcpy(&b, (const float *)x + i, sizeof b);
      odd |= (key == UINT32_MAX) | (b == 0x80000000);
      words[i] = (uint64_t)(key ^ turn) << 32 | i;
    }
    exact = !odd;
  } else {
    for (size_t i = 0; i < n; i++) words[i] = (uint64_t)(key32(type, x, i) ^ turn) << 32 | i;
  }
  uint64_t *sorted = words;
  if (n <= 48) insert_words(n, words);
  else sorted = sort_words(n, words, other, counts);
  if (type == QK_F32 && !exact) {
    uint32_t *out = (uint32_t *)(sorted == words ? other : words);
    for (size_t i = 0; i < n; i++) out[i] = ((const uint32_t *)x)[(uint32_t)sorted[i]];
    memcpy(values, out, n * size);
  } else if (type == QK_F32) {
    uint32_t *out = values;
    for (size_t i = 0; i < n; i++) {
      const uint32_t key = (uint32_t)(sorted[i] >> 32) ^ turn;
      out[i] = key & 0x80000000 ? key ^ 0x80000000 : ~key;
    }
  } else if (type == QK_I32) {
    for (size_t i = 0; i < n; i++) ((uint32_t *)values)[i] = (uint32_t)(sorted[i] >> 32) ^ turn ^ 0x80000000;
  } else {
    for (size_t i = 0; i < n; i++) ((uint8_t *)values)[i] = (uint8_t)((uint32_t)(sorted[i] >> 32) ^ turn);
  }
  for (size_t i = 0; places && i < n; i++) places[i] = (uint32_t)sorted[i];
}

void qk_top_f32(size_t n, size_t k, const float *x, float *values, int64_t *places, bool greatest) {
  if (k == 0) return;
  const uint32_t turn = greatest ? 0 : UINT32_MAX;
  size_t have = 0;
  // What does not come before the last of those kept is most of them.
  float bar = 0;
  uint32_t last = 0;
  for (size_t i = 0; i < n; i++) {
    if (have == k && (greatest ? x[i] <= bar : x[i] >= bar)) continue;
    const uint32_t key = key_f32(x + i) ^ turn;
    if (have == k && key <= last) continue;
    size_t j = have < k ? have++ : k - 1;
    for (; j > 0 && (key_f32(values + j - 1) ^ turn) < key; j--) values[j] = values[j - 1], places[j] = places[j - 1];
    values[j] = x[i], places[j] = (int64_t)i;
    bar = values[have - 1];
    last = key_f32(&bar) ^ turn;
  }
}
