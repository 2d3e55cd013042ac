--- Models from folders in Hugging Face's layout and back. Mirrors `transformers.PreTrainedModel`.
local torch = require "torch"
local nn = require "torch.nn"
local path = require "path"
local failure = require "torch.failure"
local logging = require "logging"

local M = {}
local logger = logging.getLogger("transformers.modeling_utils")

-- What a file of a model holds, by the names under which they are looked for.
local files = {"model.safetensors", "pytorch_model.bin"}

--- Draws the weights of a module and those below it as transformers does: normal, biases zero, norms one.
function M.initialize(module, config)
  if M.is_loading then return end
  local _ <close> = torch.no_grad()
  module:apply(function(part)
    if torch.isinstance(part, nn.Linear) then
      nn.init.normal_(part.weight, 0.0, config.initializer_range)
      nn.init.zeros_(part.bias)
    elseif torch.isinstance(part, nn.Embedding) then
      nn.init.normal_(part.weight, 0.0, config.initializer_range)
      if part.padding_idx then part.weight[part.padding_idx]:zero_() end
    elseif torch.isinstance(part, nn.LayerNorm) then
      nn.init.ones_(part.weight)
      nn.init.zeros_(part.bias)
    end
  end)
end

-- A model of this configuration whose weights stand in a file: none is drawn anew.
local function build(class, config)
  M.is_loading = true
  local good, model = pcall(torch.nn.utils.skip_init, class, config)
  M.is_loading = false
  if not good then error(model, 0) end
  return model
end

local function read(folder)
  if not path.exists(folder) then failure("OSError", "There is no folder %s", folder) end
  for _, name in ipairs(files) do
    local file = path.join(folder, name)
    if path.exists(file) then
      if name:sub(-4) == ".bin" then return torch.load(file, {map_location = "cpu", weights_only = true}), file end
      return require("safetensors.torch").load_file(file), file
    end
  end
  failure("OSError", "Error no file named %s found in directory %s.", table.concat(files, ", or "), folder)
end

-- A vocabulary with more tokens than the model has rows for is another model's.
local function check_vocabulary(folder, config)
  local name = path.join(folder, "vocab.txt")
  if not path.exists(name) then return end
  local count = 0
  for _ in io.lines(name) do count = count + 1 end
  if count > config.vocab_size then
    failure("ValueError", "%s has %d tokens, but the model in %s only %d (vocab_size): the vocabulary does not match", name, count, folder, config.vocab_size)
  end
end

-- A checkpoint's name as the model has it: old names of norms, and the part that is the model without its head, with or without its prefix.
local function renamed(name, prefix, in_model, in_file)
  name = name:gsub("LayerNorm%.gamma$", "LayerNorm.weight"):gsub("LayerNorm%.beta$", "LayerNorm.bias")
  if prefix and not in_file then return prefix .. "." .. name end
  if in_file and not in_model then return (name:gsub("^" .. in_file .. "%.", "")) end
  return name
end

local function listed(names)
  table.sort(names)
  return "'" .. table.concat(names, "', '") .. "'"
end

