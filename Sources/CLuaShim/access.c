// Protected access that may run metamethods, and operators.
#include "record.h"

/// Whether `index` is a table without a metatable, on which access runs nothing.
static bool is_plain_table(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TTABLE) return false;
  if (!lua_getmetatable(L, index)) return true;
  lua_settop(L, -2);
  return false;
}

/// Reserves, then puts a copy of the value at `index` below the `n` top values. False: no room, and the `n` are popped.
static bool place_operand(lua_State *L, int index, int n) {
  if (qlua_unlikely(!qlua_reserve(L, 8))) {
    lua_settop(L, -n - 1);
    return false;
  }
  lua_pushvalue(L, index);
  if (n > 0) lua_insert(L, -n - 1);
  return true;
}

static int gettable_body(lua_State *L) {
  lua_settop(L, 2);
  lua_gettable(L, 1);
  return 1;
}

int qlua_pgettable(lua_State *L, int index) {
  if (is_plain_table(L, index)) {
    lua_rawget(L, index);
    return LUA_OK;
  }
  if (!place_operand(L, index, 1)) return qlua_out_of_stack(L);
  return qlua_twin(L, gettable_body, NULL, 2, 1);
}

static int settable_body(lua_State *L) {
  lua_settop(L, 3);
  lua_settable(L, 1);
  return 0;
}

int qlua_psettable(lua_State *L, int index) {
  if (!place_operand(L, index, 2)) return qlua_out_of_stack(L);
  return qlua_twin(L, settable_body, NULL, 3, 0);
}

static int getfield_body(lua_State *L) {
  lua_getfield(L, 1, lua_touserdata(L, 2));
  return 1;
}

int qlua_pgetfield(lua_State *L, int index, const char *name) {
  if (!place_operand(L, index, 0)) return qlua_out_of_stack(L);
  return qlua_twin(L, getfield_body, (void *)name, 1, 1);
}

static int setfield_body(lua_State *L) {
  const char *name = lua_touserdata(L, 3);
  lua_settop(L, 2);
  lua_setfield(L, 1, name);
  return 0;
}

int qlua_psetfield(lua_State *L, int index, const char *name) {
  if (!place_operand(L, index, 1)) return qlua_out_of_stack(L);
  return qlua_twin(L, setfield_body, (void *)name, 2, 0);
}

static int geti_body(lua_State *L) {
  lua_geti(L, 1, *(lua_Integer *)lua_touserdata(L, 2));
  return 1;
}

int qlua_pgeti(lua_State *L, int index, lua_Integer n) {
  if (qlua_likely(lua_type(L, index) == LUA_TTABLE)) {
    if (qlua_unlikely(!qlua_reserve(L, 2))) return qlua_out_of_stack(L);
    int table = lua_absindex(L, index);
    if (lua_rawgeti(L, table, n) != LUA_TNIL || is_plain_table(L, table)) return LUA_OK;
    lua_settop(L, -2);
  }
  if (!place_operand(L, index, 0)) return qlua_out_of_stack(L);
  return qlua_twin(L, geti_body, &n, 1, 1);
}

static int seti_body(lua_State *L) {
  lua_Integer n = *(lua_Integer *)lua_touserdata(L, 3);
  lua_settop(L, 2);
  lua_seti(L, 1, n);
  return 0;
}

int qlua_pseti(lua_State *L, int index, lua_Integer n) {
  if (!place_operand(L, index, 1)) return qlua_out_of_stack(L);
  return qlua_twin(L, seti_body, &n, 2, 0);
}

int qlua_pgetglobal(lua_State *L, const char *name) {
  if (qlua_unlikely(!qlua_reserve(L, 8))) return qlua_out_of_stack(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  return qlua_twin(L, getfield_body, (void *)name, 1, 1);
}

int qlua_psetglobal(lua_State *L, const char *name) {
  if (qlua_unlikely(!qlua_reserve(L, 8))) {
    lua_settop(L, -2);
    return qlua_out_of_stack(L);
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  lua_insert(L, -2);
  return qlua_twin(L, setfield_body, (void *)name, 2, 0);
}

static int len_body(lua_State *L) {
  lua_len(L, 1);
  return 1;
}

int qlua_plen(lua_State *L, int index) {
  if (lua_type(L, index) == LUA_TSTRING || is_plain_table(L, index)) {
    if (qlua_unlikely(!qlua_reserve(L, 1))) return qlua_out_of_stack(L);
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, index));
    return LUA_OK;
  }
  if (!place_operand(L, index, 0)) return qlua_out_of_stack(L);
  return qlua_twin(L, len_body, NULL, 1, 1);
}

static int arith_body(lua_State *L) {
  int op = *(int *)lua_touserdata(L, -1);
  lua_settop(L, -2);
  lua_arith(L, op);
  return 1;
}

int qlua_parith(lua_State *L, int op) {
  return qlua_twin(L, arith_body, &op, op == LUA_OPUNM || op == LUA_OPBNOT ? 1 : 2, 1);
}

struct compare_arguments {
  int op;
  bool result;
};

static int compare_body(lua_State *L) {
  struct compare_arguments *arguments = lua_touserdata(L, 3);
  arguments->result = lua_compare(L, 1, 2, arguments->op) != 0;
  return 0;
}

int qlua_pcompare(lua_State *L, int index1, int index2, int op, bool *result) {
  struct compare_arguments arguments = {op, false};
  int first = lua_absindex(L, index1), second = lua_absindex(L, index2);
  if (!place_operand(L, first, 0)) return qlua_out_of_stack(L);
  lua_pushvalue(L, second);
  int status = qlua_twin(L, compare_body, &arguments, 2, 0);
  *result = arguments.result;
  return status;
}

static int concat_body(lua_State *L) {
  lua_settop(L, -2);
  lua_concat(L, lua_gettop(L));
  return 1;
}

int qlua_pconcat(lua_State *L, int n) { return qlua_twin(L, concat_body, NULL, n, 1); }

static int tolstring_body(lua_State *L) {
  luaL_tolstring(L, 1, NULL);
  return 1;
}

int qlua_ptolstring(lua_State *L, int index) {
  if (!place_operand(L, index, 0)) return qlua_out_of_stack(L);
  if (lua_type(L, -1) == LUA_TSTRING) return LUA_OK;
  return qlua_twin(L, tolstring_body, NULL, 1, 1);
}

static int getmetafield_body(lua_State *L) {
  const char *name = lua_touserdata(L, 2);
  if (luaL_getmetafield(L, 1, name) == LUA_TNIL) lua_pushnil(L);
  return 1;
}

int qlua_pgetmetafield(lua_State *L, int index, const char *name) {
  if (!place_operand(L, index, 0)) return qlua_out_of_stack(L);
  return qlua_twin(L, getmetafield_body, (void *)name, 1, 1);
}
