--- Schedules of learning rates. Mirrors `torch.optim.lr_scheduler`.
---
---     local scheduler = torch.optim.lr_scheduler.StepLR(opt, {step_size = 30, gamma = 0.1})
---     for epoch = 1, 100 do train(); opt:step(); scheduler:step() end
local schedulers = {
  LRScheduler = require "torch.optim.lr_scheduler.scheduler",
  ReduceLROnPlateau = require "torch.optim.lr_scheduler.plateau",
}

for _, name in ipairs {"decays", "cosine", "composed", "cycles"} do
  for key, class in pairs(require("torch.optim.lr_scheduler." .. name)) do schedulers[key] = class end
end

return schedulers
