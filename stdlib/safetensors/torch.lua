--- Dicts of tensors and models to safetensors files and back. Mirrors `safetensors.torch`.
local torch = require "torch"
local failure = require "torch.failure"
local raw = torch._safetensors

local M = {}

local function check_device(device)
  if type(device) == "table" then device = device.device end
  if device ~= nil and tostring(device) ~= "cpu" then failure("SafetensorError", "device %s is invalid", tostring(device)) end
end

local function metadata_of(metadata)
  if type(metadata) == "table" and type(metadata.metadata) == "table" then return metadata.metadata end
  return metadata
end

--- Writes a dict of tensors, which are dense and share no memory, to a file that appears whole or not at all.
function M.save_file(tensors, filename, metadata) raw.save_file(tensors, filename, metadata_of(metadata)) end

--- The tensors of a file by name, mapped: their bytes are read when they are touched.
function M.load_file(filename, device)
  check_device(device)
  return raw.load_file(filename)
end

--- The bytes of such a file, as a string.
function M.save(tensors, metadata) return raw.serialize(tensors, metadata_of(metadata)) end

--- The tensors of such bytes.
function M.load(data) return raw.deserialize(data) end

local function sorted(set)
  local names = {}
  for name in pairs(set) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function plain(state)
  local result = {}
  for name, tensor in pairs(state) do result[name] = tensor end
  return result
end

--- Writes a model's state. Of parameters that share memory one is written, and the metadata say which name stands for which.
function M.save_model(model, filename, metadata, force_contiguous)
  if type(metadata) == "table" and (type(metadata.metadata) == "table" or metadata.force_contiguous ~= nil) then
    metadata, force_contiguous = metadata.metadata, metadata.force_contiguous
  end
  local state = plain(model:state_dict())
  for kept, removed in pairs(raw.duplicates(state, {})) do
    for _, name in ipairs(removed) do
      local all = {}
      for key, value in pairs(metadata or {}) do all[key] = value end
      all[name] = all[name] or kept
      metadata = all
      state[name] = nil
    end
  end
  if force_contiguous ~= false then
    for name, tensor in pairs(state) do state[name] = tensor:contiguous() end
  end
  raw.save_file(state, filename, metadata)
end

--- Loads a file that `save_model` wrote into a model. Gives the names that are missing and those that are unexpected.
function M.load_model(model, filename, strict, device)
  if type(strict) == "table" then strict, device = strict.strict, strict.device end
  check_device(device)
  local state = raw.load_file(filename)
  local preferred = {}
  for name in pairs(state) do preferred[#preferred + 1] = name end
  local groups = raw.duplicates(plain(model:state_dict()), preferred)
  local keys = model:load_state_dict(state, {strict = false})
  local missing, unexpected = {}, {}
  for _, name in ipairs(keys.missing_keys) do missing[name] = true end
  for _, name in ipairs(keys.unexpected_keys) do unexpected[#unexpected + 1] = name end
  for _, removed in pairs(groups) do
    for _, name in ipairs(removed) do
      if missing[name] then missing[name] = nil else unexpected[#unexpected + 1] = name end
    end
  end
  missing = sorted(missing)
  if strict ~= false and (#missing > 0 or #unexpected > 0) then
    table.sort(unexpected)
    local function quoted(names)
      local parts = {}
      for i, name in ipairs(names) do parts[i] = '"' .. name .. '"' end
      return table.concat(parts, ", ")
    end
    local text = "Error(s) in loading state_dict for " .. model:_get_name() .. ":"
    if #missing > 0 then text = text .. "\n    Missing key(s) in state_dict: " .. quoted(missing) end
    if #unexpected > 0 then text = text .. "\n    Unexpected key(s) in state_dict: " .. quoted(unexpected) end
    failure("RuntimeError", "%s", text)
  end
  return missing, unexpected
end

return M
