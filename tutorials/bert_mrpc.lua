-- %% [markdown]
-- # Dynamic quantization of BERT
--
-- BERT reads two sentences and says whether they mean the same. Here it is taken as it was fine-tuned on the Microsoft Research
-- Paraphrase Corpus (MRPC), its linear layers are turned to 8 bits, and both are measured: how often they are right, how large
-- they are, how fast with one thread and with all. PyTorch's tutorial of this name, line by line, and then what it leaves open.
--
-- Run it with `qrepl tutorials/bert_mrpc.lua`. Model and corpus are looked for in the folder `$QREPL_DATA` (`data/` where that is
-- not set):
--
--     data/minilm-mrpc/config.json, model.safetensors, vocab.txt
--     data/mrpc/train.tsv, val.tsv, test.tsv
--
-- Where they are not, the walkthrough takes a small model and a small corpus that come with the program.

-- %% [markdown]
-- ## 1. Setup
--
-- ### 1.1 Modules

-- %%
local torch = require "torch"
local nn = require "torch.nn"
local logging = require "logging"
local path = require "path"
local time = require "time"
local tqdm = require "tqdm"
local transformers = require "transformers"

local Namespace = require("argparse").Namespace
local data = require "torch.utils.data"
local DataLoader, DistributedSampler, SequentialSampler, TensorDataset = data.DataLoader, data.DistributedSampler, data.SequentialSampler, data.TensorDataset
local BertForSequenceClassification, BertTokenizer = transformers.BertForSequenceClassification, transformers.BertTokenizer
local compute_metrics, output_modes = transformers.glue_compute_metrics, transformers.glue_output_modes
local processors, convert_examples_to_features = transformers.glue_processors, transformers.glue_convert_examples_to_features

-- Setup logging
local logger = logging.getLogger("__main__")
logging.basicConfig {
  format = "%(asctime)s - %(levelname)s - %(name)s - %(message)s", datefmt = "%m/%d/%Y %H:%M:%S", level = logging.WARN,
}
logging.getLogger("transformers.modeling_utils"):setLevel(logging.WARN) -- Reduce logging

print(torch.__version__)

-- %% [markdown]
-- One thread at first, so that both models are compared on the same footing.

-- %%
local all_threads = torch.get_num_threads()
torch.set_num_threads(1)
print(torch.__config__.parallel_info())

-- %% [markdown]
-- ### 1.2 Model and corpus

-- %%
local data_filepath = os.getenv("QREPL_DATA") or "data/"
local model_dir, data_dir = path.join(data_filepath, "minilm-mrpc"), path.join(data_filepath, "mrpc")

if not (path.exists(path.join(model_dir, "config.json")) and path.exists(path.join(data_dir, "test.tsv"))) then
  print("No fine-tuned BERT or no MRPC in QREPL_DATA (or data/), so this is the small model and the small corpus.")
  print("MRPC is part of GLUE, and linked from the page of PyTorch's tutorial on dynamic quantization of BERT; any BERT that")
  print("transformers has saved will do, and tutorials/finetune_bert_mrpc.lua fine-tunes one.")
  local here = (arg and arg[0] or ""):match("^(.*/)[^/]*$") or "tutorials/"
  model_dir, data_dir = path.join(here, "data/small_bert"), path.join(here, "data/small_mrpc")
end

-- %% [markdown]
-- ## 2. The fine-tuned model
--
-- ### 2.1 Global configuration

-- %%
local configs = Namespace()

-- The directory for what is written: results, and the corpus as numbers.
configs.output_dir = "./MRPC/"

-- The data directory for the MRPC task.
configs.data_dir = data_dir

-- The model name or path for the fine-tuned model.
configs.model_name_or_path = model_dir
-- The maximum length of an input sequence
configs.max_seq_length = 128

-- Prepare GLUE task.
configs.task_name = ("MRPC"):lower()
configs.processor = processors[configs.task_name]()
configs.output_mode = output_modes[configs.task_name]
configs.label_list = configs.processor:get_labels()
configs.model_type = ("bert"):lower()
configs.do_lower_case = true

