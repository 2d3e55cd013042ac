-- BERT as scripts call it. Tests/lua/make_bert.py wrote what transformers 5.23 and PyTorch 2.15 make of a tiny model.
local torch = require "torch"
local nn = require "torch.nn"
local path = require "path"
local safetensors = require "safetensors.torch"
local transformers = require "transformers"
local BertConfig, BertModel = transformers.BertConfig, transformers.BertModel
local BertForSequenceClassification = transformers.BertForSequenceClassification

local here = arg[0]:match("^(.*/)[^/]*$")
local fails = dofile(here .. "support/fails.lua")
local folder, old = here .. "bert/model", here .. "bert/old"
local wanted = safetensors.load_file(here .. "bert/expected.safetensors")

local function close(value, name, bound)
  local gap = (value - wanted[name]):abs():max():item()
  assert(value.shape == wanted[name].shape and gap <= (bound or 1e-5), ("%s differs by %g"):format(name, gap))
end

local function bytes_of(name)
  local file <close> = assert(io.open(name, "rb"))
  return file:read("a")
end

-- a new model draws the numbers that PyTorch's draws
torch.manual_seed(7)
local fresh = BertForSequenceClassification(BertConfig.from_json_file(folder .. "/config.json"))
close(fresh.bert.embeddings.word_embeddings.weight, "new.word_embeddings")
close(fresh.classifier.weight, "new.classifier")
close(torch.rand(3), "new.random", 0)
assert(fresh.training)

-- a trained one gives its logits, its loss and its gradients
local model = BertForSequenceClassification.from_pretrained(folder)
assert(not model.training and model.config.id2label[1] == "same" and model.config.label2id.different == 0 and model.num_labels == 2)
local ids, mask, types, labels = wanted.input_ids, wanted.attention_mask, wanted.token_type_ids, wanted.labels
local batch = {input_ids = ids, attention_mask = mask, token_type_ids = types}
local outputs = model(batch, {labels = labels})
close(outputs.logits, "logits")
close(outputs.loss, "loss")
outputs.loss:backward()
for _, name in ipairs {"bert.embeddings.word_embeddings.weight", "bert.encoder.layer.0.attention.self.key.weight", "classifier.bias"} do
  close(model:get_parameter(name).grad, "grad." .. name)
