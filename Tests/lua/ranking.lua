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
; nan = 0/0
; a = torch.tensor{3.0, nan, 1.0, 3.0, -0.0, 0.0}
; q = torch.tensor{{4, 1, 4}, {2, 2, 0}}
; g = torch.tensor({{1.0, 5.0, 5.0}, {0.0, 2.0, 0.0}}, {requires_grad = true})
check([=[
return a:sort()]=], [=[
tensor([-0., 0., 1., 3., 3., nan])]=], false)
check([=[
return (select(2, a:sort()))]=], [=[
tensor([4, 5, 2, 0, 3, 1])]=], false)
check([=[
return (select(2, a:sort{descending = true}))]=], [=[
tensor([1, 0, 3, 2, 4, 5])]=], false)
check([=[
return q:argsort(0)]=], [=[
tensor([[1, 0, 1],
        [0, 1, 0]])]=], false)
check([=[
return (select(2, q:topk(2)))]=], [=[
tensor([[0, 2],
        [0, 1]])]=], false)
check([=[
return (select(2, q:topk(2, 1, false)))]=], [=[
tensor([[1, 0],
        [2, 0]])]=], false)
check([=[
return (select(2, q:kthvalue(2)))]=], [=[
tensor([0, 0])]=], false)
check([=[
return q:median()]=], [=[
tensor(2)]=], false)
check([=[
return (select(2, q:median(1)))]=], [=[
tensor([0, 0])]=], false)
check([=[
return a:median()]=], [=[
tensor(nan)]=], false)
check([=[
return a:nanmedian()]=], [=[
tensor(1.)]=], false)
check([=[
return (select(2, q:mode()))]=], [=[
tensor([2, 1])]=], false)
check([=[
return a:msort()]=], [=[
tensor([-0., 0., 1., 3., 3., nan])]=], false)
check([=[
return g:sort()]=], [=[
tensor([[1., 5., 5.],
        [0., 0., 2.]], grad_fn=<SortBackward0>)]=], false)
check([=[
return g:max(1)]=], [=[
tensor([5., 2.], grad_fn=<MaxBackward0>)]=], false)
check([=[
return g:max()]=], [=[
tensor(5., grad_fn=<MaxBackward1>)]=], false)
check([=[
return g:amax(1)]=], [=[
tensor([5., 2.], grad_fn=<AmaxBackward0>)]=], false)
; torch.autograd.backward(g:amax(1), torch.ones(2))
check([=[
return g.grad]=], [=[
tensor([[0.0000, 0.5000, 0.5000],
        [0.0000, 1.0000, 0.0000]])]=], false)
; g.grad = nil; torch.autograd.backward((g:max(1)), torch.ones(2))
check([=[
return g.grad]=], [=[
tensor([[0., 1., 0.],
        [0., 1., 0.]])]=], false)
; g.grad = nil; g:min():backward()
check([=[
return g.grad]=], [=[
tensor([[0.0000, 0.0000, 0.0000],
        [0.5000, 0.0000, 0.5000]])]=], false)
; g.grad = nil; g:prod(1):sum():backward()
check([=[
return g.grad]=], [=[
tensor([[25.,  5.,  5.],
        [ 0.,  0.,  0.]])]=], false)
; g.grad = nil; g:cumprod(1):sum():backward()
check([=[
return g.grad]=], [=[
tensor([[31.,  6.,  5.],
        [ 3.,  0.,  0.]])]=], false)
; g.grad = nil; g:std():backward()
check([=[
return g.grad]=], [=[
tensor([[-0.1007,  0.2446,  0.2446],
        [-0.1871, -0.0144, -0.1871]])]=], false)
check([=[
return torch.tensor({true, false, true}):sum()]=], [=[
tensor(2)]=], false)
check([=[
return q:sum{dtype = torch.float64}]=], [=[
tensor(13., dtype=torch.float64)]=], false)
check([=[
return q:prod(1)]=], [=[
tensor([16,  0])]=], false)
check([=[
return q:all(1), q:any()]=], [=[
tensor([ True, False])]=], false)
check([=[
return q:byte():all(1)]=], [=[
tensor([1, 0], dtype=torch.uint8)]=], false)
check([=[
return a:nansum()]=], [=[
tensor(7.)]=], false)
check([=[
return torch.tensor{1.0, nan, 3.0}:nanmean()]=], [=[
tensor(2.)]=], false)
check([=[
return g:var(1)]=], [=[
tensor([5.3333, 1.3333], grad_fn=<VarBackward0>)]=], false)
check([=[
return g:std{dim = 1, correction = 0, keepdim = true}]=], [=[
tensor([[1.8856],
        [0.9428]], grad_fn=<StdBackward0>)]=], false)
