#define _GNU_SOURCE
#include "qk_threads.h"
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

typedef void (*qk_region)(void (*)(void *), void *, unsigned, unsigned);

/// GNU OpenMP's entry for a parallel region. It comes with oneDNN; without it all is done serially.
static qk_region parallel_region(void) {
  static _Atomic(qk_region) known;
  static atomic_bool asked;
  if (!atomic_load_explicit(&asked, memory_order_acquire)) {
    atomic_store(&known, (qk_region)dlsym(RTLD_DEFAULT, "GOMP_parallel"));
    atomic_store_explicit(&asked, true, memory_order_release);
  }
  return atomic_load_explicit(&known, memory_order_acquire);
}

/// Whether other programs want the processors so much that a thread would wait for one; looked at once a second.
static bool is_crowded(void) {
  static atomic_long looked;
  static atomic_bool crowded;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  if (atomic_load_explicit(&looked, memory_order_relaxed) != now.tv_sec + 1) {
    double load = 0;
    atomic_store_explicit(&looked, now.tv_sec + 1, memory_order_relaxed);
    crowded = getloadavg(&load, 1) == 1 && load > 2.0 * (double)sysconf(_SC_NPROCESSORS_ONLN);
  }
  return crowded;
}

typedef struct qk_share {
  qk_task task;
  void *context;
  size_t count, part;
  atomic_size_t next;
} qk_share;

static _Thread_local bool inside;

static void work(void *data) {
  qk_share *share = data;
  inside = true;
  for (;;) {
    const size_t from = atomic_fetch_add(&share->next, share->part);
    if (from >= share->count) break;
    const size_t to = share->count - from < share->part ? share->count : from + share->part;
    share->task(share->context, from, to);
  }
  inside = false;
}

void qk_parallel(size_t count, size_t grain, unsigned threads, qk_task task, void *context) {
  if (count == 0) return;
  const size_t most = grain == 0 ? count : (count + grain - 1) / grain;
  const size_t parts = most < threads ? most : threads;
  const qk_region region = parts > 1 && !inside && !is_crowded() ? parallel_region() : NULL;
  if (!region) {
    task(context, 0, count);
    return;
  }
  // Whole lines of the cache, so that no two threads write to one.
  size_t part = (count + parts - 1) / parts;
  if (grain >= 64) part = (part + 63) / 64 * 64;
  qk_share share = {.task = task, .context = context, .count = count, .part = part, .next = 0};
  region(work, &share, (unsigned)parts, 0);
}
