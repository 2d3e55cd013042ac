/// Work shared out among threads.
#ifndef QK_THREADS_H
#define QK_THREADS_H

#include <stddef.h>

/// What is done with the items `from ..< to`.
typedef void (*qk_task)(void *context, size_t from, size_t to);

/// Does `count` items in parts of at least `grain`, by at most `threads` threads; serially where that makes one part, and
/// inside another such call. The threads are OpenMP's, which oneDNN runs on as well: two pools would fight for the processors.
/// Serially as well while the machine is overloaded: who waits for a thread that has no processor is slower than one alone.
void qk_parallel(size_t count, size_t grain, unsigned threads, qk_task task, void *context);

#endif
