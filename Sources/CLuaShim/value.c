// Protected making of values, and the registry.
#include "record.h"

struct bytes {
  const char *start;
  size_t length;
  const char *name;
};

static int pushlstring_body(lua_State *L) {
  struct bytes *bytes = lua_touserdata(L, 1);
  lua_pushlstring(L, bytes->start, bytes->length);
  return 1;
}

int qlua_ppushlstring(lua_State *L, const char *bytes, size_t length) {
  struct bytes arguments = {length == 0 ? "" : bytes, length, NULL};
  return qlua_twin(L, pushlstring_body, &arguments, 0, 1);
}

static int pushstring_body(lua_State *L) {
  lua_pushstring(L, lua_touserdata(L, 1));
  return 1;
}

int qlua_ppushstring(lua_State *L, const char *string) {
  return qlua_twin(L, pushstring_body, (void *)string, 0, 1);
}

static int createtable_body(lua_State *L) {
  int *counts = lua_touserdata(L, 1);
  lua_createtable(L, counts[0], counts[1]);
  return 1;
}

int qlua_pcreatetable(lua_State *L, int array, int record) {
  int counts[2] = {array, record};
  return qlua_twin(L, createtable_body, counts, 0, 1);
}

struct userdata_arguments {
  size_t size;
  int user_values;
  void *block;
};

static int newuserdata_body(lua_State *L) {
  struct userdata_arguments *arguments = lua_touserdata(L, 1);
  arguments->block = lua_newuserdatauv(L, arguments->size, arguments->user_values);
  return 1;
}

int qlua_pnewuserdata(lua_State *L, size_t size, int user_values, void **block) {
  struct userdata_arguments arguments = {size, user_values, NULL};
  int status = qlua_twin(L, newuserdata_body, &arguments, 0, 1);
  *block = status == LUA_OK ? arguments.block : NULL;
  return status;
}

static int newthread_body(lua_State *L) {
  *(lua_State **)lua_touserdata(L, 1) = lua_newthread(L);
  return 1;
}

int qlua_pnewthread(lua_State *L, lua_State **thread) {
  *thread = NULL;
  return qlua_twin(L, newthread_body, thread, 0, 1);
}

static int ref_body(lua_State *L) {
  int *reference = lua_touserdata(L, 2);
  lua_settop(L, 1);
  *reference = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

int qlua_pref(lua_State *L, int *reference) {
  *reference = LUA_NOREF;
  return qlua_twin(L, ref_body, reference, 1, 0);
}

void qlua_getref(lua_State *L, int reference) {
  if (!qlua_reserve(L, 1)) return;
  if (reference == LUA_REFNIL || reference == LUA_NOREF) lua_pushnil(L);
  else lua_rawgeti(L, LUA_REGISTRYINDEX, reference);
}

void qlua_unref(lua_State *L, int reference) {
  if (!qlua_reserve(L, 3)) return;  // keeps the value rather than break the stack
  luaL_unref(L, LUA_REGISTRYINDEX, reference);
}

int qlua_pload(lua_State *L, const char *source, size_t length, const char *name) {
  if (qlua_unlikely(!qlua_reserve(L, 8))) return qlua_out_of_stack(L);
  // Protected in itself. Text only: bytecode can be made to break the interpreter.
  return luaL_loadbufferx(L, length == 0 ? "" : source, length, name, "t");
}

struct require_arguments {
  const char *name;
  lua_CFunction open;
  bool global;
};

static int requiref_body(lua_State *L) {
  struct require_arguments *arguments = lua_touserdata(L, 1);
  luaL_requiref(L, arguments->name, arguments->open, arguments->global);
  return 1;
}

int qlua_prequiref(lua_State *L, const char *name, lua_CFunction open, bool global) {
  struct require_arguments arguments = {name, open, global};
  return qlua_twin(L, requiref_body, &arguments, 0, 1);
}
