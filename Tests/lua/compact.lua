-- prune.compact: smaller models with the same outputs. PyTorch has no such function; what is expected is arithmetic.
local nn, F, prune = torch.nn, torch.nn.functional, require "torch.nn.utils.prune"
torch.manual_seed(0)

local function silence(weight, rows, dim)
  local _ <close> = torch.no_grad()
  for _, r in ipairs(rows) do weight:select(dim or 0, r):zero_() end
end

--- Rows 0 … count - 1, about a share of them.
local function some(count, share)
  local rows = {}
  for r = 0, count - 2 do if torch.rand(1):item() < share then rows[#rows + 1] = r end end
  return rows
end

local function same(a, b, what)
  if type(a) == "table" then
    for i = 1, #a do same(a[i], b[i], what) end
    return
  end
  assert(tostring(a.shape) == tostring(b.shape), what)
  local difference = (a - b):abs():max():item()
  assert(difference < 1e-5, ("%s: outputs differ by %g"):format(what, difference))
end

--- Compacts, compares on the example and on other numbers; gives the smaller model and the notes as one text.
local function compact(model, x, what)
  model:eval()
  local before = tostring(model)
  local small, notes = prune.compact(model, x)
  assert(tostring(model) == before, "the model given has changed")
  local inputs = type(x) == "table" and x or { x }
  same({ model(table.unpack(inputs)) }, { small(table.unpack(inputs)) }, what)
  local others = {}
  for i, input in ipairs(inputs) do others[i] = input:is_floating_point() and torch.randn(input.shape) or input:flip { 0 } end
  same({ model(table.unpack(others)) }, { small(table.unpack(others)) }, what)
  return small, tostring(notes), notes
end

local function says(text, sentence) assert(text:find(sentence, 1, true), ("%q is not in:\n%s"):format(sentence, text)) end

-- A model of a class of its own, with functions between its layers.
local LeNet = torch.class("LeNet", nn.Module)
function LeNet:__init()
  self.conv1 = nn.Conv2d(1, 6, 3)
  self.conv2 = nn.Conv2d(6, 16, 3)
  self.fc1 = nn.Linear(16 * 5 * 5, 120)
  self.fc2 = nn.Linear(120, 84)
  self.fc3 = nn.Linear(84, 10)
end
function LeNet:forward(x)
  x = F.max_pool2d(F.relu(self.conv1(x)), { 2, 2 })
  x = F.max_pool2d(F.relu(self.conv2(x)), 2)
  x = x:view(-1, x:nelement() // x.shape[0])
  return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))
