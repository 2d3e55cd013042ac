-- Convolutions, pooling, normalization and resampling as a user meets them. Each expected text was printed by the PyTorch
-- line beside it (PyTorch 2.15).
local torch = require "torch"
local nn, F = torch.nn, torch.nn.functional

local function is(got, wanted)
  got = tostring(got)
  if got ~= wanted then error(("got\n%s\ninstead of\n%s"):format(got, wanted), 2) end
end
local function refuses(sentence, f, ...)
  local ok, problem = pcall(f, ...)
  if ok then error("no error; wanted " .. sentence, 2) end
  problem = tostring(problem)
  if not problem:find(sentence, 1, true) then error(("got\n%s\ninstead of\n%s"):format(problem, sentence), 2) end
end

-- print(nn.Conv2d(5, 8, 3)), …
is(nn.Conv2d { in_channels = 5, out_channels = 8, kernel_size = 3 }, "Conv2d(5, 8, kernel_size=(3, 3), stride=(1, 1))")
is(nn.Conv2d(4, 8, { 3, 5 }, { stride = 2, padding = { 1, 2 }, groups = 2, bias = false, padding_mode = "reflect" }),
  "Conv2d(4, 8, kernel_size=(3, 5), stride=(2, 2), padding=(1, 2), groups=2, bias=False, padding_mode=reflect)")
is(nn.Conv1d(4, 8, 3, { padding = "same" }), "Conv1d(4, 8, kernel_size=(3,), stride=(1,), padding=same)")
is(nn.ConvTranspose2d(4, 8, 3, 2, 1, 1), "ConvTranspose2d(4, 8, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), output_padding=(1, 1))")
is(nn.MaxPool2d(2), "MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)")
is(nn.AvgPool1d(3), "AvgPool1d(kernel_size=(3,), stride=(3,), padding=(0,))")
is(nn.AdaptiveAvgPool2d { nil, 3 }, "AdaptiveAvgPool2d(output_size=(None, 3))")
is(nn.BatchNorm2d(3), "BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)")
is(nn.LayerNorm { 2, 3 }, "LayerNorm((2, 3), eps=1e-05, elementwise_affine=True, bias=True)")
is(nn.GroupNorm(2, 4), "GroupNorm(2, 4, eps=1e-05, affine=True, bias=True)")
is(nn.Upsample { scale_factor = 2, mode = "bilinear" }, "Upsample(scale_factor=2.0, mode='bilinear')")
is(nn.PixelShuffle(2), "PixelShuffle(upscale_factor=2)")
is(nn.ReflectionPad2d(1), "ReflectionPad2d((1, 1, 1, 1))")
is(nn.ConstantPad1d({ 1, 2 }, 3.5), "ConstantPad1d(padding=(1, 2), value=3.5)")
is(nn.Unfold(2, { padding = 1 }), "Unfold(kernel_size=2, dilation=1, padding=1, stride=1)")

