--- Options of a program, by name. Mirrors the part of Python's `argparse` that programs with options use.
local dict = require "dict"

local argparse = {}

--- Values by name, in the order in which they came: `Namespace()`, `Namespace {lr = 0.1}`. It prints as Python's, and two with equal
--- values are equal. Mirrors `argparse.Namespace`.
local Namespace = {__name = "Namespace"}
argparse.Namespace = Namespace

function Namespace:__index(name) return rawget(self, "_values")[name] end

function Namespace:__newindex(name, value) rawget(self, "_values")[name] = value end

function Namespace:__pairs() return pairs(rawget(self, "_values")) end

function Namespace:__len() return #rawget(self, "_values") end

function Namespace:__tostring()
  local parts, odd = {}, {}
  for name, value in pairs(self) do
    if name:find("^[%a_][%w_]*$") then
      parts[#parts + 1] = name .. "=" .. dict.repr(value)
    else
      odd[#odd + 1] = dict.repr(name) .. ": " .. dict.repr(value)
    end
  end
  if #odd > 0 then parts[#parts + 1] = "**{" .. table.concat(odd, ", ") .. "}" end
  return "Namespace(" .. table.concat(parts, ", ") .. ")"
end

local function equal(a, b)
  if type(a) ~= "table" or type(b) ~= "table" or getmetatable(a) ~= getmetatable(b) then return a == b end
  if getmetatable(a) ~= nil and getmetatable(a) ~= Namespace then return a == b end
  for key, value in pairs(a) do if not equal(value, b[key]) then return false end end
  for key in pairs(b) do if a[key] == nil then return false end end
  return true
end

function Namespace.__eq(a, b) return equal(dict.plain(rawget(a, "_values")), dict.plain(rawget(b, "_values"))) end

function Namespace:__complete() return rawget(self, "_values"):keys() end

setmetatable(Namespace, {
  __call = function(_, values)
    local self = setmetatable({_values = dict()}, Namespace)
    local names = {}
    for name in pairs(values or {}) do names[#names + 1] = name end
    -- A table has no order of its own.
    if not dict.is_dict(values) then table.sort(names) end
    for _, name in ipairs(names) do self[name] = values[name] end
    return self
  end,
  __tostring = function() return "<class 'argparse.Namespace'>" end,
})

return argparse
