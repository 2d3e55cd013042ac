// xpcall with a handler that lets an interrupt pass. Lua calls the handler inside the hook that raises the interrupt,
// where hooks rest: a handler written in Lua that never ends could not be stopped any more.
#include "record.h"

static _Atomic(lua_CFunction) lua_xpcall;

/// Upvalue 1 is the script's handler.
static int guarded_handler(lua_State *L) {
  if (qlua_is_flagged(qlua_record(L))) return 1;
  lua_settop(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

static int xpcall_function(lua_State *L) {
  // A handler in C, such as debug.traceback, ends, and would show the guard in its traceback.
  if (lua_type(L, 2) == LUA_TFUNCTION && !lua_iscfunction(L, 2)) {
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, guarded_handler, 1);
    lua_replace(L, 2);
  }
  lua_CFunction original = lua_xpcall;
  return original(L);
}

void qlua_open_xpcall(lua_State *L) {
  lua_getglobal(L, "xpcall");
  lua_CFunction original = lua_tocfunction(L, -1);
  lua_pop(L, 1);
  if (original == NULL) return;
  lua_xpcall = original;  // the same for every state
  lua_pushcfunction(L, xpcall_function);
  lua_setglobal(L, "xpcall");
}