end
do
  local model = LeNet()
  silence(model.conv1.weight, { 0, 2, 4 })
  silence(model.conv2.weight, { 1, 3, 5, 7, 9, 11, 13, 15 })
  silence(model.fc1.weight, { 0, 1, 2 })
  silence(model.fc3.weight, { 3 })
  -- What nothing reads goes as well.
  silence(model.fc3.weight, { 7, 8 }, 1)
  model:train()
  local x = torch.randn(4, 1, 28, 28)
  local draws = torch.get_rng_state()
  local small, notes = prune.compact(model, x)
  assert(torch.equal(draws, torch.get_rng_state()), "compact draws from the user's generator")
  assert(model.training and small.training and small.conv1.training and not rawequal(small, model))
  same(model(x), small(x), "LeNet")
  assert(tostring(small) == [[
LeNet(
  (conv1): Conv2d(1, 3, kernel_size=(3, 3), stride=(1, 1))
  (conv2): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))
  (fc1): Linear(in_features=200, out_features=117, bias=True)
  (fc2): Linear(in_features=117, out_features=82, bias=True)
  (fc3): Linear(in_features=82, out_features=10, bias=True)
)]], tostring(small))
  assert(torch.isinstance(small, LeNet) and small.conv1.out_channels == 3 and small.conv1.weight.requires_grad)
  assert(#notes == 5 and notes[1] == "conv1 (Conv2d): 3 of 6 output channels removed")
  assert(notes[5] == "fc3 (Linear): 1 of 10 neurons has no weights and stays: they are outputs of the model")
  assert(tostring(notes) == table.concat({ notes[1], notes[2], notes[3], notes[4], notes[5] }, "\n"))
  -- It learns, and is saved and loaded, as any model.
  small(x):sum():backward()
  assert(tostring(small.fc1.weight.grad.shape) == "torch.Size([117, 200])")
  local path = os.tmpname()
  torch.save(small:state_dict(), path)
  local again = prune.compact(model, x)
  for p in again:parameters() do p.data:zero_() end
  again:load_state_dict(torch.load(path))
  os.remove(path)
  same(small(x), again(x), "saved and loaded")
  -- Nothing is left to remove.
  local same_again, rest = prune.compact(small, x)
  assert(tostring(same_again) == tostring(small))
  says(tostring(rest), "nothing was removed")
end

-- Random chains of convolutions and linear layers.
local function choice(list) return list[torch.randint(1, #list + 1, { 1 }):item()] end
for trial = 1, 25 do
  local layers, channels, size, silenced = {}, 3, 12, 0
  local function add(layer) layers[#layers + 1] = layer end
  local depth = 1 + trial % 3
  for _ = 1, depth do
    local width, padding, bias = choice { 4, 6, 8 }, choice { 0, 0, 1 }, choice { true, false }
    local conv = nn.Conv2d(channels, width, 3, { padding = padding, bias = bias, padding_mode = padding == 0 and "zeros" or choice { "zeros", "replicate" } })
    silence(conv.weight, some(width, 0.4))
    add(conv)
    channels, size = width, size - 2 + 2 * padding
    local norm = choice { "none", "plain", "drawn" }
    if norm ~= "none" then
      local layer = nn.BatchNorm2d(width)
      if norm == "drawn" then
        local _ <close> = torch.no_grad()
        layer.weight:normal_()
        layer.bias:normal_()
        layer.running_mean:normal_()
        silence(layer.weight, some(width, 0.2))
      end
      add(layer)
    end
    add(choice { nn.ReLU, nn.Tanh, nn.GELU, nn.Sigmoid, nn.ELU }())
    if choice { true, false } then add(nn.Dropout(0.5)) end
    if choice { true, false } and size >= 6 then
      add(choice { nn.MaxPool2d, nn.AvgPool2d }(2))
      size = size // 2
    end
  end
  if trial % 4 == 0 then
    add(nn.AdaptiveAvgPool2d(1))
    size = 1
  end
  add(nn.Flatten())
  local hidden = nn.Linear(channels * size * size, 20, { bias = choice { true, false } })
  silence(hidden.weight, some(20, 0.4))
  add(hidden)
  if choice { true, false } then add(nn.BatchNorm1d(20)) end
  add(nn.ReLU())
  add(nn.Linear(20, 5))
  local model = nn.Sequential(table.unpack(layers))
  local small, notes = compact(model, torch.randn(2, 3, 12, 12), "chain " .. trial .. "\n" .. tostring(model))
  -- A linear layer's neurons without weights always go: their constants are the next bias.
  for _, row in ipairs(torch.arange(20):tolist()) do if hidden.weight[row]:abs():sum():item() == 0 then silenced = silenced + 1 end end
  assert(small[#small - 1].in_features <= 20 - silenced, notes)
end

-- Fixed sizes of padded convolutions with biases, and what padding does not let pass.
do
  local model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 6, 3, { padding = 1 }), nn.ReLU(), nn.Conv2d(6, 2, 1))
  silence(model[0].weight, { 0, 1, 2 })
  local _ <close> = torch.no_grad()
  model[0].bias[0] = 0.5
  model[0].bias[1] = 0.25
  model[0].bias[2] = -0.5 -- relu gives zero, which padding is
  local small, notes = compact(model, torch.randn(1, 3, 8, 8), "padding")
  assert(small[0].out_channels == 7 and small[2].in_channels == 7)
  says(notes, "0 (Conv2d): 1 of 8 output channels removed")
  says(notes, "0 (Conv2d): 2 of 8 output channels have no weights and stay: they are constant and not zero (by a bias), and 2 (Conv2d) cannot take that into its own bias, for at the borders its padding is zero")
end

-- A bias is made where a constant needs one.
do
  local model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2, { bias = false }))
  silence(model[0].weight, { 2 })
  local small = compact(model, torch.randn(5, 3), "new bias")
  assert(small[0].out_features == 3 and small[1].bias and tostring(small[1]) == "Linear(in_features=3, out_features=2, bias=True)")
end

-- Sums bind what they add: a channel goes where both terms have nothing.
local Residual = torch.class("Residual", nn.Module)
function Residual:__init()
  self.first = nn.Conv2d(3, 6, 3, { padding = 1, bias = false })
  self.second = nn.Conv2d(6, 6, 3, { padding = 1, bias = false })
  self.norm = nn.BatchNorm2d(6)
  self.head = nn.Linear(6, 4)
end
function Residual:forward(x)
  x = F.relu(self.first(x))
  x = F.relu(x + self.norm(self.second(x)))
  return self.head(x:mean { dim = { 2, 3 } })
end
do
  local model = Residual()
  silence(model.first.weight, { 0, 1 })
  silence(model.second.weight, { 1, 2 })
  local small, notes = compact(model, torch.randn(2, 3, 7, 7), "residual")
  assert(small.first.out_channels == 5 and small.second.out_channels == 5 and small.second.in_channels == 5 and small.norm.num_features == 5)
  assert(small.head.in_features == 5)
  says(notes, "first (Conv2d): 1 of 6 output channels has no weights and stays: they are joined with channels that are not zero")
end

-- Gates multiply: zero times anything is zero. Depthwise convolutions pass channels on. Concatenations set channels side by side.
local Gated = torch.class("Gated", nn.Module)
function Gated:__init()
  self.conv = nn.Conv2d(2, 6, 3, { bias = false })
  self.depth = nn.Conv2d(6, 6, 3, { groups = 6, padding = 1, bias = false })
  self.squeeze = nn.Linear(6, 6)
  self.side = nn.Conv2d(2, 4, 3)
  self.last = nn.Conv2d(10, 3, 1)
end
function Gated:forward(x)
  local y = self.depth(self.conv(x))
  local gate = torch.sigmoid(self.squeeze(F.adaptive_avg_pool2d(y, 1):flatten(1)))
  y = y * gate:view(gate.shape[0], -1, 1, 1)
  return self.last(torch.cat({ y, F.relu6(self.side(x)) }, 1))
end
do
  local model = Gated()
  silence(model.conv.weight, { 5 })
  silence(model.depth.weight, { 0 })
  silence(model.side.weight, { 1, 2 })
  local small = compact(model, torch.randn(2, 2, 6, 6), "gated")
  assert(small.conv.out_channels == 4 and small.depth.groups == 4 and small.squeeze.out_features == 4 and small.squeeze.in_features == 4)
  assert(small.side.out_channels == 2 and small.last.in_channels == 6)
end

-- Embedding → LSTM → Linear.
local Words = torch.class("Words", nn.Module)
function Words:__init(kind, options)
  self.table = nn.Embedding(11, 8)
  self.rnn = nn[kind or "LSTM"](8, 6, options or { num_layers = 1 })
  self.decoder = nn.Linear(6 * ((options or {}).bidirectional and 2 or 1), 5)
end
function Words:forward(words) return self.decoder((self.rnn(self.table(words)))) end
do
  local words = torch.randint(0, 11, { 7, 3 })
  local model = Words()
  silence(model.table.weight, { 1, 5 }, 1)
  silence(model.decoder.weight, { 0, 3 }, 1)
  local w = model.rnn
  -- Unit 0 and 3 are read by themselves alone; unit 2 is zero: its candidate has nothing.
  for _, unit in ipairs { 0, 3 } do
    for row = 0, 23 do if row % 6 ~= unit then silence(w.weight_hh_l0[row], { unit }) end end
  end
  for _, name in ipairs { "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0" } do silence(w[name], { 2 * 6 + 2 }) end
  local small, notes = compact(model, words, "words")
  assert(tostring(small) == [[
Words(
  (table): Embedding(11, 6)
  (rnn): LSTM(6, 3)
  (decoder): Linear(in_features=3, out_features=5, bias=True)
)]], tostring(small) .. "\n" .. notes)
  assert(tostring(small.rnn.weight_hh_l0.shape) == "torch.Size([12, 3])")

  -- Whole rows of zeros in several layers and directions: as many go as each can lose.
  for _, kind in ipairs { "LSTM", "GRU", "RNN" } do
    for _, both in ipairs { false, true } do
      local deep = Words(kind, { num_layers = 2, bidirectional = both })
      local gates = ({ LSTM = 4, GRU = 3, RNN = 1 })[kind]
      local function dead(suffix, units)
        for _, unit in ipairs(units) do
          for gate = 0, gates - 1 do
            for _, name in ipairs { "weight_ih", "weight_hh", "bias_ih", "bias_hh" } do silence(deep.rnn[name .. suffix], { gate * 6 + unit }) end
          end
        end
      end
      dead("_l0", { 1, 4, 5 })
      dead("_l1", { 0, 1 })
      if both then
        dead("_l0_reverse", { 2, 3 })
        dead("_l1_reverse", { 3, 4, 5 })
      end
      local less, said = compact(deep, words, kind)
      assert(less.rnn.hidden_size == 4 and less.decoder.in_features == (both and 8 or 4), said)
      says(said, "have the same number of hidden units, and another has no more to lose")
    end
  end
end

-- The last state feeds a classifier; a constant from below becomes part of the bias.
local Last = torch.class("Last", nn.Module)
function Last:__init()
  self.project = nn.Linear(4, 5)
  self.rnn = nn.LSTM(5, 4, { batch_first = true })
  self.out = nn.Linear(4, 2)
end
function Last:forward(x)
  local _, state = self.rnn(torch.tanh(self.project(x)))
  return self.out(state[1][-1])
end
do
  local model = Last()
  silence(model.project.weight, { 0, 4 })
  for _, name in ipairs { "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0" } do silence(model.rnn[name], { 9 }) end
  local small = compact(model, torch.randn(3, 6, 4), "last state")
  assert(small.project.out_features == 3 and small.rnn.input_size == 3 and small.rnn.hidden_size == 3 and small.out.in_features == 3)
end

-- What cannot be compacted is named.
local function cannot(forward, sentence, prepare)
  local Model = torch.class("Model", nn.Module)
  function Model:__init()
    self.a = nn.Linear(4, 6)
    self.norm = nn.LayerNorm(6)
    self.b = nn.Linear(6, 3)
    self.wide = nn.Parameter(torch.randn(6))
  end
  Model.forward = forward
  local model = Model()
  silence(model.a.weight, { 1, 2 })
  if prepare then prepare(model) end
  local small, notes = compact(model, torch.randn(5, 4), sentence)
  assert(small.a.out_features == 6, notes)
  says(notes, "a (Linear): 2 of 6 neurons have no weights and stay: " .. sentence)
end
cannot(function(self, x) return self.b(self.norm(self.a(x))) end, "norm (LayerNorm) gets them, and it normalizes over them, so that their number counts")
cannot(function(self, x) return self.b(self.a(x):softmax(-1)) end, "SoftmaxBackward0 does not go channel by channel, as far as is known")
cannot(function(self, x) return self.b(self.a(x) * self.wide) end, "Mul joins them with a tensor that has their size")
cannot(function(self, x) return self.a(x) end, "they are outputs of the model")
cannot(function(self, x) return self.b(self.a(self.a(x):narrow(1, 0, 4))) end, "a (Linear)")
cannot(function(self, x) return self.b(F.relu(self.a(x)):view(-1, 6)) end, "without them the model fails: ")
cannot(function(self, x) return self.b(self.a(x):detach()) end, "nothing is seen to read them")
cannot(function(self, x) return self.b(self.a(x)) end, "b (Linear) shares a weight with c (Linear)", function(m)
  m.c = nn.Linear(6, 3)
  m.c.weight = m.b.weight
end)

-- Other layers go where one cannot: the view's own size is the model's, fc1 behind it is not.
do
  local Fixed = torch.class("Fixed", LeNet)
  function Fixed:forward(x)
    x = F.max_pool2d(F.relu(self.conv1(x)), 2)
    x = F.max_pool2d(F.relu(self.conv2(x)), 2):view(-1, 400)
    return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))
  end
  local model = Fixed()
  silence(model.conv1.weight, { 0 })
  silence(model.conv2.weight, { 0, 1 })
  silence(model.fc1.weight, { 5 })
  local small, notes = compact(model, torch.randn(2, 1, 28, 28), "fixed view")
  assert(small.conv1.out_channels == 5 and small.conv2.out_channels == 16 and small.fc1.out_features == 119)
  says(notes, "conv2 (Conv2d): 2 of 16 output channels have no weights and stay: without them the model fails: ")
