// The one way from the host into Lua code.
#include "record.h"

static const char out_of_stack_key;
static const char traceback_key;
static const char traced_value_key;
static const char frames_key;

int qlua_enter(lua_State *L, int nargs, int nresults, int handler) {
  struct qlua_record *record = qlua_record(L);
  lua_State *outer = record->running;
  record->running = L;
  if (outer == NULL) atomic_store_explicit(&record->owner, qlua_thread_id(), memory_order_release);
  if (qlua_unlikely(qlua_is_flagged(record))) qlua_arm(L);
  int status = lua_pcall(L, nargs, nresults, handler);
  record->running = outer;
  qlua_settle(record);
  // When nothing runs any more, nothing is left to wait for.
  if (outer == NULL && qlua_unlikely(record->identity.resting != 0)) {
    qlua_identity_rest(record);
    qlua_identity_rest(record);
  }
  return status;
}

/// Makes the messages that must be there when there is no room to make them.
void qlua_open_entry(lua_State *L) {
  lua_pushliteral(L, "stack overflow");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &out_of_stack_key);
  lua_pushboolean(L, false);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &frames_key);
}

bool qlua_reserve(lua_State *L, int n) { return lua_checkstack(L, n) != 0; }

bool qlua_checkstack(lua_State *L, int n) { return lua_checkstack(L, n) != 0; }

/// Pushes "stack overflow", for which every Lua stack keeps a spare slot.
int qlua_out_of_stack(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &out_of_stack_key);
  return LUA_ERRRUN;
}

/// Calls `body` with the `nargs` top values and the pointer `arguments` as one more.
int qlua_twin(lua_State *L, lua_CFunction body, void *arguments, int nargs, int nresults) {
  if (qlua_unlikely(!qlua_reserve(L, 8))) {
    lua_settop(L, -nargs - 1);
    return qlua_out_of_stack(L);
  }
  lua_pushcfunction(L, body);
  if (nargs > 0) lua_insert(L, -nargs - 1);
  lua_pushlightuserdata(L, arguments);
  return qlua_enter(L, nargs + 1, nresults, 0);
}

/// Whether the traceback at hand is that of the error value at `index`.
static bool is_traced(lua_State *L, int index) {
  if (!qlua_record(L)->has_traceback) return false;
  int value = lua_absindex(L, index);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &traced_value_key);
  bool same = lua_rawequal(L, -1, value);
  lua_settop(L, -2);
  return same;
}

enum { MOST_FRAMES = 64 };

/// Adds the variable on top to the frame below it, as its `count`th.
static void add_variable(lua_State *L, const char *name, lua_Integer count) {
  lua_getfield(L, -2, "values");
  lua_insert(L, -2);
  lua_rawseti(L, -2, count);
  lua_getfield(L, -2, "names");
  lua_pushstring(L, name);
  lua_rawseti(L, -2, count);
  lua_settop(L, -3);
}

/// The calls under way, innermost first, below the message handler: of each a table with where it stands, `names` and
/// `values` of its variables, a function's own ones before those it shares.
static int frames_body(lua_State *L) {
  lua_Debug ar;
  lua_newtable(L);
  lua_Integer found = 0;
  for (int level = 2; found < MOST_FRAMES && lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "nSlf", &ar);
    if (ar.what[0] == 'C') {
      lua_settop(L, -2);
      continue;
    }
    lua_createtable(L, 0, 8);
    lua_pushstring(L, ar.name == NULL ? "" : ar.name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, ar.source);
    lua_setfield(L, -2, "source");
    lua_pushstring(L, ar.what);
    lua_setfield(L, -2, "what");
    lua_pushinteger(L, ar.currentline);
    lua_setfield(L, -2, "line");
    lua_newtable(L);
    lua_setfield(L, -2, "names");
    lua_newtable(L);
    lua_setfield(L, -2, "values");
    lua_Integer count = 0;
    const char *name;
    for (int i = 1; (name = lua_getlocal(L, &ar, i)) != NULL; i++) {
      if (name[0] == '(') lua_settop(L, -2);
      else add_variable(L, name, ++count);
    }
    lua_pushinteger(L, count);
    lua_setfield(L, -2, "locals");
    for (int i = 1; (name = lua_getupvalue(L, -2, i)) != NULL; i++) {
      if (name[0] == '\0' || name[0] == '(') lua_settop(L, -2);
      else add_variable(L, name, ++count);
    }
    lua_rawseti(L, -3, ++found);
    lua_settop(L, -2);
  }
  return 1;
}

/// Keeps what the debugger looks at. Where there is no room for it, there is nothing to look at.
static void keep_frames(lua_State *L) {
  if (lua_checkstack(L, 8) == 0) return;
  lua_pushcfunction(L, frames_body);
  if (lua_pcall(L, 0, 1, 0) == LUA_OK) lua_rawsetp(L, LUA_REGISTRYINDEX, &frames_key);
  else lua_settop(L, -2);
}

/// Message handler. The error goes on as it is. One that comes from an inner call through the host keeps the traceback
/// taken there, which has the inner frames as well. If memory is short, that is the error.
static int take_traceback(lua_State *L) {
  lua_settop(L, 1);
  if (is_traced(L, 1)) return 1;
  luaL_traceback(L, L, NULL, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &traceback_key);
  lua_pushvalue(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &traced_value_key);
  qlua_record(L)->has_traceback = true;
  if (qlua_record(L)->keeps_frames) keep_frames(L);
  return 1;
}

static void forget_traceback(lua_State *L) {
  qlua_record(L)->has_traceback = false;
  // Setting an existing key to nil needs no memory.
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &traceback_key);
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &traced_value_key);
}

int qlua_pcall(lua_State *L, int nargs, int nresults) {
  if (qlua_unlikely(!qlua_reserve(L, 8))) {
    lua_settop(L, -nargs - 2);
    return qlua_out_of_stack(L);
  }
  struct qlua_record *record = qlua_record(L);
  if (qlua_unlikely(record->has_traceback && record->running == NULL)) forget_traceback(L);
  int handler = lua_gettop(L) - nargs;
  lua_pushcfunction(L, take_traceback);
  lua_insert(L, handler);
  int status = qlua_enter(L, nargs, nresults, handler);
  lua_remove(L, handler);
  return status;
}

int qlua_pcall_quiet(lua_State *L, int nargs, int nresults) {
  if (qlua_unlikely(!qlua_reserve(L, 8))) {
    lua_settop(L, -nargs - 2);
    return qlua_out_of_stack(L);
  }
  return qlua_enter(L, nargs, nresults, 0);
}

void qlua_pushtraceback(lua_State *L) {
  lua_checkstack(L, 2);
  if (is_traced(L, -1)) lua_rawgetp(L, LUA_REGISTRYINDEX, &traceback_key);
  else lua_pushnil(L);
}

static int traceback_body(lua_State *L) {
  int level = *(int *)lua_touserdata(L, 1);
  luaL_traceback(L, L, NULL, level + 1);
  return 1;
}

int qlua_ptraceback(lua_State *L, int level) { return qlua_twin(L, traceback_body, &level, 0, 1); }

void qlua_keep_frames(lua_State *L, bool keeps) {
  qlua_record(L)->keeps_frames = keeps;
  if (keeps) return;
  // Changing an existing key needs no memory.
  lua_pushboolean(L, false);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &frames_key);
}

void qlua_pushframes(lua_State *L) {
  lua_checkstack(L, 2);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &frames_key);
}
