/// The machinery's part that compares values, writes them as Lua, and looks at the variables of calls that failed. It takes
/// the machinery's table and adds to it.
let machineryValuesLua = #"""
local M = ...
local type, next, tostring, tonumber, pcall, load = type, next, tostring, tonumber, pcall, load
local rawget, rawset, rawequal, rawlen, setmetatable, select = rawget, rawset, rawequal, rawlen, setmetatable, select
local getmetatable, format, gsub, abs, mathtype, concat, sort = debug.getmetatable, string.format, string.gsub, math.abs, math.type, table.concat, table.sort
local G = _G

-- A tensor as a table, or a number; other values as they are.
local function plain(value)
  if type(value) ~= "userdata" then return value end
  local ok, list = pcall(function() return value:tolist() end)
  if ok then return list end
  return value
end

local function isclose(a, b, tolerance)
  return a == b or (a ~= a and b ~= b) or abs(a - b) <= tolerance
end

local function shown(value)
  return type(value) == "string" and format("%q", value) or M.display(value) or "nil"
end

-- What is wrong with `actual`, nil where nothing is; `path` is where in it.
local function compare(actual, expected, tolerance, path)
  actual, expected = plain(actual), plain(expected)
  local where = path == "" and "" or "at " .. path .. ": "
  if type(actual) == "number" and type(expected) == "number" then
    if isclose(actual, expected, tolerance) then return nil end
    local text = format("%sexpected %s, got %s", where, shown(expected), shown(actual))
    return tolerance == 0 and text or format("%s (off by %.3g, allowed is %.3g)", text, abs(actual - expected), tolerance)
  end
  if type(actual) == "table" and type(expected) == "table" and not rawequal(actual, expected) then
    if rawlen(actual) ~= rawlen(expected) then
      return format("%sexpected %d elements, got %d", where, rawlen(expected), rawlen(actual))
    end
    local keys = {}
    for key in next, expected do keys[#keys + 1] = key end
    for key in next, actual do if rawget(expected, key) == nil then keys[#keys + 1] = key end end
    sort(keys, function(a, b) return type(a) == type(b) and type(a) ~= "boolean" and type(a) ~= "table" and a < b or type(a) < type(b) end)
    for _, key in next, keys do
      local problem = compare(rawget(actual, key), rawget(expected, key), tolerance, path .. "[" .. shown(key) .. "]")
      if problem then return problem end
    end
    return nil
  end
  if actual == expected then return nil end
  return format("%sexpected %s, got %s", where, shown(expected), shown(actual))
end

-- Texts that are equal but for numbers which are close.
local function isclosetext(actual, expected, tolerance)
  local pattern, numbers, index = "%-?%d+%.?%d*[eE]?[+-]?%d*", {}, 0
  local function blank(text) return gsub(text, pattern, "#") end
  if blank(actual) ~= blank(expected) then return false end
  gsub(actual, pattern, function(text) numbers[#numbers + 1] = tonumber(text) or text end)
  local close = true
  gsub(expected, pattern, function(text)
    index = index + 1
    local a, b = numbers[index], tonumber(text) or text
    close = close and (a == b or (type(a) == "number" and type(b) == "number" and isclose(a, b, tolerance)))
  end)
  return close
end

-- What is wrong with a value, nil where nothing is; of texts with more than one line also both.
function M.differs(actual, expected, tolerance)
  if tolerance ~= nil and type(tolerance) ~= "number" then return "the tolerance is no number but " .. shown(tolerance) end
  tolerance = tolerance or 0
  if type(expected) == "string" then
    local text = type(actual) == "string" and actual or M.display(actual) or "nil"
    if text == expected or (tolerance > 0 and isclosetext(text, expected, tolerance)) then return nil end
    if text:find("\n") or expected:find("\n") then return "texts differ", expected, text end
    return format("expected %q, got %q", expected, text)
  end
  return compare(actual, expected, tolerance, "")
end

-- A value as an expression of Lua; nil for one that is none.
local function literal(value)
  value = plain(value)
  if mathtype(value) == "float" then
    if value ~= value then return "0/0" elseif value == 1 / 0 then return "math.huge" elseif value == -1 / 0 then return "-math.huge" end
    local text = format("%.7g", value)
    if tonumber(text) ~= value then text = format("%.17g", value) end
    return tostring(tonumber(text)) == text and text or text:find("[.eE]") and text or text .. ".0"
  elseif type(value) == "string" then
    return (gsub(format("%q", value), "\\\n", "\\n"))
  elseif type(value) == "number" or type(value) == "boolean" or value == nil then
    return tostring(value)
  elseif type(value) ~= "table" then
    return nil
  end
  local parts, count = {}, rawlen(value)
  for index = 1, count do parts[index] = literal(value[index]) or "nil" end
  local keys = {}
  for key in next, value do
    if not (mathtype(key) == "integer" and key >= 1 and key <= count) then keys[#keys + 1] = key end
  end
  sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in next, keys do
    parts[#parts + 1] = format("[%s] = %s", literal(key) or "nil", literal(value[key]) or "nil")
  end
  return "{" .. concat(parts, ", ") .. "}"
end
M.literal = literal

-- The calls that the last error went through, innermost first; those of the user's alone.
local frames = {}

function M.look(list)
  frames = {}
  for index = 1, rawlen(list) do
    local frame = list[index]
    if frame.source ~= "=(qrepl)" then frames[#frames + 1] = frame end
  end
  return #frames
end

-- Where a call stands: chunk name, line, the function's name, what it is.
function M.frame(index)
  local frame = frames[index]
  return frame.source, frame.line, frame.name, frame.what
end

-- The names and values of a call's own variables, a line each; those that no code can name any more are left out.
function M.variablesof(index)
  local frame, lines, last = frames[index], {}, {}
  for at = 1, frame.locals do last[frame.names[at]] = at end
  for at = 1, frame.locals do
    local name = frame.names[at]
    if last[name] == at and name ~= "_ENV" and name:sub(1, 6) ~= "_QREPL" then lines[#lines + 1] = name .. " = " .. shown(frame.values[at]) end
  end
  return concat(lines, "\n")
end

-- Runs a piece of Lua among the variables of a call; they are copies, which it may set.
function M.evaluate(index, text)
  local frame = frames[index]
  local places = {}
  for at = #frame.names, frame.locals + 1, -1 do places[frame.names[at]] = at end
  for at = 1, frame.locals do places[frame.names[at]] = at end
  local scope = setmetatable({}, {
    __index = function(_, name)
      local at = places[name]
      if at then return frame.values[at] end
      return (M.variable(name))
    end,
    __newindex = function(_, name, value)
      local at = places[name]
      if at then frame.values[at] = value else M.assign(name, value) end
    end,
  })
  local code, problem = load("return " .. text, "=debug", "t", scope)
  if not code then code, problem = load(text, "=debug", "t", scope) end
  if not code then return false, problem end
  local function result(ok, ...)
    if not ok then return false, tostring((...)) end
    return true, select("#", ...) > 0 and (M.display(...) or "nil") or nil
  end
  return result(pcall(code))
end
"""#
