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
; inf, nan, F = math.huge, 0/0, torch.nn.functional
check([=[
return torch.tensor({{1, 2}, {3, 4}})]=], [=[
tensor([[1, 2],
        [3, 4]])]=], false)
check([=[
return torch.tensor({1.5, 2})]=], [=[
tensor([1.5000, 2.0000])]=], false)
check([=[
return torch.tensor({true, false})]=], [=[
tensor([ True, False])]=], false)
check([=[
return torch.tensor(3)]=], [=[
tensor(3)]=], false)
check([=[
return torch.tensor({1, 2}, {dtype = torch.float64})]=], [=[
tensor([1., 2.], dtype=torch.float64)]=], false)
check([=[
return torch.tensor({})]=], [=[
tensor([])]=], false)
check([=[
return torch.zeros(2, 3)]=], [=[
tensor([[0., 0., 0.],
        [0., 0., 0.]])]=], false)
check([=[
return torch.zeros({2, 0})]=], [=[
tensor([], size=(2, 0))]=], false)
check([=[
return torch.ones(2, 3, {dtype = torch.int32})]=], [=[
tensor([[1, 1, 1],
        [1, 1, 1]], dtype=torch.int32)]=], false)
check([=[
return torch.full({2, 2}, 7)]=], [=[
tensor([[7, 7],
        [7, 7]])]=], false)
check([=[
return torch.full({2}, 0.5)]=], [=[
tensor([0.5000, 0.5000])]=], false)
check([=[
return torch.arange(5)]=], [=[
tensor([0, 1, 2, 3, 4])]=], false)
check([=[
return torch.arange(1, 10, 3)]=], [=[
tensor([1, 4, 7])]=], false)
check([=[
return torch.arange(0, 1, 0.25)]=], [=[
tensor([0.0000, 0.2500, 0.5000, 0.7500])]=], false)
check([=[
return torch.arange(5, 0, -2)]=], [=[
tensor([5, 3, 1])]=], false)
check([=[
return torch.linspace(0, 1, 5)]=], [=[
tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])]=], false)
check([=[
return torch.linspace(-3, 10, 7)]=], [=[
tensor([-3.0000, -0.8333,  1.3333,  3.5000,  5.6667,  7.8333, 10.0000])]=], false)
check([=[
return torch.eye(3)]=], [=[
tensor([[1., 0., 0.],
        [0., 1., 0.],
        [0., 0., 1.]])]=], false)
check([=[
return torch.eye(2, 3)]=], [=[
tensor([[1., 0., 0.],
        [0., 1., 0.]])]=], false)
check([=[
return torch.zeros_like(torch.ones(2, 2))]=], [=[
tensor([[0., 0.],
        [0., 0.]])]=], false)
check([=[
return torch.ones(2, {dtype = torch.bool})]=], [=[
tensor([True, True])]=], false)
check([=[
return torch.empty(0)]=], [=[
tensor([])]=], false)
check([=[
return torch.ones(3, {requires_grad = true})]=], [=[
tensor([1., 1., 1.], requires_grad=True)]=], false)
check([=[
return torch.tensor({1, 2, 3}, {dtype = torch.float16})]=], [=[
tensor([1., 2., 3.], dtype=torch.float16)]=], false)
check([=[
return torch.tensor({1.1, 2.7}, {dtype = torch.bfloat16})]=], [=[
tensor([1.1016, 2.7031], dtype=torch.bfloat16)]=], false)
check([=[
return torch.arange(2000)]=], [=[
tensor([   0,    1,    2,  ..., 1997, 1998, 1999])]=], false)
check([=[
return torch.tensor({1e-8, 1.0, 1e8})]=], [=[
tensor([1.0000e-08, 1.0000e+00, 1.0000e+08])]=], false)
check([=[
return torch.tensor({inf, -inf, nan, 1})]=], [=[
tensor([inf, -inf, nan, 1.])]=], false)
torch.manual_seed(0)
check([=[
return torch.rand(3)]=], [=[
tensor([0.4963, 0.7682, 0.0885])]=], false)
check([=[
return torch.randn(3)]=], [=[
tensor([0.3643, 0.1344, 0.1642])]=], false)
check([=[
return torch.randn(20)]=], [=[
tensor([-0.2041, -0.0885,  0.5239, -0.6659, -0.1116, -0.6136,  0.0316, -0.4927,
         0.2484,  0.4397,  0.1124,  0.6408, -2.3160, -0.1023,  0.7924, -0.2897,
         0.0525,  0.5229,  2.3022, -1.4689])]=], false)
check([=[
return torch.randn(17, {dtype = torch.float64})]=], [=[
tensor([ 0.2377,  0.6619, -0.0463, -0.2996,  0.6079,  1.2700,  0.1847, -0.9441,
        -0.7140, -1.0847, -0.1332, -0.8365, -0.0258, -0.6162, -0.1099, -0.6912,
         0.7275], dtype=torch.float64)]=], false)
