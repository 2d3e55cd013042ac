--- DistilBERT, a BERT of half the layers without kinds of tokens and pooler, and the same with a classifier of texts. Mirrors
--- `transformers.DistilBertModel` and `transformers.DistilBertForSequenceClassification`.
local torch = require "torch"
local nn = require "torch.nn"
local F = require "torch.nn.functional"
local ACT2FN = require "transformers.activations"
local DistilBertConfig = require "transformers.distilbert_config"
local attention = require "transformers.attention"
local inputs = require "transformers.model_inputs"
local loss = require "transformers.classification_loss"
local outputs = require "transformers.model_output"
local pretrained = require "transformers.pretrained"
local failure = require "torch.failure"

local Embeddings = torch.class("Embeddings", nn.Module)

function Embeddings:__init(config)
  self.word_embeddings = nn.Embedding(config.vocab_size, config.dim, {padding_idx = config.pad_token_id})
  self.position_embeddings = nn.Embedding(config.max_position_embeddings, config.dim)
  self.LayerNorm = nn.LayerNorm(config.dim, {eps = 1e-12})
  self.dropout = nn.Dropout(config.dropout)
  self:register_buffer("position_ids", torch.arange(config.max_position_embeddings):expand {1, -1}, {persistent = false})
end

function Embeddings:forward(input_ids, inputs_embeds, position_ids)
  local _, length = inputs.shape(self, input_ids, inputs_embeds)
  local embeddings = inputs_embeds or inputs.look_up(self.word_embeddings, input_ids, "input_ids", "vocab_size")
  position_ids = position_ids or self.position_ids[{":", "0:" .. length}]
  embeddings = embeddings + inputs.look_up(self.position_embeddings, position_ids, "position_ids", "max_position_embeddings")
  return self.dropout(self.LayerNorm(embeddings))
end

local DistilBertSelfAttention = torch.class("DistilBertSelfAttention", nn.Module)

function DistilBertSelfAttention:__init(config)
  self.n_heads = config.n_heads
  for _, name in ipairs {"q_lin", "k_lin", "v_lin", "out_lin"} do self[name] = nn.Linear(config.dim, config.dim) end
  self.dropout = nn.Dropout(config.attention_dropout)
end

function DistilBertSelfAttention:forward(hidden_states, mask, wants_weights)
  local batch, length = hidden_states:size(0), hidden_states:size(1)
  local function heads(x) return x:view(batch, length, self.n_heads, -1):transpose(1, 2) end
  local query, key, value = heads(self.q_lin(hidden_states)), heads(self.k_lin(hidden_states)), heads(self.v_lin(hidden_states))
  local output, weights = attention(self, query, key, value, mask, wants_weights)
  return self.out_lin(output:transpose(1, 2):reshape(batch, length, -1)), weights
end

local FFN = torch.class("FFN", nn.Module)

function FFN:__init(config)
  self.dropout = nn.Dropout(config.dropout)
  self.lin1 = nn.Linear(config.dim, config.hidden_dim)
  self.lin2 = nn.Linear(config.hidden_dim, config.dim)
  self.activation = ACT2FN[config.activation]()
end

function FFN:forward(x) return self.dropout(self.lin2(self.activation(self.lin1(x)))) end

local TransformerBlock = torch.class("TransformerBlock", nn.Module)

function TransformerBlock:__init(config)
  self.attention = DistilBertSelfAttention(config)
  self.sa_layer_norm = nn.LayerNorm(config.dim, {eps = 1e-12})
  self.ffn = FFN(config)
  self.output_layer_norm = nn.LayerNorm(config.dim, {eps = 1e-12})
end

function TransformerBlock:forward(hidden_states, mask, wants_weights)
  local output, weights = self.attention(hidden_states, mask, wants_weights)
  output = self.sa_layer_norm(output + hidden_states)
  return self.output_layer_norm(self.ffn(output) + output), weights
end

local Transformer = torch.class("Transformer", nn.Module)

