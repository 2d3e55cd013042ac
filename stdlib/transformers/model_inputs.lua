--- What comes into a model of texts: by name or by place, checked where a mistake would not tell of itself.
local torch = require "torch"
local failure = require "torch.failure"

local M = {}
local options = {output_attentions = true, output_hidden_states = true, return_dict = true}

--- Arguments by name: tensors by their place, tables (and what a tokenizer gives) by their keys.
function M.named(class, names, ...)
  local given, place, known = {}, 0, {}
  for _, name in ipairs(names) do known[name] = true end
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    if type(value) == "table" then
      for name, item in pairs(value) do
        if not known[name] and not options[name] then failure("TypeError", "%s.forward() got an unexpected keyword argument '%s'", class, tostring(name)) end
        given[name] = item
      end
    else
      place = place + 1
      if value ~= nil then
        if not names[place] then failure("TypeError", "%s.forward() takes %d arguments but %d were given", class, #names, place) end
        given[names[place]] = value
      end
    end
  end
  return given
end

--- What a call asks for, else what the configuration says.
function M.choice(self, given, name)
  if given[name] ~= nil then return given[name] end
  return self.config[name]
end

--- True where a token may look, broadcast over heads and over who looks; a mask of four dimensions is taken as it is.
function M.attention(mask, like)
  if mask == nil then return nil end
  if not torch.is_tensor(mask) then failure("TypeError", "attention_mask must be a Tensor, not %s", type(mask)) end
  if mask:dim() == 4 then return mask end
  local batch, length = like:size(0), like:size(1)
  if mask:dim() ~= 2 or mask:size(0) ~= batch or mask:size(1) ~= length then
    failure("ValueError", "attention_mask has the shape %s, but the texts have %s", tostring(mask.shape), tostring(torch.Size {batch, length}))
  end
  return mask:to(torch.bool):view(batch, 1, 1, length)
end

--- The batch and the length of what comes in. Says what no lookup would: a shape that is no batch, a length without a position.
function M.shape(self, ids, embeds)
  local given, name = ids or embeds, ids and "input_ids" or "inputs_embeds"
  if not torch.is_tensor(given) then failure("TypeError", "%s must be a Tensor, not %s", name, type(given)) end
  if given:dim() ~= (ids and 2 or 3) then
    failure("ValueError", "%s must have the shape (batch, length%s), got %s", name, ids and "" or ", hidden_size", tostring(given.shape))
  end
  local length, places = given:size(1), self.position_embeddings.num_embeddings
  if length == 0 then failure("ValueError", "%s holds no token: a text has at least its frame, [CLS] and [SEP]", name) end
  if length > places then
    failure("ValueError", "%s has %d tokens a row, but the model knows %d positions (config.max_position_embeddings): truncate the texts", name, length, places)
  end
  return given:size(0), length
end

--- A table lookup whose mistake names the input and the value that is out of range.
function M.look_up(embedding, ids, name, limit)
  local good, result = pcall(embedding, ids)
  if good then return result end
  if not torch.is_tensor(ids) then failure("TypeError", "%s must be a Tensor, not %s", name, type(ids)) end
  local count = embedding.num_embeddings
  local outside = not torch.is_floating_point(ids) and torch.nonzero(torch.lt(ids, 0):logical_or(torch.ge(ids, count)))
  if not outside or #outside == 0 then error(result, 0) end
  local place, value = outside[0]:tolist(), ids
  for _, i in ipairs(place) do value = value[i] end
  failure("IndexError", "%s holds %d at [%s]: the model's table has %d rows, 0 to %d (config.%s)", name, value:item(), table.concat(place, ", "), count,
    count - 1, limit)
end

return M