check([=[
return torch.randint(10, {5})]=], [=[
tensor([8, 4, 4, 9, 0])]=], false)
check([=[
return torch.randint(-5, 5, {2, 3})]=], [=[
tensor([[ 2, -1,  0],
        [-2, -2,  2]])]=], false)
check([=[
return torch.randperm(10)]=], [=[
tensor([3, 9, 0, 8, 5, 6, 4, 2, 1, 7])]=], false)
check([=[
return torch.bernoulli(torch.full({6}, 0.5))]=], [=[
tensor([1., 0., 1., 0., 1., 0.])]=], false)
check([=[
return torch.zeros(5):uniform_(-1, 1)]=], [=[
tensor([ 0.6358,  0.9472,  0.6351,  0.9494, -0.0723])]=], false)
check([=[
return torch.zeros(3, 6):normal_(1, 2)]=], [=[
tensor([[ 4.8072e-01,  1.2367e+00,  1.6032e+00,  7.8537e-01,  2.9969e+00,
          2.5705e-03],
        [ 2.5222e+00,  2.2366e+00,  4.0123e-01,  6.2444e-01,  7.5990e-01,
          1.7209e+00],
        [ 3.7193e-01, -1.1574e+00,  1.4816e+00, -1.7925e+00,  1.2271e+00,
          3.2095e+00]])]=], false)
check([=[
return torch.zeros(6):bernoulli_(0.3)]=], [=[
tensor([1., 0., 0., 0., 1., 0.])]=], false)
check([=[
return torch.rand(4, {dtype = torch.float16})]=], [=[
tensor([0.8970, 0.8423, 0.1473, 0.5225], dtype=torch.float16)]=], false)
check([=[
return torch.rand(2, 2):t():uniform_()]=], [=[
tensor([[0.2020, 0.5210],
        [0.4891, 0.8223]])]=], false)
; a = torch.tensor({{1.0, -2.0, 3.5}, {0.25, 5.0, -6.0}})
; b = torch.tensor({2.0, 3.0, -4.0})
; i = torch.tensor({7, -7, 3})
; u = torch.tensor({250, 5, 3}, {dtype = torch.uint8})
check([=[
return a + b]=], [=[
tensor([[  3.0000,   1.0000,  -0.5000],
        [  2.2500,   8.0000, -10.0000]])]=], false)
check([=[
return a - 1]=], [=[
tensor([[ 0.0000, -3.0000,  2.5000],
        [-0.7500,  4.0000, -7.0000]])]=], false)
check([=[
return 2 * a]=], [=[
tensor([[  2.0000,  -4.0000,   7.0000],
        [  0.5000,  10.0000, -12.0000]])]=], false)
check([=[
return 1 / a]=], [=[
tensor([[ 1.0000, -0.5000,  0.2857],
        [ 4.0000,  0.2000, -0.1667]])]=], false)
check([=[
return a / b]=], [=[
tensor([[ 0.5000, -0.6667, -0.8750],
        [ 0.1250,  1.6667,  1.5000]])]=], false)
check([=[
return a ^ 2]=], [=[
tensor([[ 1.0000,  4.0000, 12.2500],
        [ 0.0625, 25.0000, 36.0000]])]=], false)
check([=[
return 2 ^ b]=], [=[
tensor([4.0000, 8.0000, 0.0625])]=], false)
check([=[
return -a]=], [=[
tensor([[-1.0000,  2.0000, -3.5000],
        [-0.2500, -5.0000,  6.0000]])]=], false)
check([=[
return a // b]=], [=[
tensor([[ 0., -1., -1.],
        [ 0.,  1.,  1.]])]=], false)
check([=[
return a % b]=], [=[
tensor([[ 1.0000,  1.0000, -0.5000],
        [ 0.2500,  2.0000, -2.0000]])]=], false)
check([=[
return i // 2]=], [=[
tensor([ 3, -4,  1])]=], false)
check([=[
return i % 4]=], [=[
tensor([3, 1, 3])]=], false)
check([=[
return i / 2]=], [=[
tensor([ 3.5000, -3.5000,  1.5000])]=], false)
check([=[
return i + 0.5]=], [=[
tensor([ 7.5000, -6.5000,  3.5000])]=], false)
check([=[
return i * true]=], [=[
tensor([ 7, -7,  3])]=], false)
check([=[
return u + 10]=], [=[
tensor([ 4, 15, 13], dtype=torch.uint8)]=], false)
check([=[
return u * 2]=], [=[
tensor([244,  10,   6], dtype=torch.uint8)]=], false)
check([=[
return u + i]=], [=[
tensor([257,  -2,   6])]=], false)
check([=[
return torch.add(a, b, {alpha = 2})]=], [=[
tensor([[  5.0000,   4.0000,  -4.5000],
        [  4.2500,  11.0000, -14.0000]])]=], false)
check([=[
return a:sub(b, {alpha = 0.5})]=], [=[
tensor([[ 0.0000, -3.5000,  5.5000],
        [-0.7500,  3.5000, -4.0000]])]=], false)
check([=[
return torch.div(a, b, {rounding_mode = "floor"})]=], [=[
tensor([[ 0., -1., -1.],
        [ 0.,  1.,  1.]])]=], false)
