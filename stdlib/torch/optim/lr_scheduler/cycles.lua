--- Schedules that go up and down, momentum against them.
local fail = require "torch.failure"
local pyrepr = require "torch.pyrepr"
local Scheduler = require "torch.optim.lr_scheduler.scheduler"

local cycles = {}

local function has_momentum(optimizer) return optimizer.defaults.momentum ~= nil or optimizer.defaults.betas ~= nil end

local function set_momentum(group, value, uses_beta1)
  if uses_beta1 then group.betas = {value, group.betas[2]} else group.momentum = value end
end

local function prepare_momentum(self, o)
  local optimizer = o.optimizer
  if not has_momentum(optimizer) then
    fail("ValueError", "optimizer must support momentum or beta1 with `cycle_momentum` option enabled")
  end
  self.use_beta1 = optimizer.defaults.betas ~= nil
  local most = Scheduler.spread("max_momentum", optimizer, o.max_momentum)
  local least = Scheduler.spread("base_momentum", optimizer, o.base_momentum)
  if o.last_epoch == -1 then
    for i, group in ipairs(optimizer.param_groups) do
      set_momentum(group, most[i], self.use_beta1)
      group.max_momentum, group.base_momentum = most[i], least[i]
    end
  end
  return least, most
end

--- Between base_lr and max_lr in triangles.
cycles.CyclicLR = Scheduler.define("CyclicLR", "optimizer, base_lr, max_lr, step_size_up=2000, step_size_down=None, mode='triangular', gamma=1.0, scale_fn=None, scale_mode='cycle', cycle_momentum=True, base_momentum=0.8, max_momentum=0.9, last_epoch=-1", function(self, o)
  Scheduler.check_optimizer(o.optimizer)
  self.optimizer = o.optimizer
  local base = Scheduler.spread("base_lr", o.optimizer, o.base_lr)
  if o.last_epoch == -1 then
    for i, group in ipairs(o.optimizer.param_groups) do Scheduler.set(group, "lr", base[i]) end
  end
  self.max_lrs = Scheduler.spread("max_lr", o.optimizer, o.max_lr)
  local up = o.step_size_up + 0.0
  local down = o.step_size_down and o.step_size_down + 0.0 or up
  self.total_size = up + down
  self.step_ratio = up / self.total_size
  if o.mode ~= "triangular" and o.mode ~= "triangular2" and o.mode ~= "exp_range" and not o.scale_fn then
    fail("ValueError", "mode is invalid and scale_fn is None")
  end
  self.mode, self.gamma, self._scale_fn_custom, self.scale_mode = o.mode, o.gamma, o.scale_fn, o.scale_mode
  if not o.scale_fn then self.scale_mode = o.mode == "exp_range" and "iterations" or "cycle" end
  self.cycle_momentum = o.cycle_momentum
  if o.cycle_momentum then self.base_momentums, self.max_momentums = prepare_momentum(self, o) end
  Scheduler.__init(self, o.optimizer, o.last_epoch)
  self.base_lrs = base
end)
local CyclicLR = cycles.CyclicLR

function CyclicLR:scale_fn(x)
  if self._scale_fn_custom then return self._scale_fn_custom(x) end
  if self.mode == "triangular" then return 1.0 end
  if self.mode == "triangular2" then return 1 / 2.0 ^ (x - 1) end
  return self.gamma ^ x
end

function CyclicLR:get_lr()
  self:_asked()
  local cycle = math.floor(1 + self.last_epoch / self.total_size)
  local x = 1.0 + self.last_epoch / self.total_size - cycle
  local height = x <= self.step_ratio and x / self.step_ratio or (x - 1) / (self.step_ratio - 1)
  local scale = self:scale_fn(self.scale_mode == "cycle" and cycle or self.last_epoch)
  local rates = self:_base(function(lr, i) return lr + (self.max_lrs[i] - lr) * height * scale end)
  if self.cycle_momentum then
    for i, group in ipairs(self.optimizer.param_groups) do
      local most = self.max_momentums[i]
      set_momentum(group, most - (most - self.base_momentums[i]) * height * scale, self.use_beta1)
    end
  end
  return rates
