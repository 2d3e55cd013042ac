-- %% [markdown]
-- # Pruning that pays
--
-- A pruned model is full of zeros, and as large and as slow as before: the masks even add to it. This walkthrough goes the
-- rest of the way. A small convolutional network learns to read digits; half of its channels are pruned; it is trained on;
-- then the zeros are taken *out*, the rest becomes `int8`, and it is saved and loaded again. At each stage it says how many
-- digits the network still reads, how large it is and how long it takes.
--
-- `prune.compact`, `prune.sparsify`, `prune.report` and `prune.freeze` are qrepl's own; PyTorch has nothing like them.
--
-- Run it with `qrepl tutorials/pruning_pays.lua`, or cell by cell in an editor that knows the percent format. It needs no data:
-- it draws the digits itself.

-- %%
local torch = require "torch"
local nn = require "torch.nn"
local F = require "torch.nn.functional"
local prune = require "torch.nn.utils.prune"
local copy = require "copy"
local path = require "path"

torch.manual_seed(0)
torch.set_num_threads(1)

-- %% [markdown]
-- ## Digits
--
-- A digit is a few strokes: chains of points in a box that goes from -1 to 1, y downwards. Curves are pieces of ellipses.

-- %%
local function arc(x, y, rx, ry, from, to)
  local points = {}
  for i = 0, 6 do
    local angle = math.rad(from + (to - from) * i / 6)
    points[#points + 1] = {x + rx * math.cos(angle), y + ry * math.sin(angle)}
  end
  return points
end

local glyphs = {
  [0] = {arc(0, 0, 0.6, 1, 0, 180), arc(0, 0, 0.6, 1, 180, 360)},
  {{{-0.35, -0.6}, {0.1, -1}, {0.1, 1}}},
  {arc(0, -0.45, 0.55, 0.55, 190, 395), {{0.45, -0.12}, {-0.55, 1}, {0.6, 1}}},
  {arc(-0.05, -0.5, 0.5, 0.5, 210, 450), arc(-0.05, 0.47, 0.6, 0.53, 270, 510)},
  {{{0.3, 1}, {0.3, -1}, {-0.6, 0.4}, {0.6, 0.4}}},
  {{{0.5, -1}, {-0.45, -1}, {-0.5, -0.1}}, arc(0, 0.38, 0.6, 0.62, 232, 500)},
  {arc(0, 0.42, 0.55, 0.58, 0, 180), arc(0, 0.42, 0.55, 0.58, 180, 360), {{-0.55, 0.42}, {-0.4, -0.4}, {0.2, -1}}},
  {{{-0.6, -1}, {0.6, -1}, {-0.15, 1}}},
  {arc(0, -0.5, 0.48, 0.5, 0, 360), arc(0, 0.5, 0.58, 0.5, 0, 360)},
  {arc(0, -0.42, 0.55, 0.58, 0, 180), arc(0, -0.42, 0.55, 0.58, 180, 360), {{0.55, -0.42}, {0.4, 0.4}, {-0.2, 1}}},
}

-- %% [markdown]
-- Every digit is written by another hand: each of its points trembles, and the whole is scaled, slanted, turned and shifted
-- before a pen of some width draws it with its distance from each of 28 x 28 pixels. Then dust falls on the picture.

-- %%
local side = 28
local grid_x = torch.arange(side):float():tile(side):view(1, -1) - (side - 1) / 2
local grid_y = torch.arange(side):float():repeat_interleave(side):view(1, -1) - (side - 1) / 2

local function between(low, high, n) return torch.rand(n, 1) * (high - low) + low end

--- `n` pictures of a digit, {n, 1, 28, 28}.
local function draw(digit, n)
  local width, height = between(4.5, 8, n), between(6.5, 10, n)
  local slant, turn = between(-0.3, 0.3, n), between(-0.2, 0.2, n)
  local right, down, pen = between(-3, 3, n), between(-2.5, 2.5, n), between(0.6, 1.6, n)
  local least
  for _, stroke in ipairs(glyphs[digit]) do
    local x0, y0
    for _, point in ipairs(stroke) do
      local x = (torch.randn(n, 1) * 0.06 + point[1]) * width
      local y = (torch.randn(n, 1) * 0.06 + point[2]) * height
      x = x - y * slant
      local x1, y1 = x - y * turn + right, y + x * turn + down
      if x0 then
        -- The squared distance of each pixel from the line between the two points.
        local dx, dy = x1 - x0, y1 - y0
        local px, py = grid_x - x0, grid_y - y0
        local t = ((px * dx + py * dy) / (dx * dx + dy * dy + 1e-6)):clamp_(0, 1)
        local distance = (px - t * dx):square_() + (py - t * dy):square_()
        least = least and torch.minimum(least, distance) or distance
      end
      x0, y0 = x1, y1
    end
  end
  local ink = torch.sigmoid((pen - least:sqrt_()) * 3)
  return (ink + torch.randn(n, side * side) * 0.15):view(n, 1, side, side)
end

--- So many pictures of each digit, and what they show.
local function make(n)
  local pictures, labels = {}, {}
  for digit = 0, 9 do
    for _ = 1, n // 50 do
      pictures[#pictures + 1] = draw(digit, 50)
      labels[#labels + 1] = torch.full({50}, digit)
    end
  end
  return torch.cat(pictures), torch.cat(labels)
end

local train_x, train_y = make(400)
local test_x, test_y = make(200)
print(train_x.shape, test_x.shape)

-- %% [markdown]
-- Some of them, in characters:

-- %%
local function show(pictures)
  for row = 2, side - 4, 2 do
    local line = {}
    for _, picture in ipairs(pictures) do
      for column = 2, side - 3 do
        local ink = (picture[{0, row, column}] + picture[{0, row + 1, column}]):item() / 2
        line[#line + 1] = ink > 0.75 and "#" or ink > 0.4 and "+" or " "
      end
    end
    print((table.concat(line):gsub(" +$", "")))
  end
end

show {test_x[400], test_x[600], test_x[1000], test_x[1800]}

-- %% [markdown]
-- ## Stage 1: trained
--
-- LeNet, of 1998, with sizes that can be chosen: later there is a smaller one to be filled from a file.

-- %%
local LeNet = torch.class("LeNet", nn.Module)

function LeNet:__init(c1, c2, f1, f2)
  self.conv1 = nn.Conv2d(1, c1, 5, {padding = 2})
  self.conv2 = nn.Conv2d(c1, c2, 5)
  self.fc1 = nn.Linear(c2 * 5 * 5, f1)
  self.fc2 = nn.Linear(f1, f2)
  self.fc3 = nn.Linear(f2, 10)
end

function LeNet:forward(x)
  x = F.max_pool2d(F.relu(self.conv1(x)), 2)
  x = F.max_pool2d(F.relu(self.conv2(x)), 2)
  x = x:flatten(1)
  return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))
end

--- Goes over the pictures some times. In double precision, so that every processor, in whatever order it adds, comes to
--- the same figures; a network of your own does without.
local function fit(model, epochs, lr, freezes)
  model:double():train()
  local x, y = train_x:double(), train_y
  local optimizer = torch.optim.SGD(model:parameters(), {lr = lr, momentum = 0.9, weight_decay = 5e-4})
  if freezes then prune.freeze(optimizer) end
  local steps = x.shape[0] // 50
  local schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, {max_lr = lr, total_steps = epochs * steps})
  for _ = 1, epochs do
    local order = torch.randperm(x.shape[0])
    for step = 0, steps - 1 do
      local batch = order:narrow(0, step * 50, 50)
      optimizer:zero_grad()
      F.cross_entropy(model(x[batch]), y[batch]):backward()
      optimizer:step()
      schedule:step()
    end
  end
  return model:float():eval()
end

local trained = fit(LeNet(6, 16, 120, 84), 5, 0.1)

-- %% [markdown]
-- What is asked of each stage: the share of 2,000 new digits that it reads, its parameters that are not zero, its bytes in a
-- file, and the time it takes for a hundred digits.

-- %%
local function size_of(model)
  torch.save(model:state_dict(), "digits.pt")
  local size = path.getsize("digits.pt")
  os.remove("digits.pt")
  return size
end

local function accuracy(model)
  local _ <close> = torch.no_grad()
  return model(test_x):argmax(1):eq(test_y):float():mean():item()
end

local function time(model, x)
  local _ <close> = torch.no_grad()
  local times = {}
  for i = 1, 31 do
    local start = os.clock()
    model(x)
    times[i] = os.clock() - start
  end
  table.sort(times)
  return 1e3 * times[16]
end

local stages = {}
local function stage(name, model)
  local figures = prune.report(model, model, test_x["0:1"]).total.before
  stages[#stages + 1] = {
    name, 100 * accuracy(model), figures.parameters - figures.zeros, size_of(model), time(model, test_x["0:100"]),
  }
  print(("%s: reads %.1f %%"):format(name, stages[#stages][2]))
end
stage("trained", trained)

-- %% [markdown]
-- ## Stage 2: half of the channels pruned
--
-- In each layer but the last, those that have the least L2 norm. `prune_bias` takes the bias with the channel: a channel whose
-- weights are zero and whose bias is not still says something, the same at every place. So many at once hurt.

-- %%
local pruned = copy.deepcopy(trained)
local layers = {"conv1", "conv2", "fc1", "fc2"}
for _, name in ipairs(layers) do
  prune.ln_structured(pruned[name], {name = "weight", amount = 0.5, n = 2, dim = 0, prune_bias = true})
end
stage("half of the channels pruned", pruned)

-- %% [markdown]
-- Half of the channels are zero, and the model has grown: it has all weights and a mask for each of them.

-- %%
print(prune.report(trained, pruned, test_x["0:100"]))
print("")

-- %% [markdown]
-- ## Stage 3: trained on
--
-- First the pruning is made lasting: weights are parameters again, with zeros in them. Momentum and weight decay would bring
-- those back to life. `prune.freeze` has the optimizer leave them alone.

-- %%
for _, name in ipairs(layers) do
  prune.remove(pruned[name], "weight")
  prune.remove(pruned[name], "bias")
end
local function zeros(model)
  local count = 0
  for parameter in model:parameters() do count = count + parameter:eq(0):sum():item() end
  return count
end
local before = zeros(pruned)
fit(pruned, 2, 0.05, true)
assert(zeros(pruned) == before)
stage("trained on", pruned)

-- %% [markdown]
-- ## Stage 4: compacted
--
-- `prune.compact` follows each channel through the model on an example, from the layer that makes it to those that read it,
-- and gives a copy without the channels that do nothing. It says what it removed, and why the rest had to stay.

-- %%
local small, notes = prune.compact(pruned, test_x["0:1"])
print(notes)
print(small)

-- %% [markdown]
-- The outputs are those of the model with the zeros: in double precision to the last digits. In single precision, too, as
-- far as that goes; with fewer terms, sums round elsewhere.

-- %%
local function difference(a, b, x)
  local _ <close> = torch.no_grad()
  return ((a(x) - b(x)):abs():max() / a(x):abs():max()):item()
end
assert(difference(pruned, small, test_x) < 1e-6)
assert(difference(copy.deepcopy(pruned):double(), copy.deepcopy(small):double(), test_x:double()) < 1e-13)
stage("compacted", small)
print(prune.report(trained, small, test_x["0:100"]))
print("")

-- %% [markdown]
-- ## Stage 5: quantized
--
-- What is left are small dense layers like any others, and all that makes those smaller goes on from here. The weights of
-- the linear layers become `int8`.

-- %%
local quantized = torch.quantization.quantize_dynamic(small, {nn.Linear}, {dtype = torch.qint8})
stage("quantized", quantized)
print(prune.report(small, quantized, test_x["0:100"]))
print("")

-- %% [markdown]
-- ## Stage 6: saved and loaded
--
-- A file holds the sizes that are left, so a model of these sizes takes it.

-- %%
torch.save(quantized:state_dict(), "digits.pt")
local loaded = LeNet(small.conv1.out_channels, small.conv2.out_channels, small.fc1.out_features, small.fc2.out_features):eval()
loaded = torch.quantization.quantize_dynamic(loaded, {nn.Linear}, {dtype = torch.qint8})
loaded:load_state_dict(torch.load("digits.pt"))
os.remove("digits.pt")
assert(difference(quantized, loaded, test_x) == 0)
stage("saved and loaded", loaded)

-- %% [markdown]
-- ## Another way: single weights
--
-- The first linear layer has most of the parameters. From the trained model, nine tenths of *its* weights go, wherever they
-- are. No channel is empty then and nothing can be compacted; `prune.sparsify` instead keeps the weights that are left and
-- where they stand, and multiplies by those alone. Layers that would not gain stay dense, and it says why.

-- %%
local sparse = copy.deepcopy(trained)
prune.l1_unstructured(sparse.fc1, {name = "weight", amount = 0.9})
stage("trained, 90 % of fc1 pruned", sparse)
fit(sparse, 1, 0.05, true)
sparse, notes = prune.sparsify(sparse, {batch = 100})
for name, note in pairs(notes) do print(name .. ": " .. note) end
print(sparse)
stage("trained on and sparsified", sparse)
print(prune.report(trained, sparse, test_x["0:100"]))
print("")

torch.save(sparse:state_dict(), "digits.pt")
loaded = prune.sparsify(LeNet(6, 16, 120, 84):eval(), {state_dict = torch.load("digits.pt")})
os.remove("digits.pt")
assert(difference(sparse, loaded, test_x) == 0)
stage("saved and loaded", loaded)

-- %% [markdown]
-- ## What it brought
--
-- All stages side by side. Parameters are those that are not zero, bytes are those of the file, and ms is the time for a
-- hundred digits.

-- %%
print(("%-28s  %8s  %10s  %8s  %6s"):format("stage", "accuracy", "parameters", "bytes", "ms"))
for _, s in ipairs(stages) do print(("%-28s  %6.1f %%  %10d  %8d  %6.2f"):format(table.unpack(s))) end