check([=[
return torch.div(i, 2, {rounding_mode = "trunc"})]=], [=[
tensor([ 3, -3,  1])]=], false)
check([=[
return torch.result_type(i, 1.0)]=], [=[
torch.float32]=], false)
check([=[
return torch.tensor(1) + torch.tensor({1.5}, {dtype = torch.float16})]=], [=[
tensor([2.5000], dtype=torch.float16)]=], false)
check([=[
return torch.tensor({1}, {dtype = torch.int8}) + torch.tensor({1}, {dtype = torch.uint8})]=], [=[
tensor([2], dtype=torch.int16)]=], false)
check([=[
return torch.promote_types(torch.float16, torch.bfloat16)]=], [=[
torch.float32]=], false)
check([=[
return a:abs()]=], [=[
tensor([[1.0000, 2.0000, 3.5000],
        [0.2500, 5.0000, 6.0000]])]=], false)
check([=[
return a:exp()]=], [=[
tensor([[2.7183e+00, 1.3534e-01, 3.3115e+01],
        [1.2840e+00, 1.4841e+02, 2.4788e-03]])]=], false)
check([=[
return a:abs():log()]=], [=[
tensor([[ 0.0000,  0.6931,  1.2528],
        [-1.3863,  1.6094,  1.7918]])]=], false)
check([=[
return a:abs():sqrt()]=], [=[
tensor([[1.0000, 1.4142, 1.8708],
        [0.5000, 2.2361, 2.4495]])]=], false)
check([=[
return a:sigmoid()]=], [=[
tensor([[0.7311, 0.1192, 0.9707],
        [0.5622, 0.9933, 0.0025]])]=], false)
check([=[
return a:tanh()]=], [=[
tensor([[ 0.7616, -0.9640,  0.9982],
        [ 0.2449,  0.9999, -1.0000]])]=], false)
check([=[
return a:relu()]=], [=[
tensor([[1.0000, 0.0000, 3.5000],
        [0.2500, 5.0000, 0.0000]])]=], false)
check([=[
return a:sin()]=], [=[
tensor([[ 0.8415, -0.9093, -0.3508],
        [ 0.2474, -0.9589,  0.2794]])]=], false)
check([=[
return a:cos()]=], [=[
tensor([[ 0.5403, -0.4161, -0.9365],
        [ 0.9689,  0.2837,  0.9602]])]=], false)
check([=[
return a:round()]=], [=[
tensor([[ 1., -2.,  4.],
        [ 0.,  5., -6.]])]=], false)
check([=[
return a:floor()]=], [=[
tensor([[ 1., -2.,  3.],
        [ 0.,  5., -6.]])]=], false)
check([=[
return a:ceil()]=], [=[
tensor([[ 1., -2.,  4.],
        [ 1.,  5., -6.]])]=], false)
check([=[
return a:sign()]=], [=[
tensor([[ 1., -1.,  1.],
        [ 1.,  1., -1.]])]=], false)
check([=[
return a:reciprocal()]=], [=[
tensor([[ 1.0000, -0.5000,  0.2857],
        [ 4.0000,  0.2000, -0.1667]])]=], false)
check([=[
return a:clamp(-1, 2)]=], [=[
tensor([[ 1.0000, -1.0000,  2.0000],
        [ 0.2500,  2.0000, -1.0000]])]=], false)
check([=[
return a:clamp({min = 0})]=], [=[
tensor([[1.0000, 0.0000, 3.5000],
        [0.2500, 5.0000, 0.0000]])]=], false)
check([=[
return i:sqrt()]=], [=[
tensor([2.6458,    nan, 1.7321])]=], false)
check([=[
return torch.exp(torch.tensor({1, 2}))]=], [=[
tensor([2.7183, 7.3891])]=], false)
check([=[
return torch.maximum(a, b)]=], [=[
tensor([[ 2.0000,  3.0000,  3.5000],
        [ 2.0000,  5.0000, -4.0000]])]=], false)
check([=[
return torch.minimum(a, b)]=], [=[
tensor([[ 1.0000, -2.0000, -4.0000],
        [ 0.2500,  3.0000, -6.0000]])]=], false)
check([=[
return a:eq(b)]=], [=[
tensor([[False, False, False],
        [False, False, False]])]=], false)
check([=[
return a:lt(0)]=], [=[
tensor([[False,  True, False],
        [False, False,  True]])]=], false)
check([=[
return a:ge(b)]=], [=[
tensor([[False, False,  True],
        [False,  True, False]])]=], false)
check([=[
return torch.where(a:gt(0), a, 0)]=], [=[
tensor([[1.0000, 0.0000, 3.5000],
        [0.2500, 5.0000, 0.0000]])]=], false)
check([=[
return torch.isnan(torch.tensor({nan, 1}))]=], [=[
tensor([ True, False])]=], false)
check([=[
return torch.isinf(torch.tensor({inf, 1}))]=], [=[
tensor([ True, False])]=], false)
check([=[
return torch.equal(a, a)]=], [=[
true]=], false)
check([=[
return torch.allclose(a, a + 1e-9)]=], [=[
true]=], false)
check([=[
return torch.logical_and(a:gt(0), a:lt(4))]=], [=[
tensor([[ True, False,  True],
        [ True, False, False]])]=], false)
