--- Values computed anew in the backward pass instead of being kept. Mirrors `torch.utils.checkpoint`.
local torch = require "torch"
local fail = require "torch.failure"

local checkpoint = {}

local is_tensor = torch.is_tensor

local Checkpoint = torch.class("CheckpointFunction", torch.autograd.Function)

function Checkpoint.forward(ctx, run, keeps_state, ...)
  ctx.run, ctx.keeps_state = run, keeps_state
  ctx.state = keeps_state and torch.get_rng_state() or nil
  ctx.arguments = table.pack(...)
  -- Tensors are saved where the graph notices that they change.
  local tensors = {}
  ctx.places = {}
  for i = 1, ctx.arguments.n do
    if is_tensor(ctx.arguments[i]) then
      tensors[#tensors + 1] = ctx.arguments[i]
      ctx.places[#tensors] = i
      ctx.arguments[i] = false
    end
  end
  ctx:save_for_backward(table.unpack(tensors))
  return run(...)
end

function Checkpoint.backward(ctx, ...)
  local arguments = table.pack(table.unpack(ctx.arguments, 1, ctx.arguments.n))
  local saved = ctx.saved_tensors
  for k, i in ipairs(ctx.places) do
    arguments[i] = saved[k]:detach()
    arguments[i].requires_grad = saved[k].requires_grad
  end
  local results
  do
    local before = ctx.keeps_state and torch.get_rng_state()
    if before then torch.set_rng_state(ctx.state) end
    local _ <close> = torch.enable_grad()
    results = table.pack(pcall(ctx.run, table.unpack(arguments, 1, arguments.n)))
    if before then torch.set_rng_state(before) end
    if not results[1] then error(results[2], 0) end
  end
  local outputs, seeds, given = {}, {}, table.pack(...)
  for i = 2, results.n do
    if is_tensor(results[i]) and results[i].requires_grad then
      outputs[#outputs + 1] = results[i]
      seeds[#seeds + 1] = given[i - 1]
    end
  end
  if #outputs == 0 then
    fail("RuntimeError", "none of output has requires_grad=True, this checkpoint() is not necessary")
  end
  torch.autograd.backward(outputs, seeds)
  local gradients = {n = arguments.n}
  for i = 1, arguments.n do gradients[i] = is_tensor(arguments[i]) and arguments[i].grad or nil end
  return nil, nil, table.unpack(gradients, 1, arguments.n)
end

-- Runs the function while saved tensors leave numbers in their place; the first that is asked for runs it again.
local function recomputed(run, keeps_state, ...)
  local arguments = table.pack(...)
  local state = keeps_state and torch.get_rng_state()
  local count, values = 0, nil

  local function recompute()
    values = {}
    local again = 0
    local fresh = {n = arguments.n}
    for i = 1, arguments.n do
      local x = arguments[i]
      if is_tensor(x) then
        fresh[i] = x:detach()
        fresh[i].requires_grad = x.requires_grad
      else
        fresh[i] = x
      end
    end
    local before = state and torch.get_rng_state()
    if state then torch.set_rng_state(state) end
    local ok, problem
    do
      local _ <close> = torch.enable_grad()
      local _ <close> = torch.autograd.graph.saved_tensors_hooks(function(x)
        again = again + 1
        values[again] = x
        return again
      end, function(i) return values[i] end)
      ok, problem = pcall(run, table.unpack(fresh, 1, fresh.n))
    end
    if before then torch.set_rng_state(before) end
    if not ok then error(problem, 0) end
    if again ~= count then
      fail("CheckpointError", "torch.utils.checkpoint: A different number of tensors was saved during the original forward and recomputation.\nNumber of tensors saved during forward: %d\nNumber of tensors saved during recomputation: %d.", count, again)
    end
  end

  local _ <close> = torch.autograd.graph.saved_tensors_hooks(function()
    count = count + 1
    return count
  end, function(i)
    if not values or values[i] == nil then recompute() end
    local x = values[i]
    -- Each is asked for once, unless the graph is gone through again: then all is computed again.
    values[i] = nil
    return x
  end)
  return run(...)
end

local function keywords(value)
  if type(value) ~= "table" or is_tensor(value) or getmetatable(value) then return false end
  local any = false
  for key in pairs(value) do
    if key ~= "use_reentrant" and key ~= "preserve_rng_state" and key ~= "context_fn" and key ~= "determinism_check" and key ~= "debug" and key ~= "early_stop" then return false end
    any = true
  end
  return any
end

--- Runs `run(…)` without keeping what its backward pass needs; that runs it again. A last table holds use_reentrant and
--- preserve_rng_state. Mirrors `torch.utils.checkpoint.checkpoint`.
function checkpoint.checkpoint(run, ...)
  local arguments = table.pack(...)
  local options = {}
  if keywords(arguments[arguments.n]) then
    options = arguments[arguments.n]
    arguments.n = arguments.n - 1
  end
  local keeps_state = options.preserve_rng_state ~= false
  if not options.use_reentrant then return recomputed(run, keeps_state, table.unpack(arguments, 1, arguments.n)) end
  return Checkpoint.apply(run, keeps_state, table.unpack(arguments, 1, arguments.n))
end

--- Runs a sequence of modules or functions in `segments` pieces, each checkpointed but the last.
--- Mirrors `torch.utils.checkpoint.checkpoint_sequential`.
function checkpoint.checkpoint_sequential(functions, segments, input, options)
  local list = {}
  if type(functions) == "table" then
    for i, one in ipairs(functions) do list[i] = one end
  else
    for i = 0, #functions - 1 do list[#list + 1] = functions[i] end
  end
  local size = #list // segments
  if size == 0 then size = 1 end
  local function piece(first, last)
    return function(x)
      for i = first, last do x = list[i](x) end
      return x
    end
  end
  local last = 0
  for first = 1, size * (segments - 1), size do
    last = first + size - 1
    input = checkpoint.checkpoint(piece(first, last), input, options or {use_reentrant = true})
  end
  return piece(last + 1, #list)(input)
end

return checkpoint
