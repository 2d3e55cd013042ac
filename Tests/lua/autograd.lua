-- The tape: what PyTorch 2.15 says of graphs, views, versions, hooks and modes.
-- Every sentence and value here was printed by the Python of the same form, e.g.
--   x = torch.ones(2, requires_grad=True); torch.autograd.grad((x * 2).sum(), torch.ones(2, requires_grad=True))
local torch = require "torch"
local nn = require "torch.nn"
local grad = torch.autograd.grad

local function leaf(...) return torch.ones(select("#", ...) > 0 and {...} or {2}, {requires_grad = true}) end
local fails = dofile(arg[0]:match("^(.*/)[^/]*$") .. "support/fails.lua")
local function is(wanted, ...)
  local got = table.pack(...)
  for i = 1, got.n do got[i] = tostring(got[i]):gsub("%s+", " ") end
  local text = table.concat(got, "; ")
  assert(text == wanted, ("wanted: %s\ngot: %s\n%s"):format(wanted, text, debug.traceback()))
end
local function view_without_grad(x) return torch.no_grad(function() return x["0:2"] end) end

-- what backward and grad are given
local x, z = leaf(), leaf()
local function once(...) return grad(...)[1] end
fails("RuntimeError: grad can be implicitly created only for scalar outputs", grad, x * 2, x)
fails("Mismatch in shape: grad_output[0] has a shape of torch.Size([3]) and output[0] has a shape of torch.Size([2]).", grad, x * 2, x, torch.ones(3))
is("tensor([2., 2.])", once(x * 2, x, torch.ones(2, {dtype = torch.float64})))
fails("got 2 tensors and 1 gradients", grad, {x * 2, x * 3}, x, {torch.ones(2)})
fails("`inputs` argument to `grad()` cannot be empty.", grad, (x * 2):sum(), {})
fails("One of the differentiated Tensors does not require grad", grad, (x * 2):sum(), torch.ones(2))
fails("element 0 of tensors does not require grad and does not have a grad_fn", grad, torch.ones(1), x)
fails("element 0 of tensors does not require grad and does not have a grad_fn", function() torch.ones(1):backward() end)
fails("The differentiated Tensor at index 0 appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior.", grad, (x * 2):sum(), z)
is("nil", once((x * 2):sum(), z, {allow_unused = true}))
is("tensor([0., 0.])", once((x * 2):sum(), z, {materialize_grads = true}))
fails("ValueError: Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False.", grad, (x * 2):sum(), z, {materialize_grads = true, allow_unused = false})
is("tensor([[2., 2.], [2., 2.], [2., 2.]])", once(x * 2, x, torch.ones(3, 2), {is_grads_batched = true}))
fails("`inputs` argument to `backward()` cannot be empty.", function() (x * 2):sum():backward {inputs = {}} end)
fails("can't retain_grad on Tensor that has requires_grad=False", function() (x * 2):sum():backward {inputs = {torch.ones(2)}} end)
do
  local a, w = leaf(), leaf()
  local y = a * w
  ;(y * 3):sum():backward {inputs = {y, w}}
  is("nil; tensor([3., 3.]); tensor([3., 3.])", a.grad, y.grad, w.grad)
  local wide = torch.ones(2, {dtype = torch.float64, requires_grad = true})
  is("torch.float32", once((a * wide):sum(), a).dtype)
  torch.autograd.backward({a:sum(), (a * 2):sum()}, {nil, torch.tensor(2.)})
  is("tensor([5., 5.])", a.grad)
end

-- a graph is used once where it keeps values
do
  local a = leaf()
  local plain, product = (a + 1):sum(), (a * a):sum()
  plain:backward()
  plain:backward()
  is("tensor([2., 2.])", a.grad)
  product:backward {retain_graph = true}
  product:backward()
  fails("Trying to backward through the graph a second time", product.backward, product)
end

