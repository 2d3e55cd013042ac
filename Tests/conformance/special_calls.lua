-- How to call the ops whose name in op_db is not the name of a function or method.
local torch = require "torch"
local calls = {}

--- Whether two tensors look at the same bytes.
function calls.shares(a, b)
  local ok, same = pcall(function() return a:untyped_storage():data_ptr() == b:untyped_storage():data_ptr() end)
  return not ok or same
end

function calls.__getitem__(x, index) return x[index] end
function calls.__radd__(x, y) return y + x end
function calls.__rsub__(x, y) return y - x end
function calls.__rmul__(x, y) return y * x end
function calls.__rdiv__(x, y) return y / x end
function calls.__rmod__(x, y) return y % x end
function calls.__rpow__(x, y) return y ^ x end
function calls.__rmatmul__(x, y) return torch.matmul(y, x) end
function calls.__rand__(x, y) return y & x end
function calls.__ror__(x, y) return y | x end
function calls.__rxor__(x, y) return y ~ x end
function calls.H(x) return x.H end
function calls.T(x) return x.T end
function calls.mH(x) return x.mH end
function calls.mT(x) return x.mT end

function calls.slice(...) return torch.ops.aten.slice(...) end

-- Types of this name are no functions.
for _, name in ipairs { "float", "double", "half", "bfloat16", "int", "long", "short", "bool" } do
  calls[name] = function(x, ...) return x[name](x, ...) end
end

-- Functions whose first sample argument is not the function's first.
function calls.einsum(operands, equation) return torch.einsum(equation, operands) end
function calls.where(x, condition, other) return torch.where(condition, x, other) end
local function polygamma(f) return function(x, n) return f(type(n) == "table" and n.n or n, x) end end
calls.polygamma = polygamma(torch.polygamma)
calls["special.polygamma"] = polygamma(torch.special.polygamma)

-- Methods that change the tensor: op_db calls them on a copy.
for _, name in ipairs { "uniform", "cauchy", "exponential", "geometric", "log_normal" } do
  calls[name] = function(x, ...)
    local copy = x:clone()
    return copy[name .. "_"](copy, ...)
  end
end
for _, name in ipairs { "resize_", "resize_as_", "zero_" } do
  calls[name] = function(x, ...)
    local copy = x:clone()
    return copy[name](copy, ...)
  end
end
return calls
