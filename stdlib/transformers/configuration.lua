--- Configurations of models: fields with types and defaults, from a JSON file and back to it. Mirrors `transformers.PreTrainedConfig`.
local torch = require "torch"
local class = require "torch.class"
local json = require "json"
local path = require "path"
local failure = require "torch.failure"
local pyrepr = require "torch.pyrepr"
local logging = require "logging"
local activations = require "transformers.activations"

local version = "5.23.0"

-- Every model's fields: name, its types, default. A file holds them only where they differ.
local common = {
  {"transformers_version", "str?", version}, {"architectures", "list?"}, {"output_hidden_states", "bool?", false}, {"return_dict", "bool?", true},
  {"dtype", "dtype?"}, {"chunk_size_feed_forward", "int", 0}, {"is_encoder_decoder", "bool", false}, {"id2label", "dict?"}, {"label2id", "dict?"},
  {"problem_type", "str?"},
}

-- What a default file leaves out.
local two_labels = {id2label = {[0] = "LABEL_0", [1] = "LABEL_1"}, label2id = {LABEL_0 = 0, LABEL_1 = 1}}
local choices = {
  hidden_act = activations, activation = activations,
  problem_type = {regression = true, single_label_classification = true, multi_label_classification = true},
  attn_implementation = {sdpa = true, eager = true},
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
local function objection(known, name, value)
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

local function refuse(self, where, message)
  if where then message = where .. ": " .. message end
  failure("ValueError", "%s: %s", getmetatable(self).__name, message)
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
local function by_number(self, map, where)
  local result = {}
  for key, label in pairs(map) do
    local id = math.tointeger(tonumber(key))
    if not id then refuse(self, where, ("field 'id2label' expected whole numbers as keys, got %s"):format(pyrepr(key, true))) end
    result[id] = label
  end
  return result
end

-- Takes values over: those of a file, or those a script gives. `where` names the file.
local function fill(self, given, where)
  local definition, values = getmetatable(self).definition, rawget(self, "_values")
  local known = definition.known
  local number, old_dtype = given.num_labels, given.torch_dtype
  if number ~= nil and (math.type(number) ~= "integer" or number < 1) then
    refuse(self, where, ("field 'num_labels' expected a positive int, got %s (value: %s)"):format(type_of(number), pyrepr(number, true)))
  end
  local dtype = given.dtype ~= nil and given.dtype or old_dtype
  for name, value in pairs(given) do
    name = definition.names[name] or name
    if name ~= "num_labels" and name ~= "dtype" and name ~= "torch_dtype" and name ~= "model_type" and name ~= "_name_or_path" then
      local message = objection(known, name, value)
      if message then refuse(self, where, message) end
      if value == json.null then value = nil end
      if name == "name_or_path" then name = "_name_or_path" end
      values[name] = value
      if value ~= nil and not known[name] then self._extra[name] = true end
    end
  end
  if dtype ~= nil and dtype ~= json.null then
    local found = type(dtype) == "string" and torch[dtype:gsub("^torch%.", "")] or dtype
    if type_of(found) ~= "dtype" then refuse(self, where, ("field 'dtype' expected the name of a torch.dtype, got %s"):format(pyrepr(dtype, true))) end
    values.dtype = found
  end
  if values.id2label == nil then
    set_num_labels(values, number or 2)
  elseif given.id2label then
    values.id2label = by_number(self, values.id2label, where)
    local count = count_of(values.id2label)
    if number and number ~= count then
      logging.getLogger("transformers.configuration_utils"):warning("You passed `num_labels=%d` which is incompatible to the `id2label` map of length `%d`.", number, count)
    end
  elseif number then
    set_num_labels(values, number)
  end
  if values.problem_type == "single_label_classification" and self.num_labels == 1 then
    refuse(self, where, '`problem_type="single_label_classification"` requires `num_labels > 1`. For binary classification use `num_labels=2`, '
      .. 'or use `problem_type="regression"` for a single-output regression head.')
  end
  for _, name in ipairs(definition.sizes) do
    if values[name] < 1 then refuse(self, where, ("field '%s' must be positive, got %d"):format(name, values[name])) end
  end
  local width, heads = values[definition.width], values[definition.heads]
  if width % heads ~= 0 then refuse(self, where, ("The hidden size (%d) is not a multiple of the number of attention heads (%d)"):format(width, heads)) end
  for name in pairs(known) do
    local value = values[name]
    if name:match("_token_id$") and math.type(value) == "integer" and (value < 0 or value >= values.vocab_size) then
      refuse(self, where, ("field '%s' must be `None` or an integer within the vocabulary (between 0 and %d), got %d"):format(name, values.vocab_size - 1, value))
    elseif name:find("dropout", 1, true) and value and (value < 0 or value > 1) then
      refuse(self, where, ("field '%s' is a probability between 0 and 1, got %s"):format(name, pyrepr(value)))
    end
  end
end

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

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do if not same(value, b[key]) then return false end end
  for key in pairs(b) do if a[key] == nil then return false end end
  return true
end

local Config = class("PreTrainedConfig")

function Config:__init(given, ...)
  local kind = getmetatable(self)
  if select("#", ...) > 0 or (given ~= nil and type(given) ~= "table") then failure("ValueError", "%s accepts only keyword arguments", kind.__name) end
  local values = {_name_or_path = "", output_attentions = false}
  for name, field in pairs(kind.definition.known) do values[name] = field.default end
  rawset(self, "_extra", {})
  rawset(self, "_values", values)
  fill(self, given or {}, nil)
end

-- Fields first, under either of their names; then the methods.
function Config:__index(name)
  local kind, values = getmetatable(self), rawget(self, "_values")
  if values then
    if name == "num_labels" then return count_of(values.id2label) end
    if name == "name_or_path" then return values._name_or_path end
    local value = values[kind.definition.names[name] or name]
    if value ~= nil then return value end
  end
  return kind[name]
end

function Config:__newindex(name, value)
  if name == "num_labels" then
    if value ~= self.num_labels then fill(self, {num_labels = value}) end
  else
    fill(self, {[name] = value == nil and json.null or value})
  end
end

-- The fields by name as JSON holds them, None as null.
local function written(self, use_diff)
  local definition, values = getmetatable(self).definition, rawget(self, "_values")
  local result = {model_type = definition.model_type}
  for name, field in pairs(definition.known) do
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
function Config:to_dict()
  local result = written(self, false)
  for name, value in pairs(result) do if value == json.null then result[name] = nil end end
  return result
end

--- The text of the file: what differs from every model's defaults, or with `use_diff = false` all. Mirrors `to_json_string`.
function Config:to_json_string(use_diff)
  if type(use_diff) == "table" then use_diff = use_diff.use_diff end
  return json.dumps(written(self, use_diff ~= false), {indent = 2}) .. "\n"
end

--- Writes the file. Mirrors `to_json_file`.
function Config:to_json_file(name, use_diff)
  local file <close>, reason = io.open(name, "wb")
  if not file then failure("OSError", "%s", reason) end
  assert(file:write(self:to_json_string(use_diff)))
end

--- Writes `config.json` into a folder, made where there is none. Mirrors `save_pretrained`.
function Config:save_pretrained(folder)
  folder = tostring(folder)
  if not is_folder(folder) then path.makedirs(folder) end
  self:to_json_file(path.join(folder, "config.json"))
end

function Config:__tostring() return getmetatable(self).__name .. " " .. self:to_json_string() end

function Config:__complete()
  local names = {"num_labels", "name_or_path", "to_dict", "to_json_string", "to_json_file", "save_pretrained"}
  for name in pairs(rawget(self, "_values")) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- A class of configurations. `fields` are its own: name, its types, default; `names` gives other names for some of them; `sizes` are
--- those that count something, `width` must be a multiple of `heads`.
return function(name, definition)
  local known = {}
  for _, field in ipairs(common) do known[field[1]] = {types = field[2], default = field[3]} end
  for _, field in ipairs(definition.fields) do known[field[1]] = {types = field[2], default = field[3], own = true} end
  definition.known, definition.names = known, definition.names or {}
  local made = class(name, Config)
  made.__index, made.__newindex, made.__tostring, made.__complete = Config.__index, Config.__newindex, Config.__tostring, Config.__complete
  made.definition, made.model_type = definition, definition.model_type

  --- A configuration from a JSON file. Mirrors `from_json_file`.
  function made.from_json_file(file)
    local config = made()
    fill(config, read(file), file)
    return config
  end

  --- A configuration from a folder with a `config.json`, or from such a file; fields given here count more. Mirrors `from_pretrained`.
  function made.from_pretrained(place, options)
    local config, where, dict = made(), nil, place
    if type(place) ~= "table" then
      where = tostring(place)
      if is_folder(where) then where = path.join(where, "config.json") end
      dict = read(where)
      if dict.model_type ~= nil and dict.model_type ~= definition.model_type then
        failure("ValueError", "%s: field 'model_type' is %s, but %s reads '%s'", where, pyrepr(dict.model_type, true), name, definition.model_type)
      end
    end
    fill(config, dict, where)
    fill(config, options or {})
    rawget(config, "_values")._name_or_path = where and tostring(place) or ""
    return config
  end

  --- A configuration from a table of its fields. Mirrors `from_dict`.
  made.from_dict = made.from_pretrained
  return made
end
