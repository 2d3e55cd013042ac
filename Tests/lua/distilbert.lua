-- DistilBERT as scripts call it. Tests/lua/make_distilbert.py wrote what transformers 5.23 and PyTorch 2.15 make of a tiny model.
local torch = require "torch"
local safetensors = require "safetensors.torch"
local transformers = require "transformers"
local DistilBertConfig, DistilBertForSequenceClassification = transformers.DistilBertConfig, transformers.DistilBertForSequenceClassification

local here = arg[0]:match("^(.*/)[^/]*$")
local fails = dofile(here .. "support/fails.lua")
local folder = here .. "distilbert/model"
local wanted = safetensors.load_file(here .. "distilbert/expected.safetensors")

local function close(value, name)
  local gap = (value - wanted[name]):abs():max():item()
  assert(value.shape == wanted[name].shape and gap <= 1e-5, ("%s differs by %g"):format(name, gap))
end

local function bytes_of(name)
  local file <close> = assert(io.open(name, "rb"))
  return file:read("a")
end

torch.set_grad_enabled(false)
torch.manual_seed(7)
local fresh = DistilBertForSequenceClassification(DistilBertConfig.from_pretrained(folder))
close(fresh.classifier.weight, "new.classifier")
close(torch.rand(3), "new.random")

local model = DistilBertForSequenceClassification.from_pretrained(folder)
local outputs = model(wanted.input_ids, wanted.attention_mask, {labels = wanted.labels, output_hidden_states = true})
close(outputs.logits, "logits")
close(outputs.loss, "loss")
close(outputs.hidden_states[2], "hidden_states.1")
assert(#outputs.hidden_states == 3 and outputs[0] == outputs.loss)
local seen = model(wanted.input_ids, wanted.attention_mask, {output_attentions = true})
close(seen.logits, "logits")
assert(seen.attentions[1].shape == torch.Size {3, 2, 9, 9})
assert(tostring(model) .. "\n" .. tostring(DistilBertConfig()) .. "\n" == bytes_of(here .. "distilbert/printed.txt"), tostring(model))

local base, report = transformers.DistilBertModel.from_pretrained(folder, {output_loading_info = true})
assert(#report.missing_keys == 0 and table.concat(report.unexpected_keys, " ") == "classifier.bias classifier.weight pre_classifier.bias pre_classifier.weight")
assert(base(wanted.input_ids).last_hidden_state.shape == torch.Size {3, 9, 8})

model.config.problem_type = nil
model:save_pretrained("saved")
assert(bytes_of("saved/config.json") == bytes_of(folder .. "/config.json"))
assert(bytes_of("saved/model.safetensors") == bytes_of(folder .. "/model.safetensors"))

local config = DistilBertConfig {hidden_size = 24, num_hidden_layers = 3}
assert(config.dim == 24 and config.hidden_size == 24 and config.n_layers == 3 and config:to_dict().hidden_size == nil)
fails("DistilBertConfig: field 'n_heads' expected int, got str (value: 'two')", function() config.num_attention_heads = "two" end)
fails("config.json: field 'model_type' is 'bert', but DistilBertConfig reads 'distilbert'", function()
  DistilBertForSequenceClassification.from_pretrained(here .. "bert/model")
end)
fails("DistilBertForSequenceClassification.forward() got an unexpected keyword argument 'token_type_ids'", function()
  model {input_ids = wanted.input_ids, token_type_ids = wanted.input_ids}
end)
fails("input_ids has 17 tokens a row", function() model(torch.ones(1, 17, {dtype = torch.long})) end)
fails("input_ids holds 40 at [0, 0]", function() model(torch.full({1, 2}, 40)) end)
