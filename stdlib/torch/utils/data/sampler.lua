--- Orders in which samples are taken. Mirrors `torch.utils.data.sampler`.
local torch = require "torch"
local make = require "torch.class"
local fail = require "torch.failure"
local pyrepr = require "torch.pyrepr"
local signature = require "torch.signature"
local data = require "torch.utils.data.dataset"

local drawing = data.drawing

local samplers = {}

--- The base of samplers: `__iter__` gives a Lua iterator over indices from 0.
local Sampler = make("Sampler")
function Sampler:__iter__() fail("NotImplementedError", "") end
function Sampler:iter() return self:__iter__() end
function Sampler:__len() return self:__len__() end
function Sampler:__tostring() return ("<%s object>"):format(getmetatable(self).__name) end

local function define(name, options, start)
  local class = make(name, Sampler, options)
  local arguments = signature(name, options)
  function class.__init(self, ...) start(self, arguments(...)) end
  samplers[name] = class
  return class
end

local function whole(value) return math.type(value) == "integer" and value > 0 end

-- An iterator over a list that is made when the first element is asked for.
local function later(make_list)
  local list, i = nil, 0
  return function()
    list = list or make_list()
    i = i + 1
    return list[i]
  end
end

--- 0, 1, 2, …
local SequentialSampler = define("SequentialSampler", "data_source", function(self, o) self.data_source = o.data_source end)
function SequentialSampler:__iter__()
  local i, n = -1, nil
  return function()
    n = n or data.length(self.data_source)
    i = i + 1
    if i < n then return i end
  end
end
function SequentialSampler:__len__() return data.length(self.data_source) end

--- All in random order, or num_samples of them; with replacement also more than once.
local RandomSampler = define("RandomSampler", "data_source, replacement=False, num_samples=None, generator=None", function(self, o)
  self.data_source, self.replacement, self._num_samples, self.generator = o.data_source, o.replacement, o.num_samples, o.generator
  if type(o.replacement) ~= "boolean" then
    fail("TypeError", "replacement should be a boolean value, but got replacement=%s", pyrepr(o.replacement))
  end
  local count = o.num_samples == nil and data.length(o.data_source) or o.num_samples
  if not whole(count) then fail("ValueError", "num_samples should be a positive integer value, but got num_samples=%s", pyrepr(count)) end
end)
function RandomSampler:__len__() return self._num_samples or data.length(self.data_source) end
function RandomSampler:__iter__()
  return later(function()
    local n, count = data.length(self.data_source), #self
    local generator = self.generator
    if not generator then
      local seed = torch.empty({}, {dtype = torch.int64}):random_():item()
      generator = torch.Generator()
      generator:manual_seed(seed)
    end
    local list = {}
    local function add(values, most)
      for i = 1, most or #values do list[#list + 1] = values[i] end
    end
    if self.replacement then
      for _ = 1, count // 32 do add(torch.randint(n, {32}, {dtype = torch.int64, generator = generator}):tolist()) end
      add(torch.randint(n, {count % 32}, {dtype = torch.int64, generator = generator}):tolist())
    else
      for _ = 1, count // n do add(torch.randperm(n, drawing(generator)):tolist()) end
      add(torch.randperm(n, drawing(generator)):tolist(), count % n)
    end
    return list
  end)
end

