--- Functions with a backward pass of their own. Mirrors `torch.autograd.Function`.
---
---     local Exp = torch.class("Exp", torch.autograd.Function)
---     function Exp.forward(ctx, x) local y = x:exp(); ctx:save_for_backward(y); return y end
---     function Exp.backward(ctx, g) local y = table.unpack(ctx.saved_tensors); return g * y end
---     local y = Exp.apply(x)
local torch = require "torch"
local make = require "torch.class"
local fail = require "torch.failure"

local is_tensor, record = torch.is_tensor, torch.autograd._record_function

-- What the library knows of a context beyond the fields that users set.
local hidden = setmetatable({}, {__mode = "k"})

local Context = {__name = "Context"}

--- Keeps tensors (or nil) for the backward pass. Mirrors `ctx.save_for_backward`.
function Context:save_for_backward(...) hidden[self].saved = table.pack(...) end

--- Tells that inputs were changed in place. Mirrors `ctx.mark_dirty`.
function Context:mark_dirty(...) hidden[self].dirty = {...} end

--- Tells that outputs have no gradient. Mirrors `ctx.mark_non_differentiable`.
function Context:mark_non_differentiable(...) hidden[self].constant = {...} end

--- Whether gradients of outputs that were not used come as zeros (as they do) or as nil. Mirrors `ctx.set_materialize_grads`.
function Context:set_materialize_grads(value) hidden[self].materialize = value end

local computed = {
  saved_tensors = function(self)
    local state = hidden[self]
    local values = {}
    if state.kept then
      for i = 1, state.saved.n do values[i] = state.kept[i] and state.kept[i]() or nil end
    elseif state.saved then
      for i = 1, state.saved.n do values[i] = state.saved[i] end
    end
    return values
  end,
  needs_input_grad = function(self) return hidden[self].needs end,
}

function Context:__index(name)
  local get = computed[name]
  if get then return get(self) end
  return Context[name]
end

function Context:__newindex(name, value)
  if name == "materialize_grads" then hidden[self].materialize = value else rawset(self, name, value) end
end

local function contains(list, value)
  for _, one in ipairs(list or {}) do if rawequal(one, value) then return true end end
  return false
end

local function type_name(value)
  local kind = type(value)
  if kind == "number" then return math.type(value) == "integer" and "int" or "float" end
  return ({string = "str", boolean = "bool", table = "list", ["nil"] = "NoneType"})[kind] or kind
end

