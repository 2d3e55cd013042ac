--- Schedules along a cosine.
local fail = require "torch.failure"
local pyrepr = require "torch.pyrepr"
local Scheduler = require "torch.optim.lr_scheduler.scheduler"

local cosine = {}
local cos, pi = math.cos, math.pi

--- From the first rate down to eta_min within T_max epochs, and up again.
cosine.CosineAnnealingLR = Scheduler.define("CosineAnnealingLR", "optimizer, T_max, eta_min=0.0, last_epoch=-1", function(self, o)
  self.T_max, self.eta_min = o.T_max, o.eta_min
  Scheduler.__init(self, o.optimizer, o.last_epoch)
end)
local CosineAnnealingLR = cosine.CosineAnnealingLR

function CosineAnnealingLR:get_lr()
  self:_asked()
  local epoch, top, least = self.last_epoch, self.T_max, self.eta_min
  if self._is_initial then return self:_unchanged() end
  if self._step_count == 1 and epoch > 0 then
    return self:_base(function(lr) return least + (lr - least) * (1 + cos(epoch * pi / top)) / 2 end)
  end
  if (epoch - 1 - top) % (2 * top) == 0 then
    return self:_now(function(lr, base) return lr + (base - least) * (1 - cos(pi / top)) / 2 end)
  end
  return self:_now(function(lr)
    return (1 + cos(pi * epoch / top)) / (1 + cos(pi * (epoch - 1) / top)) * (lr - least) + least
  end)
end

function CosineAnnealingLR:_get_closed_form_lr()
  return self:_base(function(lr) return self.eta_min + (lr - self.eta_min) * (1 + cos(pi * self.last_epoch / self.T_max)) / 2 end)
end

--- Down to eta_min within T_i epochs, then anew with T_i times T_mult.
cosine.CosineAnnealingWarmRestarts = Scheduler.define("CosineAnnealingWarmRestarts", "optimizer, T_0, T_mult=1, eta_min=0.0, last_epoch=-1", function(self, o)
  if math.type(o.T_0) ~= "integer" or o.T_0 <= 0 then fail("ValueError", "Expected positive integer T_0, but got %s", pyrepr(o.T_0)) end
  if math.type(o.T_mult) ~= "integer" or o.T_mult < 1 then fail("ValueError", "Expected integer T_mult >= 1, but got %s", pyrepr(o.T_mult)) end
  if type(o.eta_min) ~= "number" then fail("ValueError", "Expected float or int eta_min, but got %s of type %s", pyrepr(o.eta_min), type(o.eta_min)) end
  self.T_0, self.T_i, self.T_mult, self.eta_min, self.T_cur = o.T_0, o.T_0, o.T_mult, o.eta_min, o.last_epoch
  Scheduler.__init(self, o.optimizer, o.last_epoch)
end)
local WarmRestarts = cosine.CosineAnnealingWarmRestarts

function WarmRestarts:get_lr()
  self:_asked()
  return self:_base(function(lr) return self.eta_min + (lr - self.eta_min) * (1 + cos(pi * self.T_cur / self.T_i)) / 2 end)
end

function WarmRestarts:step(epoch)
  if epoch == nil and self.last_epoch < 0 then epoch = 0 end
  if epoch == nil then
    epoch = self.last_epoch + 1
    self.T_cur = self.T_cur + 1
    if self.T_cur >= self.T_i then
      self.T_cur = self.T_cur % self.T_i
      self.T_i = self.T_i * self.T_mult
    end
  else
    if epoch < 0 then fail("ValueError", "Expected non-negative epoch, but got %s", pyrepr(epoch)) end
    if epoch >= self.T_0 then
      if self.T_mult == 1 then
        self.T_cur = epoch % self.T_0
      else
        local n = math.floor(math.log(epoch / self.T_0 * (self.T_mult - 1) + 1) / math.log(self.T_mult))
        self.T_cur = epoch - self.T_0 * (self.T_mult ^ n - 1) / (self.T_mult - 1)
        self.T_i = math.tointeger(self.T_0 * self.T_mult ^ n)
      end
    else
      self.T_i, self.T_cur = self.T_0, epoch
    end
  end
  self.last_epoch = math.floor(epoch)
  self._get_lr_called_within_step = true
  local values = self:get_lr()
  self._get_lr_called_within_step = false
  for i, group in ipairs(self.optimizer.param_groups) do Scheduler.set(group, "lr", values[i]) end
  self._last_lr = Scheduler.values(self.optimizer, "lr")
end

return cosine
