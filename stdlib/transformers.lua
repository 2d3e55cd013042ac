--- What the package `transformers` offers, as far as it is here. `require` makes its classes globals too, as Python's import does.
local M = {}

--- Where each name comes from: a module, or its field after a colon.
local modules = {
  BatchEncoding = "transformers.batch_encoding", BertTokenizer = "transformers.bert_tokenizer",
  BertTokenizerFast = "transformers.bert_tokenizer", set_seed = "transformers.set_seed",
  InputExample = "transformers.glue.examples:InputExample", InputFeatures = "transformers.glue.features:InputFeatures",
  glue_processors = "transformers.glue.examples:glue_processors", glue_output_modes = "transformers.glue.examples:glue_output_modes",
  glue_convert_examples_to_features = "transformers.glue.features:glue_convert_examples_to_features",
  get_linear_schedule_with_warmup = "transformers.optimization:get_linear_schedule_with_warmup",
  glue_compute_metrics = "transformers.glue.metrics:glue_compute_metrics", load_and_cache_examples = "transformers.glue.cache",
  DistilBertConfig = "transformers.distilbert_config", DistilBertModel = "transformers.distilbert_model:DistilBertModel",
  DistilBertForSequenceClassification = "transformers.distilbert_model:DistilBertForSequenceClassification",
  BertConfig = "transformers.bert_config", BertModel = "transformers.bert_model:BertModel",
  BertForSequenceClassification = "transformers.bert_model:BertForSequenceClassification",
}

setmetatable(M, {
  __index = function(_, name)
    if not modules[name] then return nil end
    local module, field = modules[name]:match("^([^:]+):?(.*)$")
    local value = require(module)
    if field ~= "" then value = value[field] end
    M[name] = value
    return value
  end,
  __complete = function()
    local names = {}
    for name in pairs(modules) do names[#names + 1] = name end
    table.sort(names)
    return names
  end,
})

if rawget(_G, "BertTokenizer") == nil then rawset(_G, "BertTokenizer", M.BertTokenizer) end

return M