end
assert(outputs[0] == outputs.loss and outputs[1] == outputs.logits and outputs[-1] == outputs.logits and #outputs == 2)
local loss, logits = table.unpack(outputs[":2"])
assert(loss == outputs.loss and logits == outputs.logits and outputs[":1"][2] == nil)
loss, logits = outputs:to_tuple()
assert(loss == outputs.loss and logits == outputs.logits and table.concat(outputs:keys(), " ") == "loss logits")
loss, logits = model(ids, mask, types, {labels = labels, return_dict = false})
assert(loss:item() == outputs.loss:item() and torch.equal(logits, outputs.logits))
for name, value in pairs(model(ids)) do assert(name == "logits" and torch.is_tensor(value)) end
fails("tuple index out of range", function() return outputs[2] end)

torch.set_grad_enabled(false)
close(model(ids).logits, "plain")
close(model(ids, mask, types, torch.arange(8, -1, -1):unsqueeze(0)).logits, "positions")
close(model({inputs_embeds = model.bert:get_input_embeddings()(ids), attention_mask = mask}).logits, "embeds")
close(model(ids, torch.ones(9, 9):tril():to(torch.bool):expand(3, 1, 9, 9)).logits, "square_mask")
assert(torch.equal(model(ids, mask:to(torch.bool), types).logits, model(batch).logits))
assert(torch.equal(model(ids:to(torch.int32), mask).logits, model(ids, mask).logits))
local full = model.bert(batch, {output_hidden_states = true, output_attentions = true})
close(full.last_hidden_state, "last_hidden_state")
close(full.pooler_output, "pooler_output")
for i = 0, 2 do close(full.hidden_states[i + 1], "hidden_states." .. i) end
for i = 0, 1 do close(full.attentions[i + 1], "attentions." .. i) end
assert(#full.hidden_states == 3 and #full.attentions == 2)
assert(model(batch, {output_hidden_states = true}).hidden_states[3]:equal(model.bert(batch).last_hidden_state))
for name, problem in pairs {regression = {1, torch.tensor {0.5, -1.0, 2.0}}, multi_label_classification = {3, torch.tensor {{1.0, 0, 1}, {1.0, 0, 1}, {1.0, 0, 1}}}} do
  torch.manual_seed(11)
  local other, info = BertForSequenceClassification.from_pretrained(folder, {num_labels = problem[1], ignore_mismatched_sizes = true, output_loading_info = true})
  close(other(batch, {labels = problem[2]}).loss, "loss." .. name)
  assert(#info.mismatched_keys == 2 and other.config.problem_type == name)
end

-- what is dropped while it trains is what PyTorch drops
model:train()
torch.manual_seed(3)
close(model(batch, {labels = labels}).logits, "trained")
model:eval()

local quantized = torch.quantization.quantize_dynamic(model, {nn.Linear}, {dtype = torch.qint8})
close(quantized(batch).logits, "int8", 2e-2)

-- what is printed
local config = BertConfig {num_labels = 3, foo = 1}
local text = table.concat({
  tostring(model), tostring(quantized), tostring(config), tostring(outputs), "['" .. table.concat(full:keys(), "', '") .. "']",
  BertConfig():to_json_string(false),
}, "\n")
local printed = bytes_of(here .. "bert/printed.txt")
assert(text == printed, text)

-- checkpoints of 2019: no prefix, old names of norms, positions; a head that is new
local names = {}
local base, info = BertModel.from_pretrained(old, {output_loading_info = true})
assert(#info.missing_keys == 0 and #info.unexpected_keys == 0 and not base.training)
assert(torch.equal(base(ids, mask, types).pooler_output, model.bert(batch).pooler_output))
torch.manual_seed(5)
local headed, report = BertForSequenceClassification.from_pretrained(old, {output_loading_info = true})
close(headed.classifier.weight, "head.classifier")
assert(table.concat(report.missing_keys, " ") == "classifier.bias classifier.weight" and headed.classifier.bias:eq(0):all():item())
for name in headed:named_parameters() do names[#names + 1] = name end
assert(#names == 2 * 16 + 9 and names[1] == "bert.embeddings.word_embeddings.weight" and names[#names] == "classifier.bias")
local body, rest = BertModel.from_pretrained(folder, {output_loading_info = true})
assert(table.concat(rest.unexpected_keys, " ") == "classifier.bias classifier.weight" and #rest.missing_keys == 0)
assert(torch.equal(body(batch).pooler_output, base(batch).pooler_output))

-- saving, byte for byte what transformers writes
model.config.problem_type = nil
model:save_pretrained("saved/here")
assert(bytes_of("saved/here/config.json") == bytes_of(folder .. "/config.json"))
assert(bytes_of("saved/here/model.safetensors") == bytes_of(folder .. "/model.safetensors"))
assert(torch.equal(BertForSequenceClassification.from_pretrained("saved/here")(batch).logits, model(batch).logits))
local half = BertForSequenceClassification.from_pretrained("saved/here", {dtype = "bfloat16"})
assert(half.classifier.weight.dtype == torch.bfloat16 and half.bert.embeddings.position_ids.dtype == torch.int64 and half.config.dtype == torch.bfloat16)
assert(model:num_parameters() == 40 * 8 + 18 * 8 + 16 + 2 * (4 * 72 + 32 + 144 + 136) + 72 + 18)

-- the configuration
assert(config.num_labels == 3 and config.foo == 1 and config.hidden_size == 768 and config.pad_token_id == 0 and config.bos_token_id == nil)
assert(BertConfig {pad_token_id = require("json").null}.pad_token_id == nil)
config.num_labels, config.hidden_act = 5, "relu"
assert(config:to_dict().id2label[4] == "LABEL_4" and config:to_dict().hidden_act == "relu" and config:to_dict().model_type == "bert")
assert(tostring(BertForSequenceClassification(BertConfig {
  vocab_size = 5, hidden_size = 4, num_hidden_layers = 1, num_attention_heads = 1, intermediate_size = 4, hidden_act = "gelu_new", pad_token_id = 0,
}).bert.encoder.layer[0].intermediate):find("NewGELUActivation()", 1, true))
assert(BertConfig.from_pretrained(folder, {hidden_dropout_prob = 0.0}).hidden_dropout_prob == 0.0)
assert(BertConfig.from_pretrained(folder):to_json_string() == bytes_of(folder .. "/config.json"))
assert(path.exists("saved/here/config.json"))
