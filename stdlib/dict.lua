--- Dictionaries that keep the order of their keys and print as Python's. `dict {"acc", 0.5}` has one entry, `dict()` none.
---
---     local result = dict({"acc", 0.8}, {"f1", 0.9})
---     result.acc, #result                     -- 0.8, 2
---     print(result)                           -- {'acc': 0.8, 'f1': 0.9}
---     for key, value in pairs(result) do … end
local pyrepr = require "torch.pyrepr"

local dict = {}
local Dict = {__name = "dict"}
local methods = {}

local escapes = {["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t"}

-- Python's choice of quotes, and what it escapes.
local function quoted(text)
  local quote = text:find("'", 1, true) and not text:find('"', 1, true) and '"' or "'"
  local inside = text:gsub("[%c\\'\127]", function(c)
    if c == "'" then return quote == "'" and "\\'" or c end
    return escapes[c] or ("\\x%02x"):format(c:byte())
  end)
  return quote .. inside .. quote
end

--- A value as Python's `repr` writes it: a plain table is a list, or a dict in the order of its keys' names.
function dict.repr(value)
  if type(value) == "string" then return quoted(value) end
  if type(value) ~= "table" or getmetatable(value) then return pyrepr(value) end
  local parts = {}
  if next(value) == nil or value[1] ~= nil then
    for i, item in ipairs(value) do parts[i] = dict.repr(item) end
    return "[" .. table.concat(parts, ", ") .. "]"
  end
  for key, item in pairs(value) do parts[#parts + 1] = dict.repr(key) .. ": " .. dict.repr(item) end
  table.sort(parts)
  return "{" .. table.concat(parts, ", ") .. "}"
end

--- A value as Python's `str` writes it: text as it stands.
function dict.str(value) return type(value) == "string" and value or dict.repr(value) end

function Dict:__index(key)
  local value = rawget(self, "_values")[key]
  if value ~= nil then return value end
  return methods[key]
end

function Dict:__newindex(key, value)
  local values, order = rawget(self, "_values"), rawget(self, "_order")
  if value == nil then
    for i, name in ipairs(order) do
      if name == key then table.remove(order, i) break end
    end
  elseif values[key] == nil then
    order[#order + 1] = key
  end
  values[key] = value
end

function Dict:__pairs()
  local order, i = {table.unpack(rawget(self, "_order"))}, 0
  return function()
    i = i + 1
    local key = order[i]
    if key ~= nil then return key, rawget(self, "_values")[key] end
  end
end

function Dict:__len() return #rawget(self, "_order") end

function Dict:__tostring()
  local parts = {}
  for key, value in pairs(self) do parts[#parts + 1] = dict.repr(key) .. ": " .. dict.repr(value) end
  return "{" .. table.concat(parts, ", ") .. "}"
end

function Dict:__complete()
  local names = {table.unpack(rawget(self, "_order"))}
  for name in pairs(methods) do names[#names + 1] = name end
  return names
end

--- The keys, as a list in their order. Mirrors `dict.keys`.
function methods:keys() return {table.unpack(rawget(self, "_order"))} end

--- Takes over the entries of another dict or table. Mirrors `dict.update`.
function methods:update(other)
  for key, value in pairs(other) do self[key] = value end
end

local function new(_, ...)
  local self = setmetatable({_values = {}, _order = {}}, Dict)
  for _, entry in ipairs {...} do self[entry[1]] = entry[2] end
  return self
end

--- A table with the entries of a dictionary.
function dict.plain(self)
  local result = {}
  for key, value in pairs(self) do result[key] = value end
  return result
end

--- Whether a value is such a dictionary.
function dict.is_dict(value) return type(value) == "table" and getmetatable(value) == Dict end

return setmetatable(dict, {__call = new})
