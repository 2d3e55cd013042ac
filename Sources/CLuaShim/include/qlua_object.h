// Objects of the host as full userdata: one object has one userdata. They have no `__gc`: the state's allocator sees
// when Lua frees one, and the object is released soon after, when the running callback or call ends. So a script cannot
// release an object by hand, every finalizer still finds its objects whole, and Lua frees them in one cycle, not two.
#ifndef QLUA_OBJECT_H
#define QLUA_OBJECT_H

#include "qlua_callback.h"

/// What an object userdata holds.
struct qlua_object {
  uintptr_t magic;
  void *pointer;
  uint32_t class_id;
  uint32_t slot;
};

/// Bound to its own address, so that a copy of the bytes in a foreign userdata is no object.
#define QLUA_OBJECT_MAGIC ((uintptr_t)0x717265706c6f626aULL)

/// Registers a class of objects and pushes its metatable, which has `__name` and is to be filled.
/// Returns the class id (from 1), or 0 with the error value pushed instead. Stack: -0 +1.
uint32_t qlua_newclass(lua_State *L, const char *name, qlua_release release);

/// Pushes the metatable of a class, nil if there is none with this id. Cannot raise. Stack: -0 +1.
void qlua_pushclass(lua_State *L, uint32_t class_id);

/// Pushes the userdata of the retained object `pointer`: the existing one, giving back the extra retain, or a new one,
/// which takes the retain over. On failure the retain is given back too. Stack: -0 +1. Status.
int qlua_pushobject(lua_State *L, void *pointer, uint32_t class_id);

/// Pushes the existing userdata of an object and returns true, or pushes nothing and returns false. Takes no retain
/// and cannot raise. Stack: -0 +(0|1).
bool qlua_pushexisting(lua_State *L, void *pointer);

/// Lets the userdata at an index be found by its object again, unless a newer one is. For userdata that a finalizer
/// brings back: Lua takes what is to be finalized, and all that hangs on it, out of weak tables first. Stack: -0 +0.
void qlua_recall(lua_State *L, int index);

/// How many userdata own an object now.
size_t qlua_object_count(lua_State *L);

/// The block of an object userdata at `index` (with class id 0: of a closure's context), NULL for every other value. Cannot raise, changes nothing.
struct qlua_object *qlua_objectat(lua_State *L, int index);

/// The object at `index` and its class id, or NULL (and 0) for every other value.
/// The pointer is not retained: it is good as long as the userdata stays on the stack. Cannot raise.
void *qlua_toobject(lua_State *L, int index, uint32_t *class_id);

#endif
