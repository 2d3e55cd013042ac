// The shape of register tiles, by the vector of a simd_….h header included before.
#ifndef QK_TILE_H
#define QK_TILE_H

/// Rows and vectors of a tile, and vectors side by side for a single row.
#if VW == 16
#define QK_TILE_ROWS 6
#define QK_TILE_VECTORS 4
#define QK_ROW_VECTORS 4
#else
#define QK_TILE_ROWS 6
#define QK_TILE_VECTORS 2
#define QK_ROW_VECTORS 8
#endif

/// Rows of the next tile where `left` are: tiles of at most `most` rows, none much smaller than the others.
QK_INLINE size_t qk_tile_rows(size_t left, size_t most) {
  const size_t tiles = (left + most - 1) / most;
  return (left + tiles - 1) / tiles;
}

#endif
