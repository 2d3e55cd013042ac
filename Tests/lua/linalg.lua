-- Gradients of torch.linalg against differences, first and second, and of functions that do not depend on the signs LAPACK chose.
local torch = require "torch"
local L = torch.linalg
torch.manual_seed(3)
local function r(...) return torch.randn(...):double() end
local function spd(n) local a = r(n, n) return a:matmul(a.mT) + torch.eye(n):double() * 2 end

-- The sum of an expression's elements, each with a weight of its own.
local function weigh(...)
  local total = 0
  for k, x in ipairs { ... } do
    local w = (torch.arange(x:numel()):double() * 0.37 + k):sin():reshape(x.shape)
    total = total + (x * w):sum()
  end
  return total
end

local function value(f, inputs)
  local all = {}
  for k, x in ipairs(inputs) do all[k] = x:detach():clone():requires_grad_() end
  return weigh(f(table.unpack(all))), all
end

-- The gradients' own weighted sum, so that its differences are second derivatives.
local function slope(f, inputs, create)
  local y, all = value(f, inputs)
  return torch.autograd.grad({ y }, all, { create_graph = create, allow_unused = true }), all
end

local function differences(g, inputs, h)
  local found = {}
  for k, x in ipairs(inputs) do
    local d = torch.zeros_like(x)
    for i = 0, x:numel() - 1 do
      local function at(step)
        local moved = {}
        for j, y in ipairs(inputs) do moved[j] = y:detach():clone() end
        local flat = moved[k]:reshape({ -1 })
        flat[i] = flat[i]:item() + step
        moved[k] = flat:reshape(x.shape)
        return g(moved)
      end
      d:view({ -1 })[i] = (at(h) - at(-h)) / (2 * h)
    end
    found[k] = d
  end
  return found
end

local function near(got, wanted, what)
  for k, w in ipairs(wanted) do
    local g = got[k] or torch.zeros_like(w)
    local off = ((g - w):abs() / (w:abs() + 1)):max():item()
    assert(off < 2e-5, ("%s: slope %d is off by %g\n%s\n%s"):format(what, k, off, g, w))
  end
end

local function check(what, f, ...)
  local inputs = { ... }
  near(slope(f, inputs), differences(function(x) return (value(f, x)):item() end, inputs, 1e-6), what)
  local function second(x)
    local g = slope(f, x)
    local kept = {}
    for k = 1, #x do kept[k] = g[k] or torch.zeros_like(x[k]) end
    return weigh(table.unpack(kept)):item()
  end
  local g, all = slope(f, inputs, true)
  local kept = {}
  for k = 1, #inputs do kept[k] = g[k] or torch.zeros_like(inputs[k]) end
  local total = weigh(table.unpack(kept))
  if total.requires_grad then
    near(torch.autograd.grad({ total }, all, { allow_unused = true }), differences(second, inputs, 1e-6), what .. ", second")
  end
end

local function sym(a) return a + a.mT end
check("solve", L.solve, spd(3), r(3, 2))
check("solve a vector", L.solve, spd(3), r(3))
check("solve right", function(a, b) return L.solve(a, b, { left = false }) end, spd(3), r(2, 3))
check("inv", L.inv, spd(3))
check("det", L.det, r(2, 3, 3))
check("slogdet", function(a) local _, l = L.slogdet(a) return l end, r(3, 3))
check("cholesky", function(a) return L.cholesky(sym(a)) end, spd(3))
check("cholesky upper", function(a) return L.cholesky(sym(a), { upper = true }) end, spd(3))
check("cholesky_solve", function(b, a) return torch.cholesky_solve(b, a:tril()) end, r(3, 2), spd(3))
check("cholesky_inverse", function(a) return torch.cholesky_inverse(a:tril()) end, spd(3))
check("qr", L.qr, r(4, 3))
check("qr wide", L.qr, r(2, 4))
check("svd", function(a) local u, s, v = L.svd(a, { full_matrices = false }) return u * u, s, v * v, u:matmul(v) end, r(4, 3))
check("svd wide", function(a) local u, s, v = L.svd(a, { full_matrices = false }) return s, v * v, u:matmul(v) end, r(2, 3))
check("svdvals", L.svdvals, r(3, 4))
check("eigh", function(a) local l, v = L.eigh(sym(a)) return l, v * v end, r(3, 3))
check("eigvalsh", function(a) return L.eigvalsh(sym(a)) end, r(3, 3))
check("pinv", L.pinv, r(4, 2))
check("pinv wide", L.pinv, r(2, 3))
check("lstsq", function(a, b) return (L.lstsq(a, b)) end, r(4, 2), r(4, 3))
check("lu", function(a) local _, l, u = L.lu(a) return l, u end, r(3, 3))
check("lu tall", function(a) local _, l, u = L.lu(a) return l, u end, r(4, 2))
check("lu wide", function(a) local _, l, u = L.lu(a) return l, u end, r(2, 4))
check("lu_solve", function(a, b) local lu, p = L.lu_factor(a) return L.lu_solve(lu, p, b) end, spd(3), r(3, 2))
check("lu_solve adjoint right", function(a, b) local lu, p = L.lu_factor(a) return L.lu_solve(lu, p, b, { left = false, adjoint = true }) end, spd(3), r(2, 3))
check("solve_triangular", function(a, b) return L.solve_triangular(a, b, { upper = true }) end, spd(3), r(3, 2))
check("solve_triangular unit right", function(a, b) return L.solve_triangular(a, b, { upper = false, left = false, unitriangular = true }) end, r(3, 3), r(2, 3))
check("triangular_solve", function(b, a) return (torch.triangular_solve(b, a, { transpose = true })) end, r(3, 2), spd(3))
check("matrix_exp", L.matrix_exp, r(2, 3, 3))
check("householder_product", L.householder_product, r(4, 2), r(2))
check("ormqr", function(a, t, c) return torch.ormqr(a, t, c, { transpose = true }) end, r(4, 2), r(2), r(4, 3))
check("polar", L.polar, r(4, 3))
check("matrix_sqrth", function(a) return L.matrix_sqrth(sym(a)) end, spd(3))
check("cond", L.cond, r(3, 3))
for _, p in ipairs { 0.5, 1, 1.5, 2, 3, math.huge } do
  check("vector_norm " .. p, function(a) return L.vector_norm(a, p, { dim = 1 }) end, r(3, 4))
  check("cdist " .. p, function(a, b) return torch.cdist(a, b, p) end, r(3, 4), r(2, 4))
