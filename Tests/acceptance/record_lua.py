"""Writes lua_expected.json: what lua5.4 does with each of CASES. Run it where lua5.4 is: Tests/acceptance/record_lua.py"""
import json
import os
import re
import subprocess
import tempfile

EXPECTED = os.path.dirname(os.path.realpath(__file__)) + "/lua_expected.json"

FILES = {
    "s.lua": "print(#arg, arg[0], arg[1], arg[2], ...)\n", "mod.lua": "print('mod', ...) return {x = 7}\n", "err.lua": "local function f() error('boom') end\nf()\n",
    "syn.lua": "x = = 2\n", "she.lua": "#!/usr/bin/env lua\nprint('she')\nerror('l3')\n", "in.lua": "x = 5\nprint(x)\nlocal y = 3\nprint(y)\n",
    "close.lua": "setmetatable({}, {__gc = function() print('gc') end})\nlocal x <close> = setmetatable({}, {__close = function() print('closed') end})\nif ... then os.exit(tonumber(...), true) end\n",
    "all.lua": "-- Lua's own idioms\nassert(not pcall(error))\nassert(select('#', load('return 1, nil')()) == 2)\nassert(string.dump and load(string.dump(function() return 7 end), 'b', 'b')() == 7)\n"
    "local t = setmetatable({}, {__mode = 'k'}) t[{}] = 1 collectgarbage() assert(next(t) == nil)\nassert(debug.getinfo(1, 'l').currentline == 5 and debug.getinfo(1, 'S').what == 'main')\n"
    "local co = coroutine.create(function(...) return select('#', ...) end)\nassert(select(2, coroutine.resume(co, nil, nil)) == 2 and coroutine.status(co) == 'dead')\n"
    "local n = 0 for w in ('a b c'):gmatch('%a') do n = n + 1 end assert(n == 3)\nassert(#arg == 0 and arg[0] == 'all.lua' and ... == nil)\n"
    "local f = io.tmpfile() f:write('x\\n1 0x10 1e1') f:seek('set') assert(f:read('l') == 'x') print(f:read('n', 'n', 'n'))\nassert(not io.open('/nonexistent'))\n"
    "assert(os.rename('nothing', 'x') == nil and os.tmpname() and os.getenv('NOTHING_SUCH') == nil)\nassert(math.type(3 // 1) == 'integer' and 3 | 4 == 7 and '10' + 1 == 11)\n"
    "local ok, m = pcall(function() local a a.b = 1 end) print(m)\nprint(pcall(string.rep, 'x', 1 << 40))\nwarn('@on') warn('to', ' stderr')\nutf8.char(228, 8364)\nprint('OK')\n",
}

