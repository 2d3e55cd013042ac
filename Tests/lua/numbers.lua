-- Results of compiled loops on shapes that take all their ways: numbers, rows, columns, turned and large tensors.
local torch = require "torch"
local function is(expected, value) assert(tostring(value) == expected, "wanted " .. expected .. ", got " .. tostring(value)) end

local x = torch.arange(24):view(2, 3, 4) / 7
-- x = torch.arange(24).view(2, 3, 4) / 7
is("tensor([[0.5714, 1.1429, 1.7143],\n        [2.2857, 2.8571, 3.4286]])", x:select(2, 3) + x:select(2, 1) - x:select(2, 0)) -- x[..., 3] + x[..., 1] - x[..., 0]
is("tensor([ 8.5714,  9.4286, 10.2857, 11.1429])", x:sum(0):sum(0)) -- x.sum(0).sum(0)
is("tensor([[1.7143, 2.0000, 2.2857, 2.5714],\n        [2.8571, 3.1429, 3.4286, 3.7143],\n        [4.0000, 4.2857, 4.5714, 4.8571]])", x:sum(0)) -- x.sum(0)
is("tensor([[3, 3, 3],\n        [3, 3, 3]])", x:argmax(2)) -- x.argmax(2)
is("tensor(39.4286)", x:sum()) -- x.sum()
is("tensor(1.0204)", x:var()) -- x.var()
is("tensor(4999950000)", torch.arange(100000):sum()) -- torch.arange(100000).sum()
is("tensor(17006972.)", (torch.arange(100000) / 7):var()) -- (torch.arange(100000) / 7).var()
is("True", torch.equal((torch.ones(300, 200):cumsum(0)):t():contiguous(), torch.ones(200, 300):cumsum(1)) and "True")
local t = torch.ones(3)
t:add_(2):add_(torch.ones(3), {alpha = 3}):mul_(2):sub_(1):div_(3)
is("tensor([3.6667, 3.6667, 3.6667])", t)
is("tensor([-1.3333, -1.2500])", torch.div(torch.tensor {4, -5}, torch.tensor {-3, 4})) -- torch.div(torch.tensor([4, -5]), torch.tensor([-3, 4]))
is("tensor(-1.3333)", torch.tensor(4) / torch.tensor(-3)) -- torch.tensor(4) / torch.tensor(-3)

-- One thread or all: the same bits.
torch.manual_seed(3)
local big = torch.randn(70001)
local function results() return {big:sum(), big:mean(), big:var(), big:exp():sum(), (big + 1):norm(), big:sort()} end
local threads = torch.get_num_threads()
local all = results()
torch.set_num_threads(1)
for i, one in ipairs(results()) do assert(torch.equal(one, all[i]), i) end
torch.set_num_threads(threads)