-- fields
do
  local a = leaf()
  fails("attempting to assign a gradient of size '[3]' to a tensor of size '[2]'. Please ensure that the gradient and the tensor are the same size", function() a.grad = torch.ones(3) end)
  fails("attempting to assign a gradient with dtype 'double' to a tensor with grad_dtype 'Float'.", function() a.grad = torch.ones(2, {dtype = torch.float64}) end)
  fails("TypeError: assigned grad expected to be a Tensor or None but got grad of type int", function() a.grad = 1 end)
  fails("can't assign Variable as its own grad", function() a.grad = a end)
  local y = a * 2
  y:retain_grad()
  y:sum():backward()
  is("tensor([1., 1.]); true; false; 0", y.grad, y.retains_grad, a.retains_grad, y.output_nr)
  fails("can't retain_grad on Tensor that has requires_grad=False", function() torch.ones(2):retain_grad() end)
  fails("you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().", function() y.requires_grad = false end)
  fails("only Tensors of floating point dtype can require gradients", function() torch.ones(2, {dtype = torch.int64}):requires_grad_() end)
  local f = (a * 2):sum().grad_fn
  assert(f:name() == "SumBackward0")
  local product, place = table.unpack(f.next_functions[1])
  assert(product:name() == "MulBackward0" and place == 0)
  assert(product.next_functions[1][1]:name() == "AccumulateGrad" and product.next_functions[1][1].variable == a)
  is("nil; 0", product.next_functions[2][1], product.next_functions[2][2])
  fails("Can't detach views in-place. Use detach() instead.", function() a[0]:detach_() end)
  assert(not a:clone():detach_().requires_grad)
  local shared = a:detach()
  shared:add_(0)
  is("1; 1; 0", a._version, shared._version, a.data._version)
end

-- changes in place: leaves, views, versions
fails("a leaf Variable that requires grad is being used in an in-place operation.", function() leaf():add_(1) end)
fails("a view of a leaf Variable that requires grad is being used in an in-place operation.", function() leaf()[0]:add_(1) end)
do
  local a = leaf(3)
  local v = view_without_grad(a)
  is("true; true; true; nil", v.requires_grad, v:_is_view(), v.is_leaf, v.grad_fn)
  local sentence = "A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given that this use case is ambiguous and error-prone, it is forbidden."
  fails(sentence, v.mul_, v, 2)
  local w = view_without_grad(torch.ones(3))
  fails(sentence, w.mul_, w, leaf(1))
  local base = torch.ones(3)
  local part = base["0:2"]
  part:mul_(leaf(1))
  is("true; <CopySlices object>; <AsStridedBackward0 object>", base.requires_grad, base.grad_fn, part.grad_fn)
  base = torch.ones(3)
  part = base["0:2"]
  base:mul_(leaf(1))
  is("true; <AsStridedBackward0 object>; false", part.requires_grad, part.grad_fn, part.is_leaf)
  base = leaf(2, 2):clone()
  part = base[0]
  is("<SelectBackward0 object>", part.grad_fn)
  base:mul_(2)
  is("<AsStridedBackward0 object>; <MulBackward0 object>", part.grad_fn, part.grad_fn.next_functions[1][1])
end
local several = " is a view and is being modified inplace. This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one."
fails("Output 0 of Unbind" .. several, function() leaf(2, 2):clone():unbind()[1]:mul_(2) end)
fails("Output 1 of Split" .. several, function() leaf(2, 2):clone():split(1)[2]:mul_(2) end)
fails("Output 1 of Split" .. several, function() leaf(2, 2):clone():chunk(2)[2]:mul_(2) end)
fails("Output 0 of SplitWithSizes is a view and its base or another view of its base has been modified inplace.", function()
  local a = leaf(2, 2):clone()
  local parts = a:split({1, 1})
  a:mul_(2)
  return parts[1].grad_fn
end)
do
  local hint = "Hint: enable anomaly detection to find the operation that failed to compute its gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False)."
  local function changed(what) return "one of the variables needed for gradient computation has been modified by an inplace operation: [torch.FloatTensor [2]]" .. what .. " at version 1; expected version 0 instead. " .. hint end
  fails(changed(", which is output 0 of Add, is"), function() local y = leaf() + 0; local s = y:sin():sum(); y:add_(1); s:backward() end)
  fails(changed(", which is output 0 of Exp, is"), function() local y = leaf():exp(); y:add_(1); y:sum():backward() end)
  fails(changed(" is"), function() local a = leaf(); local s = a:sin():sum(); torch.no_grad(function() a:add_(1) end); s:backward() end)
  fails(changed(", which is output 0 of Mul, is"), function() local y = leaf() * 1; y:mul_(y); y:sum():backward() end)
  -- What an operation needs of its own elements it keeps before it changes them.
  local a, w = leaf(), leaf()
  local y = a * 3
  y:mul_(w)
  y:sin_()
  y:sum():backward()
  is("tensor([-2.9700, -2.9700]); tensor([-2.9700, -2.9700])", a.grad, w.grad)
end
do
  local w = leaf()
  local a = torch.zeros(3)
  a[0] = w[0] * 3
  a["1:3"]:add_(w)
  a:mul_(a:detach():clone() + 1)
  a:sum():backward()
  is("tensor([12., 2., 2.], grad_fn=<MulBackward0>); tensor([14., 2.])", a, w.grad)
  local b = leaf()
  local c = b * 1
  c[0]:mul_(b[1])
  local first = once((c * c):sum(), b, {create_graph = true})
  is("tensor([2., 4.]); tensor([6., 8.])", first:detach(), once(first:sum(), b))
