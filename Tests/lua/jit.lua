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

do -- What is no traced module.
  torch.save({a = torch.ones(2)}, "state.pt")
  fails("'state.pt' holds no traced module but a state dict", torch.jit.load, "state.pt")
  fails("The provided filename none.pt does not exist", torch.jit.load, "none.pt")
  local bytes = io.open("traced.pt", "rb"):read("a")
  for _, n in ipairs {0, 10, 1000, #bytes // 2, #bytes - 1} do
    local file <close> = io.open("cut.pt", "wb")
    file:write(bytes:sub(1, n))
    file:close()
    fails("cut.pt", torch.jit.load, "cut.pt")
  end
  fails("NotImplementedError", torch.jit.script, function() end)
end

print "ok"