-- Set the device, batch size, topology, and caching flags.
configs.device = "cpu"
configs.per_gpu_eval_batch_size = 8
configs.n_gpu = 0
configs.local_rank = -1
configs.overwrite_cache = false

-- Set random seed for reproducibility.
local function set_seed(seed)
  math.randomseed(seed)
  torch.manual_seed(seed)
end
set_seed(42)

-- %% [markdown]
-- ### 2.2 Load the fine-tuned model

-- %%
local tokenizer = BertTokenizer.from_pretrained(configs.model_name_or_path, {do_lower_case = configs.do_lower_case})

local model = BertForSequenceClassification.from_pretrained(configs.model_name_or_path)
model:to(configs.device)

-- What it is asked: a pair in, a score for "different" and one for "the same" out.
local pair = configs.processor:get_test_examples(configs.data_dir)[1]
print(pair.text_a)
print(pair.text_b)
local encoded = tokenizer(pair.text_a, pair.text_b, {return_tensors = "pt"})
print(table.concat(tokenizer:convert_ids_to_tokens(encoded.input_ids[0]), " "))
torch.no_grad(function() print(torch.softmax(model(encoded).logits, -1), "label " .. pair.label) end)

-- %% [markdown]
-- ### 2.3 The tokenize and evaluation functions
--
-- The tutorial evaluates on the part of GLUE's corpus that is for validation, since GLUE keeps the labels of its test part to
-- itself. The corpus has them, so the test part it is: pairs that nobody has looked at while the model was made.

-- %%
local function load_and_cache_examples(args, task, tokenizer_)
  local processor = processors[task]()
  local output_mode = output_modes[task]
  -- Load data features from cache or dataset file
  local cached_features_file = path.join(args.output_dir,
    ("cached_%s_%s_%s_%s"):format("test", path.basename((args.model_name_or_path:gsub("/+$", ""))), args.max_seq_length, task))
  local features
  if path.exists(cached_features_file) and not args.overwrite_cache then
    logger:info("Loading features from cached file %s", cached_features_file)
    features = torch.load(cached_features_file)
  else
    logger:info("Creating features from dataset file at %s", args.data_dir)
    local converted = convert_examples_to_features(processor:get_test_examples(args.data_dir), tokenizer_, {
      label_list = processor:get_labels(), max_length = args.max_seq_length, output_mode = output_mode,
      pad_on_left = args.model_type == "xlnet", -- pad on the left for xlnet
      pad_token = tokenizer_:convert_tokens_to_ids({tokenizer_.pad_token})[1], pad_token_segment_id = args.model_type == "xlnet" and 4 or 0,
    })
    features = {input_ids = {}, attention_mask = {}, token_type_ids = {}, label = {}}
    for name, list in pairs(features) do
      for i, feature in ipairs(converted) do list[i] = feature[name] end
      features[name] = torch.tensor(list, {dtype = torch.long})
    end
    if args.local_rank == -1 or args.local_rank == 0 then
      logger:info("Saving features into cached file %s", cached_features_file)
      torch.save(features, cached_features_file)
    end
  end
  return TensorDataset(features.input_ids, features.attention_mask, features.token_type_ids, features.label)
end