check([=[
return i & 3]=], [=[
tensor([3, 1, 3])]=], false)
check([=[
return i | 8]=], [=[
tensor([15, -7, 11])]=], false)
check([=[
return ~i]=], [=[
tensor([-8,  6, -4])]=], false)
check([=[
return a:sum()]=], [=[
tensor(1.7500)]=], false)
check([=[
return a:sum(0)]=], [=[
tensor([ 1.2500,  3.0000, -2.5000])]=], false)
check([=[
return a:sum(1, true)]=], [=[
tensor([[ 2.5000],
        [-0.7500]])]=], false)
check([=[
return a:sum({dim = 1, keepdim = true})]=], [=[
tensor([[ 2.5000],
        [-0.7500]])]=], false)
check([=[
return a:sum({0, 1})]=], [=[
tensor(1.7500)]=], false)
check([=[
return a:mean()]=], [=[
tensor(0.2917)]=], false)
check([=[
return a:mean(1)]=], [=[
tensor([ 0.8333, -0.2500])]=], false)
check([=[
return a:std()]=], [=[
tensor(3.9447)]=], false)
check([=[
return a:var(1)]=], [=[
tensor([ 7.5833, 30.4375])]=], false)
check([=[
return a:var({dim = 0, unbiased = false})]=], [=[
tensor([ 0.1406, 12.2500, 22.5625])]=], false)
check([=[
return a:prod()]=], [=[
tensor(52.5000)]=], false)
check([=[
return a:max()]=], [=[
tensor(5.)]=], false)
check([=[
return a:min()]=], [=[
tensor(-6.)]=], false)
check([=[
return (a:max(1))]=], [=[
tensor([3.5000, 5.0000])]=], false)
check([=[
return select(2, a:max(1))]=], [=[
tensor([2, 1])]=], false)
check([=[
return a:argmax()]=], [=[
tensor(4)]=], false)
check([=[
return a:argmax(1)]=], [=[
tensor([2, 1])]=], false)
check([=[
return a:amax(0)]=], [=[
tensor([1.0000, 5.0000, 3.5000])]=], false)
check([=[
return a:norm()]=], [=[
tensor(8.8494)]=], false)
check([=[
return a:norm(1)]=], [=[
tensor(17.7500)]=], false)
check([=[
return i:sum()]=], [=[
tensor(3)]=], false)
check([=[
return a:gt(0):sum()]=], [=[
tensor(4)]=], false)
check([=[
return a:gt(0):any()]=], [=[
tensor(True)]=], false)
check([=[
return a:gt(0):all(1)]=], [=[
tensor([False, False])]=], false)
check([=[
return torch.zeros(0):sum()]=], [=[
tensor(0.)]=], false)
check([=[
return torch.zeros(0):mean()]=], [=[
tensor(nan)]=], false)
check([=[
return torch.count_nonzero(a)]=], [=[
tensor(6)]=], false)
check([=[
return a:view(3, 2)]=], [=[
tensor([[ 1.0000, -2.0000],
        [ 3.5000,  0.2500],
        [ 5.0000, -6.0000]])]=], false)
check([=[
return a:view(-1)]=], [=[
tensor([ 1.0000, -2.0000,  3.5000,  0.2500,  5.0000, -6.0000])]=], false)
check([=[
return a:reshape({6})]=], [=[
tensor([ 1.0000, -2.0000,  3.5000,  0.2500,  5.0000, -6.0000])]=], false)
check([=[
return a:t()]=], [=[
tensor([[ 1.0000,  0.2500],
        [-2.0000,  5.0000],
        [ 3.5000, -6.0000]])]=], false)
check([=[
return a.T]=], [=[
tensor([[ 1.0000,  0.2500],
        [-2.0000,  5.0000],
        [ 3.5000, -6.0000]])]=], false)
check([=[
return a:permute(1, 0)]=], [=[
tensor([[ 1.0000,  0.2500],
        [-2.0000,  5.0000],
        [ 3.5000, -6.0000]])]=], false)
check([=[
return a:transpose(0, 1):contiguous()]=], [=[
tensor([[ 1.0000,  0.2500],
        [-2.0000,  5.0000],
        [ 3.5000, -6.0000]])]=], false)
check([=[
return a:unsqueeze(0)]=], [=[
tensor([[[ 1.0000, -2.0000,  3.5000],
         [ 0.2500,  5.0000, -6.0000]]])]=], false)
check([=[
return a:unsqueeze(-1):squeeze(-1)]=], [=[
tensor([[ 1.0000, -2.0000,  3.5000],
        [ 0.2500,  5.0000, -6.0000]])]=], false)
check([=[
return b:expand(2, 3)]=], [=[
tensor([[ 2.,  3., -4.],
        [ 2.,  3., -4.]])]=], false)
