-- Data sets, samplers and loaders: the same orders as PyTorch 2.15 after the same seed. The Python is the same lines, e.g.
--   torch.manual_seed(3); DataLoader(TensorDataset(x, y), batch_size=4, shuffle=True)
local torch = require "torch"
local data = require "torch.utils.data"
assert(torch.utils.data == data)

local function show(value)
  if torch.is_tensor(value) then value = value:tolist() end
  if type(value) ~= "table" or getmetatable(value) then return tostring(value) end
  local parts = {}
  for i, one in ipairs(value) do parts[i] = show(one) end
  return "[" .. table.concat(parts, ", ") .. "]"
end
local function all(step)
  local rows = {}
  for first, second in step do rows[#rows + 1] = second and {first, second} or first end
  return show(rows)
end
local function firsts(step)
  local rows = {}
  for first in step do rows[#rows + 1] = first end
  return show(rows)
end
local function is(wanted, got) assert(got == wanted, ("wanted: %s\ngot: %s\n%s"):format(wanted, got, debug.traceback())) end
local fails = dofile(arg[0]:match("^(.*/)[^/]*$") .. "support/fails.lua")

local x, y = torch.arange(10):float(), torch.arange(10) * 10
local set = data.TensorDataset(x, y)
local ten = {}
for i = 1, 10 do ten[i] = i - 1 end

torch.manual_seed(3)
is("[[[6.0, 2.0, 0.0, 1.0], [60, 20, 0, 10]], [[8.0, 3.0, 5.0, 4.0], [80, 30, 50, 40]], [[7.0, 9.0], [70, 90]]]", all(data.DataLoader(set, {batch_size = 4, shuffle = true}):iter()))
is("tensor([0.4716])", tostring(torch.rand(1)))
is("[[1.0, 5.0, 6.0], [7.0, 4.0, 3.0], [8.0, 2.0, 9.0]]", firsts(data.DataLoader(set, {batch_size = 3, shuffle = true, drop_last = true}):iter()))
is("tensor([0.8879])", tostring(torch.rand(1)))
local g = torch.Generator():manual_seed(7)
is("[[1.0, 3.0, 5.0, 7.0, 9.0], [4.0, 6.0, 2.0, 8.0, 0.0]]", firsts(data.DataLoader(set, {batch_size = 5, shuffle = true, generator = g}):iter()))
is("tensor([0.4510]) tensor([0.8829])", tostring(torch.rand(1)) .. " " .. tostring(torch.rand(1, {generator = g})))
is("[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]", firsts(data.DataLoader(set, {batch_size = false}):iter()))
local function indices(parts)
  local lists = {}
  for i, part in ipairs(parts) do lists[i] = part.indices end
  return show(lists)
end
is("[[2, 6, 1, 8, 4], [5, 0, 9], [3, 7]]", indices(data.random_split(set, {0.5, 0.3, 0.2}, torch.Generator():manual_seed(42))))
is("[[9, 1, 7], [0, 4, 5, 6, 2, 3, 8]]", indices(data.random_split(ten, {3, 7})))
local five = {0, 1, 2, 3, 4}
is("[1, 1, 0, 3, 0, 3, 2, 0, 0, 2, 0, 0, 3, 4, 0, 0, 4, 4, 1, 1, 1, 3, 2, 0, 3, 0, 3, 2, 1, 3, 2, 0, 4, 3, 0, 0, 4, 4, 2, 0]", firsts(data.RandomSampler(five, {replacement = true, num_samples = 40}):iter()))
is("[1, 3, 4, 0, 2, 4, 2, 0, 3, 1, 1, 2]", firsts(data.RandomSampler(five, {num_samples = 12}):iter()))
is("[8, 9, 7, 6]", firsts(data.SubsetRandomSampler({9, 8, 7, 6}):iter()))
if torch.multinomial then
  local weights = {.1, .9, .4, .7, 3., .6}
  is("[5, 4, 4, 1, 1]", firsts(data.WeightedRandomSampler(weights, 5):iter()))
  is("[4, 3, 1, 0, 2]", firsts(data.WeightedRandomSampler(weights, 5, {replacement = false}):iter()))
end
is("[[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]", firsts(data.BatchSampler(data.SequentialSampler(ten), {batch_size = 3, drop_last = false}):iter()))
is("[1, 3, 8, 4]", firsts(data.DistributedSampler(ten, {num_replicas = 3, rank = 1}):iter()))
is("[2, 5, 8]", firsts(data.DistributedSampler(ten, {num_replicas = 3, rank = 2, shuffle = false, drop_last = true}):iter()))

-- data sets of one's own
local Squares = torch.class("Squares", data.Dataset)
function Squares:__init(n) self.n = n end
function Squares:__len__() return self.n end
function Squares:__getitem__(i) return i, i * i end
local squares = Squares(5)
assert(#squares == 5 and show(squares[3]) == "[3, 9]" and torch.isinstance(squares, data.Dataset))
assert(#(squares + squares) == 10 and show((squares + squares)[7]) == "[2, 4]" and show((squares + squares)[-1]) == "[4, 16]")
is("[[1, 1], [1, 1]]", show(data.StackDataset(squares, squares)[1]))
is("[4, 16]", show(data.Subset(squares, {4, 2})[0]))
local loader = data.DataLoader(squares, {batch_size = 2})
assert(#loader == 3)
local rows = {}
for i, batch in loader:enumerate() do rows[#rows + 1] = i .. " " .. show(batch) end
is("0 [[0, 1], [0, 1]]; 1 [[2, 3], [4, 9]]; 2 [[4], [16]]", table.concat(rows, "; "))
rows = {}
for i, batch in pairs(data.DataLoader(squares, {batch_size = 3, drop_last = true})) do rows[#rows + 1] = i .. " " .. show(batch) end
is("0 [[0, 1, 2], [0, 1, 4]]", table.concat(rows, "; "))
is("[[[0, 1], [0, 1]], [[2, 3], [4, 9]], [[4], [16]]]", all(loader:iter()))
is("[[1, 2], [3, 4], [5]]", firsts(data.DataLoader({1, 2, 3, 4, 5}, {batch_size = 2}):iter()))
-- the rows of a subset of tensors, gathered at once, are the stacked samples
is(firsts(data.DataLoader(data.Subset(set, {3, 1, 8}), {batch_size = 2}):iter()), "[[3.0, 1.0], [8.0]]")
local Count = torch.class("Count", data.IterableDataset)
function Count:__iter__()
  return coroutine.wrap(function() for i = 0, 6 do coroutine.yield(i) end end)
end
is("[[0, 1, 2], [3, 4, 5], [6]]", firsts(data.DataLoader(Count(), {batch_size = 3}):iter()))
is("[[0, 1, 2], [3, 4, 5]]", firsts(data.DataLoader(Count(), {batch_size = 3, drop_last = true}):iter()))
is("[0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6]", firsts((Count() + Count()):iter()))

-- batches
local batch = data.default_collate {{a = 1, b = {1.5, torch.ones(2)}}, {a = 2, b = {2.5, torch.zeros(2)}}}
assert(batch.a.dtype == torch.int64 and batch.b[1].dtype == torch.float64)
is("[[1.5, 2.5], [[1.0, 1.0], [0.0, 0.0]]]", show(batch.b))
assert(data.default_collate({true, false}).dtype == torch.bool and show(data.default_collate {"a", "b"}) == "[a, b]")
is("[3, 12]", firsts(data.DataLoader(ten, {batch_size = 3, sampler = {0, 1, 2, 3, 4, 5}, collate_fn = function(samples)
  return samples[1] + samples[2] + samples[3]
end}):iter()))

-- mistakes
fails("ValueError: batch_size should be a positive integer value, but got batch_size=0", data.DataLoader, set, {batch_size = 0})
fails("ValueError: sampler option is mutually exclusive with shuffle", data.DataLoader, set, {sampler = {1}, shuffle = true})
fails("ValueError: DataLoader with IterableDataset: expected unspecified shuffle option, but got shuffle=True", data.DataLoader, Count(), {shuffle = true})
fails("ValueError: batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last", data.DataLoader, set, {batch_sampler = {{1}}, batch_size = 2})
fails("ValueError: batch_size=None option disables auto-batching and is mutually exclusive with drop_last", data.DataLoader, set, {batch_size = false, drop_last = true})
fails("ValueError: num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.", data.DataLoader, set, {num_workers = -1})
fails("ValueError: Sum of input lengths does not equal the length of the input dataset!", data.random_split, set, {3, 3})
fails("AssertionError: Size mismatch between tensors", data.TensorDataset, x, y["0:3"])
fails("ValueError: num_samples should be a positive integer value, but got num_samples=0", data.RandomSampler, {})
fails("NotImplementedError: Subclasses of Dataset should implement __getitem__.", function() return data.Dataset()[0] end)
fails("TypeError: object of type 'Dataset' has no len()", function() return #data.Dataset() end)
fails("RuntimeError: each element in list of batch should be of equal size", data.default_collate, {{1}, {1, 2}})
fails("TypeError: default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class 'function'>", data.default_collate, {print})
fails("ValueError: weights should be a 1d sequence but given weights have shape (1, 1)", data.WeightedRandomSampler, {{1.}}, 1)
fails("ValueError: Invalid rank 2, rank should be in the interval [0, 1]", data.DistributedSampler, set, {num_replicas = 2, rank = 2})
fails("AssertionError: datasets should not be an empty iterable", data.ConcatDataset, {})