LINES = """
-e 'print(1)'
-e'print(2)'
-e 'x=1' -e 'print(x)'
-lmod -e 'print(mod.x)'
-l mod -e 'print(mod.x)'
-l g=mod -e 'print(g.x, mod)'
-e 'print(1)' -l mod -e 'print(2)'
-e 'print(...)' s.lua a b
s.lua a b
s.lua -e x -- -
s.lua ---x =y
-e 'y=1' s.lua a
-- s.lua -x -y
- < in.lua
- a b < s.lua
-e 'z=3' - < in.lua
all.lua
< in.lua
err.lua
syn.lua
she.lua
close.lua
close.lua 4
-e 'os.exit(3)'
-e 'os.exit(false)'
-e 'os.exit(true)'
-e 'os.exit()'
-e 'os.exit(true, true)'
-e 'error("x")'
-e 'error("x", 0)'
-e 'error({code=2})'
-e 'error(setmetatable({}, {__tostring=function() return "custom" end}))'
-e 'error()'
-e 'error(42)'
-e 'error(true)'
-e 'x ='
-e 'x = "'
-ex
-W -e 'warn("hey")'
-e 'warn("@on")' -e 'warn("hey")'
-e 'warn("off")'
-e 'setmetatable({}, {__gc=function() print("gc") end})'
-e 'setmetatable({}, {__gc=function() error("gc") end})' -W
-e 'arg = 1' s.lua
-e 'arg = {[0]="q", "m","n"}' s.lua
-e 'print(arg[0] ~= nil, arg[#arg])'
-e 'print(package.config:sub(1,1), _VERSION, #package.searchers)'
-e 'print(pcall(string.rep, "x", -1))'
-E -e 'print(os.getenv("LUA_INIT"))'
-e 'print(coroutine.isyieldable(), coroutine.running() ~= nil)'
-e 'print(debug.getinfo(1,"S").what, debug.getinfo(1,"S").source)'
-e 'print(string.format("%q", 1/3), math.mininteger, 1e308*10, 3 % -2, 2^53, 1e15, 7 // 0.0)'
-e 'io.write("no newline")'
-e 'io.stderr:write("to err\\n")'
-e 'print(io.read("a"))' < in.lua
-e 'print(io.read())' s.lua < in.lua
-e 'local t = {} t[nil] = 1'
-e 'local a; a.b.c = 1'
-e 'undefinedfn()'
-e '("x")()'
-e 'string.rep()'
-e 'return 5'
-e '5'
-e '= 5'
-e '% 5'
-e 'print(#"\\u{7FFFFFFF}", "\\z   x", 0x.8p1, 0xffffffffffffffff)'
-e 'goto f; local x; ::f:: print(x)'
-e 'for i = 3, 1 do end for i = math.maxinteger - 1, math.maxinteger do io.write(i, " ") end'
-e 'print(load("x y", "=name"))'
-e 'print(next({}), type(next), rawequal("a", "a"), rawlen({1, 2}))'
-e 'print(table.unpack({1, 2, nil, 4}, 1, 4))'
-e 'print(tostring(-0.0), 1e100, -1 // 0.0, 0/0 ~= 0/0, 5 // -2, 5.5 // 1)'
-e 'print(("x"):rep(3, ","), ("%5.2f|%-5d|%s"):format(3.14159, 42, nil))'
-e 'local t <const> = 1; t = 2'
-e 'print(os.time{year=2020, month=1, day=1, hour=12} - os.time{year=2020, month=1, day=1, hour=11})'
-v -e ''
nofile.lua
""".strip("\n").split("\n")

INITS = ["LUA_INIT='print(\"init\")'", "LUA_INIT_5_4='print(54)' LUA_INIT='print(\"init\")'", "LUA_INIT=@in.lua", "LUA_INIT='error(\"x\")'", "LUA_INIT=@nothing.lua"]
PATHS = ["LUA_PATH='/tmp/zz/?.lua;;'", "LUA_PATH_5_4='/tmp/q/?.lua' LUA_PATH=x", "LUA_CPATH='/tmp/zz/?.so'"]
CASES = (
    [("", line) for line in LINES] + [(init, words) for init in INITS for words in ("-e 'print(2)'", "-E -e 'print(2)'", "s.lua")]
    + [(path, words) for path in PATHS for words in ("-e 'print(package.path:sub(1, 9), package.cpath:sub(1, 9))'", "-E -e 'print(package.path:sub(1, 9), package.cpath:sub(1, 9))'")]
)


def observed(folder, program, environment, words, variables):
    """What `program` does with the command line: output, errors and status, its own name and addresses taken out."""
    result = subprocess.run(
        ["/bin/bash", "-c", f"{environment} {program} {words}"], cwd=folder, capture_output=True, env=variables, stdin=subprocess.DEVNULL, timeout=60)
    output, errors = result.stdout.decode(errors="replace"), result.stderr.decode(errors="replace")
    errors = re.sub(r"(?m)^(lua5\.4|qrepl): ", "PROGRAM: ", errors)
    # Of what -v says the release counts.
    output = re.sub(r"(?m)^(?:qrepl \S+ \()?(Lua 5\.4)\.\d+  Copyright.*$", r"\1", output)
    return [re.sub(r"0x[0-9a-f]{6,}", "0xN", output), re.sub(r"0x[0-9a-f]{6,}", "0xN", errors), result.returncode]


def main():
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            with open(f"{folder}/{name}", "w") as file:
                file.write(text)
        variables = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": folder}
        recorded = {f"{environment} {words}": observed(folder, "lua5.4", environment, words, variables) for environment, words in CASES}
    with open(EXPECTED, "w") as file:
        json.dump(recorded, file, indent=1, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    main()
