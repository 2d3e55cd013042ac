--- Optimizers. Mirrors `torch.optim`.
---
---     local opt = torch.optim.Adam(model:parameters(), {lr = 1e-3})
---     opt:zero_grad()
---     loss:backward()
---     opt:step()
local adam = require "torch.optim.adam"

local optim = {
  Optimizer = require "torch.optim.optimizer",
  SGD = require "torch.optim.sgd",
  Adam = adam.Adam,
  AdamW = adam.AdamW,
  NAdam = require "torch.optim.nadam",
  RAdam = require "torch.optim.radam",
  Adamax = require "torch.optim.adamax",
  RMSprop = require "torch.optim.rmsprop",
  Adagrad = require "torch.optim.adagrad",
  Adadelta = require "torch.optim.adadelta",
  ASGD = require "torch.optim.asgd",
  Rprop = require "torch.optim.rprop",
  Adafactor = require "torch.optim.adafactor",
  Muon = require "torch.optim.muon",
  LBFGS = require "torch.optim.lbfgs",
}

package.preload["torch.optim.swa_utils"] = function() return require "torch.optim.averages" end

-- Schedules and averages are read when they are first asked for.
local lazy = {lr_scheduler = "torch.optim.lr_scheduler", swa_utils = "torch.optim.swa_utils"}
return setmetatable(optim, {
  __lazy = lazy,
  __index = function(self, name)
    if not lazy[name] then return nil end
    local module = require(lazy[name])
    rawset(self, name, module)
    return module
  end,
})
