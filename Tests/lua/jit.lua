--- torch.jit: a run written down, printed as PyTorch prints it, run again, saved and loaded.
local fails = dofile(arg[0]:match("^(.*/)[^/]*$") .. "support/fails.lua")
local torch = require "torch"
local nn, F = torch.nn, torch.nn.functional

local function without_places(text) return (tostring(text):gsub(" # [^\n]*", "")) end

-- Lines may not begin with what could be a magic.
local function unquoted(text) return (text:gsub("|([^\n]*\n)", "%1")) end

local function same(a, b)
  assert(a.n == b.n, ("%d results, %d expected"):format(a.n, b.n))
  for i = 1, a.n do
    if type(a[i]) == "table" then
      same(table.pack(table.unpack(a[i])), table.pack(table.unpack(b[i])))
    else
      assert(a[i].dtype == b[i].dtype and torch.equal(a[i], b[i]), "result " .. i)
    end
  end
end

--- Whether a module or function, its trace and the trace after a file give the same bits.
local function agree(f, inputs, others, options)
  local traced = torch.jit.trace(f, inputs, options)
  traced:save("traced.pt")
  local loaded = torch.jit.load("traced.pt")
  for _, each in ipairs {inputs, others} do
    local expected = table.pack(f(table.unpack(each)))
    same(table.pack(traced(table.unpack(each))), expected)
    same(table.pack(loaded(table.unpack(each))), expected)
  end
  return traced, loaded
end

torch.manual_seed(0)

do -- A function. torch.jit.trace(lambda: x + y * 2) of PyTorch 2.15 prints these.
  local function f(x, y) return x + y * 2 end
  local traced = agree(f, {torch.randn(2, 3), torch.randn(2, 3)}, {torch.randn(2, 3), torch.randn(2, 3)})
  assert(without_places(traced.graph) == unquoted [[
|graph(%x : Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu),
|      %y : Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu)):
|  %2 : Long(requires_grad=0, device=cpu) = prim::Constant[value={2}]()
|  %3 : Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu) = aten::mul(%y, %2)
|  %4 : int = prim::Constant[value=1]()
|  %5 : Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu) = aten::add(%x, %3, %4)
|  return (%5)
]])
  assert(tostring(traced.graph):find("# [^\n]*jit%.lua:%d+:0"), "the place of a step")
  assert(traced.code == [[
def f(x: Tensor,
    y: Tensor) -> Tensor:
  _0 = torch.add(x, torch.mul(y, CONSTANTS.c0))
  return _0
]])
end

local Sub = torch.class("Sub", nn.Module)
function Sub:__init()
  self.lin = nn.Linear(4, 4)
  self.scale = nn.Parameter(torch.ones(4))
end
function Sub:forward(x, y)
  local z = self.lin(x) * self.scale
  z:add_(y)
  return z, y * 2
end

local Net = torch.class("Net", nn.Module)
function Net:__init()
  self.fc1 = nn.Linear(3, 4)
  self.sub = Sub()
  self.ln = nn.LayerNorm(4)
  self.emb = nn.Embedding(5, 4)
  self.seq = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
  self.lstm = nn.LSTM(4, 4)
end
function Net:forward(x)
  local h = torch.relu(self.fc1(x))
  local a, b = self.sub(h, h)
  local c = self.ln(a) + self.emb(torch.arange(1, 3))
  local d = self.seq(c)[{":", "1:3"}]
  local o, hc = self.lstm(c:unsqueeze(0))
  return d:view(2, -1) + 1, b, self.seq(c)[0], o, hc, torch.softmax(o, -1), torch.cat({a, b}, 1)
end

