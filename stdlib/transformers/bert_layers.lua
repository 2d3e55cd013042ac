--- The layers of BERT: embeddings, self-attention, the two linear layers after it, and the pooler. Mirrors `transformers.models.bert.modeling_bert`.
local torch = require "torch"
local nn = require "torch.nn"
local ACT2FN = require "transformers.activations"
local attention = require "transformers.attention"
local inputs = require "transformers.model_inputs"

local BertEmbeddings = torch.class("BertEmbeddings", nn.Module)

function BertEmbeddings:__init(config)
  self.word_embeddings = nn.Embedding(config.vocab_size, config.hidden_size, {padding_idx = config.pad_token_id})
  self.position_embeddings = nn.Embedding(config.max_position_embeddings, config.hidden_size)
  self.token_type_embeddings = nn.Embedding(config.type_vocab_size, config.hidden_size)
  self.LayerNorm = nn.LayerNorm(config.hidden_size, {eps = config.layer_norm_eps})
  self.dropout = nn.Dropout(config.hidden_dropout_prob)
  self:register_buffer("position_ids", torch.arange(config.max_position_embeddings):expand {1, -1}, {persistent = false})
  self:register_buffer("token_type_ids", torch.zeros(1, config.max_position_embeddings, {dtype = torch.long}), {persistent = false})
end

function BertEmbeddings:forward(input_ids, token_type_ids, position_ids, inputs_embeds)
  local batch, length = inputs.shape(self, input_ids, inputs_embeds)
  position_ids = position_ids or self.position_ids[{":", "0:" .. length}]
  token_type_ids = token_type_ids or self.token_type_ids[{":", "0:" .. length}]:expand(batch, length)
  local embeddings = inputs_embeds or inputs.look_up(self.word_embeddings, input_ids, "input_ids", "vocab_size")
  embeddings = embeddings + inputs.look_up(self.token_type_embeddings, token_type_ids, "token_type_ids", "type_vocab_size")
  embeddings = embeddings + inputs.look_up(self.position_embeddings, position_ids, "position_ids", "max_position_embeddings")
  return self.dropout(self.LayerNorm(embeddings))
end

local BertSelfAttention = torch.class("BertSelfAttention", nn.Module)

function BertSelfAttention:__init(config)
  self.num_attention_heads = config.num_attention_heads
  self.attention_head_size = config.hidden_size // config.num_attention_heads
  self.query = nn.Linear(config.hidden_size, config.hidden_size)
  self.key = nn.Linear(config.hidden_size, config.hidden_size)
  self.value = nn.Linear(config.hidden_size, config.hidden_size)
  self.dropout = nn.Dropout(config.attention_probs_dropout_prob)
end

function BertSelfAttention:forward(hidden_states, attention_mask, wants_weights)
  local batch, length = hidden_states:size(0), hidden_states:size(1)
  local function heads(x) return x:view(batch, length, self.num_attention_heads, self.attention_head_size):transpose(1, 2) end
  local query, key, value = heads(self.query(hidden_states)), heads(self.key(hidden_states)), heads(self.value(hidden_states))
  local output, weights = attention(self, query, key, value, attention_mask, wants_weights)
  return output:transpose(1, 2):reshape(batch, length, -1), weights
end

-- A linear layer, dropout, and the norm of the sum with what went in before.
local function residual(name, width)
  local class = torch.class(name, nn.Module)
  function class:__init(config)
    self.dense = nn.Linear(config[width], config.hidden_size)
    self.LayerNorm = nn.LayerNorm(config.hidden_size, {eps = config.layer_norm_eps})
    self.dropout = nn.Dropout(config.hidden_dropout_prob)
  end
  function class:forward(hidden_states, input_tensor) return self.LayerNorm(self.dropout(self.dense(hidden_states)) + input_tensor) end
  return class
end

local BertSelfOutput = residual("BertSelfOutput", "hidden_size")
local BertOutput = residual("BertOutput", "intermediate_size")

local BertAttention = torch.class("BertAttention", nn.Module)

function BertAttention:__init(config)
  self.self = BertSelfAttention(config)
  self.output = BertSelfOutput(config)
end

function BertAttention:forward(hidden_states, attention_mask, wants_weights)
  local output, weights = self.self(hidden_states, attention_mask, wants_weights)
  return self.output(output, hidden_states), weights
end

local BertIntermediate = torch.class("BertIntermediate", nn.Module)

function BertIntermediate:__init(config)
  self.dense = nn.Linear(config.hidden_size, config.intermediate_size)
  self.intermediate_act_fn = ACT2FN[config.hidden_act]()
end

function BertIntermediate:forward(hidden_states) return self.intermediate_act_fn(self.dense(hidden_states)) end

local BertLayer = torch.class("BertLayer", nn.Module)

function BertLayer:__init(config)
  self.attention = BertAttention(config)
  self.intermediate = BertIntermediate(config)
  self.output = BertOutput(config)
end

function BertLayer:forward(hidden_states, attention_mask, wants_weights)
  local attended, weights = self.attention(hidden_states, attention_mask, wants_weights)
  return self.output(self.intermediate(attended), attended), weights
end

local BertEncoder = torch.class("BertEncoder", nn.Module)

function BertEncoder:__init(config)
  local layers = {}
  for i = 1, config.num_hidden_layers do layers[i] = BertLayer(config) end
  self.layer = nn.ModuleList(layers)
end

-- `states` and `attentions`, where given, are lists that take what each layer gives.
function BertEncoder:forward(hidden_states, attention_mask, states, attentions)
  for i = 0, #self.layer - 1 do
    if states then states[#states + 1] = hidden_states end
    local weights
    hidden_states, weights = self.layer[i](hidden_states, attention_mask, attentions ~= nil)
    if attentions then attentions[#attentions + 1] = weights end
  end
  if states then states[#states + 1] = hidden_states end
  return hidden_states
end

local BertPooler = torch.class("BertPooler", nn.Module)

function BertPooler:__init(config)
  self.dense = nn.Linear(config.hidden_size, config.hidden_size)
  self.activation = nn.Tanh()
end

-- A text's vector is that of its first token.
function BertPooler:forward(hidden_states) return self.activation(self.dense(hidden_states[{":", 0}])) end

return {BertEmbeddings = BertEmbeddings, BertEncoder = BertEncoder, BertPooler = BertPooler, BertLayer = BertLayer}
