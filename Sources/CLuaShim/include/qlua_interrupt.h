// Stopping Lua code from a signal handler or another thread.
#ifndef QLUA_INTERRUPT_H
#define QLUA_INTERRUPT_H

#include <signal.h>
#include "qlua_state.h"

/// Not 0 from `qlua_interrupt` until `qlua_clear_interrupt`. Long loops in C look at it.
extern volatile sig_atomic_t qlua_interrupted;

/// Whether `qlua_interrupt` was called and not cleared. For Swift, which cannot read the variable.
static inline bool qlua_is_interrupted(void) { return qlua_interrupted != 0; }

/// Ends the Lua code of every state that runs now: each next instruction raises the string "interrupted!", also in
/// coroutines and after pcall has caught it, until the flag is cleared. May be called from a signal handler and from
/// any thread.
void qlua_interrupt(void);
/// Clears the flag of `qlua_interrupt`. The host calls it when the outermost call has returned.
void qlua_clear_interrupt(void);

/// `qlua_interrupt` for one state. May be called from any thread while the state is open.
void qlua_interrupt_state(lua_State *L);
/// Clears what `qlua_interrupt_state` has set.
void qlua_clear_interrupt_state(lua_State *L);
/// Whether the state is interrupted, by `qlua_interrupt_state` or by `qlua_interrupt`.
bool qlua_state_is_interrupted(lua_State *L);

/// Has a command that os.execute runs and that dies of SIGINT interrupt the program as well. A status of lua_pcall.
int qlua_interrupt_with_commands(lua_State *L);

#endif
