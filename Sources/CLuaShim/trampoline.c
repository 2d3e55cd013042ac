// How Lua calls the host: the host's function has returned before anything is raised.
#include <string.h>
#include "record.h"

static long no_gauge;

/// Lua waits until its heap has doubled, which many thousands of dead objects may take, with all that hangs on them: far
/// more than the processor's cache holds. Collecting earlier makes each object cost a little more of the collector's
/// time and much less waiting for memory. The share of the heap bounds the former.
void qlua_set_object_threshold(struct qlua_record *record) {
  size_t share = record->memory / 512;
  record->object_threshold = record->objects + (share > 4096 ? share : 4096);
}

enum { LIGHT_BYTES = 4 * 1024 * 1024 };

static void collect_full(lua_State *L, struct qlua_record *record) {
  // A script may let the collector rest, but not until the machine's memory is full.
  long before = *record->gauge;
  bool is_heavy = before > record->threshold, is_light = before <= record->light_threshold;
  // While something is measured Lua's garbage waits; memory that is not used again would make a measurement of cold pages.
  bool rests = !qlua_gc_isrunning(L) && !(record->is_measuring && !is_light);
  if ((!is_heavy && rests) || lua_gc(L, LUA_GCCOLLECT) != 0) {
    record->object_threshold = record->objects + record->objects / 2;
    record->light_threshold = record->threshold;
    return;
  }
  // Many small objects need not all go at once; memory must.
  qlua_identity_rest(record);
  if (!is_light) qlua_identity_rest(record);
  qlua_set_object_threshold(record);
  long live = *record->gauge;
  long more = live + 64L * 1024 * 1024;
  long larger = live + live / 2;
  record->threshold = more > larger ? more : larger;
  // What is used again soon is still in the processor's cache: little garbage is worth a collection as long as that is
  // quick, which the heap's size tells, and as long as there is garbage at all.
  long least = (long)record->memory * 8 > LIGHT_BYTES ? (long)record->memory * 8 : LIGHT_BYTES;
  // A collection for the sake of the number of objects says nothing about that. Where there is garbage again the least is
  // right at once: half of it each time would have a loop run through cold memory until it has come down.
  if (!is_light) {
    bool was_fruitful = before - live > record->allowance / 2;
    record->allowance = was_fruitful ? least : record->allowance * 2;
  }
  if (record->allowance < least) record->allowance = least;
  if (record->allowance > record->threshold - live) record->allowance = record->threshold - live;
  record->light_threshold = live + record->allowance;
  record->forced_collections++;
}

/// Releases the objects whose way into a userdata ended in an error: those of frames that are gone.
void qlua_drop_in_flight(struct qlua_record *record, char *frame) {
  int kept = 0;
  for (int i = 0; i < record->in_flight_count; i++) {
    struct qlua_in_flight entry = record->in_flight[i];
    if (entry.pointer != NULL && entry.frame > frame) record->in_flight[kept++] = entry;
    else if (entry.pointer != NULL) qlua_release_object(record, entry.pointer, entry.class_id);
  }
  record->in_flight_count = kept;
}

static int return_object(lua_State *L, struct qlua_record *record) {
  void *pointer = record->pending;
  uint32_t class_id = record->pending_class;
  record->pending = NULL;
  if (qlua_unlikely(pointer == NULL)) return luaL_error(L, "a callback returned an object without giving one");
  lua_settop(L, 0);  // the callback may have used up the stack that C functions are given
  char *frame = __builtin_frame_address(0);
  if (qlua_unlikely(record->in_flight_count > 0)) qlua_drop_in_flight(record, frame);
  if (qlua_unlikely(record->in_flight_count == QLUA_IN_FLIGHT_MAX)) {
    return qlua_pushobject(L, pointer, class_id) == LUA_OK ? 1 : lua_error(L);
  }
  int index = record->in_flight_count++;
  struct qlua_in_flight *entry = &record->in_flight[index];
  *entry = (struct qlua_in_flight){pointer, class_id, frame};
  qlua_make_object(L, pointer, class_id, lua_upvalueindex(3), &entry->pointer);
  // A finalizer that ran meanwhile may have failed in here too.
  if (qlua_unlikely(record->in_flight_count > index + 1)) qlua_drop_in_flight(record, frame);
  else record->in_flight_count = index;
  return 1;
}

/// Pushes "file:line: " of the Lua code that called, as luaL_where does; what of the library is written in Lua is not meant.
static void push_where(lua_State *L) {
  bool in_library = false;
  lua_Debug frame;
  for (int level = 1; lua_getstack(L, level, &frame); level++) {
    lua_getinfo(L, "Sl", &frame);
    bool is_library = frame.currentline > 0 && strstr(frame.source, "/stdlib/torch/") != NULL;
    if (is_library || (in_library && frame.currentline <= 0)) {
      in_library = true;
      continue;
    }
    if (frame.currentline > 0) {
      lua_pushfstring(L, "%s:%d: ", frame.short_src, frame.currentline);
      return;
    }
    break;
  }
  lua_pushliteral(L, "");
}

