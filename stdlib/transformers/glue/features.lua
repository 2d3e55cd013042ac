--- Examples as a model takes them: ids, masks and labels. Mirrors `transformers.glue_convert_examples_to_features`.
local torch = require "torch"
local class = require "torch.class"
local signature = require "torch.signature"
local fail = require "torch.failure"
local dict = require "dict"
local logging = require "logging"
local corpus = require "transformers.glue.examples"

local logger = logging.getLogger("transformers.data.processors.glue")
local features = {}

local fields = {"input_ids", "attention_mask", "token_type_ids", "label"}

--- One example's ids, mask and types as lists, and its label. Mirrors `transformers.InputFeatures`.
local InputFeatures = class("InputFeatures", nil, "input_ids, attention_mask=None, token_type_ids=None, label=None")
features.InputFeatures = InputFeatures
local feature = signature("InputFeatures", "input_ids, attention_mask=None, token_type_ids=None, label=None")

function InputFeatures:__init(...)
  for name, value in pairs(feature(...)) do self[name] = value end
end

function InputFeatures:__tostring() return corpus.described(self, fields) end

-- Examples' features as a list from 1 would be, kept as one tensor a field: `list[i]` is made when it is asked for.
local FeatureList = class("FeatureList")
features.FeatureList = FeatureList

function FeatureList:__init(tensors) self.tensors = tensors end

function FeatureList:__len() return self.tensors.input_ids:size(0) end

function FeatureList:__index(i)
  if math.type(i) ~= "integer" then return FeatureList[i] end
  if i < 1 or i > #self then return nil end
  local one = {}
  for name, tensor in pairs(self.tensors) do
    local row = tensor[i - 1]
    one[name] = row:dim() == 0 and row:item() or row:tolist()
  end
  return InputFeatures(one)
end

function FeatureList:__tostring() return ("<list of %d InputFeatures>"):format(#self) end

-- The place of each example's label among the labels, or the number it is; nothing where none of them has one.
local function labels_of(examples, o)
  local places, names, values = {}, {}, {}
  for i, label in ipairs(o.label_list) do places[label], names[i] = i - 1, dict.repr(label) end
  for i, example in ipairs(examples) do
    if example.label == nil then
      if i > 1 and values[1] ~= nil then fail("ValueError", "%s has no label, %s has", example.guid, examples[1].guid) end
    elseif o.output_mode == "classification" then
      values[i] = places[example.label]
      if values[i] == nil then fail("KeyError", "label %s of %s is none of %s", dict.repr(example.label), example.guid, table.concat(names, ", ")) end
    else
      values[i] = tonumber(example.label) or fail("ValueError", "could not convert string to float: %s (label of %s)", dict.repr(example.label), example.guid)
    end
    if values[i] ~= nil and i > 1 and values[1] == nil then fail("ValueError", "%s has no label, %s has", examples[1].guid, example.guid) end
  end
  if #values == 0 then return nil end
  return torch.tensor(values, {dtype = o.output_mode == "classification" and torch.int64 or torch.float32})
end

local function check(examples, o)
  if #examples == 0 then fail("ValueError", "there are no examples to convert") end
  if math.type(o.max_length) ~= "integer" or o.max_length < 4 then
    fail("ValueError", "max_length is an integer from 4 on, which has room for a pair, not %s", dict.repr(o.max_length))
  end
  if o.output_mode ~= "classification" and o.output_mode ~= "regression" then fail("KeyError", "%s", dict.repr(o.output_mode)) end
  for i, example in ipairs(examples) do
    for _, name in ipairs {"text_a", "text_b"} do
      local text = example[name]
      if type(text) ~= "string" and (name == "text_a" or text ~= nil) then
        fail("TypeError", "%s of %s must be a text, not %s", name, example.guid or ("example %d"):format(i), type(text))
      end
      if text and not text:find("%S") then fail("ValueError", "%s of %s is empty", name, example.guid or ("example %d"):format(i)) end
    end
    if (example.text_b == nil) ~= (examples[1].text_b == nil) then fail("ValueError", "%s: some examples are pairs and some are not", example.guid) end
  end
end

local options = "examples, tokenizer, max_length=512, task=None, label_list=None, output_mode=None, pad_on_left=False, pad_token=0, pad_token_segment_id=0, mask_padding_with_zero=True"
local arguments = signature("glue_convert_examples_to_features", options, "glue_convert_examples_to_features")

local function show(examples, list)
  if not logger:isEnabledFor(logging.INFO) then return end
  for i = 1, math.min(5, #examples) do
    local one = list[i]
    logger:info("*** Example ***")
    logger:info("guid: %s", examples[i].guid)
    for _, name in ipairs {"input_ids", "attention_mask", "token_type_ids"} do logger:info("%s: %s", name, table.concat(one[name], " ")) end
    logger:info("label: %s (id = %s)", examples[i].label, one.label)
  end
end

--- The features of examples, a list from 1: `[CLS]`, the first text, `[SEP]`, the second, `[SEP]`, cut and filled up to max_length.
--- All texts go to the tokenizer at once. Mirrors `transformers.glue_convert_examples_to_features`.
function features.glue_convert_examples_to_features(...)
  local o = arguments(...)
  if o.task ~= nil then
    o.label_list = o.label_list or corpus.glue_processors[o.task]():get_labels()
    o.output_mode = o.output_mode or corpus.glue_output_modes[o.task]
  end
  if o.label_list == nil then fail("TypeError", "glue_convert_examples_to_features() needs a label_list, or a task that has one") end
  local examples = o.examples
  check(examples, o)
  local labels = labels_of(examples, o)
  local firsts, seconds = {}, {}
  for i, example in ipairs(examples) do firsts[i], seconds[i] = example.text_a, example.text_b end
  local encoded = o.tokenizer(firsts, seconds[1] and seconds, {
    max_length = o.max_length, padding = "max_length", truncation = true, padding_side = o.pad_on_left and "left" or "right", return_tensors = "pt",
    return_token_type_ids = true, return_attention_mask = true,
  })
  local ids, mask, types = encoded.input_ids, encoded.attention_mask, encoded.token_type_ids
  local padding = mask:eq(0)
  if o.pad_token ~= o.tokenizer.pad_token_id then ids = ids:masked_fill(padding, o.pad_token) end
  if o.pad_token_segment_id ~= 0 then types = types:masked_fill(padding, o.pad_token_segment_id) end
  if not o.mask_padding_with_zero then mask = 1 - mask end
  local list = FeatureList {input_ids = ids, attention_mask = mask, token_type_ids = types, label = labels}
  show(examples, list)
  return list
end

return features
