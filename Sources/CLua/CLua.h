// Lua 5.4 as the system installs it. Debian keeps the headers in a folder of their own, other systems in the include root.
#ifndef QREPL_CLUA_H
#define QREPL_CLUA_H

#if __has_include(<lua5.4/lua.h>)
#include <lua5.4/lua.h>
#include <lua5.4/lauxlib.h>
#include <lua5.4/lualib.h>
#else
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>
#endif

#if LUA_VERSION_NUM != 504
#error "qrepl needs Lua 5.4"
#endif

#endif
