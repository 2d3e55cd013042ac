// A profile by Lua's call hooks. Its clock stands still while the hooks work, so that their cost is nobody's.
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "record.h"
#include "qlua_profile.h"

struct function {
  const void *key;  // of a Lua function its source's text, of another the function
  int line;
  int active;       // how many calls are under way
  bool is_lua;
  long calls, primitive;
  int64_t own, total;
  char name[64];
};

struct call {
  const void *place;  // Lua's record of the call, which tells it from others under way
  uint32_t function;
  int64_t start;
};

/// The calls under way in one coroutine.
struct stack {
  lua_State *L;
  struct call *calls;
  size_t count, capacity;
};

struct qlua_profile {
  struct function *functions;
  size_t count, capacity;
  uint32_t *buckets;  // index + 1 of a function, 0 for none
  size_t bucket_count;
  struct stack *stacks;
  size_t stack_count, stack_capacity, current;
  int table;          // registry reference of the functions, by index
  int64_t clock, since;
  bool is_running;
};

static int64_t nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/// Room for one more of `size` bytes; false when memory is short.
static bool grow(void **items, size_t count, size_t *capacity, size_t size) {
  if (count < *capacity) return true;
  size_t wanted = *capacity == 0 ? 64 : *capacity * 2;
  void *moved = realloc(*items, wanted * size);
  if (moved == NULL) return false;
  *items = moved;
  *capacity = wanted;
  return true;
}

static size_t slot(const struct qlua_profile *p, const void *key, int line) {
  size_t hash = ((uintptr_t)key >> 4) * 0x9e3779b97f4a7c15u + (size_t)line * 0x85ebca6bu;
  hash ^= hash >> 29;
  for (size_t i = hash & (p->bucket_count - 1);; i = (i + 1) & (p->bucket_count - 1)) {
    uint32_t index = p->buckets[i];
    if (index == 0 || (p->functions[index - 1].key == key && p->functions[index - 1].line == line)) return i;
  }
}

static bool rehash(struct qlua_profile *p) {
  size_t wanted = p->bucket_count == 0 ? 256 : p->bucket_count * 2;
  uint32_t *buckets = calloc(wanted, sizeof *buckets);
  if (buckets == NULL) return false;
  free(p->buckets);
  p->buckets = buckets;
  p->bucket_count = wanted;
  for (size_t i = 0; i < p->count; i++) p->buckets[slot(p, p->functions[i].key, p->functions[i].line)] = (uint32_t)i + 1;
  return true;
}

/// The index of a function, made where it is new; -1 when memory is short.
static long find(struct qlua_profile *p, const void *key, int line) {
  if ((p->count + 1) * 2 > p->bucket_count && !rehash(p)) return -1;
  size_t at = slot(p, key, line);
  if (p->buckets[at] != 0) return p->buckets[at] - 1;
  if (!grow((void **)&p->functions, p->count, &p->capacity, sizeof *p->functions)) return -1;
  p->functions[p->count] = (struct function){.key = key, .line = line};
  p->buckets[at] = (uint32_t)++p->count;
  return (long)p->count - 1;
}

static struct stack *stack_of(struct qlua_profile *p, lua_State *L) {
  if (p->stack_count > 0 && p->stacks[p->current].L == L) return &p->stacks[p->current];
  for (p->current = 0; p->current < p->stack_count; p->current++)
    if (p->stacks[p->current].L == L) return &p->stacks[p->current];
  if (!grow((void **)&p->stacks, p->stack_count, &p->stack_capacity, sizeof *p->stacks)) {
    p->current = 0;
    return NULL;
  }
  p->stacks[p->stack_count] = (struct stack){.L = L};
  return &p->stacks[p->stack_count++];
}

static void pop(struct qlua_profile *p, struct stack *stack) {
  struct call *call = &stack->calls[--stack->count];
  struct function *function = &p->functions[call->function];
  if (--function->active == 0) function->total += p->clock - call->start;
}

static void push(struct qlua_profile *p, struct stack *stack, uint32_t index, const void *place) {
  if (!grow((void **)&stack->calls, stack->count, &stack->capacity, sizeof *stack->calls)) return;
  stack->calls[stack->count++] = (struct call){place, index, p->clock};
  struct function *function = &p->functions[index];
  function->calls++;
  if (function->active++ == 0) function->primitive++;
}

