// The identity cache: object -> its userdata, weakly.
#include <stdlib.h>
#include <string.h>
#include "record.h"

static uint32_t home(const struct qlua_identity *identity, const void *pointer) {
  uint64_t bits = (uint64_t)(uintptr_t)pointer >> 4;
  return (uint32_t)((bits * 0x9E3779B97F4A7C15ULL) >> 32) & (identity->capacity - 1);
}

/// Index of the pointer's entry, or of the empty one where it would go.
static uint32_t find(const struct qlua_identity *identity, const void *pointer) {
  uint32_t mask = identity->capacity - 1;
  uint32_t index = home(identity, pointer);
  while (identity->entries[index].pointer != NULL && identity->entries[index].pointer != pointer)
    index = (index + 1) & mask;
  return index;
}

static bool grow_entries(struct qlua_identity *identity) {
  uint32_t capacity = identity->capacity == 0 ? 64 : identity->capacity * 2;
  struct qlua_identity larger = *identity;
  larger.entries = calloc(capacity, sizeof *larger.entries);
  if (larger.entries == NULL) return false;
  larger.capacity = capacity;
  for (uint32_t i = 0; i < identity->capacity; i++)
    if (identity->entries[i].pointer != NULL)
      larger.entries[find(&larger, identity->entries[i].pointer)] = identity->entries[i];
  free(identity->entries);
  *identity = larger;
  return true;
}

/// Doubles the slots and the array part of the weak table. Lua sizes that by the keys in use, so slots whose userdata
/// are gone but not yet released are filled first.
static void grow_slots(lua_State *L, int table, struct qlua_identity *identity) {
  uint32_t old = identity->slot_capacity;
  uint32_t new = old == 0 ? 64 : old * 2;
  struct qlua_slot *slots = realloc(identity->slots, (new + 1) * sizeof *slots);
  if (slots == NULL) luaL_error(L, "not enough memory");
  identity->slots = slots;
  for (uint32_t slot = 1; slot <= old; slot++) {
    int type = lua_rawgeti(L, table, slot);
    lua_pop(L, 1);
    if (type == LUA_TNIL) {
      lua_pushboolean(L, 0);
      lua_rawseti(L, table, slot);
    }
  }
  if (old > 0) {
    lua_pushboolean(L, 0);
    lua_rawseti(L, table, old + 1);
  }
  for (uint32_t slot = new; slot > old; slot--) {
    slots[slot] = (struct qlua_slot){.next = identity->free};
    identity->free = slot;
  }
  identity->slot_capacity = new;
}

bool qlua_identity_push(lua_State *L, int table, void *pointer) {
  struct qlua_identity *identity = &qlua_record(L)->identity;
  if (identity->count == 0) return false;
  struct qlua_identity_entry *entry = &identity->entries[find(identity, pointer)];
  if (entry->pointer == NULL) return false;
  if (lua_rawgeti(L, table, entry->slot) == LUA_TUSERDATA) return true;
  // Dead, and still to be released.
  lua_settop(L, -2);
  return false;
}

/// Makes the userdata on top own the retained `pointer`, and, if it has a class, be what that pointer is found by.
/// Raises when memory runs out; then nothing has changed.
void qlua_identity_add(lua_State *L, int table, struct qlua_object *object, void *pointer, qlua_release release) {
  struct qlua_record *record = qlua_record(L);
  struct qlua_identity *identity = &record->identity;
  if (qlua_unlikely(identity->free == 0)) grow_slots(L, table, identity);
  if (qlua_unlikely((identity->count + 1) * 2 > identity->capacity) && !grow_entries(identity))
    luaL_error(L, "not enough memory");
  uint32_t number = identity->free;
  lua_pushvalue(L, -1);
  lua_rawseti(L, table, number);
  struct qlua_slot *slot = &identity->slots[number];
  identity->free = slot->next;
  *slot = (struct qlua_slot){object, pointer, release, 0};
  if (object->class_id != 0) {
    struct qlua_identity_entry *entry = &identity->entries[find(identity, pointer)];
    if (entry->pointer == NULL) {
      entry->pointer = pointer;
      identity->count++;
    }
    entry->slot = number;
    identity->additions++;
    record->objects++;
  }
  object->magic = (uintptr_t)object ^ QLUA_OBJECT_MAGIC;
  object->pointer = pointer;
  object->slot = number;
}

