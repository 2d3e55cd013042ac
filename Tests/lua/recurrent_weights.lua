-- Recurrent layers and cells read weights that are pruned or parametrized, train them, and keep their zeros; in PyTorch the layers go on
-- with the weights that they had (issues 65688 and 33618 there).
local nn, prune, copy = torch.nn, require "torch.nn.utils.prune", require "copy"
local P, Q = nn.utils.parametrize, nn.utils.parametrizations
for _, kind in ipairs {"LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell"} do
  torch.manual_seed(0)
  local cell = kind:find("Cell")
  local l = cell and nn[kind](3, 4) or nn[kind](3, 4, 2, {bidirectional = true})
  local name = cell and "weight_ih" or "weight_hh_l1_reverse"
  prune.l1_unstructured(l, name, {amount = 0.5})
  local x = cell and torch.randn(2, 3) or torch.randn(5, 2, 3)
  local y = l(x)
  y:sum():backward()
  local g = l[name .. "_orig"].grad
  assert(g and g:mul(l[name .. "_mask"]:eq(0)):abs():sum():item() == 0 and g:abs():sum():item() > 0, kind)
  local o = torch.optim.SGD(l:parameters(), {lr = 0.1}) o:step()
  local y2 = l(x)
  assert(not torch.equal(y, y2))
  assert(l[name][l[name .. "_mask"]:eq(0)]:eq(0):all():item())
  local c = copy.deepcopy(l)
  assert(torch.equal(c(x), y2))
  torch.no_grad(function() c[name .. "_orig"]:zero_() end)
  assert(torch.equal(l(x), y2) and not torch.equal((c(x)), y2))
  torch.save(l:state_dict(), "s.pt")
  local f = cell and nn[kind](3, 4) or nn[kind](3, 4, 2, {bidirectional = true})
  prune.identity(f, name) f:load_state_dict(torch.load("s.pt"))
  assert(torch.equal(f(x), y2), kind)
  prune.remove(l, name)
  assert(torch.equal(l(x), y2))
  torch.save(f, "f.pt") assert(torch.equal(torch.load("f.pt",{weights_only = false})(x), y2))
  -- orthogonal, eval/no_grad, cached
  Q.orthogonal(l, name)
  local z = l(x)
  P.cached(function() assert(torch.equal(l(x), z)) assert(l[name] == l[name]) end)
  z:sum():backward()
  assert(l.parametrizations[name].original.grad:abs():sum():item() > 0)
end