--- Runs the backward function of a class and brings its answer into the order of the tensors among the inputs.
local function backward_of(class, ctx, name, inputs, outputs)
  return function(...)
    local state = hidden[ctx]
    local gradients = table.pack(...)
    if state.materialize then
      for i = 1, outputs.n do
        local shape = outputs[i]
        if gradients[i] == nil and shape then gradients[i] = torch.zeros(shape.size, {dtype = shape.dtype}) end
      end
    end
    local run = class.vjp or class.backward
    local results = table.pack(run(ctx, table.unpack(gradients, 1, outputs.n)))
    if results.n > inputs.n then
      local rest_is_nil = true
      for i = inputs.n + 1, results.n do rest_is_nil = rest_is_nil and results[i] == nil end
      if rest_is_nil then results.n = inputs.n end
    end
    if results.n ~= inputs.n then
      fail("RuntimeError", "function %s returned an incorrect number of gradients (expected %d, got %d)", name, inputs.n, results.n)
    end
    local answer = {}
    for i = 1, inputs.n do
      local g = results[i]
      if g ~= nil and not is_tensor(g) then fail("RuntimeError", "expected Variable or None (got %s)", type_name(g)) end
      if inputs[i] then
        answer[#answer + 1] = g or false
      elseif g ~= nil then
        fail("RuntimeError", "function %s returned a gradient different than None at position %d, but the corresponding forward input was not a Variable", name, i)
      end
    end
    return answer
  end
end

local function apply(class, ...)
  local arguments = table.pack(...)
  local name = class.__name .. "Backward"
  local inputs, tensors, needs, wanted = {n = arguments.n}, {}, {}, false
  for i = 1, arguments.n do
    inputs[i] = is_tensor(arguments[i])
    needs[i] = inputs[i] and arguments[i].requires_grad
    wanted = wanted or needs[i]
    if inputs[i] then tensors[#tensors + 1] = arguments[i] end
  end
  local ctx = setmetatable({}, Context)
  local state = {needs = needs, materialize = true}
  hidden[ctx] = state

  local results
  do
    local _ <close> = torch.no_grad()
    if class.setup_context then
      results = table.pack(class.forward(...))
      class.setup_context(ctx, arguments, results.n == 1 and results[1] or results)
    else
      results = table.pack(class.forward(ctx, ...))
    end
  end

  for i = 1, state.saved and state.saved.n or 0 do
    local one = state.saved[i]
    if one ~= nil and not is_tensor(one) then
      fail("TypeError", "save_for_backward can only save variables, but argument %d is of type %s", i - 1, type_name(one))
    end
  end
  for _, one in ipairs(state.dirty or {}) do
    if not contains(results, one) then
      fail("RuntimeError", "Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified inplace must all be outputs of the Function.")
    end
  end

  -- What an output is in the graph: a result, or false where no gradient flows through it.
  local outputs, shapes = {}, {n = results.n}
  local constant = torch.is_grad_enabled() and not wanted
  for i = 1, results.n do
    local y = results[i]
    outputs[i] = false
    if is_tensor(y) then
      shapes[i] = {size = y.shape, dtype = y.dtype}
      if contains(state.constant, y) or not y:is_floating_point() then
        if contains(tensors, y) and not contains(state.dirty, y) then results[i] = y:detach() end
      elseif wanted and torch.is_grad_enabled() then
        if contains(tensors, y) and not contains(state.dirty, y) then
          local _ <close> = torch.no_grad()
          -- An input that is returned becomes another tensor, or its own history would be lost.
          results[i] = y:view_as(y)
          for k = 1, state.saved and state.saved.n or 0 do
            if rawequal(state.saved[k], y) then state.saved[k] = y end
          end
        end
        outputs[i] = results[i]
      elseif constant and contains(tensors, y) and not contains(state.dirty, y) then
        results[i] = y:view_as(y)
      end
    end
  end

  local saved = {}
  for i = 1, state.saved and state.saved.n or 0 do saved[i] = state.saved[i] or false end
  local kept = record(name, backward_of(class, ctx, name, inputs, shapes), tensors, outputs, state.dirty or {}, saved)
  if state.saved then
    state.kept = kept
    state.saved = {n = state.saved.n}
  end
  return table.unpack(results, 1, results.n)
end

--- The base of functions with a backward pass of their own.
local Function = make("Function")

function Function.__derived(class)
  class.apply = function(...) return apply(class, ...) end
end
Function.__derived(Function)

function Function.forward()
  fail("NotImplementedError", "You must implement the forward function for custom autograd.Function.")
end

function Function.backward()
  fail("NotImplementedError", "You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.")
end

function Function:__init()
  fail("RuntimeError", "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd function with static forward method. (Example: https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)")
end

local Refusal = make("DelayedError", Function)
function Refusal.forward(_, ...)
  local copies = table.pack(...)
  for i = 1, copies.n do copies[i] = copies[i]:detach():clone() end
  return table.unpack(copies, 1, copies.n)
end
function Refusal.backward()
  fail("RuntimeError", "trying to differentiate twice a function that was marked with @once_differentiable")
end

--- Marks a backward function that cannot be differentiated itself. Mirrors `torch.autograd.function.once_differentiable`.
local function once_differentiable(backward)
  return function(ctx, ...)
    local results
    do
      local _ <close> = torch.no_grad()
      results = table.pack(backward(ctx, ...))
    end
    if not torch.is_grad_enabled() then return table.unpack(results, 1, results.n) end
    local gradients, wanted = table.pack(...), false
    for i = 1, gradients.n do wanted = wanted or (is_tensor(gradients[i]) and gradients[i].requires_grad) end
    if wanted then
      for i = 1, results.n do
        if is_tensor(results[i]) then results[i] = Refusal.apply(results[i]:detach():requires_grad_()) end
      end
    end
    return table.unpack(results, 1, results.n)
  end
end

return {Function = Function, once_differentiable = once_differentiable, FunctionCtx = Context}
