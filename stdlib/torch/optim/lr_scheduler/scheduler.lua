--- The base of schedules of learning rates. Mirrors `torch.optim.lr_scheduler.LRScheduler`.
local torch = require "torch"
local make = require "torch.class"
local fail = require "torch.failure"
local warning = require "torch.warning"
local signature = require "torch.signature"
local Optimizer = require "torch.optim.optimizer"

local Scheduler = make("LRScheduler")

local epoch_warning = "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where possible. Please use `scheduler.step()` to step the scheduler. During the deprecation, if epoch is different from None, the closed form is used instead of the new chainable form, where available. Please open an issue if you are unable to replicate your use case: https://github.com/pytorch/pytorch/issues/new/choose."

local function type_name(value)
  local meta = type(value) == "table" and getmetatable(value)
  if meta and rawget(meta, "__name") then return meta.__name end
  if type(value) == "number" then return math.type(value) == "integer" and "int" or "float" end
  return ({string = "str", boolean = "bool", table = "list", ["nil"] = "NoneType"})[type(value)] or type(value)
end

--- Refuses what is no optimizer.
function Scheduler.check_optimizer(optimizer)
  if not torch.isinstance(optimizer, Optimizer) then fail("TypeError", "%s is not an Optimizer", type_name(optimizer)) end
end

--- The values of one option of all groups.
function Scheduler.values(optimizer, key)
  local list = {}
  for i, group in ipairs(optimizer.param_groups) do
    local value = group[key]
    list[i] = torch.is_tensor(value) and value:clone() or value
  end
  return list
end

--- Sets an option of a group; one that is a tensor keeps being that tensor.
function Scheduler.set(group, key, value)
  if torch.is_tensor(group[key]) then
    local number = torch.is_tensor(value) and value:item() or value
    torch.no_grad(function() group[key]:fill_(number) end)
  else
    group[key] = value
  end
end

