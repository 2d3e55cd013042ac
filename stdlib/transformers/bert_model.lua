--- BERT, and BERT with a classifier of texts. Mirrors `transformers.BertModel` and `transformers.BertForSequenceClassification`.
local nn = require "torch.nn"
local BertConfig = require "transformers.bert_config"
local inputs = require "transformers.model_inputs"
local layers = require "transformers.bert_layers"
local loss = require "transformers.classification_loss"
local outputs = require "transformers.model_output"
local pretrained = require "transformers.pretrained"
local failure = require "torch.failure"

local model_inputs = {"input_ids", "attention_mask", "token_type_ids", "position_ids", "inputs_embeds"}
local classifier_inputs = {"input_ids", "attention_mask", "token_type_ids", "position_ids", "inputs_embeds", "labels"}

local BertModel = pretrained.class("BertModel", BertConfig, "bert")

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
  local given = inputs.named("BertModel", model_inputs, input_ids, attention_mask, token_type_ids, position_ids, inputs_embeds, ...)
  if (given.input_ids == nil) == (given.inputs_embeds == nil) then failure("ValueError", "You must specify exactly one of input_ids or inputs_embeds") end
  local states = inputs.choice(self, given, "output_hidden_states") and {} or nil
  local attentions = inputs.choice(self, given, "output_attentions") and {} or nil
  local mask = inputs.attention(given.attention_mask, given.input_ids or given.inputs_embeds)
  local hidden = self.embeddings(given.input_ids, given.token_type_ids, given.position_ids, given.inputs_embeds)
  hidden = self.encoder(hidden, mask, states, attentions)
  local result = outputs.BaseModelOutputWithPoolingAndCrossAttentions {
    last_hidden_state = hidden, pooler_output = self.pooler and self.pooler(hidden), hidden_states = states, attentions = attentions,
  }
  if inputs.choice(self, given, "return_dict") == false then return result:to_tuple() end
  return result
end

--- The embedding of words. Mirrors `get_input_embeddings`.
function BertModel:get_input_embeddings() return self.embeddings.word_embeddings end

--- Puts another embedding in its place.
function BertModel:set_input_embeddings(value) self.embeddings.word_embeddings = value end

local BertForSequenceClassification = pretrained.class("BertForSequenceClassification", BertConfig, "bert", "bert")

function BertForSequenceClassification:__init(config)
  self.num_labels = config.num_labels
  self.config = config
  self.bert = BertModel(config)
  self.dropout = nn.Dropout(config.classifier_dropout or config.hidden_dropout_prob)
  self.classifier = nn.Linear(config.hidden_size, config.num_labels)
  pretrained.initialize(self.classifier, config)
end

--- A score of each label for each text, and with `labels` the loss.
function BertForSequenceClassification:forward(input_ids, attention_mask, token_type_ids, position_ids, inputs_embeds, labels, ...)
  local given = inputs.named("BertForSequenceClassification", classifier_inputs, input_ids, attention_mask, token_type_ids, position_ids,
    inputs_embeds, labels, ...)
  local return_dict = inputs.choice(self, given, "return_dict")
  labels, given.labels, given.return_dict = given.labels, nil, true
  local base = self.bert(given)
  local logits = self.classifier(self.dropout(base.pooler_output))
  local result = outputs.SequenceClassifierOutput {
    loss = labels ~= nil and loss(self, logits, labels) or nil, logits = logits, hidden_states = base.hidden_states, attentions = base.attentions,
  }
  if return_dict == false then return result:to_tuple() end
  return result
end

return {BertModel = BertModel, BertForSequenceClassification = BertForSequenceClassification}
