// What the shim keeps for each state. Lua's extra space of every thread of the state points to it.
#ifndef QLUA_RECORD_H
#define QLUA_RECORD_H

#include <stdatomic.h>
#include "CLuaShim.h"

/// A class of objects: what releases one, and where its metatable stands in the registry.
struct qlua_class {
  qlua_release release;
  int metatable;
};

/// An object that Lua owns. The slot's number is also the index of its userdata in the weak table.
struct qlua_slot {
  struct qlua_object *object;  // the userdata's block, NULL once Lua has freed it
  void *pointer;
  qlua_release release;
  uint32_t next;               // in the list of free slots, or of those whose object is to be released
};

/// Which slot an object has.
struct qlua_identity_entry {
  void *pointer;
  uint32_t slot;
};

/// Object -> userdata. The userdata stand in the array part of one weak Lua table; which object has which slot is kept
/// here, because a Lua table keyed by pointers would hash, grow and shed dead keys on the hot path.
struct qlua_identity {
  struct qlua_identity_entry *entries;
  uint32_t capacity;  // a power of two, or 0
  uint32_t count;
  struct qlua_slot *slots;  // from 1
  uint32_t slot_capacity;
  uint32_t free;
  uint32_t dead;
  uint32_t resting;  // dead ones that are released a few at a time
  uint64_t additions;
  uint64_t settled_additions;  // those before the last release of a few
  int table;  // registry reference of the weak table
};

/// An object on its way from a callback into a userdata. If making the userdata fails, the error jumps over the
/// trampoline; the next one that runs no deeper on the machine stack finds the object here and releases it.
struct qlua_in_flight {
  void *pointer;
  uint32_t class_id;
  char *frame;
};

enum { QLUA_IN_FLIGHT_MAX = 4 };

/// Sizes of small blocks: 8, 24, 40, … bytes, what malloc's blocks hold.
enum { QLUA_SPARE_SIZES = 9 };

struct qlua_record {
  lua_State *main;
  lua_State *volatile running;           // the thread whose code runs now, NULL when the host is not inside a call
  _Atomic int owner;                     // kernel id of the system thread that runs it
  volatile sig_atomic_t interrupted;
  _Atomic int in_use;
  struct qlua_record *next;              // records are never freed: a signal handler may be reading the list

  void *pending;
  uint32_t pending_class;
  struct qlua_in_flight in_flight[QLUA_IN_FLIGHT_MAX];
  int in_flight_count;

  const long *gauge;
  bool is_measuring;
  long threshold;
  long light_threshold;                  // a collection is worth trying from here on
  long allowance;                        // by how much the gauge may grow until then
  long forced_collections;
  size_t object_threshold;

  struct qlua_class *classes;            // from 1
  uint32_t class_count;
  struct qlua_identity identity;
  size_t objects;
  size_t object_block_size;              // how Lua's allocator sees an object userdata
  size_t object_offset;
  bool closing;
  bool has_traceback;
  bool keeps_frames;
  struct qlua_profile *profile;          // the one that runs or whose rows are looked at, else NULL

  size_t memory;
  size_t memory_limit;
  void *spare[QLUA_SPARE_SIZES];         // small blocks that Lua has freed, by size, each beginning with the next
  uint32_t spare_count[QLUA_SPARE_SIZES];
  void *host;

  qlua_warning warn;
  void *warn_context;
  bool warn_enabled;
  char *warn_text;
  size_t warn_length, warn_capacity;
};

void qlua_identity_release_dead(struct qlua_record *record);
void qlua_identity_release_some(struct qlua_record *record);
void qlua_identity_rest(struct qlua_record *record);

static inline struct qlua_record *qlua_record(lua_State *L) {
  return *(struct qlua_record **)lua_getextraspace(L);
}

/// Releases the objects whose userdata Lua has freed. Lua frees in the middle of its work, where the host's code must
/// not run; this is called where it may.
static inline void qlua_settle(struct qlua_record *record) {
  if (__builtin_expect(record->identity.dead != 0, 0)) qlua_identity_release_dead(record);
}

static inline bool qlua_is_flagged(const struct qlua_record *record) {
  return (record->interrupted | qlua_interrupted) != 0;
}

#define qlua_likely(x) __builtin_expect(!!(x), 1)
#define qlua_unlikely(x) __builtin_expect(!!(x), 0)

// record.c
struct qlua_record *qlua_record_new(void);
void qlua_record_free(struct qlua_record *record);
struct qlua_record *qlua_record_first(void);

// interrupt.c
void qlua_arm(lua_State *L);
void qlua_install_signal(void);
int qlua_thread_id(void);

// machine_stack.c
bool qlua_machine_stack_is_low(void);

// entry.c
int qlua_enter(lua_State *L, int nargs, int nresults, int handler);
bool qlua_reserve(lua_State *L, int n);
int qlua_out_of_stack(lua_State *L);
void qlua_open_entry(lua_State *L);
int qlua_twin(lua_State *L, lua_CFunction body, void *arguments, int nargs, int nresults);

// identity.c
void qlua_open_identity(lua_State *L);
bool qlua_identity_push(lua_State *L, int table, void *pointer);
void qlua_identity_add(lua_State *L, int table, struct qlua_object *object, void *pointer, qlua_release release);
void qlua_identity_bury(struct qlua_record *record, struct qlua_object *object);
void qlua_free_identity(struct qlua_identity *identity);

// object.c
void qlua_open_objects(lua_State *L);
void qlua_make_object(lua_State *L, void *pointer, uint32_t class_id, int table, void **retain);
struct qlua_object *qlua_make_block(lua_State *L);
void qlua_release_object(struct qlua_record *record, void *pointer, uint32_t class_id);

// trampoline.c
void qlua_set_object_threshold(struct qlua_record *record);
void qlua_drop_in_flight(struct qlua_record *record, char *frame);

// coroutine.c
void qlua_open_coroutine(lua_State *L);

// xpcall.c
void qlua_open_xpcall(lua_State *L);

// warning.c
void qlua_receive_warning(void *record, const char *message, int to_continue);

#endif
