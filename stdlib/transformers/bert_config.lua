--- What a BERT is made of: sizes, probabilities, labels. Mirrors `transformers.BertConfig`.
local torch = require "torch"
local class = require "torch.class"
local json = require "json"
local path = require "path"
local failure = require "torch.failure"
local pyrepr = require "torch.pyrepr"
local logging = require "logging"

-- Fields in transformers' order: name, its types, default. The first ten are every model's, written to a file only where they differ.
local fields = {
  {"transformers_version", "str?", "5.23.0"}, {"architectures", "list?"}, {"output_hidden_states", "bool?", false}, {"return_dict", "bool?", true},
  {"dtype", "dtype?"}, {"chunk_size_feed_forward", "int", 0}, {"is_encoder_decoder", "bool", false}, {"id2label", "dict?"}, {"label2id", "dict?"},
  {"problem_type", "str?"},
  {"vocab_size", "int", 30522}, {"hidden_size", "int", 768}, {"num_hidden_layers", "int", 12}, {"num_attention_heads", "int", 12},
  {"intermediate_size", "int", 3072}, {"hidden_act", "str", "gelu"}, {"hidden_dropout_prob", "float|int", 0.1},
  {"attention_probs_dropout_prob", "float|int", 0.1}, {"max_position_embeddings", "int", 512}, {"type_vocab_size", "int", 2},
  {"initializer_range", "float", 0.02}, {"layer_norm_eps", "float", 1e-12}, {"pad_token_id", "int?", 0}, {"use_cache", "bool", true},
  {"classifier_dropout", "float|int?"}, {"is_decoder", "bool", false}, {"add_cross_attention", "bool", false}, {"bos_token_id", "int?"},
  {"eos_token_id", "int|list?"}, {"tie_word_embeddings", "bool", true},
}
local common = 10
local version = fields[1][3]

local known = {}
for i, field in ipairs(fields) do known[field[1]] = {types = field[2], default = field[3], own = i > common} end

-- What a default file leaves out.
local two_labels = {id2label = {[0] = "LABEL_0", [1] = "LABEL_1"}, label2id = {LABEL_0 = 0, LABEL_1 = 1}}
local choices = {
  hidden_act = require "transformers.activations",
  problem_type = {regression = true, single_label_classification = true, multi_label_classification = true},
  attn_implementation = {sdpa = true, eager = true},
}
local sizes = {
  "vocab_size", "hidden_size", "num_attention_heads", "intermediate_size", "max_position_embeddings", "type_vocab_size", "num_hidden_layers",
}

local function type_of(value)
  local kind = type(value)
  if value == nil or value == json.null then return "NoneType" end
  if kind == "number" then return math.type(value) == "integer" and "int" or "float" end
  if kind == "table" then return #value > 0 and value[0] == nil and "list" or next(value) == nil and "dict or list" or "dict" end
  if kind == "userdata" and tostring(value):match("^torch%.") then return "dtype" end
  return ({string = "str", boolean = "bool"})[kind] or kind
end

