--- Products of few rows with a large weight, which is read where it lies: every number of rows, views, gradients.
local torch = require "torch"
local F = require "torch.nn.functional"

torch.manual_seed(7)
local function near(a, b, what)
  local worst = (a:double() - b:double()):abs():max():item()
  assert(worst < 2e-5, ("%s differs by %g"):format(what, worst))
end

for _, n in ipairs {1040, 4099} do
  local k = 300
  local wide, bias = torch.randn(n, k + 20) / 20, torch.randn(n)
  for _, w in ipairs {wide:narrow(1, 0, k):contiguous(), wide:narrow(1, 7, k)} do
    local exact = w:double():t()
    for _, m in ipairs {1, 3, 4, 5, 15, 16, 17, 25, 32, 33, 48, 64, 65, 130} do
      local rows = torch.randn(m, k + 3)
      for _, x in ipairs {rows:narrow(1, 0, k):contiguous(), rows:narrow(1, 2, k), torch.randn(k, m):t()} do
        local name = ("%d x %d to %d"):format(m, k, n)
        local y = F.linear(x, w, bias)
        assert(y:size(0) == m and y:size(1) == n and y:is_contiguous())
        near(y, x:double():matmul(exact) + bias:double(), name .. " with bias")
        near(x:matmul(w:t()), x:double():matmul(exact), name)
      end
    end
  end
end

-- A vector is no matrix of one column to the sum.
near(torch.addmv(torch.ones(64), torch.ones(64, 300), torch.ones(300)), torch.full({64}, 301.0), "addmv")

-- Gradients are those of the product.
local x = torch.randn(25, 300, {requires_grad = true})
local w = (torch.randn(1040, 300) / 20):requires_grad_()
local b = torch.randn(1040, {requires_grad = true})
local g = torch.randn(25, 1040)
F.linear(x, w, b):backward(g)
near(x.grad, g:matmul(w:detach()), "the input's gradient")
near(w.grad, g:t():matmul(x:detach()), "the weight's gradient")
near(b.grad, g:sum(0), "the bias's gradient")
assert(tostring(F.linear(x, w, b)):find("AddmmBackward0"))

-- Not a number and infinities come out where they belong.
do
  local _ <close> = torch.no_grad()
  local v = torch.ones(25, 300)
  v[{3, 5}] = 0 / 0
  v[{4, 6}] = math.huge
  local y = F.linear(v, torch.ones(1040, 300), torch.zeros(1040))
  assert(y[3]:isnan():all():item() and y[4]:isinf():all():item() and y[5]:eq(300):all():item())
end