/// Notes a call of the function that `ar` tells of. Lua's error for want of memory may leave it.
static void enter(struct qlua_profile *p, lua_State *L, struct stack *stack, lua_Debug *ar) {
  lua_getinfo(L, "Sf", ar);
  bool is_lua = ar->what[0] != 'C';
  size_t before = p->count;
  long index = find(p, is_lua ? (const void *)ar->source : lua_topointer(L, -1), is_lua ? ar->linedefined : -1);
  if (index >= 0 && p->count > before) {
    struct function *function = &p->functions[index];
    function->is_lua = is_lua;
    lua_getinfo(L, "n", ar);
    if (ar->name != NULL) strncpy(function->name, ar->name, sizeof function->name - 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, p->table);
    lua_pushvalue(L, -2);
    lua_rawseti(L, -2, index);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  if (index >= 0) push(p, stack, (uint32_t)index, ar->i_ci);
}

static void on_call(lua_State *L, lua_Debug *ar) {
  struct qlua_profile *p = qlua_record(L)->profile;
  if (p == NULL || !p->is_running) {
    lua_sethook(L, NULL, 0, 0);
    return;
  }
  int64_t spent = nanoseconds() - p->since;
  p->clock += spent;
  if (p->stack_count > 0 && p->stacks[p->current].count > 0) {
    struct stack *running = &p->stacks[p->current];
    p->functions[running->calls[running->count - 1].function].own += spent;
  }
  struct stack *stack = stack_of(p, L);
  if (stack != NULL) {
    if (ar->event == LUA_HOOKRET || ar->event == LUA_HOOKTAILCALL) {
      // What an error has left has no return of its own; it lies above the call that returns now.
      size_t at = stack->count;
      while (at > 0 && stack->calls[at - 1].place != ar->i_ci) at--;
      if (at > 0) while (stack->count >= at) pop(p, stack);
    }
    if (ar->event != LUA_HOOKRET) enter(p, L, stack, ar);
  }
  p->since = nanoseconds();
}

static int table_body(lua_State *L) {
  lua_newtable(L);
  struct qlua_profile *p = lua_touserdata(L, 1);
  p->table = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

static void discard(struct qlua_profile *p) {
  for (size_t i = 0; i < p->stack_count; i++) free(p->stacks[i].calls);
  free(p->stacks);
  free(p->buckets);
  free(p->functions);
  free(p);
}

bool qlua_profile_start(lua_State *L) {
  struct qlua_record *record = qlua_record(L);
  if (record->profile != NULL) return false;
  struct qlua_profile *p = calloc(1, sizeof *p);
  if (p == NULL) return false;
  p->table = LUA_NOREF;
  struct stack *stack = stack_of(p, L);
  if (stack == NULL || find(p, NULL, 0) != 0 || qlua_twin(L, table_body, p, 0, 0) != LUA_OK) {
    discard(p);
    return false;
  }
  p->functions[0].is_lua = true;
  push(p, stack, 0, NULL);
  p->is_running = true;
  record->profile = p;
  lua_sethook(L, on_call, LUA_MASKCALL | LUA_MASKRET, 0);
  p->since = nanoseconds();
  return true;
}

void qlua_profile_stop(lua_State *L) {
  struct qlua_profile *p = qlua_record(L)->profile;
  if (p == NULL || !p->is_running) return;
  int64_t spent = nanoseconds() - p->since;
  p->clock += spent;
  if (p->stacks[p->current].count > 0) {
    struct stack *running = &p->stacks[p->current];
    p->functions[running->calls[running->count - 1].function].own += spent;
  }
  p->is_running = false;
  if (lua_gethook(L) == on_call) lua_sethook(L, NULL, 0, 0);
  for (size_t i = 0; i < p->stack_count; i++)
    while (p->stacks[i].count > 0) pop(p, &p->stacks[i]);
}

size_t qlua_profile_count(lua_State *L) {
  struct qlua_profile *p = qlua_record(L)->profile;
  return p == NULL ? 0 : p->count;
}

struct qlua_profile_row qlua_profile_at(lua_State *L, size_t index) {
  struct qlua_profile *p = qlua_record(L)->profile;
  if (p == NULL || index >= p->count) {
    lua_pushnil(L);
    return (struct qlua_profile_row){.name = ""};
  }
  struct function *f = &p->functions[index];
  lua_rawgeti(L, LUA_REGISTRYINDEX, p->table);
  lua_rawgeti(L, -1, (lua_Integer)index);
  lua_remove(L, -2);
  return (struct qlua_profile_row){f->calls, f->primitive, f->own, f->total, f->name, f->is_lua};
}

void qlua_profile_drop(lua_State *L) {
  struct qlua_record *record = qlua_record(L);
  struct qlua_profile *p = record->profile;
  if (p == NULL) return;
  qlua_profile_stop(L);
  record->profile = NULL;
  luaL_unref(L, LUA_REGISTRYINDEX, p->table);
  discard(p);
}
