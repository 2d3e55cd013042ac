--- What is done with tensors that are saved for the backward pass. Mirrors `torch.autograd.graph`.
local torch = require "torch"

local graph = {}

--- While the guard is open (or `body` runs), each tensor that is saved goes through `pack`, and back through `unpack` when
--- it is needed: `local _ <close> = graph.saved_tensors_hooks(pack, unpack)`.
function graph.saved_tensors_hooks(pack, unpack, body)
  local guard = torch.autograd._saved_tensors_hooks(pack, unpack)
  if not body then return guard end
  local _ <close> = guard
  return body()
end

--- Keeps saved tensors on the processor, where they are: every tensor is copied. Mirrors `torch.autograd.graph.save_on_cpu`.
function graph.save_on_cpu(_, body)
  return graph.saved_tensors_hooks(function(x) return x:clone() end, function(x) return x end, body)
end

return graph
