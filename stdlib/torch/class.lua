--- Classes that are Lua tables: what `torch.class` makes of a base that is no module (functions, data sets, optimizers).
---
--- A class holds its methods; instances are tables with the class as their metatable. `class.__init` sets an instance up,
--- `class.__derived(derived)` hears of classes derived from it.

-- What Lua looks for in an instance's metatable itself, so that a derived class needs it as its own.
local events = {
  "__index", "__newindex", "__len", "__call", "__tostring", "__pairs", "__close", "__gc", "__eq", "__lt", "__le", "__add",
  "__sub", "__mul", "__div", "__unm", "__concat", "__complete", "__whos",
}

local make

local function construct(class, ...)
  local self = setmetatable({}, class)
  local init = class.__init
  if init then init(self, ...) end
  return self
end

local function isinstance(class, value)
  local one = type(value) == "table" and getmetatable(value)
  while one do
    if one == class then return true end
    one = rawget(one, "__base")
  end
  return false
end

-- Where the file that is being read has come to: there a class is defined.
local function place()
  for level = 3, 10 do
    local info = debug.getinfo(level, "Sl")
    if not info then return nil end
    if info.what == "main" then return {info.source, info.currentline} end
  end
end

--- A new class derived from `base`, which may be nil. `signature` is what help shows of its arguments, as Python writes them.
function make(name, base, signature)
  local class = {__name = name, __base = base}
  class.__index = class
  if base then
    for _, event in ipairs(events) do
      local own = rawget(base, event)
      if own ~= nil and own ~= base then class[event] = own end
    end
  end
  setmetatable(class, {
    __index = base,
    __call = construct,
    __tostring = function() return "<class '" .. name .. "'>" end,
    __derive = function(parent, derived) return make(derived, parent) end,
    __isinstance = isinstance,
    __signature = signature and name .. "(" .. signature .. ")",
    __defined = place(),
  })
  local hear = base and base.__derived
  if hear then hear(class) end
  return class
end

return make