--- One value for all groups, or a list with one for each.
function Scheduler.spread(name, optimizer, value)
  local count, list = #optimizer.param_groups, {}
  if type(value) == "table" then
    if #value ~= count then
      fail("ValueError", "%s must have the same length as optimizer.param_groups. %s has %d values, param_groups has %d.", name, name, #value, count)
    end
    for i = 1, count do list[i] = value[i] end
  else
    for i = 1, count do list[i] = value end
  end
  return list
end

--- Sets the schedule up and applies it for the first time.
function Scheduler:__init(optimizer, last_epoch)
  last_epoch = last_epoch or -1
  Scheduler.check_optimizer(optimizer)
  self.optimizer = optimizer
  for i, group in ipairs(optimizer.param_groups) do
    if last_epoch == -1 then
      if group.initial_lr == nil then group.initial_lr = torch.is_tensor(group.lr) and group.lr:clone() or group.lr end
    elseif group.initial_lr == nil then
      fail("KeyError", "param 'initial_lr' is not specified in param_groups[%d] when resuming scheduler with last_epoch >= 0.\nThis typically happens when:\n1. You're trying to resume training from a checkpoint but haven't properly loaded the optimizer state\n2. You're using last_epoch >= 0 for a fresh training run (not recommended)", i - 1)
    end
  end
  self.base_lrs = Scheduler.values(optimizer, "initial_lr")
  self.last_epoch = last_epoch
  if not optimizer._watched_step then
    local step = optimizer.step
    local function watched(opt, ...)
      opt._opt_called = true
      return step(opt, ...)
    end
    optimizer.step = watched
    optimizer._watched_step = watched
  end
  self:_initial_step()
end

function Scheduler:_initial_step()
  self._step_count = 0
  self._is_initial = true
  local ok, problem = pcall(self.step, self)
  self._is_initial = false
  if not ok then error(problem, 0) end
end

--- The rates that the last step set.
function Scheduler:get_last_lr() return self._last_lr end

--- The rates of the present epoch; schedules say here what they are.
function Scheduler:get_lr() fail("NotImplementedError", "") end

--- Warns who asks for the rates instead of `get_last_lr`.
function Scheduler:_asked()
  if not self._get_lr_called_within_step then
    warning("UserWarning", "To get the last learning rate computed by the scheduler, please use `get_last_lr()`.")
  end
end

--- Goes on by one epoch. Mirrors `LRScheduler.step`.
function Scheduler:step(epoch)
  if self._step_count == 1 then
    local opt = self.optimizer
    if opt.step ~= opt._watched_step then
      warning("UserWarning", "Seems like `optimizer.step()` has been overridden after learning rate scheduler initialization. Please, make sure to call `optimizer.step()` before `lr_scheduler.step()`. See more details at https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate")
    elseif not opt._opt_called then
      warning("UserWarning", "Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and later, you should call them in the opposite order: `optimizer.step()` before `lr_scheduler.step()`.  Failure to do this will result in PyTorch skipping the first value of the learning rate schedule. See more details at https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate")
    end
  end
  self._step_count = self._step_count + 1
  if epoch ~= nil then warning("UserWarning", epoch_warning) end
  self:_update_lr(epoch)
end

function Scheduler:_update_lr(epoch)
  self._get_lr_called_within_step = true
  local ok, values = pcall(function()
    if epoch == nil then
      self.last_epoch = self.last_epoch + 1
      return self:get_lr()
    end
    self.last_epoch = epoch
    return self._get_closed_form_lr and self:_get_closed_form_lr() or self:get_lr()
  end)
  self._get_lr_called_within_step = false
  if not ok then error(values, 0) end
  for i, group in ipairs(self.optimizer.param_groups) do Scheduler.set(group, "lr", values[i]) end
  self._last_lr = Scheduler.values(self.optimizer, "lr")
end

--- The present rates, each changed by `change`.
function Scheduler:_now(change)
  local list = {}
  for i, group in ipairs(self.optimizer.param_groups) do list[i] = change(group.lr, self.base_lrs[i], i) end
  return list
end

--- The rates as they are.
function Scheduler:_unchanged() return Scheduler.values(self.optimizer, "lr") end

--- The first rates, each changed by `change`.
function Scheduler:_base(change)
  local list = {}
  for i, lr in ipairs(self.base_lrs) do list[i] = change(lr, i) end
  return list
end

local function plain(value)
  local kind = type(value)
  return kind ~= "function" and kind ~= "thread"
end

--- Everything but the optimizer and functions. Mirrors `LRScheduler.state_dict`.
function Scheduler:state_dict()
  local keys, values = {}, {}
  for key, value in pairs(self) do
    if type(key) == "string" and key ~= "optimizer" and key ~= "_schedulers" and key ~= "lr_lambdas" and plain(value) then
      keys[#keys + 1] = key
      values[key] = value
    end
  end
  if self._schedulers then
    keys[#keys + 1] = "_schedulers"
    values._schedulers = {}
    for i, one in ipairs(self._schedulers) do values._schedulers[i] = one:state_dict() end
  end
  table.sort(keys)
  return torch._optim.dict(keys, values)
end

--- Takes over what `state_dict` gave. Mirrors `LRScheduler.load_state_dict`.
function Scheduler:load_state_dict(state)
  for key, value in pairs(state) do
    if key == "_schedulers" then
      for i, one in ipairs(value) do self._schedulers[i]:load_state_dict(one) end
    elseif key ~= "lr_lambdas" then
      self[key] = value
    end
  end
  if self._loaded then self:_loaded() end
end

--- A class of schedules: `options` is the text of Python's signature.
function Scheduler.define(name, options, start)
  local class = make(name, Scheduler, options)
  local arguments = signature(name, options)
  function class.__init(self, ...)
    local given = arguments(...)
    start(self, given)
  end
  return class
end

Scheduler.epoch_warning = epoch_warning

return Scheduler
