--- Ways that small and dense operands take give what the general ones give.
local torch = require "torch"

local function same(a, b)
  assert(a.dtype == b.dtype and a:size() == b:size() or tostring(a:size()) == tostring(b:size()), "sizes or dtypes differ")
  assert(torch.equal(a, b), tostring(a) .. "\n" .. tostring(b))
end

-- Rows that are added to each row, from either side; an expanded operand goes the general way.
local x, row = torch.arange(24, {dtype = torch.float32}):view(2, 3, 4), torch.tensor {1, 10, 100, 1000}
local whole = row:expand(2, 3, 4)
same(x + row, x + whole)
same(row - x, whole - x)
local matrix = torch.arange(12, {dtype = torch.float32}):view(3, 4)
same(x * matrix, x * matrix:expand(2, 3, 4))
same(torch.maximum(matrix, x), torch.maximum(matrix:expand(2, 3, 4), x))
same(torch.zeros(0, 4) + row, torch.zeros(0, 4))
local big = torch.arange(70000, {dtype = torch.float32}):view(7000, 10)
same(big + torch.arange(10), big + torch.arange(10):expand(7000, 10))
-- torch.ones(2, 3) + torch.ones(2) fails so in PyTorch.
local ok, message = pcall(function() return torch.ones(2, 3) + torch.ones(2) end)
assert(not ok and message:find("The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1", 1, true), message)

-- Numbers beside tensors do not share memory with those that are still needed.
local a = torch.tensor({1.0, 2.0}, {requires_grad = true})
local y = a * 2.5
local z = a * 3.5
local w = a ^ 3
(y + z + w):sum():backward()
-- 2.5 + 3.5 + 3 a^2
same(a.grad, torch.tensor {9.0, 18.0})
local p, q = torch.tensor(1.5), torch.tensor(2.5)
same(p + 0.25, torch.tensor(1.75))
same(q + 0.5, torch.tensor(3.0))

-- Joining.
same(torch.cat {torch.tensor {1, 2}, torch.tensor {3}}, torch.tensor {1, 2, 3})
same(torch.cat({torch.ones(1, 2), torch.zeros(2, 2)}, -2), torch.tensor {{1.0, 1}, {0, 0}, {0, 0}})
same(torch.cat {torch.tensor {1}, torch.tensor {2.5}}, torch.tensor {1, 2.5})
same(torch.cat {torch.tensor {}, torch.ones(2, 2)}, torch.ones(2, 2))
local c, d = torch.ones(2, {requires_grad = true}), torch.ones(1)
torch.cat {c, d}:sum():backward()
same(c.grad, torch.ones(2))
ok, message = pcall(torch.cat, {torch.ones(2, 3), torch.ones(2, 4)})
-- PyTorch's sentence for these.
assert(not ok and message:find("Sizes of tensors must match except in dimension 0. Expected size 3 but got size 4 for tensor number 1 in the list.", 1, true), message)
ok, message = pcall(torch.cat, {torch.ones(2), 3})
assert(not ok and message:find("cat(): argument 'tensors'", 1, true), message)

-- Mixing.
local m = torch.tensor {1.0, 2, 3}
same(torch.addcmul(m, m, m, {value = 0.5}), torch.tensor {1.5, 4, 7.5})
same(torch.addcmul(m, m, m), torch.tensor {2.0, 6, 12})
same(m:addcmul(m, torch.tensor(2.0)), torch.tensor {3.0, 6, 9})
ok, message = pcall(torch.addcmul, m, m, m, {value = 1e300})
assert(not ok and message:find("value cannot be converted to type float without overflow", 1, true), message)
same(torch.where(m:gt(1.5), m, -m), torch.tensor {-1.0, 2, 3})

-- Thousands of dead tensors go a few at a time, and all at once where memory is asked for.
local kept = {}
for i = 1, 20000 do
  local t = m + i
  if i % 1000 == 0 then kept[#kept + 1] = t end
end
for i, t in ipairs(kept) do same(t, torch.tensor {1000.0 * i + 1, 1000 * i + 2, 1000 * i + 3}) end
collectgarbage()
local values, places = torch.sort(torch.tensor {3.0, 1, 2})
for _ = 1, 10000 do values, places = torch.sort(torch.tensor {3.0, 1, 2}) end
same(values, torch.tensor {1.0, 2, 3})
same(places, torch.tensor {1, 2, 0})
-- What a method's name leads to, what a field's, and what nothing's.
assert(m.shape[0] == 3 and m.add ~= nil and m.requires_grad == false)
ok, message = pcall(function() return m.no_such_thing end)
assert(not ok and message:find("'Tensor' object has no attribute 'no_such_thing'", 1, true), message)
assert(message:find("short_ways.lua:", 1, true), message)
