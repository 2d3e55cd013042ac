-- Functions with a backward pass of their own, checks of gradients, functional derivatives and checkpoints, as PyTorch 2.15 has them.
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
local function once(...) return grad(...)[1] end

-- functions with a backward pass of their own
local Function = torch.autograd.Function
local function derive(name, members, base)
  local class = torch.class(name, base or Function)
  for key, value in pairs(members) do class[key] = value end
  return class
end
local Scale = derive("Scale", {
  forward = function(ctx, a, n)
    ctx.n = n
    is("true; false", table.unpack(ctx.needs_input_grad))
    return a * n
  end,
  backward = function(ctx, g) return g * ctx.n, nil end,
})
do
  local a = leaf()
  local y = Scale.apply(a, 3)
  is("tensor([3., 3.], grad_fn=<ScaleBackward>); ScaleBackward; <class 'Scale'>", y, y.grad_fn:name(), Scale)
  y:sum():backward()
  is("tensor([3., 3.])", a.grad)
end
local function backward(f) return function() derive("F", {backward = f}, Scale).apply(leaf(), 2):sum():backward() end end
fails("function FBackward returned an incorrect number of gradients (expected 2, got 1)", backward(function(_, g) return g end))
fails("function FBackward returned an incorrect number of gradients (expected 2, got 3)", backward(function(_, g) return g, nil, g end))
backward(function(_, g) return g, nil, nil end)()
fails("function FBackward returned a gradient different than None at position 2, but the corresponding forward input was not a Variable", backward(function(_, g) return g, g end))
fails("Function FBackward returned an invalid gradient at index 0 - got [3] but expected shape compatible with [2]", backward(function() return torch.ones(3), nil end))
fails("expected Variable or None (got int)", backward(function() return 3, nil end))
local function forward(f, g) return derive("F", {forward = f, backward = g or function(_, d) return d end}).apply end
fails("TypeError: save_for_backward can only save variables, but argument 1 is of type int", forward(function(ctx, a) ctx:save_for_backward(a, 3); return a end), leaf())
fails("a leaf Variable that requires grad has been used in an in-place operation.", forward(function(ctx, a) a:add_(1); ctx:mark_dirty(a); return a end), leaf())
fails("Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified inplace must all be outputs of the Function.", forward(function(ctx, a) ctx:mark_dirty(a); return a * 2 end), leaf())
fails("You must implement the forward function for custom autograd.Function.", torch.class("Empty", Function).apply, leaf())
fails("You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.", function()
  derive("F", {forward = function(_, a) return a * 2 end}).apply(leaf()):sum():backward()
end)
fails("Output 0 of F is a view and is being modified inplace. This view was created inside a custom Function", function() forward(function(_, a) return a:view(2) end)(leaf():clone()):mul_(2) end)
do
  local a = leaf()
  local same = forward(function(_, b) return b end)(a)
  assert(same ~= a and same.grad_fn:name() == "FBackward")
  local y = a:clone()
  local changed = forward(function(ctx, b) b:add_(1); ctx:mark_dirty(b); return b end)(y)
  assert(changed == y and y.grad_fn:name() == "FBackward" and y[0]:item() == 2)
  local i, constant, triple = forward(function(ctx, b)
    local index, double = b:argmax(), b * 2
    ctx:mark_non_differentiable(index, double)
    return index, double, b * 3
  end, function(_, one, two, three)
    is("tensor(0); tensor([0., 0.]); tensor([1., 1.])", one, two, three)
    return three
  end)(a)
  assert(not i.requires_grad and not constant.requires_grad)
  triple:sum():backward()
  local _, second = forward(function(ctx, b) ctx:set_materialize_grads(false); return b * 1, b * 2 end, function(_, one, two)
    assert(one == nil)
    return two
  end)(a)
  second:sum():backward()
  local Exp = derive("Exp", {
    forward = function(b) return b:exp() end,
    setup_context = function(ctx, _, output) ctx:save_for_backward(output) end,
    backward = function(ctx, g) return g * ctx.saved_tensors[1] end,
  })
  local e = Exp.apply(a)
  local g = once(e:sum(), a, {create_graph = true})
  is("tensor([7.3891, 7.3891]); tensor([7.3891, 7.3891])", (e * e):detach(), (once(g:sum(), a) * e):detach())
  local s = Exp.apply(a):sum()
  s:backward()
  fails("Trying to backward through the graph a second time", s.backward, s)
  assert(torch.isinstance(setmetatable({}, Exp), Function) and not torch.isinstance({}, Function))
