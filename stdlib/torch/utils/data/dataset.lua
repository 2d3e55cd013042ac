--- Data sets: what has a length and gives a sample for an index from 0, or gives samples one after the other.
--- Mirrors `torch.utils.data`.
---
---     local Squares = torch.class("Squares", torch.utils.data.Dataset)
---     function Squares:__init(n) self.n = n end
---     function Squares:__len__() return self.n end
---     function Squares:__getitem__(i) return torch.tensor(i), torch.tensor(i * i) end
local torch = require "torch"
local make = require "torch.class"
local fail = require "torch.failure"
local warning = require "torch.warning"

local data = {}

local is_tensor = torch.is_tensor

--- The keyword of a generator; nothing where there is none.
function data.drawing(generator)
  if generator then return {generator = generator} end
end

--- The length of a data set, a tensor or a plain table.
function data.length(set)
  if type(set) == "table" and getmetatable(set) and not getmetatable(set).__len then
    fail("TypeError", "object of type '%s' has no len()", getmetatable(set).__name or "table")
  end
  return #set
end

--- A sample as one value: several results of `__getitem__` become a table.
function data.sample(set, index)
  if type(set) == "table" then
    local get = getmetatable(set) and set.__getitem__
    if get then
      local got = table.pack(get(set, index))
      if got.n <= 1 then return got[1] end
      got.n = nil
      return got
    end
    return getmetatable(set) and set[index] or set[index + 1]
  end
  return set[index]
end

--- An iterator over what is iterable: an object with `__iter__`, a plain table, a function.
function data.iterate(value)
  if type(value) == "table" then
    if value.__iter__ then return value:__iter__() end
    local i = 0
    return function()
      i = i + 1
      return value[i]
    end
  end
  if is_tensor(value) then
    local i, n = -1, #value
    return function()
      i = i + 1
      if i < n then return value[i] end
    end
  end
  return value
end

local function member(self, key)
  local class = getmetatable(self)
  local value = class[key]
  if value ~= nil then return value end
  if math.type(key) == "integer" and class.__getitem__ then return data.sample(self, key) end
end

--- The base of data sets.
local Dataset = make("Dataset")
Dataset.__index = member
function Dataset:__getitem__() fail("NotImplementedError", "Subclasses of Dataset should implement __getitem__.") end
function Dataset:__len()
  if not self.__len__ then fail("TypeError", "object of type '%s' has no len()", getmetatable(self).__name) end
  return self:__len__()
end
function Dataset:__tostring() return ("<%s object>"):format(getmetatable(self).__name) end
function Dataset:__pairs()
  local i, n = -1, #self
  return function()
    i = i + 1
    if i < n then return i, data.sample(self, i) end
  end
end

--- The base of data sets that give samples one after the other: `__iter__` gives a Lua iterator.
local IterableDataset = make("IterableDataset", Dataset)
function IterableDataset:__iter__() fail("NotImplementedError", "") end
--- An iterator over the samples.
function IterableDataset:iter() return self:__iter__() end

--- Tensors whose first dimensions go together.
local TensorDataset = make("TensorDataset", Dataset, "*tensors")
function TensorDataset:__init(...)
  self.tensors = {...}
  for _, x in ipairs(self.tensors) do
    if x:size(0) ~= self.tensors[1]:size(0) then fail("AssertionError", "Size mismatch between tensors") end
  end
end
function TensorDataset:__getitem__(index)
  local sample = {}
  for i, x in ipairs(self.tensors) do sample[i] = x[index] end
  return sample
end
function TensorDataset:__len__() return self.tensors[1]:size(0) end

--- Data sets side by side: a table of samples, by place or by name.
local StackDataset = make("StackDataset", Dataset, "*args, **kwargs")
function StackDataset:__init(...)
  local sets = {...}
  local named = #sets == 1 and type(sets[1]) == "table" and not getmetatable(sets[1]) and sets[1][1] == nil
  self.datasets = named and sets[1] or sets
  self.named = named
  for _, set in pairs(self.datasets) do
    self._length = self._length or data.length(set)
    if data.length(set) ~= self._length then fail("ValueError", "Size mismatch between datasets") end
  end
  if not self._length then fail("ValueError", "At least one dataset should be passed") end
end
function StackDataset:__getitem__(index)
  local sample = {}
  for key, set in pairs(self.datasets) do sample[key] = data.sample(set, index) end
  return sample
