// Making and closing a state.
#include <stdio.h>
#include <stdlib.h>
#include "record.h"

/// Blocks of an object userdata's size that are kept for the next: a collection frees thousands at once.
enum { MOST_SPARE = 8192 };

static void *allocate(void *context, void *block, size_t old_size, size_t size) {
  struct qlua_record *record = context;
  if (block == NULL) old_size = 0;  // then it tells the kind of object
  if (size == 0) {
    record->memory -= old_size;
    if (block != NULL && old_size == record->object_block_size) {
      struct qlua_object *object = (struct qlua_object *)((char *)block + record->object_offset);
      if (object->magic == ((uintptr_t)object ^ QLUA_OBJECT_MAGIC)) qlua_identity_bury(record, object);
      if (record->spare_count < MOST_SPARE) {
        *(void **)block = record->spare_blocks;
        record->spare_blocks = block;
        record->spare_count++;
        return NULL;
      }
    }
    free(block);
    return NULL;
  }
  if (qlua_unlikely(record->memory_limit != 0 && size > old_size
                    && record->memory + (size - old_size) > record->memory_limit))
    return NULL;
  if (block == NULL && size == record->object_block_size && record->spare_blocks != NULL) {
    void *spare = record->spare_blocks;
    record->spare_blocks = *(void **)spare;
    record->spare_count--;
    record->memory += size;
    return spare;
  }
  void *moved = realloc(block, size);
  if (moved != NULL) record->memory += size - old_size;
  return moved;
}

/// Not reached: all that may raise runs in protected calls.
static int panic(lua_State *L) {
  const char *message = lua_tostring(L, -1);
  fprintf(stderr, "qrepl: unprotected error in call to Lua API (%s)\n", message == NULL ? "no message" : message);
  return 0;
}

static int open_body(lua_State *L) {
  qlua_open_entry(L);
  qlua_open_identity(L);
  qlua_open_objects(L);
  luaL_openlibs(L);
  qlua_open_coroutine(L);
  qlua_open_xpcall(L);
  return 0;
}

lua_State *qlua_newstate(size_t memory_limit) {
  qlua_install_signal();
  struct qlua_record *record = qlua_record_new();
  if (record == NULL) return NULL;
  record->memory_limit = memory_limit;
  lua_State *L = lua_newstate(allocate, record);
  if (L == NULL) {
    qlua_record_free(record);
    return NULL;
  }
  *(struct qlua_record **)lua_getextraspace(L) = record;
  record->main = L;
  lua_atpanic(L, panic);
  lua_setwarnf(L, qlua_receive_warning, record);
  qlua_set_memory_gauge(L, NULL);
  lua_pushcfunction(L, open_body);
  if (qlua_enter(L, 0, 0, 0) != LUA_OK) {
    qlua_close(L);
    return NULL;
  }
  return L;
}

void qlua_close(lua_State *L) {
  struct qlua_record *record = qlua_record(L);
  record->closing = true;
  lua_close(record->main);
  qlua_identity_rest(record);
  qlua_identity_rest(record);
  qlua_drop_in_flight(record, (char *)UINTPTR_MAX);
  qlua_record_free(record);
}

lua_State *qlua_mainthread(lua_State *L) { return qlua_record(L)->main; }
lua_State *qlua_current(lua_State *L) {
  struct qlua_record *record = qlua_record(L);
  return record->running != NULL ? record->running : record->main;
}
void qlua_sethost(lua_State *L, void *host) { qlua_record(L)->host = host; }
void *qlua_host(lua_State *L) { return qlua_record(L)->host; }
bool qlua_isclosing(lua_State *L) { return qlua_record(L)->closing; }
void qlua_set_memory_limit(lua_State *L, size_t bytes) { qlua_record(L)->memory_limit = bytes; }
size_t qlua_memory_in_use(lua_State *L) { return qlua_record(L)->memory; }

bool qlua_gc_collect(lua_State *L) {
  bool collected = lua_gc(L, LUA_GCCOLLECT) == 0;
  // What rested goes first, then what has died now.
  qlua_identity_rest(qlua_record(L));
  qlua_identity_rest(qlua_record(L));
  return collected;
}

void qlua_gc_stop(lua_State *L) { lua_gc(L, LUA_GCSTOP); }
void qlua_gc_restart(lua_State *L) { lua_gc(L, LUA_GCRESTART); }
bool qlua_gc_isrunning(lua_State *L) { return lua_gc(L, LUA_GCISRUNNING) == 1; }
