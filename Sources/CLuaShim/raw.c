// Protected raw access: no metamethods, but a wrong type or a lack of memory is an error.
#include "record.h"

static int not_a_table(lua_State *L, int pops, int index) {
  const char *type = luaL_typename(L, index);
  lua_settop(L, -pops - 1);
  int status = qlua_ppushstring(L, "table expected, got ");
  if (status == LUA_OK) status = qlua_ppushstring(L, type);
  if (status == LUA_OK) status = qlua_pconcat(L, 2);
  return status == LUA_OK ? LUA_ERRRUN : status;
}

/// Calls `body` with the table at `index` below the `n` top values.
static int on_table(lua_State *L, int index, lua_CFunction body, void *arguments, int n, int nresults) {
  if (qlua_unlikely(lua_type(L, index) != LUA_TTABLE)) return not_a_table(L, n, index);
  if (qlua_unlikely(!qlua_reserve(L, 8))) {
    lua_settop(L, -n - 1);
    return qlua_out_of_stack(L);
  }
  lua_pushvalue(L, index);
  if (n > 0) lua_insert(L, -n - 1);
  return qlua_twin(L, body, arguments, n + 1, nresults);
}

int qlua_prawget(lua_State *L, int index) {
  if (qlua_unlikely(lua_type(L, index) != LUA_TTABLE)) return not_a_table(L, 1, index);
  lua_rawget(L, index);
  return LUA_OK;
}

static int rawset_body(lua_State *L) {
  lua_settop(L, 3);
  lua_rawset(L, 1);
  return 0;
}

int qlua_prawset(lua_State *L, int index) { return on_table(L, index, rawset_body, NULL, 2, 0); }

static int rawseti_body(lua_State *L) {
  lua_Integer n = *(lua_Integer *)lua_touserdata(L, 3);
  lua_settop(L, 2);
  lua_rawseti(L, 1, n);
  return 0;
}

int qlua_prawseti(lua_State *L, int index, lua_Integer n) { return on_table(L, index, rawseti_body, &n, 1, 0); }

static int rawsetp_body(lua_State *L) {
  const void *pointer = lua_touserdata(L, 3);
  lua_settop(L, 2);
  lua_rawsetp(L, 1, pointer);
  return 0;
}

int qlua_prawsetp(lua_State *L, int index, const void *pointer) {
  return on_table(L, index, rawsetp_body, (void *)pointer, 1, 0);
}

static int rawgetfield_body(lua_State *L) {
  lua_pushstring(L, lua_touserdata(L, 2));
  lua_rawget(L, 1);
  return 1;
}

int qlua_prawgetfield(lua_State *L, int index, const char *name) {
  return on_table(L, index, rawgetfield_body, (void *)name, 0, 1);
}

static int rawsetfield_body(lua_State *L) {
  const char *name = lua_touserdata(L, 3);
  lua_settop(L, 2);
  lua_pushstring(L, name);
  lua_insert(L, 2);
  lua_rawset(L, 1);
  return 0;
}

int qlua_prawsetfield(lua_State *L, int index, const char *name) {
  return on_table(L, index, rawsetfield_body, (void *)name, 1, 0);
}

static int next_body(lua_State *L) {
  bool *more = lua_touserdata(L, 3);
  lua_settop(L, 2);
  *more = lua_next(L, 1) != 0;
  return *more ? 2 : 0;
}

int qlua_pnext(lua_State *L, int index, bool *more) {
  *more = false;
  int status = on_table(L, index, next_body, more, 1, LUA_MULTRET);
  if (status != LUA_OK) *more = false;
  return status;
}