-- torch.manual_seed(0); c = nn.Conv2d(1, 2, 2); print(c.weight.flatten(), c.bias)
torch.manual_seed(0)
local c = nn.Conv2d(1, 2, 2)
is(c.weight:flatten(), "tensor([-0.0037,  0.2682, -0.4115, -0.3680, -0.1926,  0.1341, -0.0099,  0.3964],\n       grad_fn=<ViewBackward0>)")
is(c.bias, "Parameter containing:\ntensor([-0.0444,  0.1323], requires_grad=True)")
assert(c.kernel_size[1] == 2 and c.stride[1] == 1 and c.in_channels == 1 and c.transposed == false)
local copy = torch.nn.Sequential(c):state_dict()
local names = {}
for name in pairs(copy) do names[#names + 1] = name end
assert(table.concat(names, " ") == "0.weight 0.bias")

-- x = torch.arange(16.).reshape(1, 1, 4, 4)
local x = torch.arange(16):to(torch.float32):reshape { 1, 1, 4, 4 }
is(F.conv2d(x, torch.ones { 1, 1, 2, 2 }), "tensor([[[[10., 14., 18.],\n          [26., 30., 34.],\n          [42., 46., 50.]]]])")
is(F.max_pool2d(x, 2), "tensor([[[[ 5.,  7.],\n          [13., 15.]]]])")
local values, indices = F.max_pool2d(x, 2, { return_indices = true })
is(indices, "tensor([[[[ 5,  7],\n          [13, 15]]]])")
is(F.max_unpool2d(values, indices, 2), "tensor([[[[ 0.,  0.,  0.,  0.],\n          [ 0.,  5.,  0.,  7.],\n          [ 0.,  0.,  0.,  0.],\n          [ 0., 13.,  0., 15.]]]])")
is(F.avg_pool2d(x, 2), "tensor([[[[ 2.5000,  4.5000],\n          [10.5000, 12.5000]]]])")
is(F.interpolate(x[{ ":", ":", ":2", ":2" }], { scale_factor = 2 })[{ 0, 0, 2 }], "tensor([4., 4., 5., 5.])")
is(F.pad(x[0], { 1, 1 }, "reflect")[{ 0, 0 }], "tensor([1., 0., 1., 2., 3., 2.])")
is(F.pixel_shuffle(x:reshape { 1, 4, 2, 2 }, 2)[{ 0, 0 }], "tensor([[ 0.,  4.,  1.,  5.],\n        [ 8., 12.,  9., 13.],\n        [ 2.,  6.,  3.,  7.],\n        [10., 14., 11., 15.]])")
is(F.layer_norm(x, { 4 })[{ 0, 0, 0 }], "tensor([-1.3416, -0.4472,  0.4472,  1.3416])")

-- b = nn.BatchNorm1d(2); b(torch.tensor([[1., 2.], [3., 6.]])); print(b.running_mean, b.running_var, b.num_batches_tracked)
local b = nn.BatchNorm1d(2)
is(b(torch.tensor { { 1.0, 2.0 }, { 3.0, 6.0 } }), "tensor([[-1.0000, -1.0000],\n        [ 1.0000,  1.0000]], grad_fn=<NativeBatchNormBackward0>)")
is(b.running_mean, "tensor([0.2000, 0.4000])")
is(b.running_var, "tensor([1.1000, 1.7000])")
is(b.num_batches_tracked, "tensor(1)")
assert(#b:eval()(torch.zeros { 1, 2 }) == 1)

-- The sentences of PyTorch's errors.
refuses("Given groups=1, weight of size [2, 3, 3, 3], expected input[1, 4, 3, 3] to have 3 channels, but got 4 channels instead",
  F.conv2d, torch.zeros { 1, 4, 3, 3 }, torch.zeros { 2, 3, 3, 3 })
refuses("Calculated padded input size per channel: (3 x 3). Kernel size: (5 x 3). Kernel size can't be greater than actual input size",
  F.conv2d, torch.zeros { 1, 3, 3, 3 }, torch.zeros { 2, 3, 5, 3 })
refuses("Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [3, 3]", F.conv2d, torch.zeros { 3, 3 }, torch.zeros { 2, 3, 3, 3 })
refuses("Given normalized_shape=[3], expected input with shape [*, 3], but got input of size[2, 4]", F.layer_norm, torch.zeros { 2, 4 }, { 3 })
refuses("expected 4D input (got 2D input)", nn.BatchNorm2d(3), torch.zeros { 2, 3 })

-- Gradients of a convolution pass gradcheck's own questions: twice differentiated, they are those of differences.
torch.manual_seed(1)
local w = torch.randn({ 2, 1, 2, 2 }, { dtype = torch.float64 }):requires_grad_()
local z = torch.randn({ 1, 2, 4, 4 }, { dtype = torch.float64 }):requires_grad_()
local function f(v, k) return F.conv2d(v, k, { stride = 2, padding = 1, groups = 2 }):pow(3):sum() end
local g = torch.autograd.grad(f(z, w), { z, w }, { create_graph = true })
local second = torch.autograd.grad(g[1]:pow(2):sum() + g[2]:pow(2):sum(), { w })[1]
local step = 1e-5
local function h(k)
  local g = torch.autograd.grad(f(z, k), { z, k }, { create_graph = true })
  return (g[1]:pow(2):sum() + g[2]:pow(2):sum()):item()
end
local up, down = w:detach():clone(), w:detach():clone()
up[{ 0, 0, 0, 0 }] = up[{ 0, 0, 0, 0 }] + step
down[{ 0, 0, 0, 0 }] = down[{ 0, 0, 0, 0 }] - step
local slope = (h(up:requires_grad_()) - h(down:requires_grad_())) / (2 * step)
assert(math.abs(slope - second[{ 0, 0, 0, 0 }]:item()) < 1e-5 * math.max(1, math.abs(slope)), "twice differentiated")
