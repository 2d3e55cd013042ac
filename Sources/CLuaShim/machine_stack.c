// How much of the machine stack is left. Lua counts nested C calls, but not how large their frames are, and Swift's
// are larger than Lua's.
#define _GNU_SOURCE
#include <pthread.h>
#include "record.h"

/// What a callback may use below the check: kernels, and Lua's own frames down to the next callback.
static const size_t margin = 256 * 1024;

static __thread char *lowest;

static char *find_lowest(void) {
  pthread_attr_t attributes;
  void *base = NULL;
  size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    pthread_attr_getstack(&attributes, &base, &size);
    pthread_attr_destroy(&attributes);
  }
  if (base == NULL) return (char *)1;  // unknown: Lua's count alone protects
  return (char *)base + (size / 4 < margin ? size / 4 : margin);
}

bool qlua_machine_stack_is_low(void) {
  if (qlua_unlikely(lowest == NULL)) lowest = find_lowest();
  return (char *)__builtin_frame_address(0) < lowest;
}
