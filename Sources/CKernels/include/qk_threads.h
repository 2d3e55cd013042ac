/// Work shared out among threads.
#ifndef QK_THREADS_H
#define QK_THREADS_H

#include <stdbool.h>
#include <stddef.h>

/// What is done with the items `from ..< to`.
typedef void (*qk_task)(void *context, size_t from, size_t to);

/// Does `count` items in parts of at least `grain`, by at most `threads` threads; serially where that makes one part, and
/// inside another such call. The threads are OpenMP's, which oneDNN runs on as well: two pools would fight for the processors.
/// Serially as well while the machine is overloaded: who waits for a thread that has no processor is slower than one alone.
void qk_parallel(size_t count, size_t grain, unsigned threads, qk_task task, void *context);

/// Several threads that do the same steps, each its part of every step.
typedef struct qk_team qk_team;

/// What member `me` of `members` does.
typedef void (*qk_team_task)(void *context, qk_team *team, unsigned me, unsigned members);

/// Has a task done by a team of at most `threads`; by one alone where `qk_parallel` would be serial.
void qk_team_run(unsigned threads, qk_team_task task, void *context);

/// Waits until all members of the team have come this far.
void qk_team_wait(qk_team *team);

/// Shares out work on an overloaded machine too. For tests.
void qk_parallel_always(bool always);

#endif