-- What of a file fits the model: by name, and lists of what does not.
local function matched(model, state, prefix, base)
  local own, fitting, report = model:state_dict(), {}, {missing_keys = {}, unexpected_keys = {}, mismatched_keys = {}}
  local has_prefix
  for name in pairs(state) do has_prefix = has_prefix or name:sub(1, #base + 1) == base .. "." end
  for name, tensor in pairs(state) do
    local key = renamed(name, prefix and not own[name] and prefix, prefix ~= nil, has_prefix and base)
    if own[key] == nil then
      if not name:match("position_ids$") then table.insert(report.unexpected_keys, name) end
    elseif tensor.shape ~= own[key].shape then
      table.insert(report.mismatched_keys, {key, tensor.shape, own[key].shape})
    else
      fitting[key] = tensor
    end
  end
  local count = 0
  for name in pairs(own) do
    count = count + 1
    if fitting[name] == nil then table.insert(report.missing_keys, name) end
  end
  return fitting, report, #report.missing_keys == count
end

local function refuse_shapes(report, model, file)
  local parts = {}
  for i, row in ipairs(report.mismatched_keys) do
    parts[i] = ("\n\tsize mismatch for %s: copying a param with shape %s from checkpoint, the shape in current model is %s."):format(row[1], tostring(row[2]),
      tostring(row[3]))
  end
  table.sort(parts)
  failure("RuntimeError", "%s", ("Error(s) in loading %s for %s:%s\n\tYou may consider adding `ignore_mismatched_sizes = true` in the model "
    .. "`from_pretrained` method."):format(file, model:_get_name(), table.concat(parts)))
end

local function tell(report, model, file)
  local name = model:_get_name()
  if #report.unexpected_keys > 0 then
    logger:warning("Some weights of the checkpoint at %s were not used when initializing %s: [%s]", file, name, listed(report.unexpected_keys))
  end
  if #report.missing_keys > 0 then
    logger:warning("Some weights of %s were not initialized from the model checkpoint at %s and are newly initialized: [%s]\nYou should probably TRAIN this "
      .. "model on a down-stream task to be able to use it for predictions and inference.", name, file, listed(report.missing_keys))
  end
end

-- Draws what the file does not hold, module by module.
local function draw_missing(model, report, config)
  local missing = {}
  for _, name in ipairs(report.missing_keys) do missing[name:match("^(.*)%.[^.]*$") or ""] = true end
  for name, module in model:named_modules() do if missing[name] then M.initialize(module, config) end end
end

local own_options = {ignore_mismatched_sizes = true, output_loading_info = true, config = true, from_tf = true, cache_dir = true, local_files_only = true}

local function from_pretrained(class, config_class, prefix, base, folder, options)
  folder, options = tostring(folder), options or {}
  local changes = {}
  for name, value in pairs(options) do if not own_options[name] then changes[name] = value end end
  local config = options.config or config_class.from_pretrained(folder, changes)
  check_vocabulary(folder, config)
  local model = build(class, config)
  local state, file = read(folder)
  local fitting, report, nothing = matched(model, state, prefix, base)
  if nothing and #report.mismatched_keys == 0 then
    failure("RuntimeError", "%s holds none of the weights of %s: its names are [%s]", file, model:_get_name(), listed(report.unexpected_keys))
  end
  if #report.mismatched_keys > 0 and not options.ignore_mismatched_sizes then refuse_shapes(report, model, file) end
  model:load_state_dict(fitting, {strict = false})
  draw_missing(model, report, config)
  tell(report, model, file)
  if config.dtype and config.dtype ~= torch.float32 then model:to(config.dtype) end
  model:eval()
  if options.output_loading_info then return model, report end
  return model
end

local function save_pretrained(self, folder, options)
  folder, options = tostring(folder), options or {}
  if options.safe_serialization == false then failure("NotImplementedError", "models are written as safetensors here") end
  local config = self.config
  config.architectures = {self:_get_name()}
  for _, parameter in self:named_parameters() do -- luacheck: ignore 512
    config.dtype = parameter.dtype
    break
  end
  config:save_pretrained(folder)
  local state = {}
  for name, tensor in pairs(self:state_dict()) do
    if not torch.is_tensor(tensor) then failure("ValueError", "%s is no tensor: a quantized model is saved by torch.save(model:state_dict(), …)", name) end
    state[name] = tensor:detach():contiguous()
  end
  require("safetensors.torch").save_file(state, path.join(folder, "model.safetensors"), {metadata = {format = "pt"}})
end

--- A class of models with `from_pretrained` and `save_pretrained`. `base` is the name by which models with a head hold the one without, and
--- `prefix` the same for those that have a head.
function M.class(name, config_class, base, prefix)
  local class = torch.class(name, nn.Module)
  class.config_class = config_class
  class.base_model_prefix = base
  --- A model from a folder: `config.json` and `model.safetensors` or `pytorch_model.bin`, in evaluation mode. Options: fields of the
  --- configuration, config, ignore_mismatched_sizes, output_loading_info. Mirrors `from_pretrained`.
  function class.from_pretrained(folder, options) return from_pretrained(class, config_class, prefix, base, folder, options) end
  --- Writes `config.json` and `model.safetensors` into a folder, which is made. Mirrors `save_pretrained`.
  function class:save_pretrained(folder, options) return save_pretrained(self, folder, options) end
  --- How many parameters there are, or only those that learn. Mirrors `num_parameters`.
  function class:num_parameters(only_trainable)
    if type(only_trainable) == "table" then only_trainable = only_trainable.only_trainable end
    local count = 0
    for _, p in self:named_parameters() do if p.requires_grad or not only_trainable then count = count + p:numel() end end
    return count
  end
  return class
end

return M