-- The sentence that says why a value does not stand where it is to stand; nil where it may.
local function objection(name, value)
  local field, kind = known[name], type_of(value)
  if field then
    if kind == "NoneType" then
      if field.types:sub(-1) ~= "?" then return ("field '%s' expected %s, got NoneType (value: None)"):format(name, (field.types:gsub("|", " or "))) end
      return nil
    end
    local fits = kind == "dict or list" and (field.types:find("dict", 1, true) or field.types:find("list", 1, true))
    for one in field.types:gmatch("%a+") do fits = fits or one == kind end
    if not fits then
      return ("field '%s' expected %s, got %s (value: %s)"):format(name, (field.types:gsub("|", " or "):gsub("%?", "")), kind, pyrepr(value, true))
    end
  end
  if choices[name] and kind ~= "NoneType" and not choices[name][value] then
    local names = {}
    for choice in pairs(choices[name]) do names[#names + 1] = "'" .. choice .. "'" end
    table.sort(names)
    return ("field '%s' expected one of %s, got %s"):format(name, table.concat(names, ", "), pyrepr(value, true))
  end
  return nil
end

local BertConfig = class("BertConfig")
BertConfig.model_type = "bert"

local function refuse(where, message)
  if where then message = where .. ": " .. message end
  failure("ValueError", "BertConfig: %s", message)
end

local function set_num_labels(values, count)
  values.id2label, values.label2id = {}, {}
  for i = 0, count - 1 do values.id2label[i], values.label2id["LABEL_" .. i] = "LABEL_" .. i, i end
end

local function count_of(map)
  local count = 0
  for _ in pairs(map) do count = count + 1 end
  return count
end

-- Keys of a file are text; labels are counted by whole numbers.
local function by_number(map, where)
  local result = {}
  for key, label in pairs(map) do
    local id = math.tointeger(tonumber(key))
    if not id then refuse(where, ("field 'id2label' expected whole numbers as keys, got %s"):format(pyrepr(key, true))) end
    result[id] = label
  end
  return result
end

-- Takes values over: those of a file, or those a script gives. `where` names the file.
local function fill(self, given, where)
  local values = rawget(self, "_values")
  local number, old_dtype = given.num_labels, given.torch_dtype
  if number ~= nil and (math.type(number) ~= "integer" or number < 1) then
    refuse(where, ("field 'num_labels' expected a positive int, got %s (value: %s)"):format(type_of(number), pyrepr(number, true)))
  end
  local dtype = given.dtype ~= nil and given.dtype or old_dtype
  for name, value in pairs(given) do
    if name ~= "num_labels" and name ~= "dtype" and name ~= "torch_dtype" and name ~= "model_type" and name ~= "_name_or_path" then
      local message = objection(name, value)
      if message then refuse(where, message) end
      if value == json.null then value = nil end
      if name == "name_or_path" then name = "_name_or_path" end
      values[name] = value
      if value ~= nil and not known[name] then self._extra[name] = true end
    end
  end
  if dtype ~= nil and dtype ~= json.null then
    local found = type(dtype) == "string" and torch[dtype:gsub("^torch%.", "")] or dtype
    if type_of(found) ~= "dtype" then refuse(where, ("field 'dtype' expected the name of a torch.dtype, got %s"):format(pyrepr(dtype, true))) end
    values.dtype = found
  end
  if values.id2label == nil then
    set_num_labels(values, number or 2)
  elseif given.id2label then
    values.id2label = by_number(values.id2label, where)
    local count = count_of(values.id2label)
    if number and number ~= count then
      logging.getLogger("transformers.configuration_utils"):warning("You passed `num_labels=%d` which is incompatible to the `id2label` map of length `%d`.", number, count)
    end
  elseif number then
    set_num_labels(values, number)
  end
  if values.problem_type == "single_label_classification" and self.num_labels == 1 then
    refuse(where, '`problem_type="single_label_classification"` requires `num_labels > 1`. For binary classification use `num_labels=2`, '
      .. 'or use `problem_type="regression"` for a single-output regression head.')
  end
  for _, name in ipairs(sizes) do
    if values[name] < (name == "num_hidden_layers" and 0 or 1) then refuse(where, ("field '%s' must be positive, got %d"):format(name, values[name])) end
  end
  if values.hidden_size % values.num_attention_heads ~= 0 then
    refuse(where, ("The hidden size (%d) is not a multiple of the number of attention heads (%d)"):format(values.hidden_size, values.num_attention_heads))
  end
  for _, name in ipairs {"pad_token_id", "bos_token_id", "eos_token_id"} do
    local id = values[name]
    if math.type(id) == "integer" and (id < 0 or id >= values.vocab_size) then
      refuse(where, ("field '%s' must be `None` or an integer within the vocabulary (between 0 and %d), got %d"):format(name, values.vocab_size - 1, id))
    end
  end
  for _, name in ipairs {"hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"} do
    local p = values[name]
    if p and (p < 0 or p > 1) then refuse(where, ("field '%s' is a probability between 0 and 1, got %s"):format(name, pyrepr(p))) end
  end
end

--- A configuration; what is not given has transformers' default, and other names become attributes.
--- `BertConfig {hidden_size = 384, num_labels = 3}`
function BertConfig:__init(given, ...)
  if select("#", ...) > 0 or (given ~= nil and type(given) ~= "table") then failure("ValueError", "BertConfig accepts only keyword arguments") end
  local values = {_name_or_path = "", output_attentions = false}
  for name, field in pairs(known) do values[name] = field.default end
  rawset(self, "_extra", {})
  rawset(self, "_values", values)
  fill(self, given or {}, nil)
end

function BertConfig:__index(name)
  local values = rawget(self, "_values")
  if values then
    if name == "num_labels" then return count_of(values.id2label) end
    if name == "name_or_path" then return values._name_or_path end
    local value = values[name]
    if value ~= nil then return value end
  end
  return BertConfig[name]
end

function BertConfig:__newindex(name, value)
  if name == "num_labels" then
    if value ~= self.num_labels then fill(self, {num_labels = value}) end
  else
    fill(self, {[name] = value == nil and json.null or value})
  end
end

--- A configuration from a table of its fields. Mirrors `from_dict`.
function BertConfig.from_dict(dict, options) return BertConfig.from_pretrained(dict, options) end

-- The table in a JSON file.
local function read(name)
  local file <close>, reason = io.open(name, "rb")
  if not file then failure("OSError", "Can't load the configuration: %s", reason) end
  local text = file:read("a")
  if not text then failure("OSError", "Can't load the configuration: %s is a folder", name) end
  local good, dict = pcall(json.loads, text)
  if not good then
    failure("OSError", "It looks like the config file at '%s' is not a valid JSON file: %s", name, (tostring(dict):gsub("^.*JSONDecodeError: ", "")))
  end
  if type(dict) ~= "table" or #dict > 0 then failure("OSError", "The config file at '%s' does not hold an object", name) end
  return dict
end

local function is_folder(name)
  local file <close> = io.open(name, "rb")
  return file ~= nil and file:read(0) == nil and file:seek("end") ~= 0
end

--- A configuration from a JSON file. Mirrors `from_json_file`.
function BertConfig.from_json_file(name)
  local config = BertConfig()
  fill(config, read(name), name)
  return config
end

--- A configuration from a folder with a `config.json`, or from such a file; fields given here count more. Mirrors `from_pretrained`.
function BertConfig.from_pretrained(place, options)
  local config, where, dict = BertConfig(), nil, place
  if type(place) ~= "table" then
    where = tostring(place)
    if is_folder(where) then where = path.join(where, "config.json") end
    dict = read(where)
    if dict.model_type ~= nil and dict.model_type ~= "bert" then
      failure("ValueError", "%s: field 'model_type' is %s: only models of type 'bert' are read", where, pyrepr(dict.model_type, true))
    end
  end
  fill(config, dict, where)
  local mine = {}
  for name, value in pairs(options or {}) do if name ~= "return_unused_kwargs" then mine[name] = value end end
  fill(config, mine)
  rawget(config, "_values")._name_or_path = type(place) ~= "table" and tostring(place) or ""
  return config
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do if not same(value, b[key]) then return false end end
  for key in pairs(b) do if a[key] == nil then return false end end
  return true
end

-- The fields by name as JSON holds them, None as null.
local function written(self, use_diff)
  local values, result = rawget(self, "_values"), {model_type = "bert"}
  for name, field in pairs(known) do
    local value = values[name]
    if value == nil then value = json.null end
    if name == "dtype" and value ~= json.null then value = tostring(value):gsub("^torch%.", "") end
    local default = two_labels[name] or field.default
    if not use_diff or field.own or name == "transformers_version" or not same(value, default == nil and json.null or default) then result[name] = value end
  end
  for name in pairs(self._extra) do result[name] = values[name] end
  if not use_diff or values.output_attentions then result.output_attentions = values.output_attentions end
  if not use_diff then result._name_or_path = values._name_or_path end
  result.transformers_version = version
  return result
end

--- The fields by name; None is nil. Mirrors `to_dict`.
function BertConfig:to_dict()
  local result = written(self, false)
  for name, value in pairs(result) do if value == json.null then result[name] = nil end end
  return result
end

--- The text of the file: what differs from every model's defaults, or with `use_diff = false` all. Mirrors `to_json_string`.
function BertConfig:to_json_string(use_diff)
  if type(use_diff) == "table" then use_diff = use_diff.use_diff end
  return json.dumps(written(self, use_diff ~= false), {indent = 2}) .. "\n"
end

--- Writes the file. Mirrors `to_json_file`.
function BertConfig:to_json_file(name, use_diff)
  local file <close>, reason = io.open(name, "wb")
  if not file then failure("OSError", "%s", reason) end
  assert(file:write(self:to_json_string(use_diff)))
end

--- Writes `config.json` into a folder, made where there is none. Mirrors `save_pretrained`.
function BertConfig:save_pretrained(folder)
  folder = tostring(folder)
  if not is_folder(folder) then path.makedirs(folder) end
  self:to_json_file(path.join(folder, "config.json"))
end

function BertConfig:__tostring() return "BertConfig " .. self:to_json_string() end

function BertConfig:__complete()
  local names = {"num_labels", "name_or_path", "to_dict", "to_json_string", "to_json_file", "save_pretrained"}
  for name in pairs(rawget(self, "_values")) do names[#names + 1] = name end
  table.sort(names)
  return names
end

return BertConfig
