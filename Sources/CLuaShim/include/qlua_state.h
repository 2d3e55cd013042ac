// A state's life, its memory and its warnings.
#ifndef QLUA_STATE_H
#define QLUA_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../../CLua/CLua.h"

/// Makes a state with the standard libraries open. `memory_limit` is the most bytes Lua itself may hold (0: no limit);
/// beyond it every allocation is Lua's "not enough memory" error. With `ignores_environment` LUA_PATH and LUA_CPATH do not count.
/// NULL when the state does not fit in memory.
lua_State *qlua_newstate(size_t memory_limit, bool ignores_environment);

/// Where `require` looks without LUA_PATH.
const char *qlua_default_path(void);

/// "Lua 5.4.4  Copyright (C) …", as `lua -v` says it.
const char *qlua_copyright(void);

/// Closes the state: runs all finalizers, releases every object once. No call may be running on it.
void qlua_close(lua_State *L);

/// The main thread of the state that `L` (perhaps a coroutine) belongs to.
lua_State *qlua_mainthread(lua_State *L);

/// The thread whose code runs now, or the main thread when none does. Values that a callback leaves alone on its stack
/// stay where they are when the host works there.
lua_State *qlua_current(lua_State *L);

/// Stores a pointer of the host's own with the state; all coroutines see it.
void qlua_sethost(lua_State *L, void *host);
/// The pointer given to `qlua_sethost`, or NULL.
void *qlua_host(lua_State *L);

/// True while `qlua_close` runs. Finalizers may still call functions and make objects.
bool qlua_isclosing(lua_State *L);

/// Changes the most bytes Lua itself may hold (0: no limit). It may be under what is held now; then nothing grows.
void qlua_set_memory_limit(lua_State *L, size_t bytes);
/// Bytes Lua itself holds: tables, strings, functions, userdata; not what userdata point to.
size_t qlua_memory_in_use(lua_State *L);

/// Tells the collector of memory that Lua does not see. After each callback `*live_bytes` is compared with a threshold;
/// above it a full collection runs and the threshold becomes max(64 MiB + live, 1.5 live), or less while there is garbage. The pointer must stay valid
/// as long as the state; NULL takes the gauge away.
void qlua_set_memory_gauge(lua_State *L, const long *live_bytes);
/// How many full collections the memory gauge or the number of objects has brought about.
long qlua_forced_collections(lua_State *L);

/// A full collection, finalizers included. False when called from inside a finalizer, where Lua cannot collect.
bool qlua_gc_collect(lua_State *L);
/// Stops the collector until `qlua_gc_restart`; the memory gauge still collects.
void qlua_gc_stop(lua_State *L);
/// Lets the collector run again.
void qlua_gc_restart(lua_State *L);
/// Stops the collector for the time of a measurement, or restarts it: only where the memory gauge asks it collects, as it would
/// without the measurement.
void qlua_gc_measure(lua_State *L, bool begins);
/// Whether the collector runs by itself.
bool qlua_gc_isrunning(lua_State *L);

/// Receives one whole warning (Lua's `warn`, and errors in finalizers); `message` is not terminated by NUL alone.
/// It must not touch the state.
typedef void (*qlua_warning)(void *context, const char *message, size_t length);
/// Sends warnings to `receive`; NULL drops them. `enabled` is the initial state of the switch that `warn("@on")` and
/// `warn("@off")` turn.
void qlua_set_warning(lua_State *L, qlua_warning receive, void *context, bool enabled);

#endif