check([=[
return a:flatten()]=], [=[
tensor([ 1.0000, -2.0000,  3.5000,  0.2500,  5.0000, -6.0000])]=], false)
check([=[
return torch.cat({a, a}, 0)]=], [=[
tensor([[ 1.0000, -2.0000,  3.5000],
        [ 0.2500,  5.0000, -6.0000],
        [ 1.0000, -2.0000,  3.5000],
        [ 0.2500,  5.0000, -6.0000]])]=], false)
check([=[
return torch.cat({a, a}, {dim = 1})]=], [=[
tensor([[ 1.0000, -2.0000,  3.5000,  1.0000, -2.0000,  3.5000],
        [ 0.2500,  5.0000, -6.0000,  0.2500,  5.0000, -6.0000]])]=], false)
check([=[
return torch.stack({b, b})]=], [=[
tensor([[ 2.,  3., -4.],
        [ 2.,  3., -4.]])]=], false)
check([=[
return torch.stack({b, b}, 1)]=], [=[
tensor([[ 2.,  2.],
        [ 3.,  3.],
        [-4., -4.]])]=], false)
check([=[
return a:split(2, 1)[1]]=], [=[
tensor([[ 1.0000, -2.0000],
        [ 0.2500,  5.0000]])]=], false)
check([=[
return a:chunk(2, 1)[2]]=], [=[
tensor([[ 3.5000],
        [-6.0000]])]=], false)
check([=[
return a:unbind()[2]]=], [=[
tensor([ 0.2500,  5.0000, -6.0000])]=], false)
check([=[
return b["repeat"](b, 2, 2)]=], [=[
tensor([[ 2.,  3., -4.,  2.,  3., -4.],
        [ 2.,  3., -4.,  2.,  3., -4.]])]=], false)
check([=[
return a:flip(1)]=], [=[
tensor([[ 3.5000, -2.0000,  1.0000],
        [-6.0000,  5.0000,  0.2500]])]=], false)
check([=[
return a:narrow(1, 1, 2)]=], [=[
tensor([[-2.0000,  3.5000],
        [ 5.0000, -6.0000]])]=], false)
check([=[
return a.shape]=], [=[
torch.Size([2, 3])]=], false)
check([=[
return a:size()]=], [=[
torch.Size([2, 3])]=], false)
check([=[
return a:size(-1)]=], [=[
3]=], false)
check([=[
return a.shape[1]]=], [=[
3]=], false)
check([=[
return a:numel()]=], [=[
6]=], false)
check([=[
return a:dim()]=], [=[
2]=], false)
check([=[
return a.dtype]=], [=[
torch.float32]=], false)
check([=[
return a:is_contiguous()]=], [=[
true]=], false)
check([=[
return a:t():is_contiguous()]=], [=[
false]=], false)
check([=[
return a[0]]=], [=[
tensor([ 1.0000, -2.0000,  3.5000])]=], false)
check([=[
return a[-1]]=], [=[
tensor([ 0.2500,  5.0000, -6.0000])]=], false)
check([=[
return a[{0, 1}]]=], [=[
tensor(-2.)]=], false)
check([=[
return a[{0, "1:3"}]]=], [=[
tensor([-2.0000,  3.5000])]=], false)
check([=[
return a[{":", 1}]]=], [=[
tensor([-2.,  5.])]=], false)
check([=[
return a["::2"]]=], [=[
tensor([[ 1.0000, -2.0000,  3.5000]])]=], false)
check([=[
return a[{"...", -1}]]=], [=[
tensor([ 3.5000, -6.0000])]=], false)
check([=[
return a[{"None", 0}]]=], [=[
tensor([[ 1.0000, -2.0000,  3.5000]])]=], false)
check([=[
return a[a:gt(0)]]=], [=[
tensor([1.0000, 3.5000, 0.2500, 5.0000])]=], false)
check([=[
return b[torch.tensor({2, 0})]]=], [=[
tensor([-4.,  2.])]=], false)
check([=[
return a[{torch.tensor({0, 1}), torch.tensor({2, 0})}]]=], [=[
tensor([3.5000, 0.2500])]=], false)
check([=[
return a[{":", torch.tensor({2, 0})}]]=], [=[
tensor([[ 3.5000,  1.0000],
        [-6.0000,  0.2500]])]=], false)
check([=[
return a[{{0, 1, 0}}]]=], [=[
tensor([[ 1.0000, -2.0000,  3.5000],
        [ 0.2500,  5.0000, -6.0000],
        [ 1.0000, -2.0000,  3.5000]])]=], false)
check([=[
return torch.index_select(a, 1, torch.tensor({0, 2}))]=], [=[
tensor([[ 1.0000,  3.5000],
        [ 0.2500, -6.0000]])]=], false)
check([=[
return torch.gather(a, 1, torch.tensor({{0, 2}, {1, 1}}))]=], [=[
tensor([[1.0000, 3.5000],
        [5.0000, 5.0000]])]=], false)
check([=[
return torch.masked_select(a, a:gt(0))]=], [=[
tensor([1.0000, 3.5000, 0.2500, 5.0000])]=], false)
check([=[
return a:masked_fill(a:lt(0), 0)]=], [=[
tensor([[1.0000, 0.0000, 3.5000],
        [0.2500, 5.0000, 0.0000]])]=], false)
