-- Layers, containers, hooks, initial weights and copies from Lua. Expected texts are PyTorch 2.15's.
local torch = require "torch"
local nn = require "torch.nn"
local copy = require "copy"
local rnn = require "torch.nn.utils.rnn"

local function shows(value, text)
  local got = tostring(value)
  assert(got == text, ("wanted:\n%s\ngot:\n%s"):format(text, got))
end
local fails = dofile(arg[0]:match("^(.*/)[^/]*$") .. "support/fails.lua")

-- text: print(nn.ReLU6(True), …)
for text, layer in pairs {
  ["Hardswish()"] = nn.Hardswish(true), ["ReLU6(inplace=True)"] = nn.ReLU6(true), ["PReLU(num_parameters=1)"] = nn.PReLU(),
  ["RReLU(lower=0.125, upper=0.3333333333333333)"] = nn.RReLU(), ["Threshold(threshold=0.1, value=20)"] = nn.Threshold(0.1, 20),
  ["GELU(approximate='none')"] = nn.GELU(), ["Hardshrink(0.5)"] = nn.Hardshrink(), ["Softmin(dim=None)"] = nn.Softmin(),
  ["Embedding(3, 4, padding_idx=1, max_norm=2.0, norm_type=1.0, scale_grad_by_freq=True)"] =
    nn.Embedding(3, 4, {padding_idx = 1, max_norm = 2.0, norm_type = 1.0, scale_grad_by_freq = true}),
  ["EmbeddingBag(3, 4, mode='sum')"] = nn.EmbeddingBag(3, 4, {mode = "sum"}), ["AlphaDropout(p=0.5, inplace=False)"] = nn.AlphaDropout(),
  ["Hardtanh(min_val=-1.0, max_val=1.0)"] = nn.Hardtanh(), ["GRU(3, 4, num_layers=2, bidirectional=True)"] = nn.GRU(3, 4, {num_layers = 2, bidirectional = true}),
  ["RNNCell(3, 4, nonlinearity=relu)"] = nn.RNNCell(3, 4, {nonlinearity = "relu"}), ["GRUCell(2, 3, bias=False)"] = nn.GRUCell(2, 3, {bias = false}),
  ["Bilinear(in1_features=2, in2_features=3, out_features=4, bias=True)"] = nn.Bilinear(2, 3, 4), ["CTCLoss()"] = nn.CTCLoss(),
} do shows(layer, text) end
fails("ValueError: dropout probability has to be between 0 and 1, but got 2", nn.Dropout, 2)
fails("NotImplementedError: Embedding(): sparse gradients are not supported", nn.Embedding, 3, 4, {sparse = true})
assert(nn.Embedding.from_pretrained(torch.ones(2, 3)).weight.requires_grad == false)

-- initial weights: torch.manual_seed(0), then in this order
torch.manual_seed(0)
shows(nn.init.trunc_normal_(torch.empty(2, 3), 0, 1, -2, 2), "tensor([[ 1.5410, -0.2934, -0.7193],\n        [ 0.5684, -1.0845, -1.3986]])")
shows(nn.init.trunc_normal_(torch.empty(2, 3), 0, 1, 1, 1.2), "tensor([[1.0839, 1.1860, 1.1905],\n        [1.0072, 1.0370, 1.0747]])")
shows(nn.init.orthogonal_(torch.empty(2, 3)), "tensor([[ 0.1056,  0.6958, -0.7104],\n        [-0.8464, -0.3121, -0.4315]])")
shows(nn.init.eye_(torch.empty(2, 3)), "tensor([[1., 0., 0.],\n        [0., 1., 0.]])")
shows(nn.init.sparse_(torch.empty(4, 2), 0.5), "tensor([[ 0.0052, -0.0131],\n        [ 0.0019,  0.0054],\n        [ 0.0000,  0.0000],\n        [ 0.0000,  0.0000]])")
fails("ValueError: Only tensors with 2 dimensions are supported", nn.init.eye_, torch.empty(2))

-- torch.nn.utils
local linear = nn.Linear(2, 2)
linear(torch.ones(1, 2)):sum():backward()
shows(nn.utils.clip_grad_norm_(linear:parameters(), 1.0), "tensor(2.4495)")
shows(linear.weight.grad, "tensor([[0.4082, 0.4082],\n        [0.4082, 0.4082]])")
nn.utils.vector_to_parameters(torch.arange(6):float(), linear:parameters())
assert(torch.equal(nn.utils.parameters_to_vector(linear:parameters()), torch.arange(6):float()))

