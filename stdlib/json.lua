--- JSON texts to tables and back. Mirrors Python's `json`; `json.null` stands for null.
local torch = require "torch"
local failure = require "torch.failure"
local pyrepr = require "torch.pyrepr"
local raw = torch._json

local M = {null = raw.null()}

--- The value of a text. Objects become tables by name, arrays lists, null `json.null`. Mirrors `json.loads`.
function M.loads(text)
  local good, value = pcall(raw.read, text)
  if not good then failure("JSONDecodeError", "%s", (tostring(value):gsub("^.-%u%a*Error: ", ""))) end
  return value
end

--- The value of an open file's text. Mirrors `json.load`.
function M.load(file) return M.loads(file:read("a")) end

local function sorted_keys(value)
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  -- Ids as keys are sorted as numbers before they become text, as Python's are.
  table.sort(keys, function(a, b)
    if type(a) == type(b) then return a < b end
    return type(a) == "number"
  end)
  return keys
end

-- Characters beyond ASCII as Python escapes them, those past U+FFFF by two surrogates.
local function quoted(text)
  return (raw.quoted(text):gsub(utf8.charpattern, function(character)
    if #character == 1 then return nil end
    local code = utf8.codepoint(character)
    if code < 0x10000 then return ("\\u%04x"):format(code) end
    code = code - 0x10000
    return ("\\u%04x\\u%04x"):format(0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF))
  end))
end

local write

local function items(parts, open, close, indent, depth)
  if #parts == 0 then return open .. close end
  if not indent then return open .. table.concat(parts, ", ") .. close end
  local inner, outer = "\n" .. (" "):rep(indent * (depth + 1)), "\n" .. (" "):rep(indent * depth)
  return open .. inner .. table.concat(parts, "," .. inner) .. outer .. close
end

function write(value, indent, depth)
  local kind = type(value)
  if value == M.null or value == nil then return "null" end
  if kind == "boolean" then return tostring(value) end
  if kind == "string" then return quoted(value) end
  if kind == "number" then
    if value ~= value then return "NaN" end
    if value == math.huge then return "Infinity" elseif value == -math.huge then return "-Infinity" end
    return pyrepr(value)
  end
  if kind ~= "table" then failure("TypeError", "Object of type %s is not JSON serializable", torch.is_tensor(value) and "Tensor" or kind) end
  if depth > 100 then failure("ValueError", "Circular reference detected") end
  local parts = {}
  if #value > 0 and value[0] == nil then
    for i, item in ipairs(value) do parts[i] = write(item, indent, depth + 1) end
    return items(parts, "[", "]", indent, depth)
  end
  for i, key in ipairs(sorted_keys(value)) do parts[i] = quoted(tostring(key)) .. ": " .. write(value[key], indent, depth + 1) end
  return items(parts, "{", "}", indent, depth)
end

--- The text of a value: a table that begins with 1 is an array, any other an object, its keys sorted. Option: indent. Mirrors `json.dumps`.
function M.dumps(value, options) return write(value, options and options.indent, 0) end

--- Writes a value's text to an open file. Mirrors `json.dump`.
function M.dump(value, file, options) assert(file:write(M.dumps(value, options))) end

return M