check([=[
return torch.nonzero(a:gt(0))]=], [=[
tensor([[0, 0],
        [0, 2],
        [1, 0],
        [1, 1]])]=], false)
; c = a:clone(); c[0] = 9; c[{1, "0:2"}] = torch.tensor({7.0, 8.0}); c[c:gt(8)] = -1
check([=[
return c]=], [=[
tensor([[-1., -1., -1.],
        [ 7.,  8., -6.]])]=], false)
; c["::2"] = 0
check([=[
return c]=], [=[
tensor([[ 0.,  0.,  0.],
        [ 7.,  8., -6.]])]=], false)
; c[{torch.tensor({0, 1}), torch.tensor({0, 2})}] = torch.tensor({5.0, 6.0})
check([=[
return c]=], [=[
tensor([[5., 0., 0.],
        [7., 8., 6.]])]=], false)
check([=[
return torch.mm(a, a:t())]=], [=[
tensor([[ 17.2500, -30.7500],
        [-30.7500,  61.0625]])]=], false)
check([=[
return a:matmul(b)]=], [=[
tensor([-18.0000,  39.5000])]=], false)
check([=[
return b:matmul(b)]=], [=[
tensor(29.)]=], false)
check([=[
return torch.ones(2, 3, 4):matmul(torch.ones(4, 5))]=], [=[
tensor([[[4., 4., 4., 4., 4.],
         [4., 4., 4., 4., 4.],
         [4., 4., 4., 4., 4.]],

        [[4., 4., 4., 4., 4.],
         [4., 4., 4., 4., 4.],
         [4., 4., 4., 4., 4.]]])]=], false)
check([=[
return torch.bmm(torch.ones(2, 1, 3), torch.ones(2, 3, 2))]=], [=[
tensor([[[3., 3.]],

        [[3., 3.]]])]=], false)
check([=[
return torch.matmul(torch.arange(6):view(2, 3), torch.arange(3))]=], [=[
tensor([ 5, 14])]=], false)
check([=[
return a:double():mm(a:double():t())]=], [=[
tensor([[ 17.2500, -30.7500],
        [-30.7500,  61.0625]], dtype=torch.float64)]=], false)
check([=[
return a:int()]=], [=[
tensor([[ 1, -2,  3],
        [ 0,  5, -6]], dtype=torch.int32)]=], false)
check([=[
return a:to(torch.float64)]=], [=[
tensor([[ 1.0000, -2.0000,  3.5000],
        [ 0.2500,  5.0000, -6.0000]], dtype=torch.float64)]=], false)
check([=[
return a:half()]=], [=[
tensor([[ 1.0000, -2.0000,  3.5000],
        [ 0.2500,  5.0000, -6.0000]], dtype=torch.float16)]=], false)
check([=[
return i:bool()]=], [=[
tensor([True, True, True])]=], false)
check([=[
return i:float()]=], [=[
tensor([ 7., -7.,  3.])]=], false)
check([=[
return a:type()]=], [=[
torch.FloatTensor]=], false)
check([=[
return torch.tensor({-1.7, 300.2}):to(torch.int64)]=], [=[
tensor([ -1, 300])]=], false)
check([=[
return torch.tensor(3.5):item()]=], [=[
3.5]=], false)
; x = torch.tensor({1.0, 2.0, 3.0}, {requires_grad = true})
check([=[
return x * 2]=], [=[
tensor([2., 4., 6.], grad_fn=<MulBackward0>)]=], false)
check([=[
return x + 1]=], [=[
tensor([2., 3., 4.], grad_fn=<AddBackward0>)]=], false)
check([=[
return x:exp()]=], [=[
tensor([ 2.7183,  7.3891, 20.0855], grad_fn=<ExpBackward0>)]=], false)
check([=[
return x:sum()]=], [=[
tensor(6., grad_fn=<SumBackward0>)]=], false)
check([=[
return x:mean()]=], [=[
tensor(2., grad_fn=<MeanBackward0>)]=], false)
check([=[
return x[0]]=], [=[
tensor(1., grad_fn=<SelectBackward0>)]=], false)
check([=[
return x["0:2"]]=], [=[
tensor([1., 2.], grad_fn=<SliceBackward0>)]=], false)
check([=[
return x:view(3, 1)]=], [=[
tensor([[1.],
        [2.],
        [3.]], grad_fn=<ViewBackward0>)]=], false)
check([=[
return x ^ 2]=], [=[
tensor([1., 4., 9.], grad_fn=<PowBackward0>)]=], false)
check([=[
return x:detach()]=], [=[
tensor([1., 2., 3.])]=], false)
check([=[
return (x * x):sum()]=], [=[
tensor(14., grad_fn=<SumBackward0>)]=], false)
; y = (x ^ 3):sum(); y:backward()
check([=[
return x.grad]=], [=[
tensor([ 3., 12., 27.])]=], false)
; (x * 2):sum():backward()
check([=[
return x.grad]=], [=[
tensor([ 5., 14., 29.])]=], false)
; w = torch.ones(2, 3, {requires_grad = true}); torch.tanh(w:matmul(x)):sum():backward()
check([=[
return w.grad]=], [=[
tensor([[2.4557e-05, 4.9114e-05, 7.3671e-05],
        [2.4557e-05, 4.9114e-05, 7.3671e-05]])]=], false)
