// Counting the calls of functions and the time they take.
#ifndef QLUA_PROFILE_H
#define QLUA_PROFILE_H

#include "qlua_state.h"

/// What a profile has found of one function.
struct qlua_profile_row {
  /// Calls, and those of them that no other call of the function was under way for.
  long calls, primitive;
  /// Nanoseconds in the function itself, and with all it called. The profile's own are left out.
  int64_t own, total;
  /// What the first call called it, "" where Lua does not know. As long as the profile.
  const char *name;
  /// Whether it is a Lua function; false for one of the host's or of C.
  bool is_lua;
};

/// Begins a profile of what runs in the state, also in coroutines made from now on. False when one runs already or memory
/// is short. The code that runs now is the first row.
bool qlua_profile_start(lua_State *L);
/// Ends the profile; its rows stay until `qlua_profile_drop`.
void qlua_profile_stop(lua_State *L);
/// How many functions were called.
size_t qlua_profile_count(lua_State *L);
/// The row at `index`; pushes its function (nil for the first row). Cannot raise. Stack: -0 +1.
struct qlua_profile_row qlua_profile_at(lua_State *L, size_t index);
/// Forgets the rows.
void qlua_profile_drop(lua_State *L);

#endif