do -- A module with others below it.
  local model = Net():eval()
  local traced, loaded = agree(model, {torch.randn(2, 3)}, {torch.randn(2, 3)})
  -- As PyTorch prints them of the same module; numbers of values are counted anew here.
  assert(without_places(traced.sub.graph) == unquoted [[
|graph(%self : __torch__.Sub,
|      %h : Float(2, 4, strides=[4, 1], requires_grad=1, device=cpu)):
|  %scale : Tensor = prim::GetAttr[name="scale"](%self)
|  %lin : __torch__.torch.nn.modules.linear.Linear = prim::GetAttr[name="lin"](%self)
|  %4 : Tensor = prim::CallMethod[name="forward"](%lin, %h)
|  %z : Float(2, 4, strides=[4, 1], requires_grad=1, device=cpu) = aten::mul(%4, %scale), scope: __module.sub
|  %6 : int = prim::Constant[value=1](), scope: __module.sub
|  %z.1 : Float(2, 4, strides=[4, 1], requires_grad=1, device=cpu) = aten::add_(%z, %h, %6), scope: __module.sub
|  %8 : Long(requires_grad=0, device=cpu) = prim::Constant[value={2}](), scope: __module.sub
|  %b : Float(2, 4, strides=[4, 1], requires_grad=1, device=cpu) = aten::mul(%h, %8), scope: __module.sub
|  %10 : (Float(2, 4, strides=[4, 1], requires_grad=1, device=cpu), Float(2, 4, strides=[4, 1], requires_grad=1, device=cpu)) = prim::TupleConstruct(%z.1, %b)
|  return (%10)
]])
  assert(traced.sub.code == [[
def forward(self,
    h: Tensor) -> Tuple[Tensor, Tensor]:
  scale = self.scale
  lin = self.lin
  z = torch.mul((lin).forward(h, ), scale)
  z0 = torch.add_(z, h)
  b = torch.mul(h, CONSTANTS.c0)
  return (z0, b)
]])
  assert(traced.fc1.code == "def forward(self,\n    x: Tensor) -> Tensor:\n  bias = self.bias\n  weight = self.weight\n  return torch.linear(x, weight, bias)\n")
  assert(tostring(traced) == [[
Net(
  original_name=Net
  (fc1): Linear(original_name=Linear)
  (sub): Sub(
    original_name=Sub
    (lin): Linear(original_name=Linear)
  )
  (ln): LayerNorm(original_name=LayerNorm)
  (emb): Embedding(original_name=Embedding)
  (seq): Sequential(
    original_name=Sequential
    (0): Linear(original_name=Linear)
    (1): ReLU(original_name=ReLU)
  )
  (lstm): LSTM(original_name=LSTM)
)]])
  assert(tostring(loaded) == tostring(traced))
  local keys, expected = {}, {}
  for key in model:state_dict():keys() do expected[#expected + 1] = key end
  for key in loaded:state_dict():keys() do keys[#keys + 1] = key end
  assert(table.concat(keys, " ") == table.concat(expected, " "))
  -- The parameters are the model's own; gradients flow through the graph.
  local x = torch.randn(2, 3)
  local direct = select(7, model(x)):sum()
  local through = select(7, traced(x)):sum()
  assert(traced.fc1.weight == model.fc1.weight)
  direct:backward()
  local g = model.fc1.weight.grad:clone()
  model:zero_grad()
  through:backward()
  assert(torch.equal(g, traced.fc1.weight.grad))
end

do -- Quantized.
  local model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 4)):eval()
  local quantized = torch.quantization.quantize_dynamic(model, {nn.Linear}, {dtype = torch.qint8})
  local traced = agree(quantized, {torch.randn(3, 8)}, {torch.randn(5, 8)})
  assert(tostring(traced.inlined_graph):find("= quantized::linear_dynamic(%input, %_packed_params.1, %", 1, true))
end

do -- LSTMs with a state, float and quantized; a dictionary in; several results.
  local Model = torch.class("Model", nn.Module)
  function Model:__init()
    self.emb = nn.Embedding(11, 8)
    self.lstm = nn.LSTM(8, 8, 2)
    self.out = nn.Linear(8, 11)
  end
  function Model:forward(x, hidden)
    local output, state = self.lstm(self.emb(x), hidden)
    return self.out(output), state
  end
  local function inputs(steps, batch)
    return {torch.randint(0, 11, {steps, batch}), {torch.randn(2, batch, 8), torch.randn(2, batch, 8)}}
  end
  local model = Model():eval()
  agree(model, inputs(5, 3), inputs(7, 4))
  agree(torch.quantization.quantize_dynamic(model, {nn.LSTM, nn.Linear}, {dtype = torch.qint8}), inputs(5, 3), inputs(2, 1))
  agree(torch.quantization.quantize_dynamic(model, {[nn.Embedding] = torch.quantization.float_qparams_weight_only_qconfig}), inputs(5, 3), inputs(2, 1))
  agree(function(d) return d.a + d.b, d.a end, {{a = torch.ones(2), b = torch.randn(2)}}, {{a = torch.randn(2), b = torch.randn(2)}})
  local dict = torch.jit.trace(function(x) return {sum = x + 1, twice = x * 2} end, torch.ones(2), {strict = false})
  assert(torch.equal(dict(torch.ones(2)).twice, torch.full({2}, 2.0)))
  local packed = function(x) local p = nn.utils.rnn.pack_padded_sequence(x, torch.tensor {3, 2}); return p.data * 2, (nn.utils.rnn.pad_packed_sequence(p)) end
  require("warnings").filterwarnings("ignore")
  agree(packed, {torch.randn(3, 2, 4)}, {torch.randn(3, 2, 4)})
  require("warnings").filterwarnings("default")
end