end

-- what layers make of their weights follows changes by way of data
do
  local lstm = nn.LSTM(2, 2)
  local input = torch.ones(1, 1, 2)
  torch.no_grad(function() lstm(input) end)
  lstm.weight_ih_l0.data:fill_(0)
  lstm.bias_ih_l0.data:fill_(0)
  lstm.bias_hh_l0.data:fill_(0)
  assert(torch.no_grad(function() return lstm(input) end):abs():max():item() == 0)
end

-- hooks
fails("cannot register a hook on a tensor that doesn't require gradient", function() torch.ones(2):register_hook(print) end)
fails("post accumulate grad hooks cannot be registered on non-leaf tensors", function() (leaf() * 2):register_post_accumulate_grad_hook(print) end)
fails("TypeError: expected Variable, but hook returned 'int'", function() local a = leaf(); a:register_hook(function() return 3 end); a:sum():backward() end)
do
  local a, seen = leaf(), {}
  local first = a:register_hook(function(g) seen[#seen + 1] = "first"; return g * 2 end)
  a:register_hook(function(g) seen[#seen + 1] = "second"; assert(g[0]:item() == 2 or g[0]:item() == 1) end)
  local after = a:register_post_accumulate_grad_hook(function(p) seen[#seen + 1] = "after"; assert(p == a and p.grad) end)
  a:sum():backward()
  first:remove()
  after:remove()
  a:sum():backward()
  is("first second after second; tensor([3., 3.])", table.concat(seen, " "), a.grad)
  -- The graph keeps a hook whose tensor Lua has dropped.
  local function hooked(p)
    local y = p * 2
    y:register_hook(function(g) return g * 10 end)
    return y:sum()
  end
  local b = leaf()
  local s = hooked(b)
  collectgarbage()
  collectgarbage()
  s:backward()
  is("tensor([20., 20.])", b.grad)
  -- A parameter keeps its hook while a module holds it.
  local layer = nn.Linear(2, 2)
  local calls = 0
  layer.weight:register_hook(function() calls = calls + 1 end)
  for _ = 1, 4 do
    collectgarbage()
    layer(torch.ones(1, 2)):sum():backward()
  end
  assert(calls == 4)
end

-- inference mode
do
  local a = leaf()
  local y = torch.inference_mode(function()
    assert(torch.is_inference_mode_enabled() and not torch.is_grad_enabled())
    return torch.ones(2)
  end)
  assert(y:is_inference() and y[0]:is_inference() and not y:clone():is_inference() and not torch.is_inference_mode_enabled())
  fails("Inference tensors do not track version counter.", function() return y._version end)
  fails("Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor before doing inplace update.", y.add_, y, 1)
  fails("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.", y.requires_grad_, y)
  fails("Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation tracked by autograd.", function() return a * y end)
  is("tensor([2., 2.], grad_fn=<AddBackward0>)", a + y)
  local v = torch.inference_mode(function() return a:view(2) end)
  assert(not v:is_inference() and v.requires_grad)
  fails("A view was created in inference mode and is being modified inplace in normal mode.", v.mul_, v, 2)
end

-- modes
do
  torch.set_grad_enabled(false)
  assert(not torch.is_grad_enabled())
  torch.set_grad_enabled(true)
  local _ <close> = torch.set_grad_enabled(false)
  assert(torch.enable_grad(function() return torch.is_grad_enabled() end) and not torch.is_grad_enabled())
end
do
  -- @torch.no_grad()
  local plain = torch.no_grad()(function(a, b) return a * b, torch.is_grad_enabled() end)
  for _ = 1, 2 do
    local y, enabled = plain(leaf(), 2)
    assert(not y.requires_grad and not enabled and torch.is_grad_enabled())
  end
  assert(not pcall(plain, nil, 2) and torch.is_grad_enabled())
end
assert(torch.is_grad_enabled())

-- anomalies
do
  local _ <close> = torch.autograd.detect_anomaly()
  local a = torch.tensor({0., -1.}, {requires_grad = true})
  local y = a:sqrt():sum()
  fails("Function 'SqrtBackward0' returned nan values in its 0th output.", y.backward, y)
end
assert(not torch.is_anomaly_enabled())

-- a chain as long as a file of numbers
do
  local a = leaf(1)
  local y = a
  for _ = 1, 100000 do y = y + a end
  y:sum():backward()
  assert(a.grad:item() == 100001)
end
