// The only code that may raise Lua errors. Swift never runs under a longjmp: it calls functions of this header, and of
// the Lua API only those that cannot raise.
//
// Conventions. A function that returns a status returns LUA_OK, or an error status with the error value on top of the
// stack in place of everything the function would have popped. "Stack: -p +q" counts the slots popped and pushed on
// success. No function needs the caller to reserve stack slots for what it pushes: it reserves them itself.
#ifndef QREPL_CLUASHIM_H
#define QREPL_CLUASHIM_H

#include "qlua_state.h"
#include "qlua_callback.h"
#include "qlua_object.h"
#include "qlua_protected.h"
#include "qlua_interrupt.h"
#include "qlua_profile.h"

#endif
