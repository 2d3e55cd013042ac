-- Magics %summary, %sparsity, %qinfo and %qdiff: tables of a model's layers. Counts are made by hand.
local here = arg[0]:match("^(.*/)[^/]*$")
local fails = dofile(here .. "support/fails.lua")
local tables = require "torch.model_tables"
local nn = torch.nn
torch.set_num_threads(1)

local function same(got, wanted)
  got, wanted = tostring(got), wanted:gsub("^\n", ""):gsub("\n$", "")
  assert(got == wanted, ("wanted:\n%s\ngot:\n%s"):format(wanted, got))
end

local model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.LSTM(3, 2), nn.Conv2d(1, 2, 3))
do
  local _ <close> = torch.no_grad()
  for i, p in ipairs {model[0].weight, model[2].weight_ih_l0, model[3].weight} do p:fill_(i) end
  model[0].weight[1]:zero_()
  model[0].weight[0][0] = 2
  model[0].bias:zero_()
  model[2].bias_ih_l0:fill_(1)
  model[2].bias_hh_l0:fill_(1)
  model[2].weight_hh_l0:fill_(1)
  model[3].bias:fill_(1)
end
same(tables.summary(model), [[
layer  type    shape    parameters  bytes  bits  zeros
------------------------------------------------------
0      Linear  3x4              15     60    32      7
1      ReLU                      0      0            0
2      LSTM    8x3              56    224    32      0
3      Conv2d  2x1x3x3          20     80    32      0
------------------------------------------------------
total                           91    364    32      7
]])
same(tables.sparsity(model), [[
layer           type    shape    parameters  zeros  sparsity
------------------------------------------------------------
0.weight        Linear  3x4              12      4    33.3 %
0.bias          Linear  3                 3      3   100.0 %
2.weight_ih_l0  LSTM    8x3              24      0     0.0 %
2.weight_hh_l0  LSTM    8x2              16      0     0.0 %
2.bias_ih_l0    LSTM    8                 8      0     0.0 %
2.bias_hh_l0    LSTM    8                 8      0     0.0 %
3.weight        Conv2d  2x1x3x3          18      0     0.0 %
3.bias          Conv2d  2                 2      0     0.0 %
------------------------------------------------------------
total                                    91      7     7.7 %
]])

-- Quantized: 2 / 127.5 is the scale, 1 becomes 64 steps of it, 2 becomes 127 (PyTorch: q_scale() 0.01568627543747425).
local linear = nn.Sequential(model[0])
local small = torch.quantization.quantize_dynamic(linear, {nn.Linear}, {dtype = torch.qint8})
same(tables.qinfo(small), [[
layer  type                    shape  dtype  bits  scheme               scale  zero point  bytes
------------------------------------------------------------------------------------------------
0      DynamicQuantizedLinear  3x4    qint8     8  per_tensor_affine  0.01569           0     36
------------------------------------------------------------------------------------------------
total                                        12.8                                             36
]])
local info = tables.qinfo(small)
assert(info.layers[1].scale[1] == 0.01568627543747425 and info.layers[1].zero_point[1] == 0 and info.total.bytes == 36)
local diff = tables.qdiff(linear, small)
local row = diff.layers[1]
local step = 0.01568627543747425
local e1, e2 = 64 * step - 1, 2 - 127 * step
assert(row.before == 60 and row.after == 36 and row.type == "Linear -> DynamicQuantizedLinear")
assert(math.abs(row.max_error - math.max(math.abs(e1), math.abs(e2))) < 1e-6)
assert(math.abs(row.sqnr - 10 * math.log((7 + 4) / (7 * e1 ^ 2 + e2 ^ 2), 10)) < 1e-3, row.sqnr)
assert(math.abs(diff.total.sqnr - row.sqnr) < 1e-12 and tostring(diff):find("SQNR dB", 1, true))
local equal = tables.qdiff(linear, linear)
assert(equal.layers[1].sqnr == math.huge and equal.layers[1].max_error == 0 and tostring(equal):find " inf " and tables.json(equal):find('"sqnr": null', 1, true))

-- Channels have scales from and to; float16 has 16 bits; layers of one model alone; no layers at all.
local channels = torch.quantization.quantize_dynamic(linear, {[nn.Linear] = torch.quantization.per_channel_dynamic_qconfig})
assert(#tables.qinfo(channels).layers[1].scale == 2 and tostring(tables.qinfo(channels)):find "%d%.%.%d")
assert(tables.qinfo(torch.quantization.quantize_dynamic(linear, {nn.Linear}, {dtype = torch.float16})).layers[1].bits == 16)
local longer = tables.qdiff(linear, nn.Sequential(nn.Linear(4, 2), nn.Linear(2, 1)))
assert(#longer.layers == 2 and longer.layers[1].sqnr == nil and longer.layers[2].type == "none -> Linear" and longer.total.sqnr == nil)
assert(#tables.summary(nn.Sequential()).layers <= 1 and tables.sparsity(nn.ReLU()).total.sparsity == 0)

-- A weight that two layers share counts in both and once in the total, as in m:parameters().
local tied = nn.Sequential(nn.Embedding(5, 4), nn.Linear(4, 5))
tied[1].weight = tied[0].weight
local shared = tables.summary(tied)
assert(shared.layers[1].parameters == 20 and shared.layers[2].parameters == 25 and shared.total.parameters == 25 and shared.total.bytes == 100)

-- Pruned: the weight that takes part counts, the bytes are those of the file.
nn.utils.prune.l1_unstructured(linear[0], "weight", 0.5)
assert(tables.sparsity(linear).layers[2].zeros == 6 or tables.sparsity(linear).layers[1].zeros == 6)

same(tables.json(tables.summary(nn.Linear(2, 2))), [[
{"layers": [
  {"layer": "(model)", "type": "Linear", "shape": [2, 2], "parameters": 6, "bytes": 24, "bits": 32, "zeros": 0}
],
"total": {"parameters": 6, "bytes": 24, "bits": 32, "zeros": 0}}

]])
fails("%summary needs a model, an nn.Module, and not a tensor", tables.summary, torch.ones(2))
fails("%qdiff needs a model, an nn.Module, and not nothing", tables.qdiff, nn.Linear(1, 1))
