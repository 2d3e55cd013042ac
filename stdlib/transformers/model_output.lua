--- What a model gives: fields by name, and by place from 0 as in a tuple. Mirrors `transformers.utils.ModelOutput`.
local failure = require "torch.failure"

-- The fields of each kind in their order; those without a value are left out of the tuple.
local function define(name, fields)
  local ModelOutput = {__name = name}
  local methods = {}

  local function present(self)
    local values, names = {}, {}
    for _, field in ipairs(fields) do
      local value = rawget(self, field)
      if value ~= nil then values[#values + 1], names[#names + 1] = value, field end
    end
    return values, names
  end

  --- The values as several results: `local loss, logits = outputs:to_tuple()`.
  function methods:to_tuple() return table.unpack((present(self))) end

  --- The fields' names in their order.
  function methods:keys()
    local _, names = present(self)
    return names
  end

  -- `outputs[0]`, `outputs[-1]`; `outputs[":2"]` is a list.
  function ModelOutput:__index(key)
    if type(key) == "string" and methods[key] then return methods[key] end
    local values = present(self)
    if math.type(key) == "integer" then
      local value = values[(key < 0 and #values + key or key) + 1]
      if value == nil then failure("IndexError", "tuple index out of range") end
      return value
    end
    local first, last = tostring(key):match("^(%-?%d*):(%-?%d*)$")
    if not first then return nil end
    local function place(text, default)
      local i = tonumber(text) or default
      return i < 0 and i + #values or i
    end
    return table.move(values, place(first, 0) + 1, math.min(place(last, #values), #values), 1, {})
  end

  function ModelOutput:__len() return #(present(self)) end

  function ModelOutput:__pairs()
    local values, names = present(self)
    local i = 0
    return function()
      i = i + 1
      return names[i], values[i]
    end
  end

  local function shown(value)
    if value == nil then return "None" end
    if type(value) ~= "table" then return tostring(value) end
    local parts = {}
    for i, item in ipairs(value) do parts[i] = shown(item) end
    return "(" .. table.concat(parts, ", ") .. (#parts == 1 and ",)" or ")")
  end

  function ModelOutput:__tostring()
    local parts = {}
    for i, field in ipairs(fields) do parts[i] = field .. "=" .. shown(rawget(self, field)) end
    return name .. "(" .. table.concat(parts, ", ") .. ")"
  end

  return function(values) return setmetatable(values, ModelOutput) end
end

return {
  BaseModelOutput = define("BaseModelOutput", {"last_hidden_state", "hidden_states", "attentions"}),
  BaseModelOutputWithPoolingAndCrossAttentions = define("BaseModelOutputWithPoolingAndCrossAttentions", {
    "last_hidden_state", "pooler_output", "hidden_states", "past_key_values", "attentions", "cross_attentions",
  }),
  SequenceClassifierOutput = define("SequenceClassifierOutput", {"loss", "logits", "hidden_states", "attentions"}),
}
