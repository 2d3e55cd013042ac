--- Activations by the names that configurations give them. Mirrors `transformers.activations.ACT2FN`.
local torch = require "torch"
local nn = require "torch.nn"
local F = require "torch.nn.functional"

local root = math.sqrt(2 / math.pi)

-- A layer without state whose class has this name in print.
local function layer(name, f)
  local class = torch.class(name, nn.Module)
  function class:forward(x) return f(x) end
  return class
end

local GELU = layer("GELUActivation", function(x) return F.gelu(x) end)
local GELUTanh = layer("GELUTanh", function(x) return F.gelu(x, {approximate = "tanh"}) end)

--- Classes by name: `ACT2FN.gelu()` makes the layer.
return {
  gelu = GELU, gelu_python = GELU, gelu_pytorch_tanh = GELUTanh, gelu_python_tanh = GELUTanh,
  gelu_new = layer("NewGELUActivation", function(x) return 0.5 * x * (1.0 + torch.tanh(root * (x + 0.044715 * torch.pow(x, 3.0)))) end),
  gelu_accurate = layer("AccurateGELUActivation", function(x) return 0.5 * x * (1 + torch.tanh(root * (x + 0.044715 * torch.pow(x, 3)))) end),
  gelu_fast = layer("FastGELUActivation", function(x) return 0.5 * x * (1.0 + torch.tanh(x * 0.7978845608 * (1.0 + 0.044715 * x * x))) end),
  gelu_10 = layer("ClippedGELUActivation", function(x) return torch.clip(F.gelu(x), -10, 10) end),
  quick_gelu = layer("QuickGELUActivation", function(x) return x * torch.sigmoid(1.702 * x) end),
  laplace = layer("LaplaceActivation", function(x) return 0.5 * (1.0 + torch.erf((x - 0.707107):div(0.282095 * math.sqrt(2)))) end),
  linear = layer("LinearActivation", function(x) return x end),
  mish = layer("MishActivation", function(x) return F.mish(x) end),
  relu2 = layer("ReLUSquaredActivation", function(x) return torch.square(F.relu(x)) end),
  silu = layer("SiLUActivation", function(x) return F.silu(x) end),
  sqrtsoftplus = layer("SqrtSoftplusActivation", function(x) return F.softplus(x):sqrt() end),
  hardswish = nn.Hardswish, leaky_relu = nn.LeakyReLU, prelu = nn.PReLU, relu = nn.ReLU, relu6 = nn.ReLU6, sigmoid = nn.Sigmoid, swish = nn.SiLU,
  tanh = nn.Tanh,
}
