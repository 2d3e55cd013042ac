--- Jacobians, Hessians and products with them. Mirrors `torch.autograd.functional`.
local torch = require "torch"
local fail = require "torch.failure"

local functional = {}

local is_tensor = torch.is_tensor

local function pack(value, what, where)
  if is_tensor(value) then return {value}, false end
  if type(value) ~= "table" then
    fail("TypeError", "The %s given to %s must be either a Tensor or a tuple of Tensors but the given %s has type %s.", what, where, what, type(value))
  end
  for i, one in ipairs(value) do
    if not is_tensor(one) then
      fail("TypeError", "The %s given to %s must be either a Tensor or a tuple of Tensors but the value at index %d of the given %s has type %s.", what, where, i - 1, what, type(one))
    end
  end
  return value, true
end

-- Inputs that gradients can be asked for, joined with the caller's graph only where one is to be made.
local function prepare(inputs, create_graph)
  local result = {}
  for i, x in ipairs(inputs) do
    if create_graph and x.requires_grad then
      result[i] = x:view_as(x)
    else
      result[i] = x:detach():requires_grad_()
    end
  end
  return result
end

local function results_of(f, inputs, where)
  local got = table.pack(f(table.unpack(inputs)))
  if got.n == 1 then return pack(got[1], "outputs of the user-provided function", where) end
  return pack(got, "outputs of the user-provided function", where)
end

local function finished(values, create_graph)
  if create_graph then return values end
  local result = {}
  for i, x in ipairs(values) do result[i] = is_tensor(x) and x:detach() or finished(x, create_graph) end
  return result
end

local function unpacked(values, several) return several and values or values[1] end