static int raise_error(lua_State *L, int result) {
  if (result == QLUA_ERROR) return lua_error(L);
  if (result != QLUA_ERROR_AT) return luaL_error(L, "a callback returned the unknown code %d", result);
  if (lua_type(L, -1) == LUA_TSTRING) {
    luaL_checkstack(L, 3, NULL);
    push_where(L);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static inline int call(lua_State *L, qlua_function function, void *context) {
  if (qlua_unlikely(qlua_machine_stack_is_low())) return luaL_error(L, "C stack overflow");
  struct qlua_record *record = qlua_record(L);
  // Before the call, not after it: what a variable held until its last assignment is garbage by now, and the call may have
  // its memory.
  if (qlua_unlikely(*record->gauge > record->light_threshold || record->objects > record->object_threshold))
    collect_full(L, record);
  if (record->identity.resting != 0) qlua_identity_release_some(record);
  int result = function(L, context);
  if (result == QLUA_OBJECT) result = return_object(L, record);
  qlua_settle(record);
  if (qlua_unlikely(qlua_is_flagged(record))) qlua_arm(L);
  return qlua_likely(result >= 0) ? result : raise_error(L, result);
}

/// Upvalues: function, context, weak table of userdata.
static int trampoline(lua_State *L) {
  return call(L, (qlua_function)lua_touserdata(L, lua_upvalueindex(1)), lua_touserdata(L, lua_upvalueindex(2)));
}

/// Upvalues: function, context, weak table of userdata, table of members. For `__index`: most keys are names of methods.
static int indexing_trampoline(lua_State *L) {
  if (lua_type(L, 2) == LUA_TSTRING) {
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(4)) != LUA_TNIL) return 1;
    lua_settop(L, -2);
  }
  return trampoline(L);
}

/// Upvalues: function, owner of the context, weak table of userdata.
static int owning_trampoline(lua_State *L) {
  struct qlua_object *owner = lua_touserdata(L, lua_upvalueindex(2));
  return call(L, (qlua_function)lua_touserdata(L, lua_upvalueindex(1)), owner->pointer);
}

int qlua_return_object(lua_State *L, void *pointer, uint32_t class_id) {
  struct qlua_record *record = qlua_record(L);
  record->pending = pointer;
  record->pending_class = class_id;
  return QLUA_OBJECT;
}

struct function_arguments {
  qlua_function function;
  void *context;
  qlua_release release;
};

static int function_body(lua_State *L) {
  struct function_arguments *arguments = lua_touserdata(L, 1);
  lua_pushlightuserdata(L, (void *)arguments->function);
  lua_pushlightuserdata(L, arguments->context);
  lua_rawgeti(L, LUA_REGISTRYINDEX, qlua_record(L)->identity.table);
  lua_pushcclosure(L, trampoline, 3);
  return 1;
}

int qlua_pushfunction(lua_State *L, qlua_function function, void *context) {
  struct function_arguments arguments = {function, context, NULL};
  return qlua_twin(L, function_body, &arguments, 0, 1);
}

static int indexer_body(lua_State *L) {
  struct function_arguments *arguments = lua_touserdata(L, 2);
  lua_pushlightuserdata(L, (void *)arguments->function);
  lua_pushlightuserdata(L, arguments->context);
  lua_rawgeti(L, LUA_REGISTRYINDEX, qlua_record(L)->identity.table);
  lua_pushvalue(L, 1);
  lua_pushcclosure(L, indexing_trampoline, 4);
  return 1;
}

int qlua_pushindexer(lua_State *L, qlua_function function, void *context) {
  struct function_arguments arguments = {function, context, NULL};
  return qlua_twin(L, indexer_body, &arguments, 1, 1);
}

static int closure_body(lua_State *L) {
  struct function_arguments *arguments = lua_touserdata(L, 1);
  lua_pushlightuserdata(L, (void *)arguments->function);
  struct qlua_object *owner = qlua_make_block(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, qlua_record(L)->identity.table);
  lua_insert(L, 3);
  qlua_identity_add(L, 3, owner, arguments->context, arguments->release);
  arguments->context = NULL;
  lua_insert(L, 3);
  lua_pushcclosure(L, owning_trampoline, 3);
  return 1;
}

int qlua_pushclosure(lua_State *L, qlua_function function, void *context, qlua_release release) {
  struct function_arguments arguments = {function, context, release};
  int status = qlua_twin(L, closure_body, &arguments, 0, 1);
  if (arguments.context != NULL) release(arguments.context);
  return status;
}

void qlua_set_memory_gauge(lua_State *L, const long *live_bytes) {
  struct qlua_record *record = qlua_record(L);
  record->gauge = live_bytes == NULL ? &no_gauge : live_bytes;
  record->threshold = *record->gauge + 64L * 1024 * 1024;
  record->allowance = LIGHT_BYTES;
  record->light_threshold = *record->gauge + LIGHT_BYTES;
}

long qlua_forced_collections(lua_State *L) { return qlua_record(L)->forced_collections; }