--- Given indices in random order.
local SubsetRandomSampler = define("SubsetRandomSampler", "indices, generator=None", function(self, o)
  self.indices, self.generator = o.indices, o.generator
end)
function SubsetRandomSampler:__len__() return #self.indices end
function SubsetRandomSampler:__iter__()
  return later(function()
    local list = {}
    for i, at in ipairs(torch.randperm(#self.indices, drawing(self.generator)):tolist()) do
      local index = torch.is_tensor(self.indices) and self.indices[at] or self.indices[at + 1]
      list[i] = torch.is_tensor(index) and index:item() or index
    end
    return list
  end)
end

--- num_samples indices by their weights.
local WeightedRandomSampler = define("WeightedRandomSampler", "weights, num_samples, replacement=True, generator=None", function(self, o)
  if not whole(o.num_samples) then fail("ValueError", "num_samples should be a positive integer value, but got num_samples=%s", pyrepr(o.num_samples)) end
  if type(o.replacement) ~= "boolean" then
    fail("ValueError", "replacement should be a boolean value, but got replacement=%s", pyrepr(o.replacement))
  end
  self.weights = torch.as_tensor(o.weights, {dtype = torch.float64})
  if self.weights:dim() ~= 1 then
    fail("ValueError", "weights should be a 1d sequence but given weights have shape %s", tostring(self.weights.shape):match("%[(.*)%]"):gsub("^(.*)$", "(%1)"))
  end
  self.num_samples, self.replacement, self.generator = o.num_samples, o.replacement, o.generator
end)
function WeightedRandomSampler:__len__() return self.num_samples end
function WeightedRandomSampler:__iter__()
  return later(function() return torch.multinomial(self.weights, self.num_samples, self.replacement, drawing(self.generator)):tolist() end)
end

--- Tables of batch_size indices of another sampler.
local BatchSampler = define("BatchSampler", "sampler, batch_size, drop_last", function(self, o)
  if not whole(o.batch_size) then fail("ValueError", "batch_size should be a positive integer value, but got batch_size=%s", pyrepr(o.batch_size)) end
  if type(o.drop_last) ~= "boolean" then fail("ValueError", "drop_last should be a boolean value, but got drop_last=%s", pyrepr(o.drop_last)) end
  self.sampler, self.batch_size, self.drop_last = o.sampler, o.batch_size, o.drop_last
end)
function BatchSampler:__iter__()
  local step, ended
  return function()
    step = step or data.iterate(self.sampler)
    local batch = {}
    while not ended and #batch < self.batch_size do
      local index = step()
      if index == nil then ended = true else batch[#batch + 1] = index end
    end
    if #batch == 0 or (self.drop_last and #batch < self.batch_size) then return nil end
    return batch
  end
end
function BatchSampler:__len__()
  local n = #self.sampler
  return self.drop_last and n // self.batch_size or (n + self.batch_size - 1) // self.batch_size
end

--- The share of one of several processes.
local DistributedSampler = define("DistributedSampler", "dataset, num_replicas=None, rank=None, shuffle=True, seed=0, drop_last=False", function(self, o)
  if not o.num_replicas or not o.rank then
    fail("ValueError", "Default process group has not been initialized, please make sure to call init_process_group.")
  end
  if o.rank >= o.num_replicas or o.rank < 0 then
    fail("ValueError", "Invalid rank %d, rank should be in the interval [0, %d]", o.rank, o.num_replicas - 1)
  end
  self.dataset, self.num_replicas, self.rank, self.epoch, self.drop_last = o.dataset, o.num_replicas, o.rank, 0, o.drop_last
  self.shuffle, self.seed = o.shuffle, o.seed
  local n = data.length(o.dataset)
  if o.drop_last and n % o.num_replicas ~= 0 then
    self.num_samples = -((o.num_replicas - n) // o.num_replicas)
  else
    self.num_samples = -(-n // o.num_replicas)
  end
  self.total_size = self.num_samples * o.num_replicas
end)
function DistributedSampler:set_epoch(epoch) self.epoch = epoch end
function DistributedSampler:__len__() return self.num_samples end
function DistributedSampler:__iter__()
  local n, order = data.length(self.dataset), {}
  if self.shuffle then
    local generator = torch.Generator()
    generator:manual_seed(self.seed + self.epoch)
    order = torch.randperm(n, drawing(generator)):tolist()
  else
    for i = 1, n do order[i] = i - 1 end
  end
  for i = n + 1, self.total_size do order[i] = order[(i - 1) % n + 1] end
  local at = self.rank + 1 - self.num_replicas
  return function()
    at = at + self.num_replicas
    if at <= self.total_size then return order[at] end
  end
end

samplers.Sampler = Sampler

return samplers
