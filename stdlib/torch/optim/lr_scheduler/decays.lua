--- Schedules by a factor for each epoch.
local fail = require "torch.failure"
local Scheduler = require "torch.optim.lr_scheduler.scheduler"

local decays = {}

local function begin(self, o) Scheduler.__init(self, o.optimizer, o.last_epoch) end

local function functions(self, o)
  local count = #o.optimizer.param_groups
  self.lr_lambdas = {}
  if type(o.lr_lambda) == "table" and not getmetatable(o.lr_lambda) then
    if #o.lr_lambda ~= count then fail("ValueError", "Expected %d lr_lambdas, but got %d", count, #o.lr_lambda) end
    for i, f in ipairs(o.lr_lambda) do self.lr_lambdas[i] = f end
  else
    for i = 1, count do self.lr_lambdas[i] = o.lr_lambda end
  end
end

--- The first rate times a function of the epoch.
decays.LambdaLR = Scheduler.define("LambdaLR", "optimizer, lr_lambda, last_epoch=-1", function(self, o)
  functions(self, o)
  begin(self, o)
end)
function decays.LambdaLR:get_lr()
  self:_asked()
  return self:_base(function(lr, i) return lr * self.lr_lambdas[i](self.last_epoch) end)
end

--- The present rate times a function of the epoch.
decays.MultiplicativeLR = Scheduler.define("MultiplicativeLR", "optimizer, lr_lambda, last_epoch=-1", function(self, o)
  functions(self, o)
  for _, f in ipairs(self.lr_lambdas) do
    if type(f) ~= "function" and not (getmetatable(f) or {}).__call then
      fail("TypeError", "lr_lambda should be a function, but got %s", math.type(f) == "integer" and "int" or type(f) == "number" and "float" or type(f))
    end
  end
  begin(self, o)
end)
function decays.MultiplicativeLR:get_lr()
  self:_asked()
  if self._is_initial then return self:_unchanged() end
  return self:_now(function(lr, _, i) return lr * self.lr_lambdas[i](self.last_epoch) end)
end

--- Times gamma after every step_size epochs.
decays.StepLR = Scheduler.define("StepLR", "optimizer, step_size, gamma=0.1, last_epoch=-1", function(self, o)
  self.step_size, self.gamma = o.step_size, o.gamma
  begin(self, o)
end)
function decays.StepLR:get_lr()
  self:_asked()
  if self.last_epoch == 0 or self.last_epoch % self.step_size ~= 0 then return self:_unchanged() end
  return self:_now(function(lr) return lr * self.gamma end)
end
function decays.StepLR:_get_closed_form_lr()
  return self:_base(function(lr) return lr * self.gamma ^ (self.last_epoch // self.step_size) end)
end

--- Times gamma at each milestone.
decays.MultiStepLR = Scheduler.define("MultiStepLR", "optimizer, milestones, gamma=0.1, last_epoch=-1", function(self, o)
  self.milestones, self.gamma = {}, o.gamma
  for _, one in ipairs(o.milestones) do self.milestones[#self.milestones + 1] = one end
  table.sort(self.milestones)
  begin(self, o)
end)
function decays.MultiStepLR:get_lr()
  self:_asked()
  local hits = 0
  for _, one in ipairs(self.milestones) do if one == self.last_epoch then hits = hits + 1 end end
  if hits == 0 then return self:_unchanged() end
  return self:_now(function(lr) return lr * self.gamma ^ hits end)
end
function decays.MultiStepLR:_get_closed_form_lr()
  local passed = 0
  for _, one in ipairs(self.milestones) do if one <= self.last_epoch then passed = passed + 1 end end
  return self:_base(function(lr) return lr * self.gamma ^ passed end)
end

--- Times a factor until total_iters.
decays.ConstantLR = Scheduler.define("ConstantLR", "optimizer, factor=0.3333333333333333, total_iters=5, last_epoch=-1", function(self, o)
  if o.factor > 1 or o.factor < 0 then fail("ValueError", "Constant multiplicative factor expected to be between 0 and 1.") end
  self.factor, self.total_iters = o.factor, o.total_iters
  begin(self, o)
end)
function decays.ConstantLR:get_lr()
  self:_asked()
  if self.last_epoch == 0 then return self:_now(function(lr) return lr * self.factor end) end
  if self.last_epoch ~= self.total_iters then return self:_unchanged() end
  return self:_now(function(lr) return lr * (1.0 / self.factor) end)
end
function decays.ConstantLR:_get_closed_form_lr()
  return self:_base(function(lr) return lr * (self.factor + (self.last_epoch >= self.total_iters and 1 or 0) * (1 - self.factor)) end)
end

--- Times a factor that moves from start_factor to end_factor.
decays.LinearLR = Scheduler.define("LinearLR", "optimizer, start_factor=0.3333333333333333, end_factor=1.0, total_iters=5, last_epoch=-1", function(self, o)
  if o.start_factor > 1 or o.start_factor <= 0 then
    fail("ValueError", "Starting multiplicative factor expected to be greater than 0 and less or equal to 1.")
  end
  if o.end_factor > 1 or o.end_factor < 0 then fail("ValueError", "Ending multiplicative factor expected to be between 0 and 1.") end
  self.start_factor, self.end_factor, self.total_iters = o.start_factor, o.end_factor, o.total_iters
  begin(self, o)
end)
function decays.LinearLR:get_lr()
  self:_asked()
  if self.last_epoch == 0 then return self:_now(function(lr) return lr * self.start_factor end) end
  if self._is_initial or self.last_epoch > self.total_iters then return self:_unchanged() end
  local span = self.end_factor - self.start_factor
  return self:_now(function(lr)
    return lr * (1.0 + span / (self.total_iters * self.start_factor + (self.last_epoch - 1) * span))
  end)
end
function decays.LinearLR:_get_closed_form_lr()
  return self:_base(function(lr)
    return lr * (self.start_factor + (self.end_factor - self.start_factor) * math.min(self.total_iters, self.last_epoch) / self.total_iters)
  end)
end

--- Times gamma at every epoch.
decays.ExponentialLR = Scheduler.define("ExponentialLR", "optimizer, gamma, last_epoch=-1", function(self, o)
  self.gamma = o.gamma
  begin(self, o)
end)
function decays.ExponentialLR:get_lr()
  self:_asked()
  if self._is_initial then return self:_unchanged() end
  return self:_now(function(lr) return lr * self.gamma end)
end
function decays.ExponentialLR:_get_closed_form_lr()
  return self:_base(function(lr) return lr * self.gamma ^ self.last_epoch end)
end

--- Down to zero as a power of the time left.
decays.PolynomialLR = Scheduler.define("PolynomialLR", "optimizer, total_iters=5, power=1.0, last_epoch=-1", function(self, o)
  self.total_iters, self.power = o.total_iters, o.power
  begin(self, o)
end)
function decays.PolynomialLR:get_lr()
  self:_asked()
  if self._is_initial or self.last_epoch > self.total_iters then return self:_unchanged() end
  local factor = ((1.0 - self.last_epoch / self.total_iters) / (1.0 - (self.last_epoch - 1) / self.total_iters)) ^ self.power
  return self:_now(function(lr) return lr * factor end)
end
function decays.PolynomialLR:_get_closed_form_lr()
  return self:_base(function(lr)
    return lr * (1.0 - math.min(self.total_iters, self.last_epoch) / self.total_iters) ^ self.power
  end)
end

return decays
