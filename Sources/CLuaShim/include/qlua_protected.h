// Protected twins of the Lua API functions that may raise, and stand-ins for its macros.
#ifndef QLUA_PROTECTED_H
#define QLUA_PROTECTED_H

#include "qlua_state.h"

// Calls.

/// Calls the function below its `nargs` arguments. On an error the error value stands on top and `qlua_pushtraceback`
/// has the Lua traceback of the place it was raised. Stack: -(nargs + 1) +nresults. Status.
int qlua_pcall(lua_State *L, int nargs, int nresults);
/// As `qlua_pcall`, without a traceback. Stack: -(nargs + 1) +nresults. Status.
int qlua_pcall_quiet(lua_State *L, int nargs, int nresults);
/// Pushes the traceback of the error value on top that a failed `qlua_pcall` has left there, or nil if none was taken.
/// An error that came up through several calls has the traceback of the innermost. Cannot raise. Stack: -0 +1.
void qlua_pushtraceback(lua_State *L);
/// Whether errors that `qlua_pcall` catches leave their calls with all variables to be looked at. Stack: -0 +0.
void qlua_keep_frames(lua_State *L, bool keeps);
/// Pushes the list of the calls that the last such error went through, innermost first, or false. Each is a table with
/// `name`, `source`, `what`, `line`, `names` and `values` of variables, and `locals`, how many of them are its own; what is
/// C's is left out. Cannot raise. Stack: -0 +1.
void qlua_pushframes(lua_State *L);
/// Pushes a traceback of `L` as it stands, from `level` (0: the running function). Stack: -0 +1. Status.
int qlua_ptraceback(lua_State *L, int level);
/// Compiles source text (never bytecode) to a function. `name` as for luaL_loadbuffer. Stack: -0 +1. Status.
int qlua_pload(lua_State *L, const char *source, size_t length, const char *name);
/// luaL_requiref: package.loaded[name] or open(name). Stack: -0 +1. Status.
int qlua_prequiref(lua_State *L, const char *name, lua_CFunction open, bool global);

// Access that may run metamethods.

/// Pushes t[k] for t at `index`, k on top; may run `__index`. Stack: -1 +1. Status.
int qlua_pgettable(lua_State *L, int index);
/// t[k] = v for t at `index`, v on top, k below; may run `__newindex`. Stack: -2 +0. Status.
int qlua_psettable(lua_State *L, int index);
/// Pushes t[name]; may run `__index`. Stack: -0 +1. Status.
int qlua_pgetfield(lua_State *L, int index, const char *name);
/// t[name] = v, v on top; may run `__newindex`. Stack: -1 +0. Status.
int qlua_psetfield(lua_State *L, int index, const char *name);
/// Pushes t[n]; may run `__index`. Stack: -0 +1. Status.
int qlua_pgeti(lua_State *L, int index, lua_Integer n);
/// t[n] = v, v on top; may run `__newindex`. Stack: -1 +0. Status.
int qlua_pseti(lua_State *L, int index, lua_Integer n);
/// Pushes the global `name`; may run `__index` of _G. Stack: -0 +1. Status.
int qlua_pgetglobal(lua_State *L, const char *name);
/// The global `name` = v, v on top; may run `__newindex` of _G. Stack: -1 +0. Status.
int qlua_psetglobal(lua_State *L, const char *name);
/// Pushes #v; may run `__len`. Stack: -0 +1. Status.
int qlua_plen(lua_State *L, int index);
/// Pushes a op b (`op` as for lua_arith; unary ones take one operand); may run metamethods. Stack: -(2|1) +1. Status.
int qlua_parith(lua_State *L, int op);
/// Sets `*result` to a op b (LUA_OPEQ, LUA_OPLT, LUA_OPLE); may run metamethods. Stack: -0 +0. Status.
int qlua_pcompare(lua_State *L, int index1, int index2, int op, bool *result);
/// Concatenates the `n` top values; may run `__concat`. Stack: -n +1. Status.
int qlua_pconcat(lua_State *L, int n);
/// Pushes the value as a string as `tostring` does; may run `__tostring`. Stack: -0 +1. Status.
int qlua_ptolstring(lua_State *L, int index);
/// Pushes field `name` of the value's metatable; nil if there is no such field. Runs nothing. Stack: -0 +1. Status.
int qlua_pgetmetafield(lua_State *L, int index, const char *name);