end

-- cycles through Lua are collected
do
  local weak = setmetatable({}, {__mode = "k"})
  local Keep = derive("Keep", {forward = function(ctx, a) ctx:save_for_backward(a); return a * 2 end, backward = function(_, g) return g end})
  for _ = 1, 20 do
    local a = leaf()
    a:register_hook(function(g) return g * a.shape[0] end)
    local b = a * 2
    b:register_hook(function() return b end)
    local c = Keep.apply(a)
    weak[a], weak[b], weak[c] = true, true, true
  end
  -- One cycle of the collector for each step on the way: graph, functions, leaf.
  for _ = 1, 10 do collectgarbage() end
  assert(next(weak) == nil, "a hook that refers to its own tensor stays")
end

-- gradcheck
do
  local a = torch.tensor({1., 2.}, {dtype = torch.float64, requires_grad = true})
  local b = torch.tensor({.5, -.3}, {dtype = torch.float64, requires_grad = true})
  assert(torch.autograd.gradcheck(function(p, q) return (p * q):tanh(), p / q end, {a, b}))
  assert(torch.autograd.gradgradcheck(function(p, q) return (p * q):tanh(), p / q end, {a, b}))
  local Wrong = derive("Wrong", {forward = function(_, p) return p * 2 end, backward = function(_, g) return g * 3 end})
  fails([=[GradcheckError: Jacobian mismatch for output 0 with respect to input 0,
numerical:tensor([[2.0000, 0.0000],
        [0.0000, 2.0000]], dtype=torch.float64)
analytical:tensor([[3., 0.],
        [0., 3.]], dtype=torch.float64)
]=], torch.autograd.gradcheck, Wrong.apply, a)
  assert(torch.autograd.gradcheck(Wrong.apply, a, {raise_exception = false}) == false)
  fails("ValueError: gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True.", torch.autograd.gradcheck, Wrong.apply, torch.ones(2))
  fails("Numerical gradient for function expected to be zero", torch.autograd.gradcheck, function(p) return p:detach() end, a)
end

-- torch.autograd.functional
do
  local functional = torch.autograd.functional
  local ones = torch.ones(2, 2)
  local function rows(a) return a:exp():sum {dim = 1} end
  local function cube(a) return (a ^ 3):sum() end
  is("tensor([[[ 1.0000, 2.7183], [ 0.0000, 0.0000]], [[ 0.0000, 0.0000], [ 7.3891, 20.0855]]])", functional.jacobian(rows, torch.tensor {{0., 1.}, {2., 3.}}))
  local h = functional.hessian(function(a, b) return (a * b ^ 2):sum() end, {torch.tensor {1., 2.}, torch.tensor {3., 4.}})
  is("tensor([[6., 0.], [0., 8.]]); tensor([[2., 0.], [0., 4.]])", h[1][2], h[2][2])
  is("tensor([5.4366, 5.4366]); tensor([[2.7183, 2.7183], [5.4366, 5.4366]])", functional.vjp(rows, ones, torch.tensor {1., 2.}))
  is("tensor([5.4366, 5.4366]); tensor([5.4366, 5.4366])", functional.jvp(rows, ones, ones))
  is("tensor(4.); tensor([[6., 6.], [6., 6.]])", functional.vhp(cube, ones, ones))
  is("tensor(4.); tensor([[6., 6.], [6., 6.]])", functional.hvp(cube, ones, ones))
end

-- checkpoints: values computed again, with the same random numbers
for _, reentrant in ipairs {true, false} do
  local checkpoint = torch.utils.checkpoint.checkpoint
  local a, w, runs = leaf(4), leaf(4), 0
  torch.manual_seed(0)
  local y = checkpoint(function(b)
    runs = runs + 1
    return (b * torch.rand(4)) * w
  end, a, {use_reentrant = reentrant})
  local before = torch.rand(2)
  y:sum():backward()
  assert(runs == 2)
  is("tensor([0.4963, 0.7682, 0.0885, 0.1320]); tensor([0.3074, 0.6341]); tensor([0.4901, 0.8964])", w.grad, before, torch.rand(2))
  local model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
  local input = leaf(4, 2)
  torch.utils.checkpoint.checkpoint_sequential(model, 2, input, {use_reentrant = reentrant}):sum():backward()
  local found = model[0].weight.grad:clone()
  model:zero_grad()
  model(torch.ones(4, 2)):sum():backward()
  assert(torch.equal(found, model[0].weight.grad))
end
