-- What BERT's parts say of configurations, checkpoints and inputs that cannot be meant: the file, the key, the value.
local torch = require "torch"
local safetensors = require "safetensors.torch"
local json = require "json"
local transformers = require "transformers"
local BertConfig, BertModel = transformers.BertConfig, transformers.BertModel
local BertForSequenceClassification = transformers.BertForSequenceClassification

local here = arg[0]:match("^(.*/)[^/]*$")
local fails = dofile(here .. "support/fails.lua")
local folder = here .. "bert/model"
local model = BertForSequenceClassification.from_pretrained(folder)

local function write(name, text)
  local file <close> = assert(io.open(name, "wb"))
  file:write(text)
end

local fields = model.config:to_dict()

-- A configuration's file with other values; a value of json.null is null, one of `absent` is left out.
local absent = {}
local function file_of(changes)
  local other = {}
  for name, value in pairs(fields) do other[name] = value end
  for name, value in pairs(changes) do other[name] = value ~= absent and value or nil end
  write("config.json", json.dumps(other))
  return "config.json"
end

for _, case in ipairs {
  {{hidden_size = "8"}, "config.json: field 'hidden_size' expected int, got str (value: '8')"},
  {{hidden_size = 8.0}, "config.json: field 'hidden_size' expected int, got float (value: 8.0)"},
  {{hidden_size = json.null}, "config.json: field 'hidden_size' expected int, got NoneType (value: None)"},
  {{hidden_dropout_prob = json.null}, "config.json: field 'hidden_dropout_prob' expected float or int, got NoneType (value: None)"},
  {{num_attention_heads = true}, "config.json: field 'num_attention_heads' expected int, got bool (value: True)"},
  {{use_cache = 1}, "config.json: field 'use_cache' expected bool, got int (value: 1)"},
  {{layer_norm_eps = 1}, "config.json: field 'layer_norm_eps' expected float, got int (value: 1)"},
  {{num_attention_heads = 3}, "config.json: The hidden size (8) is not a multiple of the number of attention heads (3)"},
  {{vocab_size = 0}, "config.json: field 'vocab_size' must be positive, got 0"},
  {{pad_token_id = 99}, "config.json: field 'pad_token_id' must be `None` or an integer within the vocabulary (between 0 and 39), got 99"},
  {{hidden_dropout_prob = 1.5}, "config.json: field 'hidden_dropout_prob' is a probability between 0 and 1, got 1.5"},
  {{dtype = "float99"}, "config.json: field 'dtype' expected the name of a torch.dtype, got 'float99'"},
  {{id2label = {a = "b"}}, "config.json: field 'id2label' expected whole numbers as keys, got 'a'"},
  {{id2label = {"a", "b"}}, "config.json: field 'id2label' expected dict, got list"},
  {{problem_type = "guess"}, "config.json: field 'problem_type' expected one of 'multi_label_classification', 'regression', 'single_label_classification', got 'guess'"},
  {{hidden_act = "gulp"}, "config.json: field 'hidden_act' expected one of 'gelu', 'gelu_10', "},
  {{model_type = "roberta"}, "config.json: field 'model_type' is 'roberta', but BertConfig reads 'bert'"},
} do fails(case[2], function() BertConfig.from_pretrained(file_of(case[1])) end) end

-- a field that is not there has transformers' default
assert(BertConfig.from_json_file(file_of {hidden_size = absent, num_attention_heads = absent}).hidden_size == 768)
fails("BertConfig: field 'hidden_size' expected int, got str (value: 'big')", function() BertConfig {hidden_size = "big"} end)
fails("BertConfig: field 'vocab_size' expected int, got str (value: 'many')", function() model.config.vocab_size = "many" end)
fails("BertConfig accepts only keyword arguments", function() BertConfig(4) end)
write("broken.json", '{"hidden_size": 8,\n "vocab_size": }')
fails("It looks like the config file at 'broken.json' is not a valid JSON file: expected value at line 2 column 16", function() BertConfig.from_json_file("broken.json") end)
write("list.json", "[1]")
fails("The config file at 'list.json' does not hold an object", function() BertConfig.from_json_file("list.json") end)
fails("nowhere: No such file or directory", function() BertConfig.from_pretrained("nowhere") end)
fails("BERT as a decoder", function() BertModel(BertConfig {is_decoder = true}) end)

-- checkpoints
model:save_pretrained("there")
local weights = safetensors.load_file("there/model.safetensors")
local function checkpoint(change)
  local other = {}
  for name, tensor in pairs(weights) do other[name] = tensor:clone() end
  change(other)
  safetensors.save_file(other, "there/model.safetensors")