end
check("cdist by products", function(a, b) return torch.cdist(a, b, { compute_mode = "use_mm_for_euclid_dist" }) end, r(3, 4), r(2, 4))
check("pdist", torch.nn.functional.pdist, r(4, 3))
check("nuclear norm", function(a) return L.matrix_norm(a, "nuc") end, r(3, 4))
check("cosine_similarity", torch.cosine_similarity, r(3, 4), r(3, 4))
check("renorm", function(a) return torch.renorm(a, 2, 0, 1) end, r(3, 4))
check("einsum", function(a, b, c) return torch.einsum("bn,anm,bm->ba", a, b, c) end, r(2, 3), r(4, 3, 2), r(2, 2))
check("kron", torch.kron, r(2, 3), r(3, 2))
check("baddbmm", function(s, a, b) return torch.baddbmm(s, a, b, { beta = 0.5, alpha = 2 }) end, r(2, 2), r(3, 2, 4), r(3, 4, 2))
check("addbmm", function(s, a, b) return torch.addbmm(s, a, b, { beta = 0.5, alpha = 2 }) end, r(2, 2), r(3, 2, 4), r(3, 4, 2))
check("matmul, broadcast", torch.matmul, r(2, 1, 2, 3), r(4, 3, 2))
check("matmul, matrix and batch", torch.matmul, r(2, 3), r(4, 3, 2))
check("cross", function(a, b) return L.cross(a, b) end, r(2, 3), r(1, 3))

-- det at a singular matrix, whose slope is the adjugate.
do
  local a = torch.tensor({ { 1.0, 2, 3 }, { 4, 5, 6 }, { 7, 8, 9 } }):double():requires_grad_()
  local g = torch.autograd.grad({ L.det(a) }, { a }, { create_graph = true })[1]
  local adjugate = torch.tensor({ { -3.0, 6, -3 }, { 6, -12, 6 }, { -3, 6, -3 } }):double()
  assert(torch.allclose(g, adjugate, { atol = 1e-6 }), tostring(g))
end

-- Empty batches and sizes.
assert(tostring(L.inv(torch.zeros(0, 3, 3)).shape) == "torch.Size([0, 3, 3])")
assert(L.det(torch.zeros(0, 0)):item() == 1)
assert(tostring(L.qr(torch.zeros(2, 0), { mode = "complete" })) ~= "")

-- A batch that was broadcast, and one that is not dense, are read as they lie.
do
  local a, b = r(4, 3), r(5, 2, 3):transpose(0, 1)
  local y = torch.matmul(a, b.mT)
  for i = 0, 1 do assert(torch.allclose(y[i], a:mm(b[i].mT))) end
  local wide = r(3, 4):expand(6, 3, 4)
  assert(torch.allclose(wide:bmm(r(1, 4, 2):expand(6, 4, 2))[5], wide:bmm(r(1, 4, 2):expand(6, 4, 2))[5]) == false)
end
