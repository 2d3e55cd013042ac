--- Batch normalization taken into the layer before it. Mirrors `torch.nn.utils.fusion`.
local torch = require "torch"
local copy = require "copy"
local fail = require "torch.failure"

local fusion = {}

local function filled(bias, weight, mean, variance, eps)
  bias = bias or torch.zeros_like(mean)
  weight = weight or torch.ones_like(mean)
  return bias, weight, (variance + eps):rsqrt()
end

local function parameter(data, like) return torch.nn.Parameter(data, like == nil or like.requires_grad) end

--- Weights of a convolution that gives what the convolution and batch normalization give.
function fusion.fuse_conv_bn_weights(conv_w, conv_b, mean, variance, eps, weight, bias, transpose)
  local b, w, scale = filled(bias, weight, mean, variance, eps)
  local before = conv_b or torch.zeros_like(mean)
  local shape = {}
  for i = 1, conv_w:dim() do shape[i] = 1 end
  shape[transpose and 2 or 1] = -1
  local fused_w = (conv_w * (w * scale):reshape(shape)):to(conv_w.dtype)
  local fused_b = ((before - mean) * scale * w + b):to((conv_b or conv_w).dtype)
  return parameter(fused_w, conv_w), parameter(fused_b, conv_b)
end

--- Weights of a linear layer that gives what the layer and batch normalization give.
function fusion.fuse_linear_bn_weights(linear_w, linear_b, mean, variance, eps, weight, bias)
  local before = linear_b or torch.zeros_like(mean)
  local scale = weight * (variance + eps):rsqrt()
  local fused_w = linear_w * scale:unsqueeze(-1)
  local fused_b = (before - mean) * scale + bias
  return parameter(fused_w:to(linear_w.dtype), linear_w), parameter(fused_b:to((linear_b or linear_w).dtype), linear_b)
end

--- A convolution that gives what two layers in evaluation give.
function fusion.fuse_conv_bn_eval(conv, bn, transpose)
  if conv.training or bn.training then fail("AssertionError", "Fusion only for eval!") end
  local fused = copy.deepcopy(conv)
  if bn.running_mean == nil or bn.running_var == nil then fail("AssertionError", "") end
  fused.weight, fused.bias = fusion.fuse_conv_bn_weights(fused.weight, fused.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias, transpose)
  return fused
end

--- A linear layer that gives what two layers in evaluation give.
function fusion.fuse_linear_bn_eval(linear, bn)
  if linear.training or bn.training then fail("AssertionError", "Fusion only for eval!") end
  local fused = copy.deepcopy(linear)
  if linear.out_features ~= bn.num_features and bn.num_features ~= 1 then
    fail("AssertionError", "To fuse, linear.out_features == bn.num_features or bn.num_features == 1")
  end
  fused.weight, fused.bias = fusion.fuse_linear_bn_weights(fused.weight, fused.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias)
  return fused
end

--- A layer whose weights nobody has drawn: random numbers go on as if it had not been made.
function fusion.skip_init(class, ...)
  local state = torch.get_rng_state()
  local made = class(...)
  torch.set_rng_state(state)
  return made
end

return fusion