function Transformer:__init(config)
  local layers = {}
  for i = 1, config.n_layers do layers[i] = TransformerBlock(config) end
  self.layer = nn.ModuleList(layers)
end

-- `states` and `weights`, where given, are lists that take what each layer gives.
function Transformer:forward(hidden_states, mask, states, weights)
  for i = 0, #self.layer - 1 do
    if states then states[#states + 1] = hidden_states end
    local given
    hidden_states, given = self.layer[i](hidden_states, mask, weights ~= nil)
    if weights then weights[#weights + 1] = given end
  end
  if states then states[#states + 1] = hidden_states end
  return hidden_states
end

local model_inputs = {"input_ids", "attention_mask", "inputs_embeds", "position_ids"}
local classifier_inputs = {"input_ids", "attention_mask", "inputs_embeds", "labels", "position_ids"}

local DistilBertModel = pretrained.class("DistilBertModel", DistilBertConfig, "distilbert")

function DistilBertModel:__init(config)
  if config.sinusoidal_pos_embds then failure("NotImplementedError", "positions by sines (sinusoidal_pos_embds) are not here") end
  self.config = config
  self.embeddings = Embeddings(config)
  self.transformer = Transformer(config)
  pretrained.initialize(self, config)
end

--- The hidden state of each token of the last layer.
function DistilBertModel:forward(input_ids, attention_mask, inputs_embeds, position_ids, ...)
  local given = inputs.named("DistilBertModel", model_inputs, input_ids, attention_mask, inputs_embeds, position_ids, ...)
  if (given.input_ids == nil) == (given.inputs_embeds == nil) then failure("ValueError", "You must specify exactly one of input_ids or inputs_embeds") end
  local states = inputs.choice(self, given, "output_hidden_states") and {} or nil
  local weights = inputs.choice(self, given, "output_attentions") and {} or nil
  local mask = inputs.attention(given.attention_mask, given.input_ids or given.inputs_embeds)
  local hidden = self.transformer(self.embeddings(given.input_ids, given.inputs_embeds, given.position_ids), mask, states, weights)
  local result = outputs.BaseModelOutput {last_hidden_state = hidden, hidden_states = states, attentions = weights}
  if inputs.choice(self, given, "return_dict") == false then return result:to_tuple() end
  return result
end

--- The embedding of words. Mirrors `get_input_embeddings`.
function DistilBertModel:get_input_embeddings() return self.embeddings.word_embeddings end

local DistilBertForSequenceClassification =
  pretrained.class("DistilBertForSequenceClassification", DistilBertConfig, "distilbert", "distilbert")

function DistilBertForSequenceClassification:__init(config)
  self.num_labels = config.num_labels
  self.config = config
  self.distilbert = DistilBertModel(config)
  self.pre_classifier = nn.Linear(config.dim, config.dim)
  self.classifier = nn.Linear(config.dim, config.num_labels)
  self.dropout = nn.Dropout(config.seq_classif_dropout)
  pretrained.initialize(self.pre_classifier, config)
  pretrained.initialize(self.classifier, config)
end

--- A score of each label for each text, and with `labels` the loss.
function DistilBertForSequenceClassification:forward(input_ids, attention_mask, inputs_embeds, labels, position_ids, ...)
  local given =
    inputs.named("DistilBertForSequenceClassification", classifier_inputs, input_ids, attention_mask, inputs_embeds, labels, position_ids, ...)
  local return_dict = inputs.choice(self, given, "return_dict")
  labels, given.labels, given.return_dict = given.labels, nil, true
  local base = self.distilbert(given)
  local pooled = F.relu(self.pre_classifier(base.last_hidden_state[{":", 0}]))
  local logits = self.classifier(self.dropout(pooled))
  local result = outputs.SequenceClassifierOutput {
    loss = labels ~= nil and loss(self, logits, labels) or nil, logits = logits, hidden_states = base.hidden_states, attentions = base.attentions,
  }
  if return_dict == false then return result:to_tuple() end
  return result
end

return {DistilBertModel = DistilBertModel, DistilBertForSequenceClassification = DistilBertForSequenceClassification}
