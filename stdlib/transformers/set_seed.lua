--- Sets the seeds of torch's and Lua's random numbers. Mirrors `transformers.set_seed`.
local torch = require "torch"

return function(seed)
  torch.manual_seed(seed)
  math.randomseed(seed)
end