do -- Views and what changes in place.
  agree(function(x)
    local y = x * 1
    local row = y[0]
    row:mul_(2)
    y[{":", "1:3"}] = -1
    y[y:gt(2)] = 0
    y["::2"]:add_(x[{"::2", "None", 0}])
    local a, b = y:chunk(2, 1)[1], y:t()
    return y, a, b, -y, y[{torch.tensor {0, 1}, torch.tensor {1, 0}}], y.T, (y:max(1))
  end, {torch.randn(4, 4)}, {torch.randn(4, 4)})
end

do -- Sizes that a program reads off its inputs are those of each input.
  local Attention = torch.class("Attention", nn.Module)
  function Attention:__init()
    self.q = nn.Linear(8, 8)
    self:register_buffer("places", torch.arange(32):expand {1, -1})
  end
  function Attention:forward(x, mask)
    local batch, length = x:size(0), x:size(1)
    local q = self.q(x):view(batch, length, 2, 4):transpose(1, 2)
    local scores = torch.softmax(q:matmul(q:transpose(2, 3)) + mask:view(batch, 1, 1, length), -1)
    return scores:matmul(q):transpose(1, 2):reshape(batch, length, -1), self.places[{":", "0:" .. length}], x:reshape(batch * length, 8)
  end
  local function inputs(batch, length) return {torch.randn(batch, length, 8), torch.zeros(batch, length)} end
  local model = Attention():eval()
  local traced = agree(model, inputs(2, 5), inputs(3, 7))
  for _, sizes in ipairs {{1, 1}, {4, 32}} do
    local given = inputs(table.unpack(sizes))
    same(table.pack(traced(table.unpack(given))), table.pack(model(table.unpack(given))))
  end
  assert(traced.code:find("= torch.size(x, 1)\n", 1, true))
  -- Where they decide what is done, other sizes are refused.
  local loop = torch.jit.trace(function(x)
    local sum = torch.zeros(x:size(1))
    for i = 0, x:size(0) - 1 do sum = sum + x[i] end
    return sum
  end, torch.randn(4, 3))
  assert(loop(torch.ones(4, 5))[0]:item() == 4)
  fails("that was 4 when it was traced and is 6 now", loop, torch.ones(6, 3))
end

do -- Modes and random numbers: what was traced in training drops, whatever the mode is now.
  local model = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5), nn.BatchNorm1d(4))
  local traced = torch.jit.trace(model, torch.randn(6, 4), {check_trace = false})
  traced:eval()
  assert(not traced.training and model.training)
  local x = torch.randn(6, 4)
  torch.manual_seed(1)
  local a = model(x)
  torch.manual_seed(1)
  assert(torch.equal(traced(x), a))
  assert(traced["2"].num_batches_tracked:item() == 3)
end

do -- Pruned weights and hooks written in Lua.
  local prune = require "torch.nn.utils.prune"
  local model = nn.Sequential(nn.Linear(4, 4), nn.Tanh()):eval()
  prune.l1_unstructured(model[0], "weight", {amount = 0.5})
  model[1]:register_forward_hook(function(_, _, y) return y * 2 end)
  agree(model, {torch.randn(2, 4)}, {torch.randn(3, 4)})
end

do -- BERT, float and quantized.
  local transformers = require "transformers"
  local model = transformers.BertForSequenceClassification.from_pretrained(arg[0]:match("^(.*/)[^/]*$") .. "bert/model")
  local function inputs(batch, length)
    local mask = torch.ones({batch, length}, {dtype = torch.int64})
    mask[{0, "2:"}] = 0
    return torch.randint(0, model.config.vocab_size, {batch, length}), mask, torch.zeros({batch, length}, {dtype = torch.int64})
  end
  for _, each in ipairs {model, torch.quantization.quantize_dynamic(model, {nn.Linear}, {dtype = torch.qint8})} do
    local function logits(...) return each(...).logits end
    local traced = torch.jit.trace(each, {inputs(2, 8)}, {strict = false})
    torch.jit.save(traced, "bert.pt")
    local loaded = torch.jit.load("bert.pt")
    for _, sizes in ipairs {{2, 8}, {3, 5}, {1, 12}} do
      local ids, mask, types = inputs(table.unpack(sizes))
      assert(torch.equal(loaded(ids, mask, types).logits, logits(ids, mask, types)))
      assert(torch.equal(traced(ids, mask, types).logits, logits(ids, mask, types)))
    end
  end
end