-- Gradients with zeros for what plays no part, refused where `strict`.
local function gradients(outputs, inputs, seeds, create_graph, strict, what)
  local wanted = false
  for _, y in ipairs(outputs) do wanted = wanted or y.requires_grad end
  local found = {}
  if wanted then
    local ys, gs = {}, {}
    for i, y in ipairs(outputs) do
      if y.requires_grad then
        ys[#ys + 1] = y
        gs[#gs + 1] = seeds and seeds[i] or torch.ones_like(y)
      end
    end
    found = torch.autograd.grad(ys, inputs, gs, {create_graph = create_graph, retain_graph = true, allow_unused = true})
  end
  for i, x in ipairs(inputs) do
    if not found[i] then
      if strict then
        fail("RuntimeError", "Output %s of the user-provided function is independent of input %d. This is not allowed in strict mode.", what or "0", i - 1)
      end
      found[i] = torch.zeros_like(x)
    end
  end
  return found
end

local function check_vector(v, like)
  if #v ~= #like then
    fail("RuntimeError", "v is a tuple of invalid length: should be %d but got %d.", #like, #v)
  end
  for i, one in ipairs(v) do
    if one.shape ~= like[i].shape then
      fail("RuntimeError", "v has invalid size: should be %s but got %s.", tostring(like[i].shape), tostring(one.shape))
    end
  end
end

--- func(inputs) and its gradient weighted by v. Mirrors `torch.autograd.functional.vjp`.
function functional.vjp(func, inputs, v, create_graph, strict)
  if type(v) == "table" and not is_tensor(v) and v[1] == nil then create_graph, strict, v = v.create_graph, v.strict, v.v end
  if type(create_graph) == "table" then create_graph, strict = create_graph.create_graph, create_graph.strict end
  local _ <close> = torch.enable_grad()
  local given, several = pack(inputs, "inputs", "vjp")
  local xs = prepare(given, create_graph)
  local ys, many = results_of(func, xs, "vjp")
  if v ~= nil then
    v = pack(v, "v", "vjp")
    check_vector(v, ys)
  elseif #ys ~= 1 or ys[1]:numel() ~= 1 then
    fail("RuntimeError", "The vector v can only be None if the user-provided function returns a single Tensor with a single element.")
  end
  local found = gradients(ys, xs, v, create_graph, strict)
  return unpacked(finished(ys, create_graph), many), unpacked(finished(found, create_graph), several)
end

--- func(inputs) and its derivative along v, by going backward twice. Mirrors `torch.autograd.functional.jvp`.
function functional.jvp(func, inputs, v, create_graph, strict)
  if type(v) == "table" and not is_tensor(v) and v[1] == nil then create_graph, strict, v = v.create_graph, v.strict, v.v end
  if type(create_graph) == "table" then create_graph, strict = create_graph.create_graph, create_graph.strict end
  local _ <close> = torch.enable_grad()
  local given = pack(inputs, "inputs", "jvp")
  local xs = prepare(given, create_graph)
  if v ~= nil then
    v = pack(v, "v", "jvp")
    check_vector(v, xs)
  elseif #xs ~= 1 or xs[1]:numel() ~= 1 then
    fail("RuntimeError", "The vector v can only be None if the input to the user-provided function is a single Tensor with a single element.")
  end
  local ys, many = results_of(func, xs, "jvp")
  local seeds = {}
  for i, y in ipairs(ys) do seeds[i] = torch.zeros_like(y):requires_grad_() end
  local first = gradients(ys, xs, seeds, true, strict)
  local found = {}
  local linked, weights = {}, {}
  for i, g in ipairs(first) do
    if g.requires_grad then
      linked[#linked + 1] = g
      weights[#weights + 1] = v and v[i] or torch.ones_like(g)
    end
  end
  if #linked > 0 then found = torch.autograd.grad(linked, seeds, weights, {create_graph = create_graph, retain_graph = true, allow_unused = true}) end
  for i, y in ipairs(ys) do
    if not found[i] then
      if strict then
        fail("RuntimeError", "The output of the user-provided function is independent of the input %d. This is not allowed in strict mode.", i - 1)
      end
      found[i] = torch.zeros_like(y)
    end
  end
  return unpacked(finished(ys, create_graph), many), unpacked(finished(found, create_graph), many)
end

local function sizes_joined(a, b)
  local result = {}
  for i = 0, #a - 1 do result[#result + 1] = a[i] end
  for i = 0, #b - 1 do result[#result + 1] = b[i] end
  return result
end

--- The matrix of derivatives of every output by every input. Mirrors `torch.autograd.functional.jacobian`.
function functional.jacobian(func, inputs, create_graph, strict)
  if type(create_graph) == "table" then create_graph, strict = create_graph.create_graph, create_graph.strict end
  local _ <close> = torch.enable_grad()
  local given, several = pack(inputs, "inputs", "jacobian")
  local xs = prepare(given, create_graph)
  local ys, many = results_of(func, xs, "jacobian")
  local result = {}
  for k, y in ipairs(ys) do
    local rows = {}
    for i = 1, #xs do rows[i] = {} end
    for j = 0, y:numel() - 1 do
      local part = y:reshape(-1)[j]
      local found = gradients({part}, xs, nil, create_graph, strict, tostring(k - 1))
      for i, g in ipairs(found) do rows[i][#rows[i] + 1] = g end
    end
    result[k] = {}
    for i, x in ipairs(xs) do
      local whole = #rows[i] > 0 and torch.stack(rows[i]) or torch.zeros(0, {dtype = x.dtype})
      result[k][i] = whole:reshape(sizes_joined(y.shape, x.shape))
      if not create_graph then result[k][i] = result[k][i]:detach() end
    end
    if not several then result[k] = result[k][1] end
  end
  return unpacked(result, many)
end

--- The matrix of second derivatives of a function with one number as its result. Mirrors `torch.autograd.functional.hessian`.
function functional.hessian(func, inputs, create_graph, strict)
  if type(create_graph) == "table" then create_graph, strict = create_graph.create_graph, create_graph.strict end
  local given, several = pack(inputs, "inputs", "hessian")
  local whole = functional.jacobian(function(...)
    local xs = {...}
    local y = func(...)
    if not is_tensor(y) then fail("RuntimeError", "The function given to hessian should return a single Tensor") end
    if y:numel() ~= 1 then fail("RuntimeError", "The Tensor returned by the function given to hessian should contain a single element") end
    return table.unpack(gradients({y:reshape({})}, xs, nil, true, strict))
  end, given, {create_graph = create_graph, strict = strict})
  if not several then return is_tensor(whole) and whole or whole[1] end
  -- One input in a table gives one block in tables.
  if #given == 1 then return {is_tensor(whole[1]) and {whole[1]} or whole[1]} end
  return whole
end

local function scalar(y, where)
  if not is_tensor(y) then fail("RuntimeError", "The function given to %s should return a single Tensor", where) end
  if y:numel() ~= 1 then fail("RuntimeError", "The Tensor returned by the function given to %s should contain a single element", where) end
  return y
end

--- func(inputs) and v times its Hessian. Mirrors `torch.autograd.functional.vhp`.
function functional.vhp(func, inputs, v, create_graph, strict)
  if type(v) == "table" and not is_tensor(v) and v[1] == nil then create_graph, strict, v = v.create_graph, v.strict, v.v end
  if type(create_graph) == "table" then create_graph, strict = create_graph.create_graph, create_graph.strict end
  local _ <close> = torch.enable_grad()
  local given, several = pack(inputs, "inputs", "vhp")
  local xs = prepare(given, create_graph)
  if v ~= nil then
    v = pack(v, "v", "vhp")
    check_vector(v, xs)
  elseif #xs ~= 1 or xs[1]:numel() ~= 1 then
    fail("RuntimeError", "The vector v can only be None if the input to the user-provided function is a single Tensor with a single element.")
  end
  local y = scalar(func(table.unpack(xs)), "vhp")
  local first = gradients({y}, xs, nil, true, strict)
  local found = gradients(first, xs, v, create_graph, strict)
  return finished({y}, create_graph)[1], unpacked(finished(found, create_graph), several)
end

--- func(inputs) and its Hessian times v. Mirrors `torch.autograd.functional.hvp`.
function functional.hvp(func, inputs, v, create_graph, strict)
  if type(v) == "table" and not is_tensor(v) and v[1] == nil then create_graph, strict, v = v.create_graph, v.strict, v.v end
  if type(create_graph) == "table" then create_graph, strict = create_graph.create_graph, create_graph.strict end
  local _ <close> = torch.enable_grad()
  local given, several = pack(inputs, "inputs", "hvp")
  local xs = prepare(given, create_graph)
  if v ~= nil then
    v = pack(v, "v", "hvp")
    check_vector(v, xs)
  elseif #xs ~= 1 or xs[1]:numel() ~= 1 then
    fail("RuntimeError", "The vector v can only be None if the input to the user-provided function is a single Tensor with a single element.")
  end
  local y = scalar(func(table.unpack(xs)), "hvp")
  -- The Hessian is symmetric, so going backward twice gives the product from either side.
  local first = gradients({y}, xs, nil, true, strict)
  local found = gradients(first, xs, v, create_graph, strict)
  return finished({y}, create_graph)[1], unpacked(finished(found, create_graph), several)
end

return functional
