-- What the checks of ops and layers share: reading arguments as samples.py writes them, and comparing results.
local torch = require "torch"

local tolerances = {
  float64 = { 1e-7, 1e-7 }, float32 = { 5e-6, 1e-5 },
  -- Two or three units in the last place: PyTorch's own kernels round at different places on different processors.
  complex128 = { 1e-7, 1e-7 }, complex64 = { 5e-6, 1e-5 },
  float16 = { 4e-3, 1e-3 }, bfloat16 = { 2e-2, 1e-2 },
}

local function is_tensor(v) return torch.is_tensor(v) end
local function dtype_name(t) return (tostring(t.dtype):gsub("^torch%.", "")) end

local function lookup(name)
  local at = torch
  for part in name:gmatch("[^.]+") do
    local ok, found = pcall(function() return at[part] end)
    if not ok or found == nil then return nil end
    at = found
  end
  return at
end

-- What the fixture holds, as the argument it stands for. `fresh` makes leaves of our own of what wants gradients.
local decode
function decode(v, name, fresh, made)
  if is_tensor(v) then
    -- What a file's tensors share is one storage; these ops ask where in its own a tensor begins.
    if name and name:find("^as_strided") and v:is_contiguous() then
      local alone = v:detach():clone()
      alone.requires_grad = v.requires_grad
      v = alone
    end
    if v.requires_grad then
      -- What is one tensor in a call stays one.
      local leaf = made[v] or v:detach():requires_grad_()
      made[v] = leaf
      fresh[#fresh + 1] = leaf
      return leaf
    end
    return v
  end
  if type(v) ~= "userdata" and type(v) ~= "table" then return v end
  if v.k == "none" then return nil end
  if v.k == "name" then
    local found = lookup(v.v)
    if found == nil then error("no torch." .. v.v, 0) end
    return found
  end
  if v.k == "slice" then return v.v end
  if v.k == "complex" then return torch.complex(v.v[1], v.v[2]) end
  local list = {}
  for i, item in ipairs(v.v) do
    local decoded = decode(item, name, fresh, made)
    if decoded == nil and name == "__getitem__" then decoded = "None" end
    list[i] = decoded
  end
  return list
end

local function arguments(case, name)
  local fresh, made = {}, {}
  local args = { n = #case.args }
  for i, v in ipairs(case.args) do args[i] = decode(v, name, fresh, made) end
  local keywords
  for _, pair in ipairs(case.kwargs) do
    keywords = keywords or {}
    keywords[pair[1]] = decode(pair[2], name, fresh, made)
  end
  if keywords and next(keywords) then
    args.n = args.n + 1
    args[args.n] = keywords
  end
  return args, fresh
end

local function leaves(value, into)
  if is_tensor(value) then into[#into + 1] = value
  elseif type(value) == "table" then for _, item in ipairs(value) do leaves(item, into) end
  elseif type(value) == "userdata" and getmetatable(value) and (tostring(value) == "torch.Size([])" or pcall(function() return value[0] end) and #value) then
    for i = 0, #value - 1 do into[#into + 1] = value[i] end
  elseif value ~= nil then into[#into + 1] = value end
  return into
end

local function close(a, b, rtol, atol)
  if a == b or (a ~= a and b ~= b) then return true end
  if type(a) ~= "number" or type(b) ~= "number" then return false end
  return math.abs(a - b) <= atol + rtol * math.abs(b)
end

local function flat(t)
  t = t:detach()
  if t.dtype.is_complex then t = torch.view_as_real(t) end
  local list = t:reshape({ -1 }):tolist()
  return type(list) == "table" and list or { list }
end

-- nil, or what differs.
local function difference(got, wanted, allowed, factor)
  if is_tensor(wanted) ~= is_tensor(got) then return ("a %s instead of a %s"):format(torch.is_tensor(got) and "tensor" or type(got), is_tensor(wanted) and "tensor" or type(wanted)) end
  if not is_tensor(wanted) then
    if not close(got, wanted, 1e-6, 1e-6) then return ("%s instead of %s"):format(got, wanted) end
    return nil
  end
  local name = dtype_name(wanted)
  if dtype_name(got) ~= name then return ("%s instead of %s"):format(dtype_name(got), name) end
  local a, b = tostring(got.shape), tostring(wanted.shape)
  if a ~= b then return ("shape %s instead of %s"):format(a, b) end
  local base = tolerances[name] or { 0, 0 }
  local extra = allowed and allowed[name] or { 0, 0 }
  local rtol, atol = math.max(base[1], extra[1]) * factor, math.max(base[2], extra[2]) * factor
  local x, y = flat(got), flat(wanted)
  for i = 1, #y do
    if not close(x[i], y[i], rtol, atol) then
      return ("element %d is %s instead of %s"):format(i - 1, tostring(x[i]), tostring(y[i]))
    end
  end
  return nil
end

local function seed_for(result)
  local n = result:numel()
  local w = ((torch.arange(n) % 7 - 3):to(torch.float64) / 4 + 0.125):reshape(result.shape)
  w = w:to(result.dtype)
  return result.dtype.is_complex and w * torch.complex(1, 0.5) or w
end

local function reason(message)
  return (tostring(message):gsub("\nstack traceback.*", ""):gsub("^.-:%d+: ", "", 1))
end

local function check_gradients(case, results, fresh, entry)
  local outs, seeds = {}, {}
  for _, r in ipairs(results) do
    if is_tensor(r) and r.requires_grad then
      outs[#outs + 1] = r
      seeds[#seeds + 1] = seed_for(r)
    end
  end
  if #outs == 0 then return "no result requires a gradient" end
  local grads = torch.autograd.grad(outs, fresh, seeds, { allow_unused = true })
  for i = 1, #fresh do
    local wanted = case.grads[i]
    local none = not is_tensor(wanted)
    -- PyTorch tells an input without influence by None or zeros; both say the same.
    if grads[i] == nil or none then
      local other = grads[i] == nil and wanted or grads[i]
      if is_tensor(other) and other:ne(0):any():item() then return ("gradient %d is %s"):format(i - 1, none and "there" or "missing") end
    else
      local problem = difference(grads[i], wanted, entry.tolerances, 4)
      if problem then return ("gradient %d: %s"):format(i - 1, problem) end
    end
  end
end

local function guarded(f, ...)
  local result = table.pack(xpcall(f, function(e) return reason(e) end, ...))
  if result[1] then return result[2] end
  return "fails: " .. tostring(result[2])
end


return {
  is_tensor = is_tensor, arguments = arguments, lookup = lookup, leaves = leaves, difference = difference, close = close, flat = flat,
  reason = reason, check_gradients = check_gradients, guarded = guarded,
}
