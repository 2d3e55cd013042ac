-- A profile: Python's layout (pstats), Lua and native functions, operations by shape.
local run = dofile(arg[0]:match("^(.*/)[^/]*$") .. "support/script.lua")
local function has(text, row, ncalls)
  local pattern = "\n +" .. ncalls .. " +%d+%.%d%d%d +%d+%.%d%d%d +%d+%.%d%d%d +%d+%.%d%d%d " .. row:gsub("%W", "%%%0") .. "\n"
  assert(text:find(pattern), row .. " is not in " .. text)
end
local functions = [[
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
local function twice(f, ...) f(...) return f(...) end
local function tail(n) if n == 0 then return 0 end return tail(n - 1) end
local function fail() error("x") end
local function catch() return (pcall(fail)) end
local function wrapped() return coroutine.wrap(function() coroutine.yield(fib(3)) end)() end
]]

-- The layout, line by line.
local text = run(functions .. "-- %prun twice(fib, 3)")
local head = text:match("^(.-filename:lineno%(function%)\n)")
assert(head and head:find("^         12 function calls %(4 primitive calls%) in %d%.%d%d%d seconds\n\n   Ordered by: internal time\n\n   ncalls  tottime  percall  cumtime  percall filename:lineno%(function%)\n$"), text)
has(text, "script.lua:1(fib)", "10/2")
has(text, "script.lua:2(twice)", 1)
has(text, "script.lua:7(main chunk)", 1)

-- Calls that end by a tail call, by an error, in a coroutine.
has(run(functions .. "-- %prun tail(100)"), "script.lua:3(tail)", 101)
text = run(functions .. "-- %prun for i = 1, 3 do catch() end")
for row, count in pairs { ["script.lua:5(catch)"] = 3, ["script.lua:4(fail)"] = 3, ["{pcall}"] = 3, ["{error}"] = 3 } do has(text, row, count) end
text = run(functions .. "-- %prun wrapped()")
has(text, "{coroutine.wrap}", 1)
has(text, "script.lua:1(fib)", "5/1")

-- What takes time has it: the busy function nearly all, the cumulative time with what it calls.
text = run("local function busy() local s = 0 for i = 1, 3000000 do s = s + i end return s end\nlocal function outer() return (busy()) end\n-- %prun outer()")
local own, all = text:match("\n +1 +(%d+%.%d+) +%d+%.%d+ +(%d+%.%d+) +%d+%.%d+ script%.lua:1%(busy%)")
local outer_own, outer_all = text:match("\n +1 +(%d+%.%d+) +%d+%.%d+ +(%d+%.%d+) +%d+%.%d+ script%.lua:2%(outer%)")
assert(tonumber(own) > 0 and own == all and tonumber(outer_own) < tonumber(own) / 2 and tonumber(outer_all) >= tonumber(all))
assert(text:find("percall filename:lineno(function)\n        1    " .. own, 1, true), "the slowest comes first")

-- Native functions by the names that users know them by.
text = run("local a = torch.ones(4, 4)\n-- %prun for i = 1, 5 do torch.matmul(a, a) a:relu() math.sin(1) end")
for _, row in ipairs { "{torch.matmul}", "{torch.relu}", "{math.sin}" } do has(text, row, 5) end

-- Of operations, by the shapes of their tensors, and layers with what lies in them.
text = run("local nn, a, b = torch.nn, torch.ones(2, 3), torch.ones(3, 5)\nlocal m = nn.Sequential(nn.Linear(5, 4), nn.ReLU())\n-- %prun --ops for i = 1, 2 do m(torch.matmul(a, b)) end\nprint(torch.ones(1))")
has(text, "{torch.matmul} [2x3, 3x5]", 2)
has(text, "{nn.Sequential} [2x5]", 2)
has(text, "{nn.Linear} [2x5]", 2)
has(text, "{nn.ReLU} [2x4]", 2)
assert(text:find("^         8 function calls in ") and text:find("tensor%(%[1%.%]%)\n$"), text)
-- An operation that fails is counted and ended all the same.
text = run("local nn, a = torch.nn, torch.ones(2, 3)\n-- %prun --ops pcall(torch.matmul, a, a) pcall(nn.Linear(2, 2), a) a:add(1)")
has(text, "{torch.matmul} [2x3, 2x3]", 1)
has(text, "{nn.Linear} [2x3]", 1)
has(text, "{torch.add} [2x3]", 1)

-- The options: sorting, restrictions, files, silence.
text = run(functions .. "-- %prun -s cumulative -l 2 -q -T out.txt twice(fib, 3)\nprint(io.open('out.txt'):read('a'))")
assert(text:find("^\n%*%*%* Profile printout saved to text file 'out.txt'%.\n         12 function calls"), text)
assert(text:find("   Ordered by: cumulative time\n   List reduced from 3 to 2 due to restriction <2>\n\n", 1, true))
assert(run(functions .. "-- %prun -l fib -l 0.5 twice(fib, 3)"):find("List reduced from 3 to 1 due to restriction <'fib'>\n", 1, true))
assert(run(functions .. "-- %prun -s calls -s name twice(fib, 3)"):find("Ordered by: call count, function name\n", 1, true))
assert(run("-- %prun -s x 1"):find("UsageError: option -s must be calls, ncalls, cumtime,", 1, true))
assert(run("-- %prun -q local x = 1\nprint(x)") == "1\n")

-- Over a cell; its value; an error ends it, and the next one works.
assert(run("%%prun -q\nlocal x = 20\nx + 1\n\n", "< script.lua") == "21\n")
text = run("-- %%\n-- %%prun\nlocal x = torch.ones(2)\nx:sum()")
has(text, "{torch.sum}", 1)
local out, status = run("local ok, why = pcall(load, 1)\n-- %prun error('why', 0)")
assert(status == 1 and not out:find("function calls") and out:find("why"), out)
assert(run("-- %%\n-- %%prun\n-- %prun 1\nlocal x"):find("UsageError: %prun cannot run inside %prun", 1, true))
