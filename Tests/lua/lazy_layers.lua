-- Layers that learn their first sizes from their first input.
local nn = torch.nn
local function fails(sentence, f, ...)
  local ok, problem = pcall(f, ...)
  assert(not ok and tostring(problem):find(sentence, 1, true), tostring(problem))
end
local function text(x, wanted) assert(tostring(x) == wanted, tostring(x)) end

-- print(nn.LazyLinear(5)) …
text(nn.LazyLinear(5), "LazyLinear(in_features=0, out_features=5, bias=True)")
text(nn.LazyConv2d(8, 3), "LazyConv2d(0, 8, kernel_size=(3, 3), stride=(1, 1))")
text(nn.LazyConvTranspose1d(8, 3), "LazyConvTranspose1d(0, 8, kernel_size=(3,), stride=(1,))")
text(nn.LazyBatchNorm1d(), "LazyBatchNorm1d(0, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)")
text(nn.LazyInstanceNorm2d(), "LazyInstanceNorm2d(0, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)")
text(nn.LazyBatchNorm2d { affine = false }, "LazyBatchNorm2d(0, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=True)")

local l = nn.LazyLinear(5)
text(l.weight, "<UninitializedParameter>")
text(l:state_dict(), "OrderedDict([('weight', <UninitializedParameter>), ('bias', <UninitializedParameter>)])")
text(nn.LazyBatchNorm2d().running_mean, "<UninitializedBuffer>")
assert(torch.isinstance(l.weight, nn.UninitializedParameter) and torch.isinstance(l.weight, nn.Parameter))
assert(torch.isinstance(l, nn.Linear) and torch.isinstance(l, nn.LazyLinear) and l:has_uninitialized_params())
fails("RuntimeError: Can't access the shape of an uninitialized parameter or buffer. This error usually happens in `load_state_dict` when trying to load an uninitialized parameter into an initialized one. Call `forward` to initialize the parameters before accessing their attributes.", function() return l.weight.shape end)

-- torch.manual_seed(1); m = nn.Sequential(nn.LazyConv2d(2, 3), nn.Flatten(), nn.LazyLinear(2)); m(torch.ones(1, 1, 4, 4))
torch.manual_seed(1)
local m = nn.Sequential(nn.LazyConv2d(2, 3), nn.Flatten(), nn.LazyLinear(2))
local weight = m[2].weight
text(m(torch.ones(1, 1, 4, 4)), "tensor([[ 0.1126, -0.0162]], grad_fn=<AddmmBackward0>)")
text(m, [[
Sequential(
  (0): Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))
  (1): Flatten(start_dim=1, end_dim=-1)
  (2): Linear(in_features=8, out_features=2, bias=True)
)]])
assert(m[2].weight == weight and weight.requires_grad and not torch.isinstance(weight, nn.UninitializedParameter))
assert(torch.isinstance(m[0], nn.Conv2d) and not torch.isinstance(m[0], nn.LazyConv2d) and not torch.isinstance(m[2], nn.LazyLinear))

-- Mistakes
fails("RuntimeError: Expected 3D (unbatched) or 4D (batched) input to LazyConv2d, but got input of size: torch.Size([3, 3])", nn.LazyConv2d(8, 3), torch.ones(3, 3))
fails("IndexError: tuple index out of range", nn.LazyBatchNorm1d(), torch.ones(4))
fails("Can't access the shape of an uninitialized parameter", function() nn.Linear(2, 3):load_state_dict(nn.LazyLinear(3):state_dict()) end)

-- State dicts
local loaded = nn.LazyLinear(3)
local source = nn.Linear(2, 3)
text(loaded:load_state_dict(source:state_dict()), "<All keys matched successfully>")
assert(torch.equal(loaded.weight, source.weight))
text(loaded, "LazyLinear(in_features=0, out_features=3, bias=True)")
assert(torch.equal(loaded(torch.ones(1, 2)), source(torch.ones(1, 2))))
text(loaded, "Linear(in_features=2, out_features=3, bias=True)")

-- Statistics, dtype and copies
local n = nn.LazyBatchNorm2d()
assert(n.num_batches_tracked:item() == 0)
n(torch.randn(2, 3, 4, 4))
text(n, "BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)")
assert(n.num_features == 3 and n.num_batches_tracked:item() == 1 and n.running_mean.shape[0] == 3)
assert(nn.LazyLinear(3):double()(torch.ones(1, 2, { dtype = torch.float64 })).dtype == torch.float64)
local copy = require("copy").deepcopy(nn.LazyConv1d(2, 2))
text(copy, "LazyConv1d(0, 2, kernel_size=(2,), stride=(1,))")
assert(tostring(copy(torch.ones(1, 4, 5)).shape) == "torch.Size([1, 2, 4])")

-- Tensors without sizes, and buffers, as types
local p = nn.UninitializedParameter()
text(p, "<UninitializedParameter>")
p:materialize { 2, 2 }
assert(tostring(p.shape) == "torch.Size([2, 2])" and p.requires_grad and p.is_leaf)
text(nn.UninitializedBuffer(), "<UninitializedBuffer>")
local holder = torch.class("Holder", nn.Module)()
holder.kept = nn.Buffer(torch.ones(2))
holder.passing = nn.Buffer(torch.zeros(1), { persistent = false })
-- print(holder.state_dict()), [n for n, _ in holder.named_buffers()]
text(holder:state_dict(), "OrderedDict([('kept', tensor([1., 1.]))])")
local names = {}
for name in holder:named_buffers() do names[#names + 1] = name end
assert(table.concat(names, " ") == "kept passing" and torch.isinstance(holder.kept, nn.Buffer))