end

local function annealed(strategy, from, to, share)
  if strategy == "cos" then return to + (from - to) / 2.0 * (math.cos(math.pi * share) + 1) end
  return (to - from) * share + from
end

--- Up to max_lr and far down, once.
cycles.OneCycleLR = Scheduler.define("OneCycleLR", "optimizer, max_lr, total_steps=None, epochs=None, steps_per_epoch=None, pct_start=0.3, anneal_strategy='cos', cycle_momentum=True, base_momentum=0.85, max_momentum=0.95, div_factor=25.0, final_div_factor=10000.0, three_phase=False, last_epoch=-1", function(self, o)
  Scheduler.check_optimizer(o.optimizer)
  self.optimizer = o.optimizer
  local function positive(name)
    local value = o[name]
    if math.type(value) ~= "integer" or value <= 0 then fail("ValueError", "Expected positive integer %s, but got %s", name, pyrepr(value)) end
    return value
  end
  if o.total_steps ~= nil then
    self.total_steps = positive "total_steps"
  elseif o.epochs ~= nil and o.steps_per_epoch ~= nil then
    self.total_steps = positive "epochs" * positive "steps_per_epoch"
  else
    fail("ValueError", "You must define either total_steps OR (epochs AND steps_per_epoch)")
  end
  local function phase(last, from, to, m_from, m_to)
    return {end_step = last, start_lr = from, end_lr = to, start_momentum = m_from, end_momentum = m_to}
  end
  local total, share = self.total_steps, o.pct_start
  if type(share) ~= "number" or math.type(share) ~= "float" or share < 0 or share > 1 then
    fail("ValueError", "Expected float between 0 and 1 pct_start, but got %s", pyrepr(share))
  end
  if o.three_phase then
    self._schedule_phases = {
      phase(share * total - 1, "initial_lr", "max_lr", "max_momentum", "base_momentum"),
      phase(2 * share * total - 2, "max_lr", "initial_lr", "base_momentum", "max_momentum"),
      phase(total - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum"),
    }
  else
    self._schedule_phases = {
      phase(share * total - 1, "initial_lr", "max_lr", "max_momentum", "base_momentum"),
      phase(total - 1, "max_lr", "min_lr", "base_momentum", "max_momentum"),
    }
  end
  if o.anneal_strategy ~= "cos" and o.anneal_strategy ~= "linear" then
    fail("ValueError", "anneal_strategy must be one of 'cos' or 'linear', instead got %s", pyrepr(o.anneal_strategy))
  end
  self._anneal_func_type = o.anneal_strategy
  local most = Scheduler.spread("max_lr", o.optimizer, o.max_lr)
  if o.last_epoch == -1 then
    for i, group in ipairs(o.optimizer.param_groups) do
      group.initial_lr = most[i] / o.div_factor
      group.max_lr = most[i]
      group.min_lr = group.initial_lr / o.final_div_factor
    end
  end
  self.cycle_momentum = o.cycle_momentum
  if o.cycle_momentum then prepare_momentum(self, o) end
  Scheduler.__init(self, o.optimizer, o.last_epoch)
end)

function cycles.OneCycleLR:get_lr()
  self:_asked()
  local step = self.last_epoch
  if step > self.total_steps then
    fail("ValueError", "Tried to step %d times. The specified number of total steps is %d", step, self.total_steps)
  end
  local rates = {}
  for k, group in ipairs(self.optimizer.param_groups) do
    local start = 0.0
    for i, phase in ipairs(self._schedule_phases) do
      if step <= phase.end_step or i == #self._schedule_phases then
        local share = (step - start) / (phase.end_step - start)
        rates[k] = annealed(self._anneal_func_type, group[phase.start_lr], group[phase.end_lr], share)
        if self.cycle_momentum then
          set_momentum(group, annealed(self._anneal_func_type, group[phase.start_momentum], group[phase.end_momentum], share), self.use_beta1)
        end
        break
      end
      start = phase.end_step
    end
  end
  return rates
end

return cycles
