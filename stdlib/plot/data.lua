--- Numbers out of what users have: tables, tensors, functions over a range.
local torch = require "torch"
local failure = require "torch.failure"

local data = {}

local function fail(message, ...) failure("ValueError", "%s", message:format(...)) end

--- Raises an error that names the line of the user's code.
data.fail = fail

local function is_tensor(value) return torch.is_tensor(value) end

-- A tensor of ordinary numbers with the same values.
local function plain(tensor)
  tensor = tensor:detach()
  if tensor.is_quantized then tensor = tensor:dequantize() end
  if tensor:is_complex() then fail("a plot shows real numbers, not a tensor of %s: take its abs(), real or angle()", tostring(tensor.dtype)) end
  return tensor:to(torch.float64)
end

local function number(value, what, i)
  local kind = type(value)
  if kind == "number" then return value + 0.0 end
  if kind == "boolean" then return value and 1.0 or 0.0 end
  if is_tensor(value) and value:numel() == 1 then return plain(value):item() end
  fail("%s[%s] is %s, not a number", what, i, kind == "string" and ("the string '%s'"):format(value) or "a " .. kind)
end

--- The numbers of a table or tensor of one dimension, as a Lua list of floats.
function data.list(value, what)
  if is_tensor(value) then
    if value:dim() > 1 then fail("%s has %d dimensions, and a list of numbers one", what, value:dim()) end
    local list = plain(value):flatten():tolist()
    return list
  end
  if type(value) ~= "table" then fail("%s must be a table or a tensor of numbers, not a %s", what, type(value)) end
  local list = {}
  for i = 1, #value do list[i] = number(value[i], what, i) end
  if #list == 0 and next(value) ~= nil then fail("%s is a table without a list in it: its keys are not 1, 2, …", what) end
  return list
end

--- The series in a value: one of a list, one for each column of a matrix.
function data.columns(value, what)
  local matrix = is_tensor(value) and value:dim() > 1
  if not matrix and type(value) == "table" and not is_tensor(value) then
    local first = value[1]
    matrix = type(first) == "table" or is_tensor(first) and first:dim() > 0
  end
  if not matrix then return {data.list(value, what)} end
  local t = data.matrix(value, what):t()
  local columns = {}
  for i = 0, t:size(0) - 1 do columns[i + 1] = t[i]:tolist() end
  return columns
end

--- A matrix of float64 out of a tensor, or a table of rows.
function data.matrix(value, what)
  if is_tensor(value) then
    local t = plain(value)
    if t:dim() ~= 2 then fail("%s has %d dimension%s, and a matrix two", what, t:dim(), t:dim() == 1 and "" or "s") end
    return t
  end
  if type(value) ~= "table" then fail("%s must be a table of rows or a tensor, not a %s", what, type(value)) end
  local rows = {}
  for i = 1, #value do
    rows[i] = data.list(value[i], ("%s[%d]"):format(what, i))
    if #rows[i] ~= #rows[1] then fail("%s[%d] has %d numbers, and %s[1] has %d", what, i, #rows[i], what, #rows[1]) end
  end
  if #rows == 0 or #rows[1] == 0 then return torch.empty(0, 0, {dtype = torch.float64}) end
  return torch.tensor(rows, {dtype = torch.float64})
end

--- A tensor of all numbers in a value, whatever its shape.
function data.flat(value, what)
  if is_tensor(value) then return plain(value):flatten() end
  if type(value) == "table" and (type(value[1]) == "table" or is_tensor(value[1])) then
    local parts = {}
    for i = 1, #value do parts[i] = data.flat(value[i], ("%s[%d]"):format(what, i)) end
    return torch.cat(parts)
  end
  local list = data.list(value, what)
  return #list == 0 and torch.empty(0, {dtype = torch.float64}) or torch.tensor(list, {dtype = torch.float64})
end

--- A function's values at `count` places from `from` to `to`.
function data.sample(f, from, to, count)
  if type(from) ~= "number" or type(to) ~= "number" then fail("a function is drawn over a range: plot.line(f, from, to)") end
  if not (math.abs(from) < math.huge and math.abs(to) < math.huge and from < to) then fail("a range goes up between finite numbers, not from %s to %s", from, to) end
  local x, y = {}, {}
  for i = 1, count do
    x[i] = from + (to - from) * (i - 1) / (count - 1)
    local value = f(x[i])
    y[i] = value == nil and 0 / 0 or number(value, "f", x[i])
  end
  return x, y
end

--- A text on one line, without what would move a terminal's cursor or break a file.
function data.text(text)
  if not utf8.len(text) then text = text:gsub("[\x80-\xff]", "?") end
  return (text:gsub("%c", " "))
end

--- Whether a number is neither NaN nor infinite.
function data.finite(x) return x == x and x ~= math.huge and x ~= -math.huge end

return data
