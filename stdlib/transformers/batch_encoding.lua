--- What a tokenizer gives: fields by name in their order, as lists or tensors. Mirrors `transformers.BatchEncoding`.
local torch = require "torch"
local failure = require "torch.failure"

local BatchEncoding = {}
local methods = {}

function BatchEncoding:__index(name)
  local value = rawget(self, "_data")[name]
  if value ~= nil then return value end
  return methods[name]
end

function BatchEncoding:__newindex(name, value)
  if self._data[name] == nil and value ~= nil then table.insert(self._order, name) end
  self._data[name] = value
end

function BatchEncoding:__len() return #self._order end

function BatchEncoding:__pairs()
  local i = 0
  return function()
    repeat
      i = i + 1
      local name = self._order[i]
      if name == nil then return nil end
      if self._data[name] ~= nil then return name, self._data[name] end
    until false
  end
end

local function shown(value)
  if type(value) ~= "table" then return tostring(value) end
  local parts = {}
  for i, item in ipairs(value) do parts[i] = shown(item) end
  return "[" .. table.concat(parts, ", ") .. "]"
end

function BatchEncoding:__tostring()
  local parts = {}
  for name, value in pairs(self) do parts[#parts + 1] = ("'%s': %s"):format(name, shown(value)) end
  return "{" .. table.concat(parts, ", ") .. "}"
end

function BatchEncoding:__complete()
  local names = {table.unpack(self._order)}
  for name in pairs(methods) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- The fields' names in their order.
function methods:keys() return {table.unpack(self._order)} end

local function row(self, lists, i)
  if self._single then return lists[1] end
  local list = lists[(i or 0) + 1]
  if list == nil then failure("IndexError", "list index out of range") end
  return list
end

local function ids_of(self, i)
  local ids = self._data.input_ids
  if torch.is_tensor(ids) then
    local list = {}
    for k, id in ipairs(ids[i or 0]:tolist()) do list[k] = id end
    return list
  end
  return self._single and ids or row(self, ids, i)
end

--- The tokens of a sequence of the batch, counted from 0.
function methods:tokens(i)
  local tokens = {}
  for k, id in ipairs(ids_of(self, i)) do tokens[k] = self._tokenizer:token(id) end
  return tokens
end

--- The number of each token's word, from 0; false for the frame and filler. Asked for with return_offsets_mapping = true.
function methods:word_ids(i)
  if not self._words then failure("ValueError", "word_ids() needs a call with return_offsets_mapping = true") end
  local words = {}
  for k, word in ipairs(row(self, self._words, i)) do words[k] = word >= 0 and word or false end
  return words
end

--- Itself: there is only the processor.
function methods:to(_) return self end

--- Makes one of a core's fields. `single` takes them out of a batch of one.
return function(core, fields, order, single)
  local data, names = {}, {}
  for _, name in ipairs(order) do
    local value = fields[name]
    if value ~= nil then
      -- Lengths are a list even for one.
      if single and name ~= "length" then value = value[1] end
      data[name] = value
      names[#names + 1] = name
    end
  end
  return setmetatable({_data = data, _order = names, _tokenizer = core, _words = fields._words, _single = single}, BatchEncoding)
end
