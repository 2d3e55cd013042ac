-- Views, joining and the keyword out. What is expected, PyTorch 2.15 gave.
local torch = require "torch"
local function same(got, wanted) assert(tostring(got) == wanted, tostring(got)) end
local function fails(sentence, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok and tostring(message):find(sentence, 1, true), tostring(message))
end

-- torch.add(torch.arange(3.), 1, out=o); o grows, and is what is given
local x, o = torch.arange(3.), torch.empty(0)
assert(rawequal(torch.add(x, 1, { out = o }), o) or torch.add(x, 1, { out = o }) == o)
same(o, "tensor([1., 2., 3.])")
local v, i = torch.empty(0), torch.empty(0, { dtype = torch.long })
torch.max(x, 0, { out = { v, i } })
same(v, "tensor(2.)")
same(i, "tensor(2)")
fails("RuntimeError: result type Float can't be cast to the desired output type Long", torch.add, x, x, { out = i })
fails("TypeError: add(): argument 'out' must be Tensor, not int", torch.add, x, x, { out = 3 })
fails("add(): functions with out=... arguments don't support automatic differentiation", torch.add, x:clone():requires_grad_(), x, { out = torch.empty(3) })

-- torch.ones(3, requires_grad=True).as_strided((2, 2), (1, 1)).sum().backward()
local w = torch.ones(3, { requires_grad = true })
w:as_strided({ 2, 2 }, { 1, 1 }):sum():backward()
same(w.grad, "tensor([1., 2., 1.])")
fails("setStorage: sizes [2, 2], strides [1, 2], storage offset 0, and itemsize 4 requiring a storage size of 16 are out of bounds for storage of size 12",
  function() return x:as_strided({ 2, 2 }, { 1, 2 }) end)

-- torch.ones(2, 3).t_().unsqueeze_(0).shape, .stride()
local t = torch.ones(2, 3):t_():unsqueeze_(0)
same(t.shape, "torch.Size([1, 3, 2])")
same(t:stride(), "torch.Size([3, 1, 3])")
-- (y := torch.ones(2, 3, requires_grad=True) * 1).transpose_(0, 1); y.grad_fn
local y = torch.ones(2, 3, { requires_grad = true }) * 1
y:transpose_(0, 1)
assert(y.grad_fn:name() == "TransposeBackward0" and y.shape[0] == 3)
-- [p.grad_fn for p in torch.ones(4, requires_grad=True).split(2)]
assert(torch.ones(4, { requires_grad = true }):split(2)[2].grad_fn:name() == "SplitBackward0")
-- torch.ones(3).view(torch.int16)
same(torch.ones(3):view(torch.int16), "tensor([    0, 16256,     0, 16256,     0, 16256], dtype=torch.int16)")
-- torch.meshgrid(torch.arange(2), torch.arange(3), indexing="xy")[0]
same(torch.meshgrid(torch.arange(2), torch.arange(3), { indexing = "xy" })[1], "tensor([[0, 1],\n        [0, 1],\n        [0, 1]])")
-- torch.atleast_2d(torch.tensor(1), torch.ones(2))
assert(#torch.atleast_2d(torch.tensor(1), torch.ones(2)) == 2 and torch.atleast_2d(torch.tensor(1)).ndim == 2)
-- torch.broadcast_shapes((2, 3), (3,), (1, 1, 1))
same(torch.broadcast_shapes({ 2, 3 }, { 3 }, { 1, 1, 1 }), "torch.Size([1, 2, 3])")
-- torch.ones(1, 2, 3, 4).contiguous(memory_format=torch.channels_last).stride()
same(torch.ones(1, 2, 3, 4):contiguous { memory_format = torch.channels_last }:stride(), "torch.Size([24, 1, 8, 2])")
fails("Tensors must have same number of dimensions: got 1 and 2", torch.cat, { x, torch.ones(1, 1) })