do -- What a trace cannot follow; the sentences are PyTorch's.
  fails("Graphs differed across invocations!", torch.jit.trace, function(x)
    if x:sum():item() > 0 then return x * 2 end
    return x + 1
  end, torch.ones(2), {check_inputs = {{-torch.ones(2)}}})
  local count = 0
  fails("TracingCheckError: Tracing failed sanity checks!", torch.jit.trace, function(x)
    count = count + 1
    return x * count
  end, torch.ones(2))
  fails("Encountering a dict at the output of the tracer", torch.jit.trace, function(x) return {a = x} end, torch.ones(2))
  fails("Only tensors, lists, tuples of tensors, or dictionary of tensors can be output", torch.jit.trace, function() return 3 end, torch.ones(2))
  local weight = torch.ones(2, {requires_grad = true})
  fails("Cannot insert a Tensor that requires grad as a constant.", torch.jit.trace, function(x) return x * weight end, torch.ones(2))
  local add = torch.jit.trace(function(x, y) return x + y end, {torch.ones(2), torch.ones(2)})
  fails("f() is missing value for argument 'y'. Declaration: f(Tensor x, Tensor y) -> Tensor", add, torch.ones(2))
  fails("f() expected at most 2 argument(s) but received 3 argument(s).", add, torch.ones(2), torch.ones(2), torch.ones(2))
  fails("f() Expected a value of type 'Tensor' for argument 'y' but instead found type 'int'.", add, torch.ones(2), 3)
  assert(torch.equal(add {y = torch.ones(2), x = torch.ones(2)}, torch.full({2}, 2.0)))
  fails("ScriptModules cannot be saved using torch.save.", torch.save, add, "x.pt")
  fails("NotImplementedError", torch.jit.script, function() end)
  local tracing
  torch.jit.trace(function(x) tracing = tracing or torch.jit.is_tracing(); return x + 1 end, torch.ones(1))
  assert(tracing and not torch.jit.is_tracing())
end

do -- What is no traced module.
  torch.save({a = torch.ones(2)}, "state.pt")
  fails("'state.pt' holds no traced module but a state dict", torch.jit.load, "state.pt")
  fails("The provided filename none.pt does not exist", torch.jit.load, "none.pt")
  local bytes = io.open("bert.pt", "rb"):read("a")
  local function write(name, text)
    local file <close> = assert(io.open(name, "wb"))
    file:write(text)
  end
  for _, n in ipairs {0, 10, 1000, #bytes // 2, #bytes - 1} do
    write("cut.pt", bytes:sub(1, n))
    fails("'cut.pt' holds no traced module: PytorchStreamReader failed reading zip archive", torch.jit.load, "cut.pt")
  end
  write("other.pt", ("not a file of ours "):rep(100))
  fails("'other.pt' holds no traced module: PytorchStreamReader failed reading zip archive", torch.jit.load, "other.pt")
  -- Files made by hand: whatever they say is checked.
  local function file(changes)
    local fields = {
      format = "qrepl traced module", version = 1, operations = {"torch: neg(Tensor self) -> Tensor"}, inputs = {{"s", 0}}, names = {"x"},
      steps = {{{"op", 0}, {{"s", 0}}, {"s", 1}, "here:1", 0, false, false}}, output = {"s", 1}, slot_names = {}, scopes = {{nil, ""}}, layers = {},
      module = {name = "f", class = "__main__", ["function"] = true, training = false, parameters = {}, buffers = {}, transient = {}, attributes = {}, modules = {}},
    }
    for key, value in pairs(changes) do fields[key] = value end
    torch.save(fields, "made.pt")
    return torch.jit.load("made.pt")
  end
  assert(torch.equal(file({})(torch.ones(2)), -torch.ones(2)))
  local function step(changes)
    local row = {{"op", 0}, {{"s", 0}}, {"s", 1}, "here:1", 0, false, false}
    for i, value in pairs(changes) do row[i] = value end
    return {steps = {row}}
  end
  for _, case in ipairs {
    {{version = 2}, "'made.pt' was written by another version"}, {{scopes = {{0, ""}}}, "a scope of its graph is malformed"},
    {{operations = {"torch: save(any obj, str f) -> ()"}}, "this program has no operation 'torch: save(any obj, str f) -> ()'"},
    {{operations = {"torch: neg(Tensor self, int n) -> Tensor"}}, "this program has no operation"},
    {step {[1] = {"op", 7}}, "a step of its graph is malformed"}, {step {[1] = {"layer", 0}}, "a step of its graph is malformed"},
    {step {[2] = {}}, "a call of 'neg' of its graph is malformed"}, {step {[2] = {{"s", 5}}}, "value 5 of its graph is used before it is made"},
    {step {[3] = {"s", 0}}, "value 0 of its graph is made twice"}, {{steps = step {[3] = {"s", 1 << 40}}.steps, output = {"s", 1 << 40}}, "value 1099511627776 of its graph is out of range"},
    {step {[2] = {{"a", "weight"}}}, "its module has no tensor 'weight'"}, {step {[5] = 3}, "a step of its graph is malformed"},
    {{output = {"s", 9}}, "value 9 of its graph is used before it is made"}, {{output = {"q"}}, "an argument of its graph is malformed"},
    {{module = {}}, "a module in it is malformed"}, {{layers = {{"a", 1}}}, "a layer of its graph is malformed"},
  } do fails(case[2], file, case[1]) end
end

print "ok"
