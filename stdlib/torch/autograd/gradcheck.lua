--- Gradients compared with differences. Mirrors `torch.autograd.gradcheck` and `gradgradcheck`.
local torch = require "torch"
local fail = require "torch.failure"

local is_tensor = torch.is_tensor

local function wants(x) return is_tensor(x) and x.requires_grad end

-- Keywords of a last table, or values by position.
local function options(names, defaults, ...)
  local given = table.pack(...)
  local result = {}
  for i, name in ipairs(names) do
    result[name] = defaults[name]
    if given[i] ~= nil then result[name] = given[i] end
  end
  local last = given[1]
  if given.n == 1 and type(last) == "table" then
    result[names[1]] = defaults[names[1]]
    for name, value in pairs(last) do
      if defaults[name] == nil and name ~= "fast_mode" then fail("TypeError", "gradcheck() got an unexpected keyword argument '%s'", name) end
      result[name] = value
    end
  end
  return result
end

local function listed(value)
  if is_tensor(value) then return {value} end
  return value
end

-- The results of f that gradients flow through.
local function differentiable(results)
  local found = {}
  for i = 1, results.n do
    local y = results[i]
    if type(y) == "table" and not is_tensor(y) then
      for _, one in ipairs(y) do if wants(one) then found[#found + 1] = one end end
    elseif wants(y) then
      found[#found + 1] = y
    end
  end
  return found
end

local function floats(results)
  local found = {}
  for i = 1, results.n do
    if is_tensor(results[i]) and results[i]:is_floating_point() then found[#found + 1] = results[i] end
  end
  return found
end

local function call(f, inputs) return table.pack(f(table.unpack(inputs, 1, inputs.n or #inputs))) end

-- d output / d input, one row for each element of the input, by central differences.
local function numerical(f, inputs, input, pick, eps)
  local _ <close> = torch.no_grad()
  local flat = input.data:view(-1)
  local rows = {}
  for i = 0, flat:numel() - 1 do
    local before = flat[i]:item()
    flat[i]:fill_(before + eps)
    local above = pick(call(f, inputs)):detach():clone()
    flat[i]:fill_(before - eps)
    local below = pick(call(f, inputs)):detach():clone()
    flat[i]:fill_(before)
    rows[#rows + 1] = ((above - below) / (2 * eps)):reshape(-1)
  end
  return #rows > 0 and torch.stack(rows) or torch.zeros(0, pick(call(f, inputs)):numel(), {dtype = input.dtype})
end

-- The same by the tape.
local function analytical(output, input)
  local n = output:numel()
  local columns = {}
  for i = 0, n - 1 do
    local seed = torch.zeros_like(output)
    seed:view(-1)[i]:fill_(1)
    local g = torch.autograd.grad(output, input, seed, {retain_graph = true, allow_unused = true})[1]
    columns[#columns + 1] = g and g:reshape(-1) or torch.zeros(input:numel(), {dtype = output.dtype})
  end
  return n > 0 and torch.stack(columns, 1) or torch.zeros(input:numel(), 0, {dtype = output.dtype})
end

local function mismatch(note, o, i, n, a)
  return ("%sJacobian mismatch for output %d with respect to input %d,\nnumerical:%s\nanalytical:%s\n"):format(note, o, i, tostring(n), tostring(a))
end

local function check_inputs(inputs)
  local any = false
  for i, x in ipairs(inputs) do
    if wants(x) then
      any = true
      if x.dtype ~= torch.float64 then
        io.stderr:write(("UserWarning: Input #%d requires gradient and is not a double precision floating point or complex. This check will likely fail if all the inputs are not of double precision floating point or complex. \n"):format(i - 1))
      end
    end
  end
  if not any then
    fail("ValueError", "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True.")
  end
end

-- What is wrong with the gradients of f, or nil.
local function problem(f, inputs, o)
  local results = call(f, inputs)
  local outputs = differentiable(results)
  if #outputs == 0 then
    -- Nothing is recorded: then nothing may change either.
    for _, y in ipairs(floats(results)) do
      for i, x in ipairs(inputs) do
        if wants(x) then
          local index
          for k = 1, results.n do if rawequal(results[k], y) then index = k end end
          local n = numerical(f, inputs, x, function(all) return all[index] end, o.eps)
          if n:ne(0):any():item() then return "Numerical gradient for function expected to be zero", i end
        end
      end
    end
    return nil
  end
  for k, y in ipairs(outputs) do
    for i, x in ipairs(inputs) do
      if wants(x) then
        local n = numerical(f, inputs, x, function(all)
          -- Nothing is recorded here, so an output is found by its place.
          local at = 0
          for j = 1, results.n do
            local one = results[j]
            for _, part in ipairs(type(one) == "table" and not is_tensor(one) and one or {one}) do
              if wants(part) then at = at + 1 end
              if at == k then
                local now = all[j]
                if is_tensor(now) then return now end
                for p, candidate in ipairs(one) do if rawequal(candidate, part) then return now[p] end end
              end
            end
          end
        end, o.eps)
        local a = analytical(y, x)
        local again = analytical(y, x)
        if (a - again):abs():numel() > 0 and (a - again):abs():max():item() > o.nondet_tol then
          return ("Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives different values, although analytical gradient matches numerical gradient.The tolerance for nondeterminism was %s."):format(o.nondet_tol)
        end
        if not torch.allclose(a, n:to(a.dtype), o.rtol, o.atol) then return mismatch("", k - 1, i - 1, n, a) end
      end
    end
  end
  if o.check_undefined_grad then
    for _, x in ipairs(inputs) do if wants(x) then x.grad = nil end end
  end
  return nil
end

local names = {"eps", "atol", "rtol", "raise_exception", "nondet_tol", "check_undefined_grad", "check_grad_dtypes", "check_batched_grad", "check_batched_forward_grad", "check_forward_ad", "check_backward_ad", "fast_mode", "masked"}
local defaults = {
  eps = 1e-6, atol = 1e-5, rtol = 1e-3, raise_exception = true, nondet_tol = 0.0, check_undefined_grad = true, check_grad_dtypes = false,
  check_batched_grad = false, check_batched_forward_grad = false, check_forward_ad = false, check_backward_ad = true, fast_mode = false, masked = false,
}

local function run(f, inputs, o)
  check_inputs(inputs)
  if o.check_forward_ad then fail("NotImplementedError", "gradcheck: forward mode AD is not supported") end
  local wrong = problem(f, inputs, o)
  if not wrong then return true end
  if o.raise_exception then fail("GradcheckError", "%s", wrong) end
  return false
end

--- Compares the gradients of `f(table.unpack(inputs))` with differences; inputs should be float64.
--- Options: eps, atol, rtol, raise_exception, nondet_tol, … as in PyTorch.
local function gradcheck(f, inputs, ...)
  return run(f, listed(inputs), options(names, defaults, ...))
end

local second = {"grad_outputs", "eps", "atol", "rtol", "gen_non_contig_grad_outputs", "raise_exception", "nondet_tol", "check_undefined_grad", "check_grad_dtypes", "check_batched_grad", "check_fwd_over_rev", "check_rev_over_rev", "fast_mode", "masked"}

--- Compares the gradients of gradients of f with differences.
local function gradgradcheck(f, inputs, ...)
  inputs = listed(inputs)
  local given = table.pack(...)
  local seeds, o
  if given.n == 1 and type(given[1]) == "table" and not is_tensor(given[1]) and given[1][1] == nil then
    o = {}
    for name, value in pairs(defaults) do o[name] = value end
    for name, value in pairs(given[1]) do o[name] = value end
    seeds = o.grad_outputs
  else
    o = {}
    for name, value in pairs(defaults) do o[name] = value end
    for i, name in ipairs(second) do if given[i] ~= nil then o[name] = given[i] end end
    seeds = given[1]
  end
  local outputs = differentiable(call(f, inputs))
  if seeds == nil then
    seeds = {}
    for i, y in ipairs(outputs) do seeds[i] = torch.randn_like(y):requires_grad_() end
  else
    seeds = listed(seeds)
  end
  local n = #inputs
  local all = {n = n + #seeds}
  for i = 1, n do all[i] = inputs[i] end
  for i, seed in ipairs(seeds) do all[n + i] = seed end
  return run(function(...)
    local arguments = table.pack(...)
    local mine, gradients = {n = n}, {}
    -- Where nothing is recorded the first derivative is needed all the same.
    local _ <close> = torch.enable_grad()
    for i = 1, n do
      local x = arguments[i]
      if wants(x) then x = x:detach():requires_grad_() end
      mine[i] = torch.is_tensor(x) and wants(arguments[i]) and arguments[i] or x
    end
    for i = n + 1, arguments.n do gradients[#gradients + 1] = arguments[i] end
    local results = differentiable(call(f, mine))
    local targets = {}
    for i = 1, n do if wants(mine[i]) then targets[#targets + 1] = mine[i] end end
    local found = torch.autograd.grad(results, targets, gradients, {create_graph = true, allow_unused = true})
    local kept = {}
    for i = 1, #targets do if found[i] then kept[#kept + 1] = found[i] end end
    return table.unpack(kept)
  end, all, o)
end

return {gradcheck = gradcheck, gradgradcheck = gradgradcheck}
