// Object userdata.
#include <stdlib.h>
#include <string.h>
#include "record.h"

struct qlua_object *qlua_objectat(lua_State *L, int index) {
  struct qlua_object *object = lua_touserdata(L, index);
  // The length first: it is 0 for light userdata, whose address may be anything.
  if (object == NULL || lua_rawlen(L, index) != sizeof *object) return NULL;
  return object->magic == ((uintptr_t)object ^ QLUA_OBJECT_MAGIC) ? object : NULL;
}

void *qlua_toobject(lua_State *L, int index, uint32_t *class_id) {
  struct qlua_object *object = qlua_objectat(L, index);
  if (object == NULL || object->class_id == 0) {
    *class_id = 0;
    return NULL;
  }
  *class_id = object->class_id;
  return object->pointer;
}

size_t qlua_object_count(lua_State *L) { return qlua_record(L)->objects; }

void qlua_release_object(struct qlua_record *record, void *pointer, uint32_t class_id) {
  if (class_id - 1 < record->class_count) record->classes[class_id - 1].release(pointer);
}

/// Pushes a userdata that owns nothing yet.
struct qlua_object *qlua_make_block(lua_State *L) {
  struct qlua_object *object = lua_newuserdatauv(L, sizeof *object, 1);
  *object = (struct qlua_object){0};
  return object;
}

/// Pushes the userdata of a retained object. `table` is an index of the weak table that stays right while values are
/// pushed. Sets `*retain` to NULL as soon as the retain is taken care of; raises only before.
void qlua_make_object(lua_State *L, void *pointer, uint32_t class_id, int table, void **retain) {
  struct qlua_record *record = qlua_record(L);
  if (qlua_unlikely(class_id - 1 >= record->class_count)) luaL_error(L, "unknown class of object");
  if (qlua_identity_push(L, table, pointer)) {
    *retain = NULL;
    qlua_release_object(record, pointer, class_id);
    return;
  }
  uint64_t additions = record->identity.additions;
  struct qlua_object *object = qlua_make_block(L);
  // A finalizer that ran for the new userdata's memory may have pushed the same object.
  if (qlua_unlikely(record->identity.additions != additions) && qlua_identity_push(L, table, pointer)) {
    *retain = NULL;
    lua_remove(L, -2);
    qlua_release_object(record, pointer, class_id);
    return;
  }
  object->class_id = class_id;
  qlua_identity_add(L, table, object, pointer, record->classes[class_id - 1].release);
  *retain = NULL;
  lua_rawgeti(L, LUA_REGISTRYINDEX, record->classes[class_id - 1].metatable);
  lua_setmetatable(L, -2);
}

struct push_arguments {
  void *pointer;
  uint32_t class_id;
  void *retain;
};

static int push_body(lua_State *L) {
  struct push_arguments *arguments = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, qlua_record(L)->identity.table);
  qlua_make_object(L, arguments->pointer, arguments->class_id, 2, &arguments->retain);
  return 1;
}

bool qlua_pushexisting(lua_State *L, void *pointer) {
  if (!qlua_reserve(L, 4)) return false;
  lua_rawgeti(L, LUA_REGISTRYINDEX, qlua_record(L)->identity.table);
  bool found = qlua_identity_push(L, lua_gettop(L), pointer);
  if (found) lua_replace(L, -2);
  else lua_pop(L, 1);
  return found;
}

int qlua_pushobject(lua_State *L, void *pointer, uint32_t class_id) {
  if (qlua_pushexisting(L, pointer)) {
    qlua_release_object(qlua_record(L), pointer, class_id);
    return LUA_OK;
  }
  struct push_arguments arguments = {pointer, class_id, pointer};
  int status = qlua_twin(L, push_body, &arguments, 0, 1);
  if (arguments.retain != NULL) qlua_release_object(qlua_record(L), arguments.retain, class_id);
  return status;
}

struct class_arguments {
  const char *name;
  qlua_release release;
};

static int class_body(lua_State *L) {
  struct class_arguments *arguments = lua_touserdata(L, 1);
  struct qlua_record *record = qlua_record(L);
  lua_createtable(L, 0, 8);
  lua_pushstring(L, arguments->name);
  lua_setfield(L, 2, "__name");
  struct qlua_class *classes = realloc(record->classes, (record->class_count + 1) * sizeof *classes);
  if (classes == NULL) return luaL_error(L, "not enough memory");
  record->classes = classes;
  lua_pushvalue(L, 2);
  classes[record->class_count] = (struct qlua_class){arguments->release, luaL_ref(L, LUA_REGISTRYINDEX)};
  record->class_count++;
  return 1;
}

uint32_t qlua_newclass(lua_State *L, const char *name, qlua_release release) {
  struct class_arguments arguments = {name, release};
  if (qlua_twin(L, class_body, &arguments, 0, 1) != LUA_OK) return 0;
  return qlua_record(L)->class_count;
}

void qlua_pushclass(lua_State *L, uint32_t class_id) {
  struct qlua_record *record = qlua_record(L);
  lua_checkstack(L, 1);
  if (class_id - 1 < record->class_count)
    lua_rawgeti(L, LUA_REGISTRYINDEX, record->classes[class_id - 1].metatable);
  else
    lua_pushnil(L);
}

struct probe {
  lua_Alloc allocate;
  void *context;
  char *block;
  size_t size;
};

static void *probing_allocate(void *context, void *block, size_t old_size, size_t size) {
  struct probe *probe = context;
  char *made = probe->allocate(probe->context, block, old_size, size);
  if (block == NULL && made != NULL) {
    probe->block = made;
    probe->size = size;
  }
  return made;
}

/// Finds out what Lua's allocator is asked for when an object userdata is made, so that it knows one when it is freed.
void qlua_open_objects(lua_State *L) {
  struct qlua_record *record = qlua_record(L);
  struct probe probe = {NULL, NULL, NULL, 0};
  probe.allocate = lua_getallocf(L, &probe.context);
  lua_setallocf(L, probing_allocate, &probe);
  char *object = (char *)qlua_make_block(L);
  lua_setallocf(L, probe.allocate, probe.context);
  record->object_block_size = probe.size;
  record->object_offset = (size_t)(object - probe.block);
  qlua_set_object_threshold(record);
  lua_pop(L, 1);
}