// Raw access; runs no metamethods, may need memory.

/// Raw t[k] for t at `index`, k on top. Fails, unlike lua_rawget, if t is no table. Stack: -1 +1. Status.
int qlua_prawget(lua_State *L, int index);
/// Raw t[k] = v, v on top, k below. Stack: -2 +0. Status.
int qlua_prawset(lua_State *L, int index);
/// Raw t[n] = v, v on top. Stack: -1 +0. Status.
int qlua_prawseti(lua_State *L, int index, lua_Integer n);
/// Raw t[light pointer] = v, v on top. Stack: -1 +0. Status.
int qlua_prawsetp(lua_State *L, int index, const void *pointer);
/// Raw t[name] with a string key. Stack: -0 +1. Status.
int qlua_prawgetfield(lua_State *L, int index, const char *name);
/// Raw t[name] = v with a string key, v on top. Stack: -1 +0. Status.
int qlua_prawsetfield(lua_State *L, int index, const char *name);
/// The pair after the key on top: `*more` tells whether there is one. Fails on a key that is not in the table.
/// Stack: -1 +(2|0). Status.
int qlua_pnext(lua_State *L, int index, bool *more);

// New values.

/// Pushes a string of any bytes. Stack: -0 +1. Status.
int qlua_ppushlstring(lua_State *L, const char *bytes, size_t length);
/// Pushes a NUL-terminated string. Stack: -0 +1. Status.
int qlua_ppushstring(lua_State *L, const char *string);
/// Pushes a new table with room for the given counts. Stack: -0 +1. Status.
int qlua_pcreatetable(lua_State *L, int array, int record);
/// Pushes a new full userdata and sets `*block` to its memory. Stack: -0 +1. Status.
int qlua_pnewuserdata(lua_State *L, size_t size, int user_values, void **block);
/// Pushes a new coroutine. Stack: -0 +1. Status.
int qlua_pnewthread(lua_State *L, lua_State **thread);
/// Pops a value into the registry. `*reference` is LUA_REFNIL for nil. Stack: -1 +0. Status.
int qlua_pref(lua_State *L, int *reference);
/// Pushes a registry value. Cannot raise. Stack: -0 +1.
void qlua_getref(lua_State *L, int reference);
/// Frees a registry reference. Cannot raise. Stack: -0 +0.
void qlua_unref(lua_State *L, int reference);

// Stand-ins for macros and for functions that raise on a bad type. None of them raises.

/// Makes sure that `n` more values fit on the stack; false when they do not.
bool qlua_checkstack(lua_State *L, int n);
/// Pops `n` values. Stack: -n +0.
static inline void qlua_pop(lua_State *L, int n) { lua_settop(L, -n - 1); }
/// Moves the top value to `index`. Stack: -0 +0.
static inline void qlua_insert(lua_State *L, int index) { lua_rotate(L, index, 1); }
/// Removes the value at `index`. Stack: -1 +0.
static inline void qlua_remove(lua_State *L, int index) { lua_rotate(L, index, -1); lua_settop(L, -2); }
/// The bytes of a string value, NULL for every other type (numbers are not converted).
static inline const char *qlua_tobytes(lua_State *L, int index, size_t *length) {
  if (lua_type(L, index) != LUA_TSTRING) { *length = 0; return NULL; }
  return lua_tolstring(L, index, length);
}
/// The index of upvalue `i` of the running C function.
static inline int qlua_upvalueindex(int i) { return lua_upvalueindex(i); }
/// The index of the registry.
static inline int qlua_registryindex(void) { return LUA_REGISTRYINDEX; }

#endif