; x.grad = nil; z = x:clone(); z[0] = 5; (z * z):sum():backward()
check([=[
return x.grad]=], [=[
tensor([0., 4., 6.])]=], false)
; x.grad = nil; z = x * 1; z:mul_(3); z:sum():backward()
check([=[
return x.grad]=], [=[
tensor([3., 3., 3.])]=], false)
check([=[
return torch.autograd.grad((x ^ 2):sum(), x)[1]]=], [=[
tensor([2., 4., 6.])]=], false)
; g = torch.autograd.grad((x ^ 3):sum(), x, {create_graph = true})[1]
check([=[
return torch.autograd.grad(g:sum(), x)[1]]=], [=[
tensor([ 6., 12., 18.])]=], false)
check([=[
return torch.no_grad(function() return x * 2 end)]=], [=[
tensor([2., 4., 6.])]=], false)
check([=[
return x.requires_grad]=], [=[
true]=], false)
check([=[
return x.is_leaf]=], [=[
true]=], false)
check([=[
return torch.cat({x, x})]=], [=[
tensor([1., 2., 3., 1., 2., 3.], grad_fn=<CatBackward0>)]=], false)
check([=[
return torch.where(x:gt(1), x, 0)]=], [=[
tensor([0., 2., 3.], grad_fn=<WhereBackward0>)]=], false)
check([=[
return x:max()]=], [=[
tensor(3., grad_fn=<MaxBackward1>)]=], false)
check([=[
return x:abs():sqrt()]=], [=[
tensor([1.0000, 1.4142, 1.7321], grad_fn=<SqrtBackward0>)]=], false)
check([=[
return F.softmax(x, {dim = 0})]=], [=[
tensor([0.0900, 0.2447, 0.6652], grad_fn=<SoftmaxBackward0>)]=], false)
check([=[
return F.log_softmax(x, 0)]=], [=[
tensor([-2.4076, -1.4076, -0.4076], grad_fn=<LogSoftmaxBackward0>)]=], false)
check([=[
return F.linear(x, torch.ones(2, 3), torch.zeros(2))]=], [=[
tensor([6., 6.], grad_fn=<UnsafeViewBackward0>)]=], false)
check([=[
return torch.ones(2, 3) * 12345.678]=], [=[
tensor([[12345.6777, 12345.6777, 12345.6777],
        [12345.6777, 12345.6777, 12345.6777]])]=], false)
check([=[
return torch.tensor({0.0001, 1000.0})]=], [=[
tensor([1.0000e-04, 1.0000e+03])]=], false)
check([=[
return torch.rand(3, 3, 3):gt(2)]=], [=[
tensor([[[False, False, False],
         [False, False, False],
         [False, False, False]],

        [[False, False, False],
         [False, False, False],
         [False, False, False]],

        [[False, False, False],
         [False, False, False],
         [False, False, False]]])]=], false)
check([=[
return torch.zeros(1000, 1000)]=], [=[
tensor([[0., 0., 0.,  ..., 0., 0., 0.],
        [0., 0., 0.,  ..., 0., 0., 0.],
        [0., 0., 0.,  ..., 0., 0., 0.],
        ...,
        [0., 0., 0.,  ..., 0., 0., 0.],
        [0., 0., 0.,  ..., 0., 0., 0.],
        [0., 0., 0.,  ..., 0., 0., 0.]])]=], false)
check([=[
return torch.arange(24):view(2, 3, 4)]=], [=[
tensor([[[ 0,  1,  2,  3],
         [ 4,  5,  6,  7],
         [ 8,  9, 10, 11]],

        [[12, 13, 14, 15],
         [16, 17, 18, 19],
         [20, 21, 22, 23]]])]=], false)
