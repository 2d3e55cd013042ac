-- %% What every door shows alike: printed text, magics, and the error at the end.
local count = 0
local function step(by)
  count = count + (by or 1)
  return count
end
print(step(), step(10), count)

-- %% A local lives on.
count = count * 2
print(step(), type(step), _VERSION)
for i = 1, 3 do
  io.write(i, i < 3 and " " or "\n")
end

-- %% Strings over several lines
text = [[
one
  two]]
print(text, #text)
print("tab\there", 'é', "\u{4e2d}")

-- %% Tensors
torch.manual_seed(7);
x = torch.randn(2, 3)
print(x)
print(x:matmul(x:t()).shape, x:sum():item() == x:sum():item())

-- %% Line magics
-- %env QREPL_ACCEPTANCE=1
-- %sh echo shell "$QREPL_ACCEPTANCE"
-- %time y = x + 1
-- %whos Tensor
-- %timeit -n2 -r2 x + 1

-- %%
-- %%timeit -n1 -r1
local z = x + 1
z = z * 2

-- %% A coroutine, a metatable, a goto
local list = setmetatable({}, {__index = function(_, key) return key .. "!" end})
local co = coroutine.wrap(function() for i = 1, 2 do coroutine.yield(list[tostring(i)]) end end)
print(co(), co())
do
  goto done
  print("not reached")
  ::done::
end
print(select("#", nil, nil), math.maxinteger // 1, 7 // 2, 7 / 2, 1e15, 2^53)

-- %% The end
local function deep(t) return t.missing.field end
print("before")
deep({mising = 1})
print("not reached")