end
function StackDataset:__len__() return self._length end

--- One data set after the other.
local ConcatDataset = make("ConcatDataset", Dataset, "datasets")
function ConcatDataset:__init(sets)
  self.datasets, self.cumulative_sizes = sets, {}
  if #sets == 0 then fail("AssertionError", "datasets should not be an empty iterable") end
  local sum = 0
  for i, set in ipairs(sets) do
    if torch.isinstance(set, IterableDataset) then fail("AssertionError", "ConcatDataset does not support IterableDataset") end
    sum = sum + data.length(set)
    self.cumulative_sizes[i] = sum
  end
end
function ConcatDataset:__len__() return self.cumulative_sizes[#self.cumulative_sizes] end
function ConcatDataset:__getitem__(index)
  local length = #self
  if index < 0 then
    if -index > length then fail("ValueError", "absolute value of index should not exceed dataset length") end
    index = length + index
  end
  local before = 0
  for i, sum in ipairs(self.cumulative_sizes) do
    if index < sum then return data.sample(self.datasets[i], index - before) end
    before = sum
  end
  fail("IndexError", "list index out of range")
end

--- One iterable data set after the other.
local ChainDataset = make("ChainDataset", IterableDataset, "datasets")
function ChainDataset:__init(sets) self.datasets = sets end
function ChainDataset:__iter__()
  local i, current = 0, nil
  return function()
    while true do
      if current then
        local sample = table.pack(current())
        if sample[1] ~= nil then return table.unpack(sample, 1, sample.n) end
      end
      i = i + 1
      local set = self.datasets[i]
      if set == nil then return nil end
      if not torch.isinstance(set, IterableDataset) then fail("AssertionError", "ChainDataset only supports IterableDataset") end
      current = set:__iter__()
    end
  end
end
function ChainDataset:__len__()
  local sum = 0
  for _, set in ipairs(self.datasets) do
    if not torch.isinstance(set, IterableDataset) then fail("AssertionError", "ChainDataset only supports IterableDataset") end
    sum = sum + data.length(set)
  end
  return sum
end

function Dataset.__add(a, b)
  if torch.isinstance(a, IterableDataset) then return ChainDataset {a, b} end
  return ConcatDataset {a, b}
end
for _, class in ipairs {IterableDataset, TensorDataset, StackDataset, ConcatDataset, ChainDataset} do class.__add = Dataset.__add end

--- Some samples of a data set, by a table of indices.
local Subset = make("Subset", Dataset, "dataset, indices")
function Subset:__init(set, indices) self.dataset, self.indices = set, indices end
function Subset:__getitem__(index) return data.sample(self.dataset, self.indices[index + 1]) end
function Subset:__len__() return #self.indices end

--- A data set in parts of given lengths (or shares), at random. Mirrors `torch.utils.data.random_split`.
function data.random_split(set, lengths, generator)
  if type(generator) == "table" then generator = generator.generator end
  local sum, total = 0, data.length(set)
  for _, one in ipairs(lengths) do sum = sum + one end
  if math.abs(sum - 1) <= 1e-9 and sum <= 1 then
    local whole, taken = {}, 0
    for i, share in ipairs(lengths) do
      if share < 0 or share > 1 then fail("ValueError", "Fraction at index %d is not between 0 and 1", i - 1) end
      whole[i] = math.floor(total * share)
      taken = taken + whole[i]
    end
    for i = 0, total - taken - 1 do
      local at = i % #whole + 1
      whole[at] = whole[at] + 1
    end
    for i, one in ipairs(whole) do
      if one == 0 then warning("UserWarning", "Length of split at index %d is 0. This might result in an empty dataset.", i - 1) end
    end
    lengths, sum = whole, total
  end
  if sum ~= total then fail("ValueError", "Sum of input lengths does not equal the length of the input dataset!") end
  local order = torch.randperm(sum, data.drawing(generator)):tolist()
  local parts, at = {}, 0
  for i, length in ipairs(lengths) do
    parts[i] = Subset(set, table.move(order, at + 1, at + length, 1, {}))
    at = at + length
  end
  return parts
end

data.Dataset, data.IterableDataset, data.TensorDataset, data.StackDataset = Dataset, IterableDataset, TensorDataset, StackDataset
data.ConcatDataset, data.ChainDataset, data.Subset = ConcatDataset, ChainDataset, Subset

return data