/// Notes that Lua frees the block. Called by the allocator.
void qlua_identity_bury(struct qlua_record *record, struct qlua_object *object) {
  struct qlua_identity *identity = &record->identity;
  // The block may be anything of an object's size. What the slot says no script can forge.
  uint32_t number = object->slot;
  if (number == 0 || number > identity->slot_capacity || identity->slots[number].object != object) return;
  object->magic = 0;
  identity->slots[number].object = NULL;
  identity->slots[number].next = identity->dead;
  identity->dead = number;
  if (object->class_id != 0) record->objects--;
}

/// Empties the entry of an object unless it has a newer userdata by now.
static void remove_entry(struct qlua_identity *identity, void *pointer, uint32_t number) {
  if (identity->count == 0) return;
  uint32_t hole = find(identity, pointer);
  if (identity->entries[hole].pointer == NULL || identity->entries[hole].slot != number) return;
  identity->count--;
  // Move back what was pushed past the hole, so that no search ends too early.
  uint32_t mask = identity->capacity - 1;
  for (uint32_t next = (hole + 1) & mask; identity->entries[next].pointer != NULL; next = (next + 1) & mask) {
    uint32_t distance = (next - home(identity, identity->entries[next].pointer)) & mask;
    if (distance >= ((next - hole) & mask)) {
      identity->entries[hole] = identity->entries[next];
      hole = next;
    }
  }
  identity->entries[hole].pointer = NULL;
}

/// Releases the first of a list of dead objects.
static void release_first(struct qlua_identity *identity, uint32_t *list) {
  // The slot is free again before the host's code runs, which may come back here.
  uint32_t number = *list;
  struct qlua_slot slot = identity->slots[number];
  *list = slot.next;
  remove_entry(identity, slot.pointer, number);
  identity->slots[number].next = identity->free;
  identity->free = number;
  slot.release(slot.pointer);
}

void qlua_identity_release_dead(struct qlua_record *record) {
  struct qlua_identity *identity = &record->identity;
  while (identity->dead != 0) release_first(identity, &identity->dead);
}

/// Releases as many resting objects as were made since this was last called, and one where none was: what is made next
/// finds their memory at hand, where that of thousands freed at once would go a long way through the system's lists.
void qlua_identity_release_some(struct qlua_record *record) {
  struct qlua_identity *identity = &record->identity;
  uint64_t made = identity->additions - identity->settled_additions;
  identity->settled_additions = identity->additions;
  do release_first(identity, &identity->resting);
  while (made > 1 && made-- && identity->resting != 0);
}

/// Lets the objects that are dead now be released a few at a time; those that rest already are released at once.
void qlua_identity_rest(struct qlua_record *record) {
  struct qlua_identity *identity = &record->identity;
  while (identity->resting != 0) release_first(identity, &identity->resting);
  identity->resting = identity->dead;
  identity->dead = 0;
  identity->settled_additions = identity->additions;
}

void qlua_recall(lua_State *L, int index) {
  struct qlua_object *object = qlua_objectat(L, index);
  if (object == NULL || object->class_id == 0) return;
  struct qlua_identity *identity = &qlua_record(L)->identity;
  struct qlua_identity_entry *entry = &identity->entries[find(identity, object->pointer)];
  if (entry->pointer == NULL || entry->slot != object->slot) return;
  lua_pushvalue(L, index);
  lua_rawgeti(L, LUA_REGISTRYINDEX, identity->table);
  lua_rotate(L, -2, 1);
  // The slot lies in the array part, so nothing is allocated.
  lua_rawseti(L, -2, object->slot);
  lua_settop(L, -2);
}

void qlua_open_identity(lua_State *L) {
  struct qlua_identity *identity = &qlua_record(L)->identity;
  lua_createtable(L, 64, 0);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  identity->table = luaL_ref(L, LUA_REGISTRYINDEX);
  grow_slots(L, lua_gettop(L), identity);
  lua_pop(L, 1);
}

void qlua_free_identity(struct qlua_identity *identity) {
  free(identity->entries);
  free(identity->slots);
}
