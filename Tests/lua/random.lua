-- Random streams, dtype limits and settings. What is expected, PyTorch 2.15 gave.
local torch = require "torch"
local function same(got, wanted) assert(tostring(got) == wanted, tostring(got)) end
local function fails(sentence, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok and tostring(message):find(sentence, 1, true), tostring(message))
end

-- torch.manual_seed(0); torch.empty(3).exponential_()
torch.manual_seed(0)
same(torch.empty(3):exponential_(), "tensor([3.5083, 1.2304, 0.6150])")
same(torch.empty(3, { dtype = torch.float64 }):exponential_(), "tensor([2.5351, 1.0357, 1.5661], dtype=torch.float64)")
same(torch.empty(3, { dtype = torch.half }):exponential_(), "tensor([0.1968, 0.4324, 0.8706], dtype=torch.float16)")
-- torch.manual_seed(0); torch.empty(6).bernoulli_(0.5)
torch.manual_seed(0)
same(torch.empty(6):bernoulli_(0.5), "tensor([0., 0., 1., 0., 0., 0.])")

-- A generator of its own, its state, and a fork leave the default one alone.
local g = torch.Generator():manual_seed(7)
local state = g:get_state()
local first = torch.rand(3, { generator = g })
g:set_state(state)
assert(torch.equal(first, torch.rand(3, { generator = g })))
torch.manual_seed(3)
local wanted = torch.rand(2)
torch.manual_seed(3)
torch.random.fork_rng(function() torch.rand(10) end)
assert(torch.equal(wanted, torch.rand(2)))
torch.set_rng_state(torch.get_rng_state())

fails("normal expects all elements of std >= 0.0", torch.normal, 0.0, -torch.ones(2))
fails("cannot sample n_sample > prob_dist.size(-1) samples without replacement", torch.multinomial, torch.ones(2), 3)
fails('"geometric_cpu" not implemented for \'Bool\'', function() torch.zeros(2):bool():geometric_(0.5) end)
fails("value cannot be converted to type uint8_t without overflow", torch.randperm, 300, { dtype = torch.uint8 })
fails("Cauchy distribution is a continuous probability distribution. dtype must be a floating point but you specified long int",
  function() torch.zeros(2):long():cauchy_() end)

-- repr(torch.finfo(torch.float32)), repr(torch.iinfo(torch.int64))
same(torch.finfo(torch.float32), "finfo(resolution=1e-06, min=-3.40282e+38, max=3.40282e+38, eps=1.19209e-07, smallest_normal=1.17549e-38, tiny=1.17549e-38, dtype=float32)")
same(torch.iinfo(torch.int64), "iinfo(min=-9.22337e+18, max=9.22337e+18, dtype=int64)")
assert(torch.finfo(torch.half).max == 65504 and torch.finfo().bits == 32 and torch.iinfo(torch.int8).min == -128)
fails("torch.bool is not supported by torch.iinfo", torch.iinfo, torch.bool)
assert(not torch.can_cast(torch.float, torch.int) and torch.can_cast(torch.int, torch.float))

-- torch.arange(0, 5, 0.7, dtype=torch.long), torch.linspace(-10, 0, 5, dtype=torch.long)
same(torch.arange(0, 5, 0.7, { dtype = torch.long }), "tensor([0, 0, 0, 0, 0, 0, 0, 0])")
same(torch.linspace(-10, 0, 5, { dtype = torch.long }), "tensor([-10,  -7,  -5,  -2,   0])")
same(torch.empty_permuted({ 2, 3, 4 }, { 1, 2, 0 }):stride(), "torch.Size([1, 8, 2])")
fails("value cannot be converted to type int64_t without overflow", torch.full, { 2 }, 0 / 0, { dtype = torch.long })
same(torch.hann_window(4), "tensor([0.0000, 0.5000, 1.0000, 0.5000])")
same(torch.zeros(2):type("torch.DoubleTensor").dtype, "torch.float64")
fails("ValueError: invalid type: 'torch.FooTensor'", function() torch.zeros(2):type("torch.FooTensor") end)
assert(torch.ones(2, 3):t():untyped_storage():nbytes() == 24)
