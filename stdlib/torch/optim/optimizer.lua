--- The base of optimizers. Mirrors `torch.optim.Optimizer`.
local torch = require "torch"
local make = require "torch.class"
local fail = require "torch.failure"
local warning = require "torch.warning"
local pyrepr = require "torch.pyrepr"
local signature = require "torch.signature"

local is_tensor = torch.is_tensor

local Optimizer = make("Optimizer")

local function type_name(value)
  local kind = type(value)
  if kind == "number" then return math.type(value) == "integer" and "int" or "float" end
  return ({string = "str", boolean = "bool", table = "dict", ["nil"] = "NoneType"})[kind] or kind
end

-- What an iterator or a table of parameters holds; names where there are any.
local function listed(params)
  local list, names = {}, {}
  local function add(one, other)
    if type(one) == "string" and other ~= nil then
      names[#names + 1] = one
      list[#list + 1] = other
    elseif type(one) == "table" and not getmetatable(one) and type(one[1]) == "string" and #one == 2 then
      names[#names + 1] = one[1]
      list[#list + 1] = one[2]
    else
      list[#list + 1] = one
    end
  end
  if type(params) == "table" and not getmetatable(params) then
    for _, one in ipairs(params) do add(one) end
  elseif type(params) == "function" or type(params) == "userdata" then
    local call = type(params) == "function" or (getmetatable(params) or {}).__call
    if not call then fail("TypeError", "'%s' object is not iterable", type(params)) end
    while true do
      local one, other = params()
      if one == nil then break end
      add(one, other)
    end
  else
    fail("TypeError", "'%s' object is not iterable", type_name(params))
  end
  return list, names
end

--- Sets up the groups of parameters. `defaults` holds the options, `names` their names where some are nil.
function Optimizer:__init(params, defaults, names)
  self.defaults = defaults
  self._names = names or {}
  if not names then for name in pairs(defaults) do self._names[#self._names + 1] = name end end
  self._hooks = {step_pre = {}, step_post = {}, state_dict_pre = {}, state_dict_post = {}, load_pre = {}, load_post = {}}
  if is_tensor(params) then
    fail("TypeError", "params argument given to the optimizer should be an iterable of Tensors or dicts, but got torch.FloatTensor")
  end
  self.state = {}
  self.param_groups = {}
  local list, param_names = listed(params)
  if #list == 0 then fail("ValueError", "optimizer got an empty parameter list") end
  if type(list[1]) == "table" and not getmetatable(list[1]) then
    for _, group in ipairs(list) do self:add_param_group(group) end
  else
    local group = {params = {}}
    for i, one in ipairs(list) do group.params[i] = #param_names == #list and {param_names[i], one} or one end
    self:add_param_group(group)
  end
end

--- Adds a group of parameters with options of its own. Mirrors `Optimizer.add_param_group`.
function Optimizer:add_param_group(group)
  if type(group) ~= "table" then fail("TypeError", "param_group must be a dict, but got <class '%s'>", type_name(group)) end
  local params = group.params
  local list, names = listed(is_tensor(params) and {params} or params)
  if #names > 0 then
    if #names ~= #list then fail("ValueError", "all optimizer params should be with/without names. Some param names are missing") end
    group.param_names = names
  end
  local seen, twice = {}, false
  for _, p in ipairs(list) do
    if not is_tensor(p) then
      fail("TypeError", "optimizer can only optimize Tensors, but one of the params is %s", type_name(p))
    end
    if not self.defaults.differentiable and not (p.is_leaf or p.retains_grad) then
      fail("ValueError", "can't optimize a non-leaf Tensor")
    end
    twice = twice or seen[p]
    seen[p] = true
  end
  for _, name in ipairs(self._names) do
    if group[name] == nil then group[name] = self.defaults[name] end
  end
  group.params = list
  if twice then
    warning("UserWarning", "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; see github.com/pytorch/pytorch/issues/40967 for more information")
  end
  for _, other in ipairs(self.param_groups) do
    if (group.param_names == nil) ~= (other.param_names == nil) then
      fail("ValueError", "all optimizer param groups should be with/without names. cannot add param group %s to the optimizer", group.param_names and "with names" or "without names")
    end
    for _, p in ipairs(other.params) do
      if seen[p] then fail("ValueError", "some parameters appear in more than one parameter group") end
    end
  end
  self.param_groups[#self.param_groups + 1] = group
end

function Optimizer:__tostring()
  local lines = {getmetatable(self).__name .. " ("}
  for i, group in ipairs(self.param_groups) do
    local keys, seen = {}, {params = true}
    for _, name in ipairs(self._names) do
      if not seen[name] then keys[#keys + 1] = name end
      seen[name] = true
    end
    for name in pairs(group) do if not seen[name] then keys[#keys + 1] = name end end
    table.sort(keys)
    lines[#lines + 1] = ("Parameter Group %d"):format(i - 1)
    for _, key in ipairs(keys) do
      local value = group[key]
      if key == "param_names" then value = setmetatable({}, nil); for k, v in ipairs(group[key]) do value[k] = v end; value.list = true end
      lines[#lines + 1] = ("    %s: %s"):format(key, pyrepr(value))
    end
  end
  -- PyTorch puts an empty line before each group but the first.
  local text = lines[1] .. "\n"
  for i = 2, #lines do
    if lines[i]:sub(1, 15) == "Parameter Group" and i > 2 then text = text .. "\n" end
    text = text .. lines[i] .. "\n"
  end
  return text .. ")"
end

--- Forgets the gradients of all parameters, or sets them to zero. Mirrors `Optimizer.zero_grad`.
function Optimizer:zero_grad(set_to_none)
  if type(set_to_none) == "table" then set_to_none = set_to_none.set_to_none end
  for _, group in ipairs(self.param_groups) do
    for _, p in ipairs(group.params) do
      local g = p.grad
      if g ~= nil then
        if set_to_none == false then
          if g.grad_fn then g:detach_() else g:requires_grad_(false) end
          g:zero_()
        else
          p.grad = nil
        end
      end
    end
  end
end

local function hooked(self, kind, hook)
  local list = self._hooks[kind]
  local entry = {hook = hook}
  list[#list + 1] = entry
  return {remove = function()
    for i, one in ipairs(list) do if one == entry then table.remove(list, i) return end end
  end}
end

local function run(self, kind, ...)
  local result
  for _, entry in ipairs(self._hooks[kind]) do
    local given = entry.hook(self, ...)
    if given ~= nil then result = given end
  end
  return result
end

--- Calls `hook(optimizer, arguments)` before each step. Mirrors `Optimizer.register_step_pre_hook`.
function Optimizer:register_step_pre_hook(hook) return hooked(self, "step_pre", hook) end
--- Calls `hook(optimizer, arguments)` after each step. Mirrors `Optimizer.register_step_post_hook`.
function Optimizer:register_step_post_hook(hook) return hooked(self, "step_post", hook) end
--- Calls `hook(optimizer)` before a state dict is made.
function Optimizer:register_state_dict_pre_hook(hook) return hooked(self, "state_dict_pre", hook) end
--- Calls `hook(optimizer, state_dict)` after a state dict was made.
function Optimizer:register_state_dict_post_hook(hook) return hooked(self, "state_dict_post", hook) end
--- Calls `hook(optimizer, state_dict)` before a state dict is loaded.
function Optimizer:register_load_state_dict_pre_hook(hook) return hooked(self, "load_pre", hook) end
--- Calls `hook(optimizer)` after a state dict was loaded.
function Optimizer:register_load_state_dict_post_hook(hook) return hooked(self, "load_post", hook) end

--- Changes the parameters once; `closure`, where given, computes the loss and its gradients first. Mirrors `Optimizer.step`.
function Optimizer:step(closure)
  local loss
  if type(closure) == "table" and not getmetatable(closure) then closure = closure.closure end
  local _ <close> = torch.no_grad()
  run(self, "step_pre", {closure})
  if closure then loss = torch.enable_grad(closure) end
  for _, group in ipairs(self.param_groups) do
    local update = self._update
    if not update then fail("NotImplementedError", "") end
    for _, p in ipairs(group.params) do
      local g = p.grad
      if g ~= nil then
        local state = self.state[p]
        if not state then
          state = {}
          self.state[p] = state
        end
        update(self, p, g, state, group)
      end
    end
  end
  run(self, "step_post", {closure})
  self._steps = (self._steps or 0) + 1
  return loss
end

local function sorted_keys(values)
  local keys = {}
  for key in pairs(values) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end

--- Options and state by numbers of parameters, as PyTorch saves them. Mirrors `Optimizer.state_dict`.
function Optimizer:state_dict()
  run(self, "state_dict_pre")
  local numbers, count, groups = {}, 0, {}
  for i, group in ipairs(self.param_groups) do
    local packed, keys, seen = {params = {}}, {}, {params = true}
    for _, name in ipairs(self._names) do
      keys[#keys + 1] = name
      seen[name] = true
    end
    for _, name in ipairs(sorted_keys(group)) do if not seen[name] then keys[#keys + 1] = name end end
    for _, name in ipairs(keys) do packed[name] = group[name] end
    keys[#keys + 1] = "params"
    for k, p in ipairs(group.params) do
      numbers[p] = numbers[p] or count + k - 1
      packed.params[k] = numbers[p]
    end
    count = count + #group.params
    groups[i] = torch._optim.dict(keys, packed)
  end
  local order, states = {}, {}
  for p, state in pairs(self.state) do
    local number = numbers[p]
    if number then
      order[#order + 1] = number
      states[number] = torch._optim.dict(self._state_order and self._state_order(state) or sorted_keys(state), state)
    end
  end
  table.sort(order)
  local result = torch._optim.dict({"state", "param_groups"}, {state = torch._optim.dict(order, states), param_groups = groups})
  return run(self, "state_dict_post", result) or result
end

local function copied(value)
  if is_tensor(value) then return value:clone() end
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, one in pairs(value) do copy[key] = copied(one) end
  return copy
end

local function cast(p, key, value)
  if is_tensor(value) then
    if key == "step" or not p:is_floating_point() then return value:clone() end
    return value:to(p.dtype):clone()
  end
  if type(value) == "table" then
    local copy = {}
    for k, one in pairs(value) do copy[k] = cast(p, k, one) end
    return copy
  end
  return value
end

--- Takes over options and state that `state_dict` of this or of PyTorch's optimizer gave. Mirrors `Optimizer.load_state_dict`.
function Optimizer:load_state_dict(state_dict)
  run(self, "load_pre", state_dict)
  local saved = state_dict.param_groups
  if #saved ~= #self.param_groups then fail("ValueError", "loaded state dict has a different number of parameter groups") end
  local by_number = {}
  for i, group in ipairs(self.param_groups) do
    if #saved[i].params ~= #group.params then
      fail("ValueError", "loaded state dict contains a parameter group that doesn't match the size of optimizer's group")
    end
    for k, p in ipairs(group.params) do by_number[saved[i].params[k]] = p end
  end
  local state = {}
  for number, one in pairs(state_dict.state) do
    local p = by_number[number]
    if p then
      local own = {}
      for key, value in pairs(one) do own[key] = cast(p, key, value) end
      state[p] = own
    end
  end
  for i, group in ipairs(self.param_groups) do
    local params, names = group.params, group.param_names
    for key in pairs(group) do group[key] = nil end
    for key, value in pairs(saved[i]) do group[key] = copied(value) end
    for _, name in ipairs(self._names) do
      if group[name] == nil and name ~= "lr" then group[name] = self.defaults[name] end
    end
    group.params = params
    group.param_names = group.param_names or names
  end
  self.state = state
  run(self, "load_post")
end

--- A class of optimizers: `options` is the text of Python's signature after `params`.
function Optimizer.define(name, options, check)
  options = "params, " .. options
  local class = make(name, Optimizer, options)
  local arguments = signature(name, options)
  function class.__init(self, ...)
    local given, names = arguments(...)
    local params = given.params
    given.params = nil
    local kept = {}
    for _, one in ipairs(names) do if one ~= "params" then kept[#kept + 1] = one end end
    if check then kept = check(given, kept) or kept end
    if given.fused then
      if given.differentiable then fail("RuntimeError", "`fused` does not support `differentiable`") end
      if given.foreach then fail("RuntimeError", "`fused` and `foreach` cannot be `True` together.") end
    end
    Optimizer.__init(self, params, given, kept)
    if class._start then class._start(self) end
  end
  return class
end

--- The value of an option that may be a tensor of one element.
function Optimizer.number(value) return is_tensor(value) and value:item() or value end

--- Refuses what PyTorch refuses: `require_at_least(options, "lr", "Invalid learning rate")`.
function Optimizer.require_at_least_zero(options, key, sentence)
  local value = options[key]
  if is_tensor(value) then
    if value:numel() ~= 1 then fail("ValueError", "Tensor lr must be 1-element") end
    value = value:item()
  end
  if not (value >= 0) then fail("ValueError", "%s: %s", sentence, pyrepr(value)) end
end

--- Refuses betas outside of [0, 1).
function Optimizer.check_betas(options)
  for i = 1, 2 do
    local beta = Optimizer.number(options.betas[i])
    if not (beta >= 0 and beta < 1) then
      fail("ValueError", "Invalid beta parameter at index %d: %s", i - 1, pyrepr(beta))
    end
  end
end

return Optimizer
