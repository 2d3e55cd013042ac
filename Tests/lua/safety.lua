-- What a user may do wrong, and what a long session does: errors stay errors, memory stays bounded.
local torch = require "torch"
local nn = require "torch.nn"

local function status(field)
  for line in io.lines("/proc/self/status") do
    local kb = line:match("^" .. field .. ":%s*(%d+)")
    if kb then return tonumber(kb) end
  end
end

-- errors out of native calls cost nothing that stays
local function wrong() return torch.ones(2, 3) + torch.ones(4) end
for _ = 1, 1000 do assert(not pcall(wrong)) end
collectgarbage()
local before = status("VmRSS")
for _ = 1, 20000 do assert(not pcall(wrong)) end
collectgarbage()
assert(status("VmRSS") - before < 8 * 1024, "errors leak")

-- through coroutines and nested pcall
local thread = coroutine.wrap(function()
  local ok, message = pcall(wrong)
  coroutine.yield(ok, message)
  return wrong()
end)
local ok, message = thread()
assert(not ok and tostring(message):find("must match the size of tensor b", 1, true), tostring(message))
ok, message = pcall(thread)
assert(not ok and tostring(message):find("must match", 1, true))

-- errors in metamethods of a user's own class
local Broken = torch.class("Broken", nn.Module)
function Broken:forward() error({code = 7}) end
ok, message = pcall(Broken(), torch.ones(1))
assert(not ok and type(message) == "table" and message.code == 7, "an error's value goes through native code unharmed")

-- recursion through native calls ends in an error
local Deep = torch.class("Deep", nn.Module)
function Deep:forward(x) return self(x) end
ok, message = pcall(Deep(), torch.ones(1))
assert(not ok and tostring(message):find("stack overflow", 1, true), tostring(message))

-- temporaries of 4 MB
local x = torch.zeros(1024, 1024)
for _ = 1, 20000 do x = x + 1 end
assert(x[{0, 0}]:item() == 20000)
assert(status("VmHWM") < 400 * 1024, ("peak %d KB"):format(status("VmHWM")))

-- a cycle of a module and a Lua table is collected
local weak = setmetatable({}, {__mode = "k"})
do
  local Knot = torch.class("Knot", nn.Module)
  function Knot:__init() self.table = {me = self} end
  for _ = 1, 10 do weak[Knot()] = true end
end
collectgarbage()
collectgarbage()
assert(next(weak) == nil, "a cycle through a module stays")

-- foreign userdata and wrong types
for _, value in ipairs {io.stdout, "text", print, {{1, 2}, {3}}} do
  assert(not pcall(torch.add, torch.ones(1), value))
end
assert(not pcall(torch.zeros, -1))
assert(not pcall(torch.zeros, 1 << 30, 1 << 30))
assert(not pcall(torch.ones(3).view, torch.ones(3), 2, 2))
