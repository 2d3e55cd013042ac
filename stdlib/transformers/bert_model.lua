--- BERT, and BERT with a classifier of texts. Mirrors `transformers.BertModel` and `transformers.BertForSequenceClassification`.
local torch = require "torch"
local nn = require "torch.nn"
local BertConfig = require "transformers.bert_config"
local layers = require "transformers.bert_layers"
local outputs = require "transformers.model_output"
local pretrained = require "transformers.pretrained"
local failure = require "torch.failure"

-- Arguments by name: tensors by their place, tables (and what a tokenizer gives) by their keys.
local function arguments(class, names, known, ...)
  local given, place = {}, 0
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    if type(value) == "table" then
      for name, item in pairs(value) do
        if not known[name] then failure("TypeError", "%s.forward() got an unexpected keyword argument '%s'", class, tostring(name)) end
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

local function set(...)
  local result = {}
  for _, list in ipairs {...} do for _, name in ipairs(list) do result[name] = true end end
  return result
end

local options = {"output_attentions", "output_hidden_states", "return_dict"}
local model_inputs = {"input_ids", "attention_mask", "token_type_ids", "position_ids", "inputs_embeds"}
local classifier_inputs = {"input_ids", "attention_mask", "token_type_ids", "position_ids", "inputs_embeds", "labels"}
local model_names, classifier_names = set(model_inputs, options), set(classifier_inputs, options)

-- What a call asks for, else what the configuration says.
local function choice(self, given, name)
  if given[name] ~= nil then return given[name] end
  return self.config[name]
end

-- True where a token may look, broadcast over heads and over who looks; a mask of four dimensions is taken as it is.
local function attention_of(mask, like)
  if mask == nil then return nil end
  if not torch.is_tensor(mask) then failure("TypeError", "attention_mask must be a Tensor, not %s", type(mask)) end
  if mask:dim() == 4 then return mask end
  local batch, length = like:size(0), like:size(1)
  if mask:dim() ~= 2 or mask:size(0) ~= batch or mask:size(1) ~= length then
    failure("ValueError", "attention_mask has the shape %s, but the texts have %s", tostring(mask.shape), tostring(torch.Size {batch, length}))
  end
  return mask:to(torch.bool):view(batch, 1, 1, length)
end

local BertModel = pretrained.class("BertModel", BertConfig)

function BertModel:__init(config, settings)
  if config.is_decoder or config.add_cross_attention then failure("NotImplementedError", "BERT as a decoder (is_decoder, add_cross_attention) is not here") end
  self.config = config
  self.embeddings = layers.BertEmbeddings(config)
  self.encoder = layers.BertEncoder(config)
  if type(settings) == "table" then settings = settings.add_pooling_layer end
  if settings ~= false then self.pooler = layers.BertPooler(config) end
  pretrained.initialize(self, config)
end

--- The hidden state of each token of the last layer, and the pooled one of each text.
function BertModel:forward(input_ids, attention_mask, token_type_ids, position_ids, inputs_embeds, ...)
  local given = arguments("BertModel", model_inputs, model_names, input_ids, attention_mask, token_type_ids, position_ids, inputs_embeds, ...)
  if (given.input_ids == nil) == (given.inputs_embeds == nil) then failure("ValueError", "You must specify exactly one of input_ids or inputs_embeds") end
  local states = choice(self, given, "output_hidden_states") and {} or nil
  local attentions = choice(self, given, "output_attentions") and {} or nil
  local mask = attention_of(given.attention_mask, given.input_ids or given.inputs_embeds)
  local hidden = self.embeddings(given.input_ids, given.token_type_ids, given.position_ids, given.inputs_embeds)
  hidden = self.encoder(hidden, mask, states, attentions)
  local result = outputs.BaseModelOutputWithPoolingAndCrossAttentions {
    last_hidden_state = hidden, pooler_output = self.pooler and self.pooler(hidden), hidden_states = states, attentions = attentions,
  }
  if choice(self, given, "return_dict") == false then return result:to_tuple() end
  return result
end

--- The embedding of words. Mirrors `get_input_embeddings`.
function BertModel:get_input_embeddings() return self.embeddings.word_embeddings end

--- Puts another embedding in its place.
function BertModel:set_input_embeddings(value) self.embeddings.word_embeddings = value end

local BertForSequenceClassification = pretrained.class("BertForSequenceClassification", BertConfig, "bert")

function BertForSequenceClassification:__init(config)
  self.num_labels = config.num_labels
  self.config = config
  self.bert = BertModel(config)
  self.dropout = nn.Dropout(config.classifier_dropout or config.hidden_dropout_prob)
  self.classifier = nn.Linear(config.hidden_size, config.num_labels)
  pretrained.initialize(self.classifier, config)
end

local function problem_of(labels, count)
  if count == 1 then return "regression" end
  if labels.dtype == torch.long or labels.dtype == torch.int then return "single_label_classification" end
  return "multi_label_classification"
end

-- The loss of labels that are classes; a label that is none is named.
local function class_loss(logits, labels, count)
  local good, loss = pcall(nn.CrossEntropyLoss(), logits:view(-1, count), labels:view(-1))
  if good then return loss end
  local flat = labels:view(-1)
  for i = 0, #flat - 1 do
    local label = flat[i]:item()
    if label ~= -100 and (label < 0 or label >= count) then
      failure("IndexError", "labels holds %s at [%d]: the model has %d labels, 0 to %d (config.num_labels)", tostring(label), i, count, count - 1)
    end
  end
  error(loss, 0)
end

local function loss_of(self, logits, labels)
  if not torch.is_tensor(labels) then failure("TypeError", "labels must be a Tensor, not %s", type(labels)) end
  local config = self.config
  if config.problem_type == nil then config.problem_type = problem_of(labels, self.num_labels) end
  if config.problem_type == "single_label_classification" then return class_loss(logits, labels, self.num_labels) end
  if config.problem_type == "multi_label_classification" then return nn.BCEWithLogitsLoss()(logits, labels) end
  if self.num_labels == 1 then return nn.MSELoss()(logits:squeeze(), labels:squeeze()) end
  return nn.MSELoss()(logits, labels)
end

--- A score of each label for each text, and with `labels` the loss.
function BertForSequenceClassification:forward(input_ids, attention_mask, token_type_ids, position_ids, inputs_embeds, labels, ...)
  local given = arguments("BertForSequenceClassification", classifier_inputs, classifier_names, input_ids, attention_mask, token_type_ids, position_ids,
    inputs_embeds, labels, ...)
  local return_dict = choice(self, given, "return_dict")
  labels, given.labels, given.return_dict = given.labels, nil, true
  local base = self.bert(given)
  local logits = self.classifier(self.dropout(base.pooler_output))
  local result = outputs.SequenceClassifierOutput {
    loss = labels ~= nil and loss_of(self, logits, labels) or nil, logits = logits, hidden_states = base.hidden_states, attentions = base.attentions,
  }
  if return_dict == false then return result:to_tuple() end
  return result
end

return {BertModel = BertModel, BertForSequenceClassification = BertForSequenceClassification}
