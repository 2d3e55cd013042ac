#define _GNU_SOURCE
#include "qk_threads.h"
#include <dlfcn.h>
#include <sched.h>
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

static atomic_bool always;

void qk_parallel_always(bool wanted) { atomic_store(&always, wanted); }

/// Whether other programs want the processors so much that a thread would wait for one; looked at once a second.
static bool is_crowded(void) {
  static atomic_long looked;
  static atomic_bool crowded;
  struct timespec now;
  if (atomic_load_explicit(&always, memory_order_relaxed)) return false;
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

struct qk_team {
  qk_team_task task;
  void *context;
  unsigned (*place)(void), (*count)(void);
  unsigned members;
  atomic_uint arrived, round;
};

/// Who waits longer than this many looks lets others have the processor.
#define QK_PATIENCE 4000

void qk_team_wait(qk_team *team) {
  if (team->members < 2) return;
  const unsigned round = atomic_load_explicit(&team->round, memory_order_relaxed);
  if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) + 1 == team->members) {
    atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
    atomic_store_explicit(&team->round, round + 1, memory_order_release);
    return;
  }
  for (unsigned looks = 0; atomic_load_explicit(&team->round, memory_order_acquire) == round; looks++) {
    if (looks > QK_PATIENCE) sched_yield();
#if defined(__x86_64__)
    else __builtin_ia32_pause();
#endif
  }
}

static void join(void *data) {
  qk_team *team = data;
  inside = true;
  // OpenMP may give fewer threads than were asked for; all see the same number.
  const unsigned members = team->count();
  if (members != team->members) {
    if (team->place() == 0) {
      team->members = 1;
      team->task(team->context, team, 0, 1);
    }
  } else {
    team->task(team->context, team, team->place(), members);
  }
  inside = false;
}

void qk_team_run(unsigned threads, qk_team_task task, void *context) {
  qk_team team = {.task = task, .context = context, .members = threads};
  const qk_region region = threads > 1 && !inside && !is_crowded() ? parallel_region() : NULL;
  if (region) {
    team.place = (unsigned (*)(void))dlsym(RTLD_DEFAULT, "omp_get_thread_num");
    team.count = (unsigned (*)(void))dlsym(RTLD_DEFAULT, "omp_get_num_threads");
  }
  if (!region || !team.place || !team.count) {
    team.members = 1;
    task(context, &team, 0, 1);
    return;
  }
  region(join, &team, threads, 0);
}
