-- Every sentence of torch.nn.utils.prune: the calls below give, in order, what PyTorch gives for the same calls.
local nn = torch.nn
local prune = require "torch.nn.utils.prune"
local said = {}
local function t(f, ...)
  local ok, problem = pcall(f, ...)
  said[#said + 1] = ok and "OK" or tostring(problem):gsub("^[^ ]*:%d+: ", ""):gsub("0x%x+", "0x")
end
local L = function() return nn.Linear(3, 2) end
local L=function() return nn.Linear(3, 2) end t(prune.l1_unstructured, L(), "weight", "a")
t(prune.l1_unstructured, L(), "weight", -1)
t(prune.l1_unstructured, L(), "weight", 1.1)
t(prune.l1_unstructured, L(), "weight", 7)
t(prune.l1_unstructured, L(), "weight", 0.5, torch.ones(2))
t(prune.ln_structured, L(), "bias", 1, 2, 0)
t(prune.ln_structured, L(), "weight", 1, 2, 5)
t(prune.ln_structured, L(), "weight", 1, 2, -5)
t(prune.ln_structured, L(), "weight", 1, "abc", 0)
t(prune.ln_structured, L(), "weight", 1, "fro", 0)
t(prune.ln_structured, L(), "weight", 1, "nuc", 0)
t(prune.random_structured, L(), "weight", 3, 0)
t(prune.random_structured, L(), "weight", 3, 3)
t(prune.custom_from_mask, L(), "weight", torch.ones(2, 2))
t(prune.remove, L(), "bias")
t(prune.identity, L(), "nope")
t(prune.global_unstructured, 5, prune.L1Unstructured, {amount=1})
local l=L()
t(prune.global_unstructured, {{l, "weight"}}, {pruning_method=prune.LnStructured, amount=1, n=2})
t(prune.global_unstructured, {{l, "weight"}}, {pruning_method=prune.L1Unstructured})
t(prune.global_unstructured, {{l, "weight"}}, {pruning_method=prune.L1Unstructured, amount=1, foo=2})
t(prune.global_unstructured, {{l, "weight"}}, {pruning_method=prune.L1Unstructured, amount=1, importance_scores=3})
t(prune.BasePruningMethod)
t(prune.L1Unstructured)
t(prune.L1Unstructured, 1, 2)
t(prune.LnStructured)
t(prune.L1Unstructured, {amuont=2})
t(prune.L1Unstructured.apply, L(), "weight")
local c=prune.PruningContainer()
t(function() c._tensor_name="x" local m=prune.L1Unstructured(1) m._tensor_name="y" c:add_pruning_method(m) end)
t(function() c:add_pruning_method(3) end)
t(function() return c[0] end)
t(function() return prune.L1Unstructured(1).foo end)
t(function()
local m=prune.L1Unstructured(1) m:prune(torch.ones(2), {importance_scores=torch.ones(3)}) end)
local bn=nn.BatchNorm1d(3)
t(prune.identity, bn, "running_mean")
local nb=nn.Linear(2, 2, {bias=false})
t(prune.l1_unstructured, nb, "bias", 1)
t(prune._compute_norm, torch.ones(2, 3, 4), "fro", 1)
t(prune.l1_unstructured, L(), "weight", 0.0)

-- PyTorch's, from the same calls with keywords as Python writes them.
local wanted = {
  [==[TypeError: Invalid type for amount: a. Must be int or float.]==],
  [==[ValueError: amount=-1 should either be a float in the range [0, 1] or a non-negative integer]==],
  [==[ValueError: amount=1.1 should either be a float in the range [0, 1] or a non-negative integer]==],
  [==[ValueError: amount=7 should be smaller than the number of parameters to prune=6]==],
  [==[AssertionError: importance_scores should have the same shape as parameter weight of Linear(in_features=3, out_features=2, bias=True), got torch.Size([2]) vs torch.Size([2, 3])]==],
  [==[ValueError: Structured pruning can only be applied to multidimensional tensors. Found tensor of shape torch.Size([2]) with 1 dims]==],
  [==[IndexError: Invalid index 5 for tensor of size torch.Size([2, 3])]==],
  [==[IndexError: tuple index out of range]==],
  [==[TypeError: linalg_vector_norm(): argument 'ord' must be Number, not str]==],
  [==[OK]==],
  [==[OK]==],
  [==[ValueError: amount=3 should be smaller than the number of parameters to prune=2]==],
  [==[IndexError: Invalid index 3 for tensor of size torch.Size([2, 3])]==],
  [==[AssertionError: default_mask shape torch.Size([2, 3]) must match self.mask shape torch.Size([2, 2])]==],
  [==[ValueError: Parameter 'bias' of module Linear(in_features=3, out_features=2, bias=True) has to be pruned before pruning can be removed]==],
  [==[AttributeError: 'Linear' object has no attribute 'nope']==],
  [==[TypeError: global_unstructured(): parameters is not an Iterable]==],
  [==[TypeError: Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. Found method <class 'torch.nn.utils.prune.LnStructured'> of type structured]==],
  [==[TypeError: L1Unstructured.__init__() missing 1 required positional argument: 'amount']==],
  [==[TypeError: L1Unstructured.__init__() got an unexpected keyword argument 'foo']==],
  [==[TypeError: global_unstructured(): importance_scores must be of type dict]==],
  [==[TypeError: Can't instantiate abstract class BasePruningMethod with abstract method compute_mask]==],
  [==[TypeError: L1Unstructured.__init__() missing 1 required positional argument: 'amount']==],
  [==[TypeError: L1Unstructured.__init__() takes 2 positional arguments but 3 were given]==],
  [==[TypeError: LnStructured.__init__() missing 2 required positional arguments: 'amount' and 'n']==],
  [==[TypeError: L1Unstructured.__init__() got an unexpected keyword argument 'amuont']==],
  [==[TypeError: L1Unstructured.apply() missing 1 required positional argument: 'amount']==],
  [==[ValueError: Can only add pruning methods acting on the parameter named 'x' to PruningContainer <torch.nn.utils.prune.PruningContainer object at 0x>. Found 'y']==],
  [==[TypeError: <class 'int'> is not a BasePruningMethod subclass]==],
  [==[IndexError: tuple index out of range]==],
  [==[AttributeError: 'L1Unstructured' object has no attribute 'foo']==],
  [==[AssertionError: importance_scores should have the same shape as tensor t, got torch.Size([3]) vs torch.Size([2])]==],
  [==[TypeError: cannot assign 'torch.FloatTensor' object to parameter 'running_mean_orig' (torch.nn.Parameter or None required)]==],
  [==[TypeError: ones_like(): argument 'input' (position 1) must be Tensor, not NoneType]==],
  [==[OK]==],
  [==[OK]==],
}
assert(#said == #wanted)
for i, sentence in ipairs(wanted) do assert(said[i] == sentence, ("%d: %s\nwanted: %s"):format(i, said[i], sentence)) end
