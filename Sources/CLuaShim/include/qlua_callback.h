// Functions of the host that Lua calls.
#ifndef QLUA_CALLBACK_H
#define QLUA_CALLBACK_H

#include "qlua_state.h"

/// Raises the value on top of the stack as it is.
#define QLUA_ERROR (-1)
/// Returns the object given to `qlua_return_object`.
#define QLUA_OBJECT (-2)
/// Raises the string on top of the stack with the caller's "file:line: " before it, as luaL_error does.
#define QLUA_ERROR_AT (-3)

/// A function Lua calls. Arguments are at 1…lua_gettop(L). Returns how many values from the top of the stack are the
/// results, or one of QLUA_ERROR, QLUA_ERROR_AT, QLUA_OBJECT; whatever is raised is raised after it has returned.
typedef int (*qlua_function)(lua_State *L, void *context);

/// Releases what a pointer given to Lua owns. It runs at the end of a callback or call, perhaps while an error is on its
/// way: of the Lua state it may use only what cannot raise, such as `qlua_unref`. After `qlua_close` there is none.
typedef void (*qlua_release)(void *pointer);

/// Pushes `function` as a Lua function; `context` must outlive the state. Stack: -0 +1. Status.
int qlua_pushfunction(lua_State *L, qlua_function function, void *context);

/// Pushes a function for `__index`: gives what the table on top has under a key that is a string, and calls `function` for
/// all it has not. Stack: -1 +1. Status.
int qlua_pushindexer(lua_State *L, qlua_function function, void *context);

/// Pushes `function` as a Lua function that owns `context`: `release(context)` runs once, after Lua has collected the
/// function or closed the state, or at once if this call fails. Stack: -0 +1. Status.
int qlua_pushclosure(lua_State *L, qlua_function function, void *context, qlua_release release);

/// For `return qlua_return_object(L, pointer, class_id)` at the end of a callback: the retained `pointer` becomes the
/// callback's one result. The value is the object's userdata, the existing one if Lua knows the object already.
/// Costs no protected call.
int qlua_return_object(lua_State *L, void *pointer, uint32_t class_id);

#endif