check([=[
return a + torch.ones(2, 2)]=], [=[
RuntimeError: The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1]=], true)
check([=[
return a:view(4)]=], [=[
RuntimeError: shape '[4]' is invalid for input of size 6]=], true)
check([=[
return a:mm(a)]=], [=[
RuntimeError: mm: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)]=], true)
check([=[
return torch.ones(2, -1)]=], [=[
RuntimeError: Trying to create tensor with negative dimension -1: [2, -1]]=], true)
check([=[
return a[5]]=], [=[
IndexError: index 5 is out of bounds for dimension 0 with size 2]=], true)
check([=[
return a[{0, 7}]]=], [=[
IndexError: index 7 is out of bounds for dimension 1 with size 3]=], true)
check([=[
return a[{0, 0, 0}]]=], [=[
IndexError: too many indices for tensor of dimension 2]=], true)
check([=[
return torch.cat({a, b})]=], [=[
RuntimeError: Tensors must have same number of dimensions: got 2 and 1]=], true)
check([=[
return a:sum(4)]=], [=[
IndexError: Dimension out of range (expected to be in range of [-2, 1], but got 4)]=], true)
check([=[
return i:mean()]=], [=[
NotImplementedError: mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: Long]=], true)
check([=[
return x:backward()]=], [=[
RuntimeError: grad can be implicitly created only for scalar outputs]=], true)
check([=[
return a:sum():backward()]=], [=[
RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn]=], true)
check([=[
return x:add_(1)]=], [=[
RuntimeError: a leaf Variable that requires grad is being used in an in-place operation.]=], true)
check([=[
return i:add_(0.5)]=], [=[
RuntimeError: result type Float can't be cast to the desired output type Long]=], true)
check([=[
return i:requires_grad_()]=], [=[
RuntimeError: only Tensors of floating point dtype can require gradients]=], true)
check([=[
return torch.tensor({1, 2}):item()]=], [=[
RuntimeError: a Tensor with 2 elements cannot be converted to Scalar]=], true)
check([=[
return torch.stack({a, b})]=], [=[
RuntimeError: stack expects each tensor to be equal size, but got [2, 3] at entry 0 and [3] at entry 1]=], true)
check([=[
return a:expand(4, 3)]=], [=[
RuntimeError: The expanded size of the tensor (4) must match the existing size (2) at non-singleton dimension 0.  Target sizes: [4, 3].  Tensor sizes: [2, 3]]=], true)
check([=[
return torch.arange(0, 5, -1)]=], [=[
RuntimeError: upper bound and lower bound inconsistent with step sign]=], true)
check([=[
return -torch.tensor({true})]=], [=[
NotImplementedError: Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.]=], true)
check([=[
return a:bool() - a:bool()]=], [=[
NotImplementedError: Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.]=], true)
check([=[
return torch.tensor({{1, 2}, {3}})]=], [=[
ValueError: expected sequence of length 2 at dim 1 (got 1)]=], true)
check([=[
return a:matmul(a)]=], [=[
RuntimeError: mm: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)]=], true)
check([=[
return torch.ones(3):matmul(torch.ones(4))]=], [=[
RuntimeError: inconsistent tensor size, expected tensor [3] and src [4] to have the same number of elements, but got 3 and 4 elements respectively]=], true)
check([=[
return torch.tensor({1}, {requires_grad = true})]=], [=[
RuntimeError: Only Tensors of floating point and complex dtype can require gradients]=], true)
check([=[
return torch.bmm(torch.ones(1, 2, 3), torch.ones(1, 2, 3))]=], [=[
RuntimeError: Expected size for first two dimensions of batch2 tensor to be: [1, 3] but got: [1, 2].]=], true)
check([=[
return a:mm(a:double():t())]=], [=[
RuntimeError: expected m1 and m2 to have the same dtype, but got: float != double]=], true)
check([=[
return torch.tensor(1)[0]]=], [=[
IndexError: invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number]=], true)
check([=[
return a[torch.tensor({5})]]=], [=[
IndexError: index 5 is out of bounds for dimension 0 with size 2]=], true)
check([=[
return a:view(3, -1, -1)]=], [=[
RuntimeError: only one dimension can be inferred]=], true)
check([=[
return a:squeeze(4)]=], [=[
IndexError: Dimension out of range (expected to be in range of [-2, 1], but got 4)]=], true)
check([=[
return torch.zeros(2 ^ 62 // 1 | 0, 8)]=], [=[
RuntimeError: Storage size calculation overflowed with sizes=[4611686018427387904, 8]]=], true)
check([=[
return a.foo]=], [=[
AttributeError: 'Tensor' object has no attribute 'foo']=], true)
check([=[
return torch.zeros("x")]=], [=[
TypeError: zeros(): argument 'size' (position 1) must be tuple of ints, not str]=], true)
check([=[
return a:add("x")]=], [=[
TypeError: add(): argument 'other' (position 1) must be Tensor, not str]=], true)
check([=[
return torch.relu(3)]=], [=[
TypeError: relu(): argument 'input' (position 1) must be Tensor, not int]=], true)
check([=[
return torch.relu()]=], [=[
TypeError: relu() missing 1 required positional arguments: "input"]=], true)
check([=[
return a:transpose(0, 5)]=], [=[
IndexError: Dimension out of range (expected to be in range of [-2, 1], but got 5)]=], true)
check([=[
return torch.eye(-1)]=], [=[
RuntimeError: n must be greater or equal to 0, got -1]=], true)
check([=[
return torch.zeros(2):normal_(0, -1)]=], [=[
RuntimeError: normal expects std >= 0.0, but found std -1]=], true)
check([=[
return a:backward(torch.ones(2))]=], [=[
RuntimeError: Mismatch in shape: grad_output[0] has a shape of torch.Size([2]) and output[0] has a shape of torch.Size([2, 3]).]=], true)
for _, text in ipairs(failures) do io.stderr:write(text, '\n') end
print(('%d passed, %d failed'):format(passed, #failures))
os.exit(#failures == 0)
