-- Hooks on modules: their order, their keywords, those on all modules, and those that see a state dict.
local nn = torch.nn
local all = nn.modules.module
local log = {}
local function note(name) return function() log[#log + 1] = name end end
local function taken()
  local text = table.concat(log, " ")
  log = {}
  return text
end

-- Hooks on all modules come first, those with prepend before the others.
local m = nn.Linear(1, 1)
local handles = {
  all.register_module_forward_pre_hook(note "gpre"), all.register_module_forward_hook(note "gfwd"),
  all.register_module_full_backward_hook(note "gbwd"), all.register_module_full_backward_pre_hook(note "gbpre"),
}
m:register_forward_pre_hook(note "pre1")
m:register_forward_pre_hook(note "pre0", { prepend = true })
m:register_forward_hook(note "fwd1")
m:register_forward_hook(note "fwd0", { prepend = true })
m:register_full_backward_hook(note "bwd1")
m:register_full_backward_hook(note "bwd0", { prepend = true })
m:register_full_backward_pre_hook(note "bpre1")
m:register_full_backward_pre_hook(note "bpre0", { prepend = true })
m(torch.ones(1, 1, { requires_grad = true })):sum():backward()
-- PyTorch: ['gpre', 'pre0', 'pre1', 'gfwd', 'fwd0', 'fwd1', 'gbpre', 'bpre0', 'bpre1', 'gbwd', 'bwd0', 'bwd1']
assert(taken() == "gpre pre0 pre1 gfwd fwd0 fwd1 gbpre bpre0 bpre1 gbwd bwd0 bwd1")
for _, handle in ipairs(handles) do handle:remove() end
nn.ReLU()(torch.ones(1))
assert(taken() == "")

-- with_kwargs and always_call
local Scaled = torch.class("Scaled", nn.Module)
function Scaled:forward(x, options)
  if options and options.fail then error("no", 0) end
  return x * (options and options.scale or 1)
end
local n = Scaled()
n:register_forward_pre_hook(function(_, args, keywords)
  note(("%d args, scale %s"):format(#args, keywords.scale))()
  keywords.scale = 3
  return args, keywords
end, { with_kwargs = true })
n:register_forward_hook(function(_, _, keywords, output) note(("scale %s gives %s"):format(keywords.scale, output and output:item()))() end, { with_kwargs = true, always_call = true })
-- PyTorch: n(torch.tensor(2.)) gives 6., with scale=2 as well
assert(n(torch.tensor(2.0)):item() == 6 and n(torch.tensor(2.0), { scale = 2 }):item() == 6)
assert(taken() == "1 args, scale nil scale 3 gives 6.0 1 args, scale 2 scale 3 gives 6.0")
local ok, problem = pcall(n, torch.tensor(1.0), { fail = true })
assert(not ok and tostring(problem):find("no", 1, true))
assert(taken() == "1 args, scale nil scale 3 gives nil")
ok, problem = pcall(m.register_forward_hook, m, note "x", { foo = true })
assert(not ok and tostring(problem):find("Module.register_forward_hook() got an unexpected keyword argument 'foo'", 1, true), problem)
-- A built-in layer's keywords have found their places; new ones find theirs.
local linear = nn.Linear(2, 2)
linear:register_forward_pre_hook(function(_, args, keywords)
  assert(#args == 1 and next(keywords) == nil)
  return {}, { input = args[1] * 0 }
end, { with_kwargs = true })
assert(torch.equal(linear({ input = torch.ones(1, 2) }), linear.bias:unsqueeze(0)))

-- What is registered
handles = {
  all.register_module_parameter_registration_hook(function(_, name) note(name)() end),
  all.register_module_module_registration_hook(function(_, name) note(name)() end),
  all.register_module_buffer_registration_hook(function(_, _, b) return b and b + 1 end),
}
local q = Scaled()
q.w = nn.Parameter(torch.ones(1))
q.s = Scaled()
q:register_parameter("v", nil)
q:add_module("t", Scaled())
q:register_buffer("b", torch.zeros(1))
-- PyTorch: ['w', 's', 't']
assert(taken() == "w s t" and q.b:item() == 1)
for _, handle in ipairs(handles) do handle:remove() end

-- A hook before loading changes what is loaded, not what the caller has.
local loaded = nn.Linear(2, 2)
loaded:register_load_state_dict_pre_hook(function(module, state, prefix, metadata, strict, missing)
  assert(module == loaded and prefix == "" and strict == true and metadata.version == nil)
  state.weight, state.w = state.w, nil
  table.insert(missing, "zz")
end)
local state = { w = torch.ones(2, 2), bias = torch.zeros(2) }
-- PyTorch: _IncompatibleKeys(missing_keys=['zz'], unexpected_keys=[])
assert(tostring(loaded:load_state_dict(state, { strict = false })) == "_IncompatibleKeys(missing_keys=['zz'], unexpected_keys=[])")
assert(state.w and not state.weight and loaded.weight:sum():item() == 4)
ok, problem = pcall(loaded.load_state_dict, loaded, state)
assert(not ok and tostring(problem):find('Missing key(s) in state_dict: "zz".', 1, true))
loaded:register_load_state_dict_post_hook(function(_, keys) table.remove(keys.missing_keys) end)
-- PyTorch: <All keys matched successfully>
assert(tostring(loaded:load_state_dict(state)) == "<All keys matched successfully>")
-- A submodule's hook sees what is below it.
local outer = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
outer[0]:register_load_state_dict_pre_hook(function(_, given, prefix)
  assert(prefix == "0." and #given == 2)
  given["0.weight"] = torch.full({ 1, 1 }, 5.0)
end)
outer:load_state_dict(outer:state_dict())
assert(outer[0].weight:item() == 5)

-- Functions in place, as torch has them
local x = torch.tensor { -1.0, 4.0 }
assert(torch.abs_(x) == x and x[0]:item() == 1)
assert(torch.clamp_(x, 0, 2) == x and x[1]:item() == 2 and torch.fill_(x, 7)[0]:item() == 7 and torch.zero_(x)[1]:item() == 0)
