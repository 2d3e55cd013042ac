-- Operands that lie the other way round, and rows put where index tensors say, give what dense copies give.
torch.manual_seed(0)
for _, dt in ipairs{torch.float32, torch.float64, torch.int64, torch.float16, torch.bool} do
  for _, shape in ipairs{{16, 40}, {37, 600}, {3, 33, 41}, {8, 8}, {2, 3, 19, 530}} do
    local n = #shape
    local x = torch.randint(0, 9, shape):to(dt)
    local rev = {table.unpack(shape)}; rev[n-1], rev[n] = rev[n], rev[n-1]
    local y = torch.randint(0, 9, rev):to(dt):transpose(-1, -2)
    for _, f in ipairs{function(a,b) return a + b end, function(a,b) return a * b end, function(a, b) return torch.maximum(a, b) end, function(a, b) return a:lt(b) end, function(a, b) return a:eq(b) end} do
      assert(torch.equal(f(x, y), f(x, y:contiguous())))
      assert(torch.equal(f(y, x), f(y:contiguous(), x)))
      local r = x:select(-1, 0):unsqueeze(-1)
      assert(torch.equal(f(y, r), f(y:contiguous(), r:contiguous()))) assert(torch.equal(f(r, y), f(r, y:contiguous())))
      local c = x[{"...", "0:1", ":"}]
      assert(torch.equal(f(y, c), f(y:contiguous(), c)))
    end
  end
end
local m = torch.zeros(10, 4); local k = torch.tensor{1, 3, 3}
m[k] = 1; assert(m:sum():item() == 8)
m[k] = torch.arange(12.):view(3, 4); assert(m[3]:sum():item() == 8+9+10+11)
m:index_put_({k}, torch.tensor(1.), {accumulate = true}); assert(m[3]:sum():item() == 38 + 8 and m[1]:sum():item() == 6 + 4)
m:index_put_({k}, torch.ones(4), {accumulate = true}); assert(m[3]:sum():item() == 38 + 16)
local s = torch.zeros(4, 10):t(); s[k] = 2; assert(s:sum():item() == 16)
local w = torch.randn(10, 4, {requires_grad = true}); w[k]:sum():backward(); assert(w.grad[3]:sum():item() == 8)