local function evaluate(args, model_, tokenizer_, prefix)
  prefix = prefix or ""
  path.makedirs(args.output_dir)
  local eval_dataset = load_and_cache_examples(args, args.task_name, tokenizer_)

  args.eval_batch_size = args.per_gpu_eval_batch_size * math.max(1, args.n_gpu)
  -- Note that DistributedSampler samples randomly
  local eval_sampler = args.local_rank == -1 and SequentialSampler(eval_dataset) or DistributedSampler(eval_dataset)
  local eval_dataloader = DataLoader(eval_dataset, {sampler = eval_sampler, batch_size = args.eval_batch_size})

  -- Eval!
  logger:info("***** Running evaluation %s *****", prefix)
  logger:info("  Num examples = %d", #eval_dataset)
  logger:info("  Batch size = %d", args.eval_batch_size)
  local eval_loss, nb_eval_steps = 0.0, 0
  local preds, out_label_ids = {}, {}
  local bar <close> = tqdm {total = #eval_dataloader, desc = "Evaluating"}
  for _, batch in eval_dataloader:enumerate() do
    model_:eval()
    local _ <close> = torch.no_grad()
    local inputs = {input_ids = batch[1]:to(args.device), attention_mask = batch[2]:to(args.device), labels = batch[4]:to(args.device)}
    if args.model_type ~= "distilbert" then
      -- XLM, DistilBERT and RoBERTa don't use segment_ids
      inputs.token_type_ids = (args.model_type == "bert" or args.model_type == "xlnet") and batch[3]:to(args.device) or nil
    end
    local outputs = model_(inputs)
    local tmp_eval_loss, logits = table.unpack(outputs[":2"])

    eval_loss = eval_loss + tmp_eval_loss:mean():item()
    nb_eval_steps = nb_eval_steps + 1
    preds[nb_eval_steps], out_label_ids[nb_eval_steps] = logits:detach(), inputs.labels:detach()
    bar:update()
  end

  eval_loss = eval_loss / nb_eval_steps
  preds = torch.cat(preds, 0)
  preds = args.output_mode == "classification" and torch.argmax(preds, 1) or preds:squeeze()
  local result = compute_metrics(args.task_name, preds, torch.cat(out_label_ids, 0))

  local output_eval_file = path.join(args.output_dir, prefix, "eval_results.txt")
  local writer <close> = assert(io.open(output_eval_file, "w"))
  logger:info("***** Eval results %s *****", prefix)
  local keys = result:keys()
  table.sort(keys)
  for _, key in ipairs(keys) do
    logger:info(" %s = %s", key, tostring(result[key]))
    assert(writer:write(("%s = %s\n"):format(key, result[key])))
  end
  return result, eval_loss
end

-- %% [markdown]
-- ## 3. Apply the dynamic quantization
--
-- One call: the weights of the `nn.Linear` layers become `int8`, and what flows into them is turned to 8 bits batch by batch.

-- %%
local quantized_model = torch.quantization.quantize_dynamic(model, {nn.Linear}, {dtype = torch.qint8})
print(quantized_model)

-- %% [markdown]
-- ### 3.1 Check the model size

-- %%
local function size_of_model(model_)
  torch.save(model_:state_dict(), "temp.p")
  local size = path.getsize("temp.p")
  os.remove("temp.p")
  return size / 1e6
end

local function print_size_of_model(model_)
  print("Size (MB):", size_of_model(model_))
end

print_size_of_model(model)
print_size_of_model(quantized_model)

-- %% [markdown]
-- What stays is the table of words: a row of `float32` for each token of the vocabulary.
--
-- ### 3.2 Evaluate the inference accuracy and time

-- %%
local function time_model_evaluation(model_, configs_, tokenizer_)
  local eval_start_time = time.time()
  local result = evaluate(configs_, model_, tokenizer_, "")
  local eval_duration_time = time.time() - eval_start_time
  print(result)
  print(("Evaluate total time (seconds): %.1f"):format(eval_duration_time))
  return result, eval_duration_time
end

-- Evaluate the original FP32 BERT model
local float_result, float_time = time_model_evaluation(model, configs, tokenizer)

-- Evaluate the INT8 BERT model after the dynamic quantization
local int8_result, int8_time = time_model_evaluation(quantized_model, configs, tokenizer)

-- %% [markdown]
-- The same with all threads, and both in a table.

-- %%
torch.set_num_threads(all_threads)
local _, float_time_all = time_model_evaluation(model, configs, tokenizer)
local _, int8_time_all = time_model_evaluation(quantized_model, configs, tokenizer)
torch.set_num_threads(1)

local function row(name, result, model_, one, all)
  print(("| %s |  %.4f  | %6.1f MB  | %5.1f sec | %5.1f sec |"):format(name, result.f1, size_of_model(model_), one, all))
end

print(("| Prec | F1 score | Model Size | 1 thread  | %d threads |"):format(all_threads))
row("FP32", float_result, model, float_time, float_time_all)
row("INT8", int8_result, quantized_model, int8_time, int8_time_all)

-- %% [markdown]
-- ### 3.3 Serialize the quantized model
--
-- Traced: one run is written down as a graph of operations, which is saved with its packed weights and runs without the classes that
-- made it. Of what the model gives, which is no plain tuple, the trace keeps the fields (`strict = false`).

-- %%
local function ids_tensor(shape, vocab_size)
  -- Creates a random int32 tensor of the shape within the vocab size
  return torch.randint(0, vocab_size, shape, {dtype = torch.int, device = "cpu"})
end

local input_ids = ids_tensor({8, 128}, 2)
local token_type_ids = ids_tensor({8, 128}, 2)
local attention_mask = ids_tensor({8, 128}, 2)
local dummy_input = {input_ids, attention_mask, token_type_ids}
local traced_model = torch.jit.trace(quantized_model, dummy_input, {strict = false})
torch.jit.save(traced_model, "bert_traced_eager_quant.pt")

-- %%
local loaded_quantized_model = torch.jit.load("bert_traced_eager_quant.pt")
torch.no_grad(function()
  local again, before = loaded_quantized_model(table.unpack(dummy_input)), quantized_model(table.unpack(dummy_input))
  print("The loaded model gives the same scores:", torch.equal(again.logits, before.logits))
end)

-- %% [markdown]
-- ## 4. Other ways to quantize
--
-- What else a `qconfig` can ask for:
--
-- - a scale for each output of a matrix instead of one for all: closer weights, a few bytes more;
-- - all 8 bits of the activations. PyTorch uses 7 (`reduce_range`), since the sums of two products of 8 bits overflow the 16 bits
--   that older processors keep them in. Sums are exact here, so that the eighth bit can be had for nothing;
-- - the tables of words, positions and kinds in 8 bits too, with a scale and a zero point for each row.

-- %%
local quantization = torch.quantization
local dynamic, per_channel = quantization.default_dynamic_qconfig, quantization.per_channel_dynamic_qconfig
local all_bits = quantization.default_dynamic_quant_observer:with_args {reduce_range = false}
local full = quantization.QConfig(all_bits, quantization.default_weight_observer)
local full_per_channel = quantization.QConfig(all_bits, quantization.default_per_channel_weight_observer)
local rows = quantization.float_qparams_weight_only_qconfig

local variants = {
  {"int8, a scale per output", {[nn.Linear] = per_channel}},
  {"int8, all 8 bits", {[nn.Linear] = full}},
  {"int8, both", {[nn.Linear] = full_per_channel}},
  {"int8, embeddings too", {[nn.Linear] = dynamic, [nn.Embedding] = rows}},
  {"int8, both, embeddings too", {[nn.Linear] = full_per_channel, [nn.Embedding] = rows}},
}

local function print_variant(name, result, model_, seconds)
  print(("%-26s %8.4f %9.4f %+9.4f %11.3f %8.1f s"):format(name, result.acc, result.f1, result.f1 - float_result.f1, size_of_model(model_), seconds))
end

print(("%-26s %8s %9s %9s %11s %8s"):format("variant", "accuracy", "F1", "change", "size (MB)", "time"))
print_variant("float32", float_result, model, float_time)
print_variant("int8", int8_result, quantized_model, int8_time)
for _, variant in ipairs(variants) do
  local name, spec = table.unpack(variant)
  local converted = quantization.quantize_dynamic(model, spec)
  local s = time.time()
  local result = evaluate(configs, converted, tokenizer, "")
  print_variant(name, result, converted, time.time() - s)
end
