-- prune.report: two models side by side. PyTorch has no such function; what is expected is counted by hand.
torch.set_num_threads(1)
local nn, prune = torch.nn, require "torch.nn.utils.prune"
torch.manual_seed(0)

local before = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 10), nn.ReLU(), nn.Linear(10, 3))
do
  local _ <close> = torch.no_grad()
  before[0].weight[1]:zero_()
  before[0].weight[3]:zero_()
  before[4].weight["2:4"] = 0
end
local x = torch.randn(2, 1, 8, 8)
local after = prune.compact(before, x)
local report = prune.report(before, after, x)

-- Text: titles, a rule, two lines for each of four layers, a rule, totals, ratios.
local lines = {}
for line in (tostring(report) .. "\n"):gmatch "(.-)\n" do
  lines[#lines + 1] = line
  assert(utf8.len(line) <= 100 and not line:find " $", line)
end
assert(#lines == 14, tostring(report))
assert(lines[1]:find "^layer +type +shape +zeros +parameters +bytes +ms$", lines[1])
assert(lines[3]:find "^0 +Conv2d +4x1x3x3 +18 +45%.0 %% +40 +160 +%d+%.%d%d%d$", lines[3])
assert(lines[4]:find "^ +Conv2d +2x1x3x3 +0 +0%.0 %% +20 +80 +%d+%.%d%d%d$", lines[4])
assert(lines[7]:find "^4 +Linear +10x144 +288 +19%.9 %% +1,450 +5,800 ", lines[7])
assert(lines[8]:find "^ +Linear +8x72 +0 +0%.0 %% +584 +2,336 ", lines[8])
assert(lines[12]:find "^total +Sequential +%d+ ", lines[12])
assert(lines[14]:find "^after / before +0%.41 +0%.42 +%d+%.%d%d$", lines[14])

-- Fields.
assert(#report.layers == 4 and report.layers[1].name == "0" and report.layers[3].name == "4")
local dense, small = report.layers[3].before, report.layers[3].after
assert(dense.type == "Linear" and dense.shape[1] == 10 and dense.shape[2] == 144 and dense.zeros == 288 and dense.parameters == 1450 and dense.bytes == 5800)
assert(math.abs(dense.sparsity - 288 / 1450) < 1e-12 and small.shape[2] == 72 and dense.ms > 0 and small.ms > 0)
local total = report.total
assert(total.before.parameters == 40 + 8 + 1450 + 33 and total.after.parameters == 20 + 4 + 584 + 27)
-- Batch normalization keeps two statistics and a count beside its parameters.
assert(total.before.bytes == 4 * (total.before.parameters + 8) + 8 and total.after.bytes == 4 * (total.after.parameters + 4) + 8)
assert(math.abs(report.ratio.bytes - total.after.bytes / total.before.bytes) < 1e-12)
assert(math.abs(report.ratio.speed * report.ratio.ms - 1) < 1e-9 and report.ratio.speed == total.before.ms / total.after.ms)
local ok, problem = pcall(function() return report.size end)
assert(not ok and tostring(problem):find("'ModelReport' object has no attribute 'size'", 1, true))

-- Modes are as they were.
assert(before.training and after.training and before[0].training)

-- Quantized layers keep their weights packed: zeros and bytes of the integers.
local quantized = torch.quantization.quantize_dynamic(after, { nn.Linear }, { dtype = torch.qint8 })
local packed = prune.report(after, quantized, x)
assert(packed.layers[3].after.type == "DynamicQuantizedLinear" and packed.layers[3].after.parameters == 584 and packed.layers[3].after.shape[1] == 8)
assert(packed.layers[3].after.bytes < 0.4 * packed.layers[3].before.bytes)
local lstm = nn.Sequential(nn.LSTM(8, 6))
local cells = prune.report(lstm, torch.quantization.quantize_dynamic(lstm, { nn.LSTM }), torch.randn(5, 2, 8)).layers
assert(#cells == 1 and cells[1].after.parameters == cells[1].before.parameters and cells[1].before.parameters == 24 * 8 + 24 * 6 + 48)

-- Sparse layers: the whole weight counts, its zeros among it, and the bytes are those of what is stored.
local thin = nn.Linear(64, 48)
prune.l1_unstructured(thin, "weight", 0.9)
local row = prune.report(thin, prune.sparsify(thin), torch.randn(1, 64)).layers[1]
assert(row.after.type == "SparseLinear" and row.after.shape[1] == 48 and row.after.shape[2] == 64 and row.after.parameters == 48 * 64 + 48)
assert(row.after.zeros == row.before.zeros and row.after.zeros == 2765 and row.after.bytes == 307 * 6 + 49 * 4 + 48 * 4)

-- Long names are cut; a layer that one model alone has says so; several inputs stand in a table.
local Pair = torch.class("PairOfTermsThatAreAddedToEachOther", nn.Module)
function Pair:__init()
  self.the_linear_layer_of_the_first_of_two_inputs_of_this_model = nn.Linear(3, 2)
end
function Pair:forward(a, b) return self.the_linear_layer_of_the_first_of_two_inputs_of_this_model(a) + b end
local pair = Pair()
local wide = tostring(prune.report(pair, nn.Bilinear(3, 2, 2), { torch.ones(1, 3), torch.ones(1, 2) }))
for line in wide:gmatch "[^\n]+" do assert(utf8.len(line) <= 100, line) end
assert(wide:find("…", 1, true) and wide:find("none", 1, true) and wide:find("(model)", 1, true), wide)