end

-- All channels of a layer are zero: one stays.
do
  local model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
  model[0].weight.data:zero_()
  local small, notes = compact(model, torch.randn(5, 3), "all zero")
  assert(small[0].out_features == 1)
  says(notes, "0 (Linear): 1 of 4 neurons has no weights and stays: a layer keeps one at least")
end

-- Mistakes.
local ok, problem = pcall(prune.compact, nn.Linear(2, 2), nil)
assert(not ok and tostring(problem):find("compact(): argument 'example_input' must be a Tensor or a table of the inputs of a call, not NoneType", 1, true), problem)
ok, problem = pcall(prune.compact, nn.Linear(2, 2):half(), torch.ones(1, 2):half())
assert(not ok and tostring(problem):find("compact works on float32 and float64; this model has parameters of float16", 1, true), problem)

-- Masks are applied and gone; what they cut is cut for good, in the order of parameters that new layers have.
do
  local model = LeNet()
  for i, name in ipairs { "conv1", "conv2", "fc1", "fc2" } do
    prune.ln_structured(model[name], { name = "weight", amount = 0.5, n = 2, dim = 0, prune_bias = i > 2 })
  end
  prune.random_unstructured(model.fc3, { name = "weight", amount = 0.25 })
  local x = torch.randn(4, 1, 28, 28)
  local small = compact(model, x, "masks")
  assert(prune.is_pruned(model) and not prune.is_pruned(small))
  assert(small.conv1.out_channels == 3 and small.conv2.out_channels == 8 and small.fc1.out_features == 60 and small.fc2.out_features == 42)
  assert(small.fc3.weight:eq(0):sum():item() > 0)
  local names = {}
  for name in pairs(small:state_dict()) do names[#names + 1] = name end
  assert(table.concat(names, " ") == "conv1.weight conv1.bias conv2.weight conv2.bias fc1.weight fc1.bias fc2.weight fc2.bias fc3.weight fc3.bias")
  assert(small.conv1.weight.is_leaf and small.conv1.weight.requires_grad and rawequal(small.conv1.weight, next({ [small.conv1.weight] = true })))
  local quantized = torch.quantization.quantize_dynamic(small, { nn.Linear }, { dtype = torch.qint8 })
  assert((quantized(x) - small(x)):abs():max():item() < 0.05)
  local deep = nn.LSTM(3, 4, 2)
  local order = {}
  for name in deep:named_parameters() do order[#order + 1] = name end
  prune.l1_unstructured(deep, { name = "weight_ih_l0", amount = 0.5 })
  prune.l1_unstructured(deep, { name = "bias_hh_l1", amount = 0.5 })
  local settled = compact(deep, torch.randn(5, 2, 3), "a pruned LSTM")
  local i = 0
  for name in settled:named_parameters() do
    i = i + 1
    assert(name == order[i], name)
  end
end
