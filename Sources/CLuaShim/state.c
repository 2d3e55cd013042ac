// Making and closing a state.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "record.h"

/// So many small blocks of each size are kept for the next: a collection frees thousands at once, which malloc would only
/// find again a long way down its lists.
enum { MOST_SPARE = 8192 };

static inline size_t size_class(size_t size) { return (size + 7) >> 4; }

static inline void *take(struct qlua_record *record, size_t size) {
  size_t class = size_class(size);
  if (class >= QLUA_SPARE_SIZES) return malloc(size);
  void *block = record->spare[class];
  if (block == NULL) return malloc(class * 16 + 8);
  record->spare[class] = *(void **)block;
  record->spare_count[class]--;
  return block;
}

static inline void give(struct qlua_record *record, void *block, size_t size) {
  size_t class = size_class(size);
  if (block == NULL || class >= QLUA_SPARE_SIZES || record->spare_count[class] == MOST_SPARE) {
    free(block);
    return;
  }
  *(void **)block = record->spare[class];
  record->spare[class] = block;
  record->spare_count[class]++;
}

static void *allocate(void *context, void *block, size_t old_size, size_t size) {
  struct qlua_record *record = context;
  if (block == NULL) old_size = 0;  // then it tells the kind of object
  if (size == 0) {
    if (block != NULL && old_size == record->object_block_size) {
      struct qlua_object *object = (struct qlua_object *)((char *)block + record->object_offset);
      if (object->magic == ((uintptr_t)object ^ QLUA_OBJECT_MAGIC)) qlua_identity_bury(record, object);
    }
    give(record, block, old_size);
    record->memory -= old_size;
    return NULL;
  }
  if (qlua_unlikely(record->memory_limit != 0 && size > old_size
                    && record->memory + (size - old_size) > record->memory_limit))
    return NULL;
  void *moved;
  if (block == NULL) {
    moved = take(record, size);
  } else if (size_class(old_size) < QLUA_SPARE_SIZES || size_class(size) < QLUA_SPARE_SIZES) {
    if (size_class(old_size) == size_class(size)) {
      moved = block;
    } else if ((moved = take(record, size)) != NULL) {
      memcpy(moved, block, old_size < size ? old_size : size);
      give(record, block, old_size);
    } else if (size < old_size) {
      moved = block;  // Lua does not expect that making a block smaller fails.
    }
  } else {
    moved = realloc(block, size);
  }
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
  if (lua_toboolean(L, 1)) {
    lua_pushboolean(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
  }
  lua_settop(L, 0);
  qlua_open_entry(L);
  qlua_open_identity(L);
  qlua_open_objects(L);
  luaL_openlibs(L);
  qlua_open_coroutine(L);
  qlua_open_xpcall(L);
  return 0;
}

const char *qlua_default_path(void) { return LUA_PATH_DEFAULT; }

const char *qlua_copyright(void) { return LUA_COPYRIGHT; }

lua_State *qlua_newstate(size_t memory_limit, bool ignores_environment) {
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
  lua_pushboolean(L, ignores_environment);
  if (qlua_enter(L, 1, 0, 0) != LUA_OK) {
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
void qlua_gc_measure(lua_State *L, bool begins) {
  qlua_record(L)->is_measuring = begins;
  if (begins) qlua_gc_stop(L); else qlua_gc_restart(L);
}
bool qlua_gc_isrunning(lua_State *L) { return lua_gc(L, LUA_GCISRUNNING) == 1; }
