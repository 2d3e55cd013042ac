// Stopping code that runs.
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>
#include "record.h"

volatile sig_atomic_t qlua_interrupted;

static __thread int thread_id;

/// The kernel's id of this thread, which runs Lua from now on: the signal that brings it an interrupt may come. Dispatch
/// queues start their threads with all signals blocked.
int qlua_thread_id(void) {
  if (qlua_unlikely(thread_id == 0)) {
    thread_id = (int)syscall(SYS_gettid);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGURG);
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
  }
  return thread_id;
}

static void hook(lua_State *L, lua_Debug *event) {
  (void)event;
  if (!qlua_is_flagged(qlua_record(L))) {
    lua_sethook(L, NULL, 0, 0);
    return;
  }
  lua_pushliteral(L, "interrupted!");
  lua_error(L);
}

/// Makes the next instruction of `L` raise. The hook stays until it finds the flags cleared.
void qlua_arm(lua_State *L) { lua_sethook(L, hook, LUA_MASKCOUNT, 1); }

/// Lua's hooks may be set in a signal handler, but only on the thread that runs the state; another one sends it a signal.
static void reach(struct qlua_record *record, int here) {
  lua_State *running = record->running;
  if (!atomic_load(&record->in_use) || running == NULL) return;
  int owner = atomic_load_explicit(&record->owner, memory_order_acquire);
  if (owner == here) qlua_arm(running);
  else if (owner != 0) syscall(SYS_tgkill, getpid(), owner, SIGURG);
}

static void receive_signal(int number) {
  (void)number;
  int here = (int)syscall(SYS_gettid);
  for (struct qlua_record *record = qlua_record_first(); record != NULL; record = record->next)
    if (qlua_is_flagged(record) && atomic_load(&record->owner) == here) reach(record, here);
}

/// SIGURG: ignored by default, so that a late one does no harm.
void qlua_install_signal(void) {
  struct sigaction action = {0};
  if (sigaction(SIGURG, NULL, &action) == 0 && action.sa_handler == receive_signal) return;
  sigemptyset(&action.sa_mask);
  action.sa_handler = receive_signal;
  // On the host's signal stack, where it has one: generated code may use the stack pointer for something else.
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  sigaction(SIGURG, &action, NULL);
}

void qlua_interrupt(void) {
  qlua_interrupted = 1;
  int here = (int)syscall(SYS_gettid);
  for (struct qlua_record *record = qlua_record_first(); record != NULL; record = record->next) reach(record, here);
}

void qlua_clear_interrupt(void) { qlua_interrupted = 0; }

void qlua_interrupt_state(lua_State *L) {
  struct qlua_record *record = qlua_record(L);
  record->interrupted = 1;
  reach(record, (int)syscall(SYS_gettid));
}

void qlua_clear_interrupt_state(lua_State *L) { qlua_record(L)->interrupted = 0; }

bool qlua_state_is_interrupted(lua_State *L) { return qlua_is_flagged(qlua_record(L)); }