-- containers
local list = nn.ParameterList {torch.ones(2), nn.Parameter(torch.ones(2, 3))}
shows(list, "ParameterList(\n    (0): Parameter containing: [torch.float32 of size 2]\n    (1): Parameter containing: [torch.float32 of size 2x3]\n)")
assert(#list:append(torch.ones(1)) == 3 and list[-1]:size(0) == 1)
fails("IndexError: index 3 is out of range", function() return list[3] end)
local dict = nn.ParameterDict {b = torch.ones(1), a = torch.zeros(2)}
shows(dict, "ParameterDict(\n    (a): Parameter containing: [torch.FloatTensor of size 2]\n    (b): Parameter containing: [torch.FloatTensor of size 1]\n)")
assert(dict:pop("a"):size(0) == 2 and #dict == 1 and not dict:__contains__("a"))
fails("RuntimeError: ParameterList should not be called.", list, torch.ones(1))

-- packed sequences: rnn.pack_sequence([...], enforce_sorted=False)
shows(rnn.pack_sequence({torch.tensor {1.0, 2.0, 3.0}, torch.tensor {4.0, 5.0}}, {enforce_sorted = false}),
  "PackedSequence(data=tensor([1., 4., 2., 5., 3.]), batch_sizes=tensor([2, 2, 1]), sorted_indices=tensor([0, 1]), unsorted_indices=tensor([0, 1]))")
fails("`lengths` array must be sorted in decreasing order", rnn.pack_padded_sequence, torch.ones(3, 2), {1, 3})
for _, class in ipairs {nn.RNN, nn.GRU, nn.LSTM} do
  local layer = class(3, 4, {bidirectional = true})
  local x = torch.randn(5, 2, 3)
  local whole = layer(x)
  local out, lengths = rnn.pad_packed_sequence((layer(rnn.pack_padded_sequence(x, {5, 5}))))
  assert(torch.allclose(out, whole, 1e-5, 1e-6) and lengths[1]:item() == 5)
end

-- gradients on their way through a module
local seen
local watched = nn.Linear(2, 1)
local handle = watched:register_full_backward_hook(function(_, grad_input, grad_output)
  seen = {grad_input[1], grad_output[1]}
  return {grad_input[1] * 2}
end)
local x = torch.ones(1, 2, {requires_grad = true})
watched(x):sum():backward()
assert(torch.equal(x.grad, seen[1] * 2) and torch.equal(seen[2], torch.ones(1, 1)))
handle:remove()

-- classes that derive from built-in layers
local Scaled = torch.class("Scaled", nn.Linear)
function Scaled:__init(...)
  nn.Linear.__init(self, ...)
  self.factor = 3
end
function Scaled:forward(input) return nn.Linear.forward(self, input) * self.factor end
torch.manual_seed(1)
local scaled = Scaled(2, 2)
shows(scaled, "Scaled(in_features=2, out_features=2, bias=True)")
shows(scaled(torch.ones(1, 2)), "tensor([[-1.8404,  1.8566]], grad_fn=<MulBackward0>)")
assert(torch.isinstance(scaled, nn.Linear) and torch.isinstance(scaled, Scaled) and not torch.isinstance(nn.Linear(1, 1), Scaled))
scaled:reset_parameters()
local twin = copy.deepcopy(scaled)
assert(twin.factor == 3 and twin.weight ~= scaled.weight and torch.equal(twin(torch.ones(1, 2)), scaled(torch.ones(1, 2))))
assert(torch.equal(torch.class("Plain", nn.ReLU)()(torch.tensor {-1.0, 2.0}), torch.tensor {0.0, 2.0}))
fails("must call nn.Linear.__init(self, ...)", (function() local Lazy = torch.class("Lazy", nn.Linear); function Lazy:__init() end; return Lazy end)())

-- copies keep what is shared
local shared = {1}
local pair = copy.deepcopy {a = shared, b = shared}
assert(pair.a == pair.b and pair.a ~= shared)
local circle = {}
circle.me = circle
local copied = copy.deepcopy(circle)
assert(copied.me == copied and copied ~= circle)
local tensor = torch.ones(2)
local both = copy.deepcopy {tensor, tensor, scaled}
assert(both[1] == both[2] and both[1] ~= tensor and both[3] ~= scaled)

-- masks of attention: nn.Transformer.generate_square_subsequent_mask(2)
shows(nn.Transformer.generate_square_subsequent_mask(2), "tensor([[0., -inf],\n        [0., 0.]])")
torch.manual_seed(3)
local encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, 0.0, {batch_first = true}), 2):eval()
local _ <close> = torch.no_grad()
local padded = encoder(torch.ones(1, 3, 4), {src_key_padding_mask = torch.tensor {{false, false, true}}})
assert(padded[{0, 2}]:abs():sum():item() == 0)