end
checkpoint(function(state) state["bert.pooler.dense.weight"] = torch.ones(8, 9) end)
fails("there/model.safetensors for BertForSequenceClassification:\n\tsize mismatch for bert.pooler.dense.weight: copying a param with shape torch.Size([8, 9]) "
  .. "from checkpoint, the shape in current model is torch.Size([8, 8])", function() BertForSequenceClassification.from_pretrained("there") end)
fails("size mismatch for bert.embeddings.word_embeddings.weight: copying a param with shape torch.Size([40, 8]) from checkpoint, the shape in current model is "
  .. "torch.Size([50, 8])", function() BertForSequenceClassification.from_pretrained(folder, {vocab_size = 50}) end)
checkpoint(function(state)
  state["bert.pooler.dense.weight"], state.cls = nil, torch.ones(2)
end)
local _, report = BertForSequenceClassification.from_pretrained("there", {output_loading_info = true})
assert(table.concat(report.missing_keys) == "bert.pooler.dense.weight" and table.concat(report.unexpected_keys) == "cls")
safetensors.save_file({w = torch.ones(2)}, "there/model.safetensors")
fails("there/model.safetensors holds none of the weights of BertForSequenceClassification: its names are ['w']", function()
  BertForSequenceClassification.from_pretrained("there")
end)
write("there/model.safetensors", "cut")
fails("there/model.safetensors", function() BertForSequenceClassification.from_pretrained("there") end)
write("there/vocab.txt", ("x\n"):rep(41))
fails("there/vocab.txt has 41 tokens, but the model in there only 40 (vocab_size): the vocabulary does not match", function()
  BertForSequenceClassification.from_pretrained("there")
end)
os.remove("there/vocab.txt")
os.remove("there/model.safetensors")
fails("Error no file named model.safetensors, or pytorch_model.bin found in directory there.", function() BertForSequenceClassification.from_pretrained("there") end)
fails("nowhere", function() BertForSequenceClassification.from_pretrained("nowhere") end)
local quantized = torch.quantization.quantize_dynamic(model, {torch.nn.Linear}, {dtype = torch.qint8})
fails("a quantized model is saved by torch.save(model:state_dict(), …)", function() quantized:save_pretrained("there") end)

-- inputs
local ids = torch.tensor {{2, 7, 8, 3}}
fails("input_ids holds 40 at [0, 2]: the model's table has 40 rows, 0 to 39 (config.vocab_size)", function() model(torch.tensor {{2, 7, 40, 3}}) end)
fails("input_ids holds -1 at [1, 0]", function() model(torch.tensor {{2, 7}, {-1, 3}}) end)
fails("token_type_ids holds 2 at [0, 3]: the model's table has 2 rows, 0 to 1 (config.type_vocab_size)", function()
  model {input_ids = ids, token_type_ids = torch.tensor {{0, 0, 1, 2}}}
end)
fails("position_ids holds 16 at [0, 0]", function() model {input_ids = ids, position_ids = torch.tensor {{16, 1, 2, 3}}} end)
fails("input_ids has 17 tokens a row, but the model knows 16 positions (config.max_position_embeddings): truncate the texts", function()
  model(torch.ones(1, 17, {dtype = torch.long}))
end)
fails("input_ids holds no token", function() model(torch.ones(1, 0, {dtype = torch.long})) end)
fails("input_ids must have the shape (batch, length), got torch.Size([4])", function() model(ids[0]) end)
fails("input_ids must be a Tensor, not table", function() model {input_ids = {{2, 3}}} end)
fails("Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int", function() model(torch.ones(1, 3)) end)
fails("attention_mask has the shape torch.Size([1, 3]), but the texts have torch.Size([1, 4])", function() model(ids, torch.ones(1, 3)) end)
fails("attention_mask must be a Tensor, not table", function() model {input_ids = ids, attention_mask = {1}} end)
fails("labels holds 2 at [0]: the model has 2 labels, 0 to 1 (config.num_labels)", function() model(ids, {labels = torch.tensor {2}}) end)
fails("labels holds -1 at [1]", function() model(ids:expand(2, 4), {labels = torch.tensor {0, -1}}) end)
fails("labels must be a Tensor, not number", function() model(ids, {labels = 1}) end)
fails("You must specify exactly one of input_ids or inputs_embeds", function() model() end)
fails("BertForSequenceClassification.forward() got an unexpected keyword argument 'input_id'", function() model {input_id = ids} end)
fails("BertForSequenceClassification.forward() takes 6 arguments but 7 were given", function() model(ids, nil, nil, nil, nil, nil, ids) end)