check([=[
return torch.var_mean(g, 1, {unbiased = false})]=], [=[
tensor([3.5556, 0.8889], grad_fn=<VarMeanBackward0>)]=], false)
check([=[
return (select(2, torch.std_mean(g)))]=], [=[
tensor(2.1667, grad_fn=<StdMeanBackward0>)]=], false)
check([=[
return g:logsumexp(1)]=], [=[
tensor([5.7023, 2.2395], grad_fn=<LogsumexpBackward0>)]=], false)
check([=[
return g:quantile(0.25):detach()]=], [=[
tensor(0.2500)]=], false)
check([=[
return g:quantile(torch.tensor{0.25, 0.5}, 1):detach()]=], [=[
tensor([[3., 0.],
        [5., 0.]])]=], false)
check([=[
return (select(2, g:cummax(1)))]=], [=[
tensor([[0, 1, 2],
        [0, 1, 1]])]=], false)
check([=[
return q:cumsum(0)]=], [=[
tensor([[4, 1, 4],
        [6, 3, 4]])]=], false)
check([=[
return q:diff()]=], [=[
tensor([[-3,  3],
        [ 0, -2]])]=], false)
check([=[
return torch.trapezoid(g, {dx = 0.5}):detach()]=], [=[
tensor([4., 1.])]=], false)
check([=[
return torch.gradient(g, {dim = 1})[1]]=], [=[
tensor([[ 4.,  2.,  0.],
        [ 2.,  0., -2.]], grad_fn=<CatBackward0>)]=], false)
check([=[
return q:unique()]=], [=[
tensor([0, 1, 2, 4])]=], false)
check([=[
return (select(2, q:unique{return_inverse = true}))]=], [=[
tensor([[3, 1, 3],
        [2, 2, 0]])]=], false)
check([=[
return (select(2, torch.unique_consecutive(q, {return_counts = true})))]=], [=[
tensor([1, 1, 1, 2, 1])]=], false)
check([=[
return torch.isin(q, torch.tensor{4, 0})]=], [=[
tensor([[ True, False,  True],
        [False, False,  True]])]=], false)
check([=[
return torch.bincount(torch.tensor{1, 3, 1})]=], [=[
tensor([0, 2, 0, 1])]=], false)
check([=[
return torch.histc(g, 4)]=], [=[
tensor([3., 1., 0., 2.])]=], false)
check([=[
return torch.histogram(torch.tensor{1.0, 2.0, 1.0}, 3)]=], [=[
tensor([2., 0., 1.])]=], false)
check([=[
return torch.searchsorted(torch.tensor{1.0, 2.0, 3.0}, torch.tensor{2.0, 9.0}, {right = true})]=], [=[
tensor([2, 3])]=], false)
check([=[
return torch.bucketize(2, torch.tensor{1, 2, 3})]=], [=[
tensor(1)]=], false)
check([=[
return torch.corrcoef(torch.tensor{{1.0, 2.0, 4.0}, {2.0, 1.0, 0.0}})]=], [=[
tensor([[ 1.0000, -0.9820],
        [-0.9820,  1.0000]])]=], false)
check([=[
return torch.masked.mean(g, {mask = g:gt(0)})]=], [=[
tensor(3.2500, grad_fn=<DivBackward0>)]=], false)
check([=[
return torch.masked.softmax(g, 1, {mask = g:gt(0)}):detach()]=], [=[
tensor([[0.0091, 0.4955, 0.4955],
        [0.0000, 1.0000, 0.0000]])]=], false)
check([=[
return q:mean()]=], [=[
NotImplementedError: mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: Long]=], true)
check([=[
return q:std()]=], [=[
NotImplementedError: std and var only support floating point and complex dtypes]=], true)
check([=[
return torch.zeros(0):max()]=], [=[
RuntimeError: max(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.]=], true)
check([=[
return torch.zeros(0, 2):amax(0)]=], [=[
IndexError: amax(): Expected reduction dim 0 to have non-zero size.]=], true)
check([=[
return torch.zeros(0):argmax()]=], [=[
IndexError: argmax(): Expected reduction dim to be specified for input.numel() == 0.]=], true)
check([=[
return q:sum({0, 0})]=], [=[
RuntimeError: dim 0 appears multiple times in the list of dims]=], true)
check([=[
return q:sum(5)]=], [=[
IndexError: Dimension out of range (expected to be in range of [-2, 1], but got 5)]=], true)
check([=[
return q:topk(9)]=], [=[
RuntimeError: selected index k out of range]=], true)
check([=[
return q:kthvalue(9)]=], [=[
RuntimeError: kthvalue(): selected number k out of range for dimension 1]=], true)
check([=[
return q:quantile(0.5)]=], [=[
RuntimeError: quantile() input tensor must be either float or double dtype]=], true)
check([=[
return g:quantile(1.5)]=], [=[
RuntimeError: quantile() q must be in the range [0, 1] but got 1.5]=], true)
check([=[
return g:bincount()]=], [=[
NotImplementedError: "bincount_cpu" not implemented for 'Float']=], true)
check([=[
return torch.trace(torch.ones(3))]=], [=[
RuntimeError: trace: expected a matrix, but got tensor with dim 1]=], true)
for _, text in ipairs(failures) do io.stderr:write(text, '\n') end
print(('%d passed, %d failed'):format(passed, #failures))
os.exit(#failures == 0)
