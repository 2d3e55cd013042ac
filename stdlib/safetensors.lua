--- Files of named tensors: what the package `safetensors` offers, with `save_file` and `load_file` of `safetensors.torch`.
local torch = require "torch"
local failure = require "torch.failure"

local M = {}

local Slice = {}

function Slice:__index(key)
  if key == "get_shape" or key == "get_dtype" then return Slice[key] end
  local file, name = rawget(self, "_file"), rawget(self, "_name")
  return file:get_tensor(name)[key]
end

function Slice:get_shape()
  local _, shape = self._file:_describe(self._name)
  return shape
end

function Slice:get_dtype()
  return (self._file:_describe(self._name))
end

local frameworks = {pt = true, torch = true, pytorch = true}

-- A tensor of an open file of which only what is indexed is read: `slice:get_shape()`, `slice:get_dtype()`, `slice[{0, "1:3"}]`.
local function get_slice(file, name)
  file:_describe(name)
  return setmetatable({_file = file, _name = name}, Slice)
end

--- An open file: `keys()`, `offset_keys()`, `metadata()`, `get_tensor(name)`, `get_tensors()`, `get_slice(name)`, `close()`. With
--- `local f <close> = safe_open(…)` it is closed at the end of the block. Tensors are read when they are touched.
function M.safe_open(filename, framework, device)
  if type(framework) == "table" then
    framework, device = framework.framework or framework[1], framework.device
  elseif type(device) == "table" then
    device = device.device
  end
  if framework ~= nil and not frameworks[framework] then failure("SafetensorError", "framework %s is invalid", tostring(framework)) end
  if device ~= nil and tostring(device) ~= "cpu" then failure("SafetensorError", "device %s is invalid", tostring(device)) end
  local file = torch._safetensors.open(filename)
  debug.getmetatable(file).__index.get_slice = get_slice
  return file
end

setmetatable(M, {
  __index = function(_, name)
    if name == "torch" then return require "safetensors.torch" end
    if name == "save_file" or name == "load_file" or name == "save" or name == "load" or name == "save_model" or name == "load_model" then
      return require "safetensors.torch"[name]
    end
  end,
})

return M
