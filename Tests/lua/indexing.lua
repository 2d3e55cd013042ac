-- Made by make_surface.py with PyTorch; see there. Each case must print what PyTorch printed.
local torch = require 'torch'
local failures, passed = {}, 0
local function check(code, wanted, wantError)
  local chunk = assert(load(code, code, 't', _ENV))
  local ok, got = pcall(chunk)
  got = ok and tostring(got) or tostring(got):gsub('^%[string .-%]:%d+: ', '')
  if ok == wantError or got ~= wanted then
    failures[#failures + 1] = code .. '\n  wanted: ' .. wanted .. '\n  got:    ' .. got
  else passed = passed + 1 end
end
; x = torch.arange(24):view(2, 3, 4)
; f = torch.arange(6.0):view(2, 3)
; i, j, m = torch.tensor{1, 0, 1}, torch.tensor{{0}, {-1}}, torch.tensor{true, false, true}
check([=[
return x[1]]=], [=[
tensor([[12, 13, 14, 15],
        [16, 17, 18, 19],
        [20, 21, 22, 23]])]=], false)
check([=[
return x[-1]]=], [=[
tensor([[12, 13, 14, 15],
        [16, 17, 18, 19],
        [20, 21, 22, 23]])]=], false)
check([=[
return x[{0, -1}]]=], [=[
tensor([ 8,  9, 10, 11])]=], false)
check([=[
return x[{0, 1, 2}]]=], [=[
tensor(6)]=], false)
check([=[
return x["1:"]]=], [=[
tensor([[[12, 13, 14, 15],
         [16, 17, 18, 19],
         [20, 21, 22, 23]]])]=], false)
check([=[
return x[{":", "1:3", "::2"}]]=], [=[
tensor([[[ 4,  6],
         [ 8, 10]],

        [[16, 18],
         [20, 22]]])]=], false)
check([=[
return x[{":", -1, "-2:"}]]=], [=[
tensor([[10, 11],
        [22, 23]])]=], false)
check([=[
return x[{"...", 0}]]=], [=[
tensor([[ 0,  4,  8],
        [12, 16, 20]])]=], false)
check([=[
return x[{0, "...", "1:2"}]]=], [=[
tensor([[1],
        [5],
        [9]])]=], false)
check([=[
return x[{"None", 0, ":", "None"}].shape]=], [=[
torch.Size([1, 3, 1, 4])]=], false)
check([=[
return x["..."].shape]=], [=[
torch.Size([2, 3, 4])]=], false)
check([=[
return x["5:"].shape]=], [=[
torch.Size([0, 3, 4])]=], false)
check([=[
return x[{":", "-9:-2"}]]=], [=[
tensor([[[ 0,  1,  2,  3]],

        [[12, 13, 14, 15]]])]=], false)
check([=[
return x[{":", "2:1"}].shape]=], [=[
torch.Size([2, 0, 4])]=], false)
check([=[
return torch.tensor(3.5)["..."]]=], [=[
tensor(3.5000)]=], false)
check([=[
return torch.tensor(3.5)["None"]]=], [=[
tensor([3.5000])]=], false)
check([=[
return x[i]]=], [=[
tensor([[[12, 13, 14, 15],
         [16, 17, 18, 19],
         [20, 21, 22, 23]],

        [[ 0,  1,  2,  3],
         [ 4,  5,  6,  7],
         [ 8,  9, 10, 11]],

        [[12, 13, 14, 15],
         [16, 17, 18, 19],
         [20, 21, 22, 23]]])]=], false)
check([=[
return x[{i, i}]]=], [=[
tensor([[16, 17, 18, 19],
        [ 0,  1,  2,  3],
        [16, 17, 18, 19]])]=], false)
check([=[
return x[{j, i}]]=], [=[
tensor([[[ 4,  5,  6,  7],
         [ 0,  1,  2,  3],
         [ 4,  5,  6,  7]],

        [[16, 17, 18, 19],
         [12, 13, 14, 15],
         [16, 17, 18, 19]]])]=], false)
check([=[
return x[{":", i}].shape]=], [=[
torch.Size([2, 3, 4])]=], false)
check([=[
return x[{":", i, "1:3"}]]=], [=[
tensor([[[ 5,  6],
         [ 1,  2],
         [ 5,  6]],

        [[17, 18],
         [13, 14],
         [17, 18]]])]=], false)
check([=[
return x[{i, ":", i}]]=], [=[
tensor([[13, 17, 21],
        [ 0,  4,  8],
        [13, 17, 21]])]=], false)
check([=[
return x[{":", j, i}].shape]=], [=[
torch.Size([2, 2, 3])]=], false)
check([=[
return x[{0, i}]]=], [=[
tensor([[4, 5, 6, 7],
        [0, 1, 2, 3],
        [4, 5, 6, 7]])]=], false)
check([=[
return x[{i, 0}]]=], [=[
tensor([[12, 13, 14, 15],
        [ 0,  1,  2,  3],
        [12, 13, 14, 15]])]=], false)
check([=[
return x[{i, 0, i}]]=], [=[
tensor([13,  0, 13])]=], false)
check([=[
return x[{"None", i, 0}].shape]=], [=[
torch.Size([1, 3, 4])]=], false)
check([=[
return x[{"...", i}].shape]=], [=[
torch.Size([2, 3, 3])]=], false)
check([=[
return x[{":", m}]]=], [=[
tensor([[[ 0,  1,  2,  3],
         [ 8,  9, 10, 11]],

        [[12, 13, 14, 15],
         [20, 21, 22, 23]]])]=], false)
check([=[
return x[{0, m}]]=], [=[
tensor([[ 0,  1,  2,  3],
        [ 8,  9, 10, 11]])]=], false)
check([=[
return x[{1, m, i["::2"]}]]=], [=[
tensor([13, 21])]=], false)
check([=[
return x[x:gt(20)]]=], [=[
tensor([21, 22, 23])]=], false)
check([=[
return x[x[0]:gt(5):unsqueeze(0):expand(2, 3, 4)].shape]=], [=[
torch.Size([12])]=], false)
check([=[
return x[{0, x[0]:gt(9)}]]=], [=[
tensor([10, 11])]=], false)
check([=[
return x[true].shape]=], [=[
torch.Size([1, 2, 3, 4])]=], false)
check([=[
return x[false].shape]=], [=[
torch.Size([0, 2, 3, 4])]=], false)
check([=[
return x[{0, {0, 2}}]]=], [=[
tensor([[ 0,  1,  2,  3],
        [ 8,  9, 10, 11]])]=], false)
check([=[
return x[torch.tensor(1)]]=], [=[
tensor([[12, 13, 14, 15],
        [16, 17, 18, 19],
        [20, 21, 22, 23]])]=], false)
check([=[
return x[torch.zeros(0, {dtype = torch.int64})].shape]=], [=[
torch.Size([0, 3, 4])]=], false)
check([=[
return x[i:int()]]=], [=[
tensor([[[12, 13, 14, 15],
         [16, 17, 18, 19],
         [20, 21, 22, 23]],

        [[ 0,  1,  2,  3],
         [ 4,  5,  6,  7],
         [ 8,  9, 10, 11]],

        [[12, 13, 14, 15],
         [16, 17, 18, 19],
         [20, 21, 22, 23]]])]=], false)
; y = x:clone()
; y[0] = -1
; y[{1, "::2"}] = torch.tensor{1, 2, 3, 4}
; y[{1, 1, i}] = 7
check([=[
return y]=], [=[
tensor([[[-1, -1, -1, -1],
         [-1, -1, -1, -1],
         [-1, -1, -1, -1]],

        [[ 1,  2,  3,  4],
         [ 7,  7, 18, 19],
         [ 1,  2,  3,  4]]])]=], false)
; y[y:lt(0)] = 0
; y[{"...", -1}] = torch.tensor{{9}}
check([=[
return y]=], [=[
tensor([[[ 0,  0,  0,  9],
         [ 0,  0,  0,  9],
         [ 0,  0,  0,  9]],

        [[ 1,  2,  3,  9],
         [ 7,  7, 18,  9],
         [ 1,  2,  3,  9]]])]=], false)
; y[{":", m, 0}] = torch.tensor{{{50, 60}, {70, 80}}}
check([=[
return y]=], [=[
tensor([[[50,  0,  0,  9],
         [ 0,  0,  0,  9],
         [60,  0,  0,  9]],

        [[70,  2,  3,  9],
         [ 7,  7, 18,  9],
         [80,  2,  3,  9]]])]=], false)
; z = torch.zeros(3, 3)
; z[{torch.tensor{0, 2}, torch.tensor{1, 1}}] = torch.tensor{2.5, 3.5}
; z[{1, "None"}] = 4
check([=[
return z]=], [=[
tensor([[0.0000, 2.5000, 0.0000],
        [4.0000, 4.0000, 4.0000],
        [0.0000, 3.5000, 0.0000]])]=], false)
; z:index_put_({torch.tensor{0, 0, 0}, torch.tensor{0, 0, 1}}, torch.ones(3), true)
check([=[
return z]=], [=[
tensor([[2.0000, 3.5000, 0.0000],
        [4.0000, 4.0000, 4.0000],
        [0.0000, 3.5000, 0.0000]])]=], false)
; w = torch.arange(6.0, {requires_grad = true})
check([=[
return w[i]]=], [=[
tensor([1., 0., 1.], grad_fn=<IndexBackward0>)]=], false)
; w[i]:mul(torch.tensor{1, 2, 3}):sum():backward()
check([=[
return w.grad]=], [=[
tensor([2., 4., 0., 0., 0., 0.])]=], false)
; v = w:clone(); v["1:3"] = w["3:5"] * 2; v[i] = 5; v:sum():backward()
check([=[
return w.grad]=], [=[
tensor([2., 4., 0., 1., 3., 1.])]=], false)
check([=[
return w["1:"]]=], [=[
tensor([1., 2., 3., 4., 5.], grad_fn=<SliceBackward0>)]=], false)
check([=[
return w[0]]=], [=[
tensor(0., grad_fn=<SelectBackward0>)]=], false)
check([=[
return w:gather(0, i)]=], [=[
tensor([1., 0., 1.], grad_fn=<GatherBackward0>)]=], false)
check([=[
return w:index_select(0, i)]=], [=[
tensor([1., 0., 1.], grad_fn=<IndexSelectBackward0>)]=], false)
check([=[
return w:masked_select(w:gt(3))]=], [=[
tensor([4., 5.], grad_fn=<MaskedSelectBackward0>)]=], false)
check([=[
return w:take(i)]=], [=[
tensor([1., 0., 1.], grad_fn=<TakeBackward0>)]=], false)
check([=[
return x[2]]=], [=[
IndexError: index 2 is out of bounds for dimension 0 with size 2]=], true)
check([=[
return x[{0, 3}]]=], [=[
IndexError: index 3 is out of bounds for dimension 1 with size 3]=], true)
check([=[
return x[{0, 0, 0, 0}]]=], [=[
IndexError: too many indices for tensor of dimension 3]=], true)
check([=[
return torch.tensor(1)[0]]=], [=[
IndexError: invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number]=], true)
check([=[
return x[{0, i * 9}]]=], [=[
IndexError: index 9 is out of bounds for dimension 0 with size 3]=], true)
check([=[
return x[i:double()]]=], [=[
IndexError: tensors used as indices must be long, int, byte or bool tensors]=], true)
check([=[
return x[m]]=], [=[
IndexError: The shape of the mask [3] at index 0 does not match the shape of the indexed tensor [2, 3, 4] at index 0]=], true)
check([=[
return x[{i, torch.tensor{0, 1}}]]=], [=[
IndexError: shape mismatch: indexing tensors could not be broadcast together with shapes [3], [2]]=], true)
check([=[
return x["::0"]]=], [=[
ValueError: slice step cannot be zero]=], true)
check([=[
return x["::-1"]]=], [=[
ValueError: step must be greater than zero]=], true)
check([=[
return x:gather(0, i)]=], [=[
RuntimeError: Index tensor must have the same number of dimensions as input tensor]=], true)
check([=[
return x:index_select(0, i + 5)]=], [=[
IndexError: index out of range in self]=], true)
check([=[
return x:index_add(0, i, x)]=], [=[
RuntimeError: index_add_(): Number of indices (3) should be equal to source.size(dim): (2), for dim: 0]=], true)
check([=[
return x:index_put({i + 9}, torch.tensor(1))]=], [=[
IndexError: index 10 is out of bounds for dimension 0 with size 2]=], true)
check([=[
return x:index_put({i}, torch.tensor(1.0))]=], [=[
RuntimeError: Index put requires the source and destination dtypes match, got Long for the destination and Float for the source.]=], true)
check([=[
return x:index_put({i}, torch.ones(5, {dtype = torch.int64}))]=], [=[
RuntimeError: shape mismatch: value tensor of shape [5] cannot be broadcast to indexing result of shape [3, 3, 4]]=], true)
check([=[
return f:masked_fill(f, 1)]=], [=[
RuntimeError: masked_fill_ only supports boolean masks, but got mask with dtype float]=], true)
check([=[
return f:masked_scatter(f:gt(0), torch.ones(1))]=], [=[
RuntimeError: Number of elements of source < number of ones in mask]=], true)
check([=[
return f:take(torch.tensor{99})]=], [=[
IndexError: out of range: tried to access index 99 on a tensor of 6 elements.]=], true)
check([=[
return f:scatter(1, torch.tensor{{7}}, 1.0)]=], [=[
RuntimeError: index 7 is out of bounds for dimension 1 with size 3]=], true)
; u = torch.zeros(4); pcall(function() u:index_add_(0, torch.tensor{0, 9}, torch.ones(2)) end); pcall(function() u[torch.tensor{0, 9}] = 1 end); pcall(function() u:scatter_(0, torch.tensor{0, 9}, 1.0) end); pcall(function() u:index_fill_(0, torch.tensor{0, 9}, 1) end); pcall(function() u:put_(torch.tensor{0, 9}, torch.ones(2)) end); pcall(function() u:masked_scatter_(u:eq(0), torch.ones(2)) end)
check([=[
return u]=], [=[
tensor([0., 0., 0., 0.])]=], false)
check([=[
return f:scatter(1, torch.tensor{{0, 2}}, torch.tensor{{10.0, 20.0}})]=], [=[
tensor([[10.,  1., 20.],
        [ 3.,  4.,  5.]])]=], false)
check([=[
return f:scatter(1, torch.tensor{{0, 2}}, 3.0, {reduce = "multiply"})]=], [=[
tensor([[0., 1., 6.],
        [3., 4., 5.]])]=], false)
check([=[
return f:scatter_reduce(0, torch.tensor{{0, 0, 0}, {0, 1, 1}}, f, "mean", {include_self = false})]=], [=[
tensor([[1.5000, 1.0000, 2.0000],
        [3.0000, 4.0000, 5.0000]])]=], false)
check([=[
return f:index_add(1, torch.tensor{0, 0}, torch.ones(2, 2), {alpha = 2})]=], [=[
tensor([[4., 1., 2.],
        [7., 4., 5.]])]=], false)
check([=[
return f:index_fill(1, torch.tensor{-1}, 9)]=], [=[
tensor([[0., 1., 9.],
        [3., 4., 9.]])]=], false)
check([=[
return f:index_reduce(0, torch.tensor{1, 1}, f, "amax")]=], [=[
tensor([[0., 1., 2.],
        [3., 4., 5.]])]=], false)
check([=[
return f:put(torch.tensor{-1, 0}, torch.tensor{1.5, 2.5})]=], [=[
tensor([[2.5000, 1.0000, 2.0000],
        [3.0000, 4.0000, 1.5000]])]=], false)
check([=[
return torch.take_along_dim(f, f:argsort(1, {descending = true}), 1)]=], [=[
tensor([[2., 1., 0.],
        [5., 4., 3.]])]=], false)
check([=[
return f:diagonal(1)]=], [=[
tensor([1., 5.])]=], false)
check([=[
return f[0]:diag(1)]=], [=[
tensor([[0., 0., 0., 0.],
        [0., 0., 1., 0.],
        [0., 0., 0., 2.],
        [0., 0., 0., 0.]])]=], false)
check([=[
return torch.diag_embed(f).shape]=], [=[
torch.Size([2, 3, 3])]=], false)
check([=[
return f:tril(), f:triu(1)]=], [=[
tensor([[0., 0., 0.],
        [3., 4., 0.]])]=], false)
check([=[
return f:triu(1)]=], [=[
tensor([[0., 1., 2.],
        [0., 0., 5.]])]=], false)
check([=[
return torch.tril_indices(3, 3, -1)]=], [=[
tensor([[1, 2, 2],
        [0, 0, 1]])]=], false)
check([=[
return torch.zeros(7, 3):fill_diagonal_(5, true)]=], [=[
tensor([[5., 0., 0.],
        [0., 5., 0.],
        [0., 0., 5.],
        [0., 0., 0.],
        [5., 0., 0.],
        [0., 5., 0.],
        [0., 0., 5.]])]=], false)
check([=[
return f:select_scatter(torch.zeros(2), 1, -1)]=], [=[
tensor([[0., 1., 0.],
        [3., 4., 0.]])]=], false)
check([=[
return f:slice_scatter(torch.zeros(2, 1), 1, 1, 2)]=], [=[
tensor([[0., 0., 2.],
        [3., 0., 5.]])]=], false)
check([=[
return f:nonzero()]=], [=[
tensor([[0, 1],
        [0, 2],
        [1, 0],
        [1, 1],
        [1, 2]])]=], false)
for _, text in ipairs(failures) do io.stderr:write(text, '\n') end
print(('%d passed, %d failed'):format(passed, #failures))
os.exit(#failures == 0)
