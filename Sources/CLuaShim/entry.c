// The one way from the host into Lua code.
#include "record.h"

static const char out_of_stack_key;
static const char traceback_key;
static const char traced_value_key;

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
