// resume, wrap and close of the coroutine library, which tell the record which thread runs: hooks belong to threads, so
// an interrupt must know the running one.
#include "record.h"

/// Runs `step` with `co` as the running thread.
static struct qlua_record *begin(lua_State *L, lua_State *co) {
  if (qlua_machine_stack_is_low()) luaL_error(L, "C stack overflow");
  struct qlua_record *record = qlua_record(L);
  record->running = co;
  if (qlua_unlikely(qlua_is_flagged(record))) qlua_arm(co);
  return record;
}

static void end(lua_State *L, struct qlua_record *record) {
  record->running = L;
  if (qlua_unlikely(qlua_is_flagged(record))) qlua_arm(L);
}

/// Resumes `co` with the `nargs` top values. The count of results, now on top of L, or -1 with the error value there.
static int resume(lua_State *L, lua_State *co, int nargs) {
  if (!lua_checkstack(co, nargs)) {
    lua_pop(L, nargs);
    lua_pushliteral(L, "too many arguments to resume");
    return -1;
  }
  struct qlua_record *record = begin(L, co);
  lua_xmove(L, co, nargs);
  int nresults = 0;
  int status = lua_resume(co, L, nargs, &nresults);
  end(L, record);
  if (status != LUA_OK && status != LUA_YIELD) {
    lua_xmove(co, L, 1);
    return -1;
  }
  if (!lua_checkstack(L, nresults + 1)) {
    lua_pop(co, nresults);
    lua_pushliteral(L, "too many results to resume");
    return -1;
  }
  lua_xmove(co, L, nresults);
  return nresults;
}

static int resume_function(lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  luaL_argexpected(L, co != NULL, 1, "thread");
  int nresults = resume(L, co, lua_gettop(L) - 1);
  lua_pushboolean(L, nresults >= 0);
  int returned = nresults >= 0 ? nresults + 1 : 2;
  lua_insert(L, -returned);
  return returned;
}

/// Ends a thread: runs its pending `__close`. The error value, if any, is left on top of `co`.
static int reset(lua_State *L, lua_State *co) {
  struct qlua_record *record = begin(L, co);
  int status = lua_resetthread(co);
  end(L, record);
  return status;
}

/// What coroutine.wrap returns. Upvalue 1 is the thread.
static int wrapped_function(lua_State *L) {
  lua_State *co = lua_tothread(L, lua_upvalueindex(1));
  int nresults = resume(L, co, lua_gettop(L));
  if (nresults >= 0) return nresults;
  int status = lua_status(co);
  if (status != LUA_OK && status != LUA_YIELD) {
    status = reset(L, co);
    // An error in `__close` replaces the one that ended the coroutine.
    if (status != LUA_OK) {
      lua_pop(L, 1);
      lua_xmove(co, L, 1);
    }
  }
  if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING && !qlua_is_flagged(qlua_record(L))) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static int wrap_function(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State *co = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  lua_pushcclosure(L, wrapped_function, 1);
  return 1;
}

static int close_function(lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  luaL_argexpected(L, co != NULL, 1, "thread");
  lua_Debug frame;
  if (co == L) return luaL_error(L, "cannot close a running coroutine");
  if (lua_status(co) == LUA_OK && lua_getstack(co, 0, &frame)) return luaL_error(L, "cannot close a normal coroutine");
  if (reset(L, co) == LUA_OK) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushboolean(L, 0);
  lua_xmove(co, L, 1);
  return 2;
}

void qlua_open_coroutine(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"resume", resume_function}, {"wrap", wrap_function}, {"close", close_function}, {NULL, NULL}};
  lua_getglobal(L, LUA_COLIBNAME);
  luaL_setfuncs(L, functions, 0);
  lua_pop(L, 1);
}
