--- Samples put together to batches. Mirrors `torch.utils.data.default_collate`.
local torch = require "torch"
local fail = require "torch.failure"

local is_tensor = torch.is_tensor

local function is_list(value) return type(value) == "table" and not getmetatable(value) and (value[1] ~= nil or next(value) == nil) end
local function is_dict(value) return type(value) == "table" and not getmetatable(value) and value[1] == nil end

local function collate(batch)
  local first = batch[1]
  if is_tensor(first) then return torch.stack(batch, 0) end
  local kind = type(first)
  if kind == "number" then
    if math.type(first) == "integer" then return torch.tensor(batch) end
    return torch.tensor(batch, {dtype = torch.float64})
  end
  if kind == "boolean" then return torch.tensor(batch) end
  if kind == "string" then return batch end
  if is_list(first) then
    local size, columns = #first, {}
    for i = 1, size do columns[i] = {} end
    for k, sample in ipairs(batch) do
      if #sample ~= size then fail("RuntimeError", "each element in list of batch should be of equal size") end
      for i = 1, size do columns[i][k] = sample[i] end
    end
    for i = 1, size do columns[i] = collate(columns[i]) end
    return columns
  end
  if is_dict(first) then
    local result = {}
    for key in pairs(first) do
      local values = {}
      for i, sample in ipairs(batch) do values[i] = sample[key] end
      result[key] = collate(values)
    end
    return result
  end
  fail("TypeError", "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class '%s'>", kind == "nil" and "NoneType" or kind)
end

return {default_collate = collate, default_convert = function(value) return value end}
