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
for _, name in ipairs { "float", "double", "half", "bfloat16", "int", "long", "short", "bool", "cfloat", "cdouble" } do
  calls[name] = function(x, ...) return x[name](x, ...) end
end

-- Functions whose first sample argument is not the function's first.
function calls._segment_reduce(x, ...) return torch.segment_reduce(x, ...) end
function calls.einsum(operands, equation) return torch.einsum(equation, operands) end
local F = torch.nn.functional
calls["nn.functional.embedding"] = function(weight, index, ...) return F.embedding(index, weight, ...) end
calls["nn.functional.embedding_bag"] = function(weight, index, ...) return F.embedding_bag(index, weight, ...) end
function calls.where(x, condition, other) return torch.where(condition, x, other) end
local function polygamma(f) return function(x, n) return f(type(n) == "table" and n.n or n, x) end end
calls.polygamma = polygamma(torch.polygamma)
calls["special.polygamma"] = polygamma(torch.special.polygamma)

-- Functions that op_db calls with the factors of their first argument.
function calls.svd_lowrank(a, b, ...) return calls.unsigned(torch.svd_lowrank(a:matmul(b.mT), ...)) end
function calls.pca_lowrank(a, b, ...) return calls.unsigned(torch.pca_lowrank(a:matmul(b.mT), ...)) end
calls["linalg.pinv.singular"] = function(a, b, ...) return torch.linalg.pinv(a:matmul(b.mT), ...) end
calls["linalg.lstsq.grad_oriented"] = function(...)
  local x, residuals = torch.linalg.lstsq(...)
  return x, residuals
end

-- Factors whose signs are the library's choice: their magnitudes are compared.
function calls.unsigned(...)
  local all = table.pack(...)
  for i = 1, all.n do all[i] = all[i]:abs() end
  return table.unpack(all, 1, all.n)
end
-- Vectors beyond the singular values are any basis of what is left.
local function singular(u, s, v, dim)
  local k = s.shape[s:dim() - 1]
  return calls.unsigned(u:narrow(-1, 0, k), s, v:narrow(dim, 0, k))
end
function calls.svd(...)
  local u, s, v = torch.svd(...)
  return singular(u, s, v, -1)
end
calls["linalg.svd"] = function(...)
  local u, s, v = torch.linalg.svd(...)
  return singular(u, s, v, -2)
end
calls["linalg.eigh"] = function(...) return calls.unsigned(torch.linalg.eigh(...)) end
calls["linalg.eig"] = function(...) return calls.unsigned(torch.linalg.eig(...)) end


function calls.max_pool2d_with_indices_backward(x, keywords)
  local F = torch.nn.functional
  local y, indices = F.max_pool2d_with_indices(x, keywords)
  return torch.max_pool2d_with_indices_backward(
    torch.ones_like(y), x, keywords.kernel_size, keywords.stride or keywords.kernel_size, keywords.padding or 0, keywords.dilation or 1,
    keywords.ceil_mode or false, indices)
end

-- Methods that change the tensor: op_db calls them on a copy.
for _, name in ipairs { "uniform", "cauchy", "exponential", "geometric", "log_normal" } do
  calls[name] = function(x, ...)
    local copy = x:clone()
    return copy[name .. "_"](copy, ...)
  end
end
calls["normal.in_place"] = function(x, ...) return x:clone():normal_(...) end
for _, name in ipairs { "resize_", "resize_as_", "zero_" } do
  calls[name] = function(x, ...)
    local copy = x:clone()
    return copy[name](copy, ...)
  end
end
return calls
