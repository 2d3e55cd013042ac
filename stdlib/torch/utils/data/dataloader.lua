--- Batches of a data set. Mirrors `torch.utils.data.DataLoader`.
---
---     for x, y in loader:iter() do … end
---     for i, batch in loader:enumerate() do … end      -- i from 0; batch is a table where a sample has several parts
local torch = require "torch"
local make = require "torch.class"
local fail = require "torch.failure"
local pyrepr = require "torch.pyrepr"
local signature = require "torch.signature"
local data = require "torch.utils.data.dataset"
local samplers = require "torch.utils.data.sampler"
local collating = require "torch.utils.data.collate"

local drawing = data.drawing

local options = "dataset, batch_size=1, shuffle=None, sampler=None, batch_sampler=None, num_workers=0, collate_fn=None, pin_memory=False, drop_last=False, timeout=0, worker_init_fn=None, multiprocessing_context=None, generator=None, *, prefetch_factor=None, persistent_workers=False, pin_memory_device='', in_order=True"
local DataLoader = make("DataLoader", nil, options)
local arguments = signature("DataLoader", options)

-- Python's None for batch_size, which nil in a table cannot say.
local function no_batches(value) return value == false end

--- Options as in PyTorch; `batch_size = false` stands for None: samples one by one. Workers are accepted and everything
--- happens in this process.
function DataLoader:__init(...)
  local o = arguments(...)
  if o.num_workers < 0 then fail("ValueError", "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.") end
  if o.timeout < 0 then fail("ValueError", "timeout option should be non-negative") end
  if o.num_workers == 0 and o.prefetch_factor then
    fail("ValueError", "prefetch_factor option could only be specified in multiprocessing.let num_workers > 0 to enable multiprocessing, otherwise set prefetch_factor to None.")
  elseif o.prefetch_factor and o.prefetch_factor < 0 then
    fail("ValueError", "prefetch_factor option should be non-negative")
  end
  if o.persistent_workers and o.num_workers == 0 then fail("ValueError", "persistent_workers option needs num_workers > 0") end
  self.dataset, self.num_workers, self.prefetch_factor, self.pin_memory = o.dataset, o.num_workers, o.prefetch_factor, o.pin_memory
  self.timeout, self.worker_init_fn, self.generator, self.persistent_workers = o.timeout, o.worker_init_fn, o.generator, o.persistent_workers
  self._iterable = torch.isinstance(o.dataset, data.IterableDataset)
  if self._iterable then
    if o.shuffle then fail("ValueError", "DataLoader with IterableDataset: expected unspecified shuffle option, but got shuffle=%s", pyrepr(o.shuffle)) end
    if o.sampler then fail("ValueError", "DataLoader with IterableDataset: expected unspecified sampler option, but got sampler=%s", tostring(o.sampler)) end
    if o.batch_sampler then
      fail("ValueError", "DataLoader with IterableDataset: expected unspecified batch_sampler option, but got batch_sampler=%s", tostring(o.batch_sampler))
    end
  end
  if o.sampler and o.shuffle then fail("ValueError", "sampler option is mutually exclusive with shuffle") end
  local size = o.batch_size
  if no_batches(size) then size = nil end
  if o.batch_sampler then
    if size ~= 1 or o.shuffle or o.sampler or o.drop_last then
      fail("ValueError", "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last")
    end
    size = nil
  elseif size == nil and o.drop_last then
    fail("ValueError", "batch_size=None option disables auto-batching and is mutually exclusive with drop_last")
  end
  if not self._iterable then
    self.sampler = o.sampler
      or (o.shuffle and samplers.RandomSampler(o.dataset, drawing(o.generator)) or samplers.SequentialSampler(o.dataset))
    self.batch_sampler = o.batch_sampler
    if size and not o.batch_sampler then self.batch_sampler = samplers.BatchSampler(self.sampler, size, o.drop_last) end
  elseif size and not (math.type(size) == "integer" and size > 0) then
    fail("ValueError", "batch_size should be a positive integer value, but got batch_size=%s", pyrepr(size))
  end
  self.batch_size, self.drop_last = size, o.drop_last
  local batches = self.batch_sampler ~= nil or (self._iterable and size ~= nil)
  self.collate_fn = o.collate_fn or (batches and collating.default_collate or collating.default_convert)
end

-- The tensors of a data set whose samples are their rows, and the rows that indices mean; nil for other data sets.
local function rows_of(set, indices)
  while getmetatable(set) == data.Subset do
    local inner = {}
    for i, index in ipairs(indices) do inner[i] = set.indices[index + 1] end
    set, indices = set.dataset, inner
  end
  if getmetatable(set) == data.TensorDataset then return set.tensors, torch.tensor(indices, {dtype = torch.int64}) end
end

local function fetch(self, indices)
  local set = self.dataset
  if self.collate_fn == collating.default_collate then
    local tensors, rows = rows_of(set, indices)
    if tensors then
      local batch = {}
      for i, x in ipairs(tensors) do batch[i] = x:index_select(0, rows) end
      return batch
    end
  end
  local samples
  if type(set) == "table" and getmetatable(set) and set.__getitems__ then
    samples = set:__getitems__(indices)
  else
    samples = {}
    for i, index in ipairs(indices) do samples[i] = data.sample(set, index) end
  end
  return self.collate_fn(samples)
end

local function iterable_batches(self)
  local step, ended = data.iterate(self.dataset), false
  return function()
    if ended then return nil end
    local samples = {}
    repeat
      local got = table.pack(step())
      if got[1] == nil then
        ended = true
      else
        if got.n > 1 then got.n = nil else got = got[1] end
        if not self.batch_size then return self.collate_fn(got) end
        samples[#samples + 1] = got
      end
    until ended or #samples == self.batch_size
    if #samples == 0 or (self.drop_last and #samples < self.batch_size) then return nil end
    return self.collate_fn(samples)
  end
end

--- An iterator over batches, each one value.
function DataLoader:__iter__()
  local indices = not self._iterable and data.iterate(self.batch_sampler or self.sampler)
  -- PyTorch draws a seed for its workers whether it has any or not, and everything drawn later depends on it.
  self._base_seed = torch.empty({}, {dtype = torch.int64}):random_(drawing(self.generator)):item()
  if self.num_workers > 0 and self.worker_init_fn then self.worker_init_fn(0) end
  if self._iterable then return iterable_batches(self) end
  local batches = self.batch_sampler ~= nil
  return function()
    local index = indices()
    if index == nil then return nil end
    if batches then return fetch(self, index) end
    return self.collate_fn(data.sample(self.dataset, index))
  end
end

--- An iterator over batches, the parts of each as several values: `for x, y in loader:iter()`.
function DataLoader:iter()
  local step = self:__iter__()
  return function()
    local batch = step()
    if type(batch) == "table" and not getmetatable(batch) and batch[1] ~= nil then return table.unpack(batch) end
    return batch
  end
end

--- An iterator over numbers from 0 and batches: `for i, batch in loader:enumerate()`.
function DataLoader:enumerate()
  local step, i = self:__iter__(), -1
  return function()
    local batch = step()
    if batch == nil then return nil end
    i = i + 1
    return i, batch
  end
end

DataLoader.__pairs = DataLoader.enumerate

--- How many batches there are: `#loader`.
function DataLoader:__len()
  if self._iterable then
    local n = data.length(self.dataset)
    if not self.batch_size then return n end
    return self.drop_last and n // self.batch_size or -(-n // self.batch_size)
  end
  return #(self.batch_sampler or self.sampler)
end

function DataLoader:__tostring() return "<torch.utils.data.dataloader.DataLoader object>" end

return DataLoader
