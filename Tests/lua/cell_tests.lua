-- `qrepl test`: percent files run cell by cell by the real program.
local command = dofile(arg[0]:match("^(.*/)[^/]*$") .. "support/command.lua")

local function write(name, text)
  local file <close> = assert(io.open(name, "w"))
  file:write(text)
end
local function read(name)
  local file <close> = assert(io.open(name))
  return file:read("a")
end
-- Times out of a report.
local function run(line)
  local text, status = command(line)
  return (text:gsub("  [%d.]+ %D?%D?s\n", "  <time>\n")), status
end
local function equal(got, expected) if got ~= expected then error(("%s\nis not\n%s"):format(got, expected), 2) end end
local function has(text, part) if not text:find(part, 1, true) then error(("%s\nlacks\n%s"):format(text, part), 2) end end

write("good.lua", [[
#!/usr/bin/env qrepl
local x = 1
-- %% [markdown]
-- # Two *cells*

-- %%
local y = x + 1
print(x, y)

-- %% last one
-- %time y = y + 1
assert(y == 3 and arg[0] == "good.lua" and #arg == 0)
-- %%
]])
local text, status = run("qrepl test good.lua")
equal(text, [[
ok      good.lua:1 cell 1  <time>
ok      good.lua:6 cell 2 "Two *cells*"  <time>
ok      good.lua:10 cell 3 "last one"  <time>
3 passed, 0 failed
]])
equal(status, 0)

-- What a cell prints is kept from the report unless it fails, and goes to the transcript.
equal(run("qrepl test --transcript out.txt good.lua | tail -n 1"), "3 passed, 0 failed\n")
has(read("out.txt"), "1\t2\nCPU times: ")
has(run("qrepl test -s good.lua"), '"Two *cells*"  <time>\n')

write("bad.lua", [[
-- %% a
local function f(t) return t.x.y end
-- %% b, "c": %
print "hello"
io.stderr:write("<&\27>")
f({})
-- %% d
print "after"
-- %% tags=["raises-exception"]
error "on purpose"
-- %% tags=["raises-exception"]
print "none"
-- %% tags=["skip-execution"]
error "skipped"
]])
text, status = run("GITHUB_ACTIONS= qrepl test bad.lua good.lua")
equal(text, [[
ok      bad.lua:1 cell 1 "a"  <time>
FAILED  bad.lua:3 cell 2 "b, "c": %"  <time>
        bad.lua:2: attempt to index a nil value (field 'x')
          2 | local function f(t) return t.x.y end
            |                              ^
        stack traceback:
        	bad.lua:2: in upvalue 'f'
        	bad.lua:6: in main chunk
        -- printed:
        hello
        -- on standard error:
        <&]] .. "\27" .. [[>
4 not run
1 passed, 1 failed
]])
equal(status, 1)
text, status = run("GITHUB_ACTIONS=true qrepl test -k --junit out.xml bad.lua good.lua")
has(text, [[
::error file=bad.lua,line=2,title=cell 2 "b%2C "c"%3A %25"::bad.lua:2: attempt to index a nil value (field 'x')
ok      bad.lua:7 cell 3 "d"  <time>
ok      bad.lua:9 cell 4  <time>
FAILED  bad.lua:11 cell 5  <time>
        the cell is tagged "raises-exception" and raised none
]])
has(text, "1 not run\n6 passed, 2 failed\n")
equal(status, 1)
local xml = read("out.xml")
has(xml, '<testsuites name="qrepl" tests="9" failures="2" errors="0" skipped="1" time="')
has(xml, '<testcase classname="bad" name="cell 2 &quot;b, &quot;c&quot;: %&quot;" file="bad.lua" line="3" time="')
has(xml, "<failure message=\"bad.lua:2: attempt to index a nil value (field 'x')\">")
has(xml, "<system-err>&lt;&amp;#x1B&gt;</system-err>")
assert(os.execute("command -v python3 >/dev/null || exit 0; python3 -c 'import xml.dom.minidom as m; m.parse(\"out.xml\")'"))

-- One cell, with those above it run for what they define; of a cell that fails there only its own result counts.
text, status = run("qrepl test --only d bad.lua; qrepl test --only 2 --only last\\ one good.lua")
equal(text, 'ok      bad.lua:7 cell 3 "d"  <time>\n1 passed, 0 failed\n'
  .. 'ok      good.lua:6 cell 2 "Two *cells*"  <time>\nok      good.lua:10 cell 3 "last one"  <time>\n2 passed, 0 failed\n')
text, status = run("qrepl test --only 'last on' good.lua")
has(text, "good.lua has no cell 'last on': 3 cells, known by number, title or tag. Did you mean 'last one'?")
equal(status, 64)

write("rate.lua", [[
-- %% tags=["parameters"]
local rate, names = 0.1, {"a"}
-- %%
print(rate, math.type(rate), names)
]])
equal(run("qrepl test -s -p rate=2 --parameter names=adam rate.lua | grep integer"), "2\tinteger\tadam\n")
for line, part in pairs {
  ["qrepl test -p rat=1 rate.lua"] = "rate.lua has no parameter 'rat': it has rate, names. Did you mean 'rate'?",
  ["qrepl test -p rate=1 good.lua"] = 'good.lua has no cell tagged "parameters"',
  ["qrepl test -p rate rate.lua"] = "-p takes name=value, not 'rate'",
  ["qrepl test --timeout 0 rate.lua"] = "--timeout must be more than 0 seconds",
  ["qrepl test"] = "Missing expected argument '<file> ...'",
  ["qrepl test --nothing rate.lua"] = "Unknown option '--nothing'",
} do
  text, status = run(line)
  has(text, part)
  equal(status, 64)
end
text, status = run("qrepl test missing.lua")
equal(text, "qrepl: cannot open missing.lua: No such file or directory\n")
equal(status, 1)

-- What cells expect, and what they are found to give.
write("expect.lua", [[
-- %%
local x = {1, 2}
-- %%
-- %timeit -n 1 -r 1 -q x[1] = 1
#x
-- %expect 3
-- %%
-- %%expect
-- six
print "seven"
]])
write("expect.lua", (read("expect.lua"):gsub("#x", "math.max(#x)")))
text, status = run("qrepl test -k expect.lua")
has(text, "FAILED  expect.lua:3 cell 2  <time>\n        expect.lua:6: ExpectError: expected 3, got 2\n")
has(text, "FAILED  expect.lua:7 cell 3  <time>\n        expect.lua:8: ExpectError: ")
has(text, "1 passed, 2 failed\n")
text, status = run("qrepl test --update expect.lua; qrepl test expect.lua | tail -n 1")
has(text, "\n3 passed, 0 failed\n3 passed, 0 failed\n")
has(read("expect.lua"), "-- %expect 2\n-- %%\n-- %%expect\n-- seven\nprint")

-- A limit stops what Lua, kernels and other programs do; what ends the program is told.
write("long.lua", [[
-- %%
while true do pcall(function() while true do end end) end
-- %%
local torch = require "torch"
local a = torch.ones(1500, 1500)
while true do a = a:matmul(a) end
-- %%
os.execute("sleep 60")
-- %%
print "still here"
-- %%
os.exit(3)
-- %%
print "never"
]])
local start = os.time()
text, status = run("qrepl test -k --timeout 0.5 long.lua | grep -v '|'")
has(text, "FAILED  long.lua:1 cell 1  <time>\n        long.lua:1: the cell took longer than 0.5 s\n")
has(text, "FAILED  long.lua:3 cell 2  <time>\n")
has(text, "FAILED  long.lua:7 cell 3  <time>\n")
has(text, "ok      long.lua:9 cell 4  <time>\n")
has(text, "        the cell ended the program with status 3\n1 not run\n1 passed, 4 failed\n")
assert(os.time() - start < 60)

-- A file of a command's name is run by its path.
write("test", "print('a script', ...)\n")
equal(run("qrepl ./test x; qrepl -e '' test y"), "a script\tx\na script\ty\n")
