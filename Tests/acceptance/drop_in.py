"""In the place of lua5.4: what it did with these command lines, `record_lua` has written down."""
import json
import os
import re
import shutil

from room import check, each, same
from record_lua import CASES, EXPECTED, FILES, observed

with open(EXPECTED) as file:
    RECORDED = json.load(file)


@each([case for case in CASES], name=lambda case: " ".join(case))
def like_lua(room, case):
    environment, words = case
    for name, text in FILES.items():
        room.write(name, text)
    found = observed(room.folder, f"'{room.program}' --plain", environment, words, room.environment())
    same(found, RECORDED[environment + " " + words])


@check
def options_keep_their_order_with_magics_too(room):
    room.write("mod.lua", "print('mod') return {x = 7}")
    same(room.run("-e", "print(1)", "-lmod", "-e", "print(mod.x)", "-l", "g=mod", "-e", "print(g.x)"), (0, "1\nmod\n7\n7\n", ""))


@check
def usage_is_64(room):
    for words in (["-z"], ["-e"], ["-l"], ["--nothing"], ["-ix"], ["--color", "mauve"]):
        status, output, errors = room.run(*words)
        same((status, output), (64, ""))
        assert "Usage: qrepl" in errors, errors
    same(room.run("--version")[0], 0)
    assert "Usage" in room.run("--help")[1].title()


@check
def plain_is_stock_lua(room):
    same(room.run("--plain", input="-- %time x = 1\nlocal a = 5\nprint(a)\nx = 1 print(x)\n"), (0, "5\n1\n", ""))
    same(room.run("--plain", input="1 + 1\n")[0], 1)
    status, output, errors = room.run("--plain", "-e", "error('x')")
    same(errors, "qrepl: (command line):1: x\nstack traceback:\n\t[C]: in function 'error'\n\t(command line):1: in main chunk\n\t[C]: in ?\n")


def tool(room, options, script, *arguments, version):
    path = f"/usr/share/lua/{version}/?.lua;/usr/share/lua/{version}/?/init.lua;;"
    return room.run(*options, script, *arguments, environment={"LUA_PATH": path})


@each(["--plain", "-W"], name=lambda option: f"with {option}")
def penlight_runs(room, option):
    if not os.path.isdir("/usr/share/lua/5.4/pl"):
        raise AssertionError("penlight is missing: Debian's lua-penlight")
    room.write("pl.lua", """
local pretty, List, stringx, tablex, class = require "pl.pretty", require "pl.List", require "pl.stringx", require "pl.tablex", require "pl.class"
local OrderedMap, data, seq, template, path, lapp = require "pl.OrderedMap", require "pl.data", require "pl.seq", require "pl.template", require "pl.path", require "pl.lapp"
print(pretty.write({1, 2, {a = "b"}}, ""), List{3, 1, 2}:sort():map("_ * 2"))
print(stringx.strip("  x "), tablex.deepcompare({1, {2}}, {1, {2}}), (seq.sum({1, 2, 3})))
local Animal = class() function Animal:_init(n) self.n = n end function Animal:__tostring() return self.n end
print(Animal "cat", OrderedMap{{a = 1}, {b = 2}}, path.basename("/x/y.z"))
print((template.substitute("$(x) of $(y)", {x = 1, y = 2})))
local args = lapp "Test\\n -n,--number (default 5)\\n <file> (string)"
print(args.number, #arg, arg[0])
""")
    same(room.run(option, "pl.lua", "-n", "7", "input"), (0, '{1,2,{a="b"}}\t{2,4,6}\nx\ttrue\t6\ncat\t{a=1,b=2}\ty.z\n1 of 2\n7\t3\tpl.lua\n', ""))


@each(["--plain", "-W"], name=lambda option: f"with {option}")
def luacheck_runs(room, option):
    script = shutil.which("luacheck", path="/usr/bin:/usr/local/bin")
    if script is None:
        raise AssertionError("luacheck is missing: Debian's lua-check")
    room.write("clean.lua", "local a = 1\nprint(a)\n")
    room.write("dirty.lua", "local unused = 1\nprint(undefined_name)\n")
    version = next(v for v in ("5.4", "5.3", "5.2", "5.1") if os.path.isdir(f"/usr/share/lua/{v}/luacheck"))
    status, output, errors = tool(room, [option], script, "--no-color", "--no-cache", "clean.lua", version=version)
    same(status, 0, "the status: " + errors)
    status, output, errors = tool(room, [option], script, "--no-color", "--no-cache", "clean.lua", "dirty.lua", version=version)
    same(status, 1, "the status: " + errors)
    assert re.search("unused variable '?unused", output) and re.search("undefined variable '?undefined_name", output) and "2 warnings" in re.sub(r"\s+", " ", output), output
