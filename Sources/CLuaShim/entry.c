// The one way from the host into Lua code.
#include "record.h"

static const char out_of_stack_key;
static const char traceback_key;

int qlua_enter(lua_State *L, int nargs, int nresults, int handler) {
  struct qlua_record *record = qlua_record(L);
  lua_State *outer = record->running;
  record->running = L;
  if (outer == NULL) atomic_store_explicit(&record->owner, qlua_thread_id(), memory_order_release);
  if (qlua_unlikely(qlua_is_flagged(record))) qlua_arm(L);
  int status = lua_pcall(L, nargs, nresults, handler);
  record->running = outer;
  qlua_settle(record);
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

static int take_traceback(lua_State *L) {
  // The value on top is the error; it goes on as it is. A traceback that finds no memory is itself the error.
  luaL_traceback(L, L, NULL, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &traceback_key);
  lua_settop(L, 1);
  return 1;
}

int qlua_pcall(lua_State *L, int nargs, int nresults) {
  if (qlua_unlikely(!qlua_reserve(L, 8))) {
    lua_settop(L, -nargs - 2);
    return qlua_out_of_stack(L);
  }
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
  // Setting an existing key to nil needs no memory.
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &traceback_key) != LUA_TNIL) {
    lua_pushnil(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &traceback_key);
  }
}

static int traceback_body(lua_State *L) {
  int level = *(int *)lua_touserdata(L, 1);
  luaL_traceback(L, L, NULL, level + 1);
  return 1;
}

int qlua_ptraceback(lua_State *L, int level) { return qlua_twin(L, traceback_body, &level, 0, 1); }
