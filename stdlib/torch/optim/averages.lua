--- Averages of models over training. Mirrors `torch.optim.swa_utils`.
local torch = require "torch"
local copy = require "copy"
local fail = require "torch.failure"
local pyrepr = require "torch.pyrepr"
local Scheduler = require "torch.optim.lr_scheduler.scheduler"

local swa = {}

local function check_decay(decay)
  decay = decay or 0.999
  if decay < 0 or decay > 1 then
    fail("ValueError", "Invalid decay value %s provided. Please provide a value in [0,1] range.", pyrepr(decay))
  end
  return decay
end

--- `avg_fn` of an exponential moving average.
function swa.get_ema_avg_fn(decay)
  decay = check_decay(decay)
  return function(averaged, current) return averaged * decay + current * (1 - decay) end
end

--- `avg_fn` of an equal average.
function swa.get_swa_avg_fn()
  return function(averaged, current, count) return averaged + (current - averaged) / (count + 1) end
end

--- `multi_avg_fn` of an exponential moving average.
function swa.get_ema_multi_avg_fn(decay)
  local average = swa.get_ema_avg_fn(decay)
  return function(averaged, current, count)
    for i, x in ipairs(averaged) do x:copy_(average(x, current[i], count)) end
  end
end

--- `multi_avg_fn` of an equal average.
function swa.get_swa_multi_avg_fn()
  local average = swa.get_swa_avg_fn()
  return function(averaged, current, count)
    for i, x in ipairs(averaged) do x:copy_(average(x, current[i], count)) end
  end
end

local function tensors(model, buffers)
  local list = {}
  for p in model:parameters() do list[#list + 1] = p end
  if buffers then for b in model:buffers() do list[#list + 1] = b end end
  return list
end

local AveragedModel = torch.class("AveragedModel", torch.nn.Module)

--- A copy of a model that averages what the model becomes. Options: avg_fn, multi_avg_fn, use_buffers.
function AveragedModel:__init(model, options)
  options = options or {}
  if options.avg_fn and options.multi_avg_fn then
    fail("AssertionError", "Only one of avg_fn and multi_avg_fn should be provided")
  end
  self.module = copy.deepcopy(model)
  self:register_buffer("n_averaged", torch.tensor(0))
  self.avg_fn, self.multi_avg_fn, self.use_buffers = options.avg_fn or false, options.multi_avg_fn or false, options.use_buffers or false
end

function AveragedModel:forward(...) return self.module(...) end

--- Takes the model's present parameters into the average.
function AveragedModel:update_parameters(model)
  local _ <close> = torch.no_grad()
  local averaged, current = tensors(self.module, self.use_buffers), tensors(model, self.use_buffers)
  local count = self.n_averaged:item()
  for i, x in ipairs(averaged) do
    averaged[i], current[i] = x:detach(), current[i]:detach()
    if count == 0 then averaged[i]:copy_(current[i]) end
  end
  if count > 0 then
    if self.multi_avg_fn then
      self.multi_avg_fn(averaged, current, count)
    else
      local average = self.avg_fn or swa.get_swa_avg_fn()
      for i, x in ipairs(averaged) do x:copy_(average(x, current[i], count)) end
    end
  end
  if not self.use_buffers then
    local mine, theirs = {}, {}
    for b in self.module:buffers() do mine[#mine + 1] = b end
    for b in model:buffers() do theirs[#theirs + 1] = b end
    for i, b in ipairs(mine) do b:copy_(theirs[i]) end
  end
  self.n_averaged:add_(1)
end

swa.AveragedModel = AveragedModel

--- Lets batch normalization take its statistics anew from the batches of a loader (a tensor each, or a list whose first is).
function swa.update_bn(loader, model)
  local _ <close> = torch.no_grad()
  local momenta, layers = {}, {}
  for module in model:modules() do
    for _, class in ipairs { "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm" } do
      if torch.isinstance(module, torch.nn[class]) then
        module:reset_running_stats()
        layers[#layers + 1], momenta[module] = module, module.momentum or false
      end
    end
  end
  if #layers == 0 then return end
  local was_training = model.training
  model:train()
  for _, module in ipairs(layers) do module.momentum = nil end
  local function run(batch)
    if not torch.is_tensor(batch) then batch = batch[1] end
    model(batch)
  end
  if type(loader) == "table" and not getmetatable(loader) then
    for _, batch in ipairs(loader) do run(batch) end
  else
    local iterate, state, first = loader, nil, nil
    if type(loader) ~= "function" then iterate, state, first = pairs(loader) end
    for a, b in iterate, state, first do run(math.type(a) and b or a) end
  end
  for _, module in ipairs(layers) do module.momentum = momenta[module] or nil end
  model:train(was_training)
end

local function anneal(self, t) return self._anneal_strategy == "cos" and (1 - math.cos(math.pi * t)) / 2 or t end

--- From the present rates to swa_lr, and on with that.
swa.SWALR = Scheduler.define("SWALR", "optimizer, swa_lr, anneal_epochs=10, anneal_strategy='cos', last_epoch=-1", function(self, o)
  Scheduler.check_optimizer(o.optimizer)
  for i, lr in ipairs(Scheduler.spread("swa_lr", o.optimizer, o.swa_lr)) do o.optimizer.param_groups[i].swa_lr = lr end
  if o.anneal_strategy ~= "cos" and o.anneal_strategy ~= "linear" then
    fail("ValueError", "anneal_strategy must be one of 'cos' or 'linear', instead got %s", pyrepr(o.anneal_strategy))
  end
  if math.type(o.anneal_epochs) ~= "integer" or o.anneal_epochs < 0 then
    fail("ValueError", "anneal_epochs must be equal or greater than 0, got %s", pyrepr(o.anneal_epochs))
  end
  self._anneal_strategy, self.anneal_epochs = o.anneal_strategy, o.anneal_epochs
  Scheduler.__init(self, o.optimizer, o.last_epoch)
end)

function swa.SWALR:get_lr()
  self:_asked()
  local step, epochs = self._step_count - 1, math.max(1, self.anneal_epochs)
  if self.anneal_epochs == 0 then step = math.max(1, step) end
  local function share(at) return anneal(self, math.max(0, math.min(1, at / epochs))) end
  local before, now = share(step - 1), share(step)
  local rates = {}
  for i, group in ipairs(self.optimizer.param_groups) do
    local first = before == 1 and group.swa_lr or (group.lr - before * group.swa_lr) / (1 - before)
    rates[i] = group.swa_lr * now + first * (1 - now)
  end
  return rates
end

return swa
