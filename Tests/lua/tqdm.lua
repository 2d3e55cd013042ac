-- Progress bars. tqdm_cases.txt holds what Python's tqdm writes (make_tqdm.py).
local here = arg[0]:match("^(.*/)[^/]*$")
local fails = dofile(here .. "support/fails.lua")
local tqdm = require "tqdm"
local meter = require "tqdm.meter"

local levels = {[" .oO"] = {" ", ".", "o", "O"}}
local lines, numbers, sizes = 0, 0, 0
for line in io.lines(here .. "tqdm_cases.txt") do
  local kind, first, second = line:match "^(%a+)\t(.-)\t(.*)$"
  if kind == "number" then
    numbers = numbers + 1
    assert(tqdm.format_num(load("return " .. first)()) == second, line)
  elseif kind == "size" then
    sizes = sizes + 1
    assert(tqdm.format_sizeof(tonumber(first)) == second, line)
  elseif line:find "^{" then
    local source, wanted = line:match "^({.-})\t(.*)$"
    local m = load("return " .. source)()
    m.levels = m.ascii == true and meter.ascii or m.ascii and levels[m.ascii] or nil
    local got = tqdm.format_meter(m)
    assert(got == wanted, ("%s\nwanted: %s|\ngot:    %s|"):format(source, wanted, got))
    lines = lines + 1
  end
end
assert(lines == 600 and numbers == 200 and sizes == 60)
assert(tqdm.format_interval(3661) == "1:01:01" and tqdm.format_interval(59.9) == "00:59" and tqdm.format_interval(-61) == "-01:01")

-- A clock of our own, and stderr in a file: it is no terminal, so each tenth has a line at most.
local time = 0
local function clock() return time end
local function captured(body)
  local file = assert(io.open("bar.txt", "w"))
  local stderr = io.stderr
  io.stderr = file
  local ok, problem = pcall(body)
  io.stderr = stderr
  file:close()
  assert(ok, problem)
  local text = assert(io.open("bar.txt")):read "a"
  return text
end

local text = captured(function()
  for _ in tqdm.trange(100, {desc = "train", clock = clock, ascii = true}) do time = time + 0.5 end
end)
local count = select(2, text:gsub("\n", ""))
assert(count == 10, text)
assert(text:find("^train:  10%%|#         | 10/100 %[00:05<00:45,  2%.00it/s%]\n"), text)
assert(text:find("train: 100%|##########| 100/100 [00:50<00:00,  2.00it/s]\n", 1, true), text)

-- Few steps: few lines. Without a total: the last alone. Nested and not to stay: none.
assert(select(2, captured(function() for _ in tqdm.trange(3, {ascii = true}) do time = time + 1 end end):gsub("\n", "")) == 3)
text = captured(function()
  time = 0
  local bar = tqdm {clock = clock, unit = "B", desc = "read"}
  for _ = 1, 50 do
    time = time + 2
    bar:update(1000)
  end
  bar:close()
  bar:close()
end)
assert(text == "read: 50000B [01:40, 500.00B/s]\n", text)
text = captured(function()
  for _ in tqdm.trange(2, {clock = clock, ascii = true}) do
    for _ in tqdm.trange(20, {leave = false, desc = "inner", clock = clock}) do time = time + 1 end
  end
end)
assert(not text:find "inner" and select(2, text:gsub("\n", "")) == 2, text)

-- The line, as it changes.
time = 0
local bar = tqdm {total = 100, clock = clock, disable = true, ascii = true}
bar:update(35)
time = 12.3
bar:set_description "train"
bar:set_postfix {loss = 5.1234, acc = 1, note = "x "}
assert(bar:line() == "train:  35%|###5      | 35/100 [00:12<00:22,  2.85it/s, acc=1, loss=5.12, note=x]", bar:line())
bar:set_postfix "lr=1e-3"
assert(bar:line():find(", lr=1e-3]", 1, true) and tostring(bar) == bar:line())
bar:reset(50)
assert(bar.n == 0 and bar:line() == "train:   0%|          | 0/50 [00:00<?, ?it/s, lr=1e-3]", bar:line())
time = time + 30
bar:update(10)
assert(bar:line():find("3.00s/it", 1, true), bar:line())

-- What it goes through.
local seen = {}
for x in tqdm({"a", "b", "c"}, {disable = true}) do seen[#seen + 1] = x end
assert(table.concat(seen) == "abc")
seen = {}
for i, x in tqdm(ipairs {"a", "b"}) do seen[#seen + 1] = i .. x end
assert(table.concat(seen, " ") == "1a 2b")
local walk = tqdm(string.gmatch("x y z", "%a"), {disable = true})
seen = {}
for x in walk do seen[#seen + 1] = x end
assert(table.concat(seen) == "xyz" and walk.n == 3)
seen = {}
for row in tqdm(torch.arange(3), {disable = true}) do seen[#seen + 1] = row:item() end
assert(table.concat(seen, " ") == "0 1 2")
for i, own in tqdm.trange(2, 10, 3, {disable = true}) do
  seen[#seen + 1] = i
  assert(own.total == 3)
end
for i in tqdm.trange(3, 0, -1, {disable = true}) do seen[#seen + 1] = i end
assert(table.concat(seen, " ", 4) == "2 5 8 3 2 1")
-- A loop that is left ends its bar.
local left
for _, own in tqdm.range(5) do
  left = own
  break
end
assert(left.disable and left.n == 0)

assert(captured(function()
  io.stdout:flush()
  tqdm.write("hello", {file = io.stderr})
end) == "hello\n")

fails("tqdm has no option 'totl'", function() tqdm {totl = 3} end)
fails("tqdm: the option 'total' is a number, not a string", function() tqdm {total = "3"} end)
fails("goes through a list or an iterator, not through a number", function() tqdm(3) end)
fails("trange() arg 3 must not be zero", function() tqdm.trange(0, 3, 0) end)
fails("Unknown colour (beige)", function() tqdm {total = 1, colour = "beige"} end)
