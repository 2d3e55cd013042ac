--- A corpus as a data set for a model, kept in a file from run to run. Mirrors `load_and_cache_examples` of run_glue.py.
local torch = require "torch"
local fail = require "torch.failure"
local dict = require "dict"
local logging = require "logging"
local path = require "path"
local corpus = require "transformers.glue.examples"
local features = require "transformers.glue.features"

local logger = logging.getLogger("transformers.data.processors.glue")
local names = {"input_ids", "attention_mask", "token_type_ids", "label"}

local function needed(args, name)
  if args[name] == nil then fail("AttributeError", "'Namespace' object has no attribute '%s'", name) end
  return args[name]
end

-- `cached_dev_minilm_128_mrpc`, beside the corpus or in args.cache_dir.
local function file_of(args, task, part)
  local model
  for piece in needed(args, "model_name_or_path"):gmatch("[^/]+") do model = piece end
  if not model then fail("ValueError", "model_name_or_path is %s", dict.repr(args.model_name_or_path)) end
  return path.join(args.cache_dir or needed(args, "data_dir"), ("cached_%s_%s_%s_%s"):format(part, model, args.max_seq_length, task))
end

local function loaded(name, args, tokenizer)
  local ok, kept = pcall(torch.load, name)
  local function refuse(why) fail("ValueError", "%s %s; remove it, or set overwrite_cache", name, why) end
  if not ok then refuse("cannot be read (" .. tostring(kept):gsub("^[^:]*:%d+: ", "") .. ")") end
  local kind = type(kept)
  if kind ~= "table" and kind ~= "userdata" or torch.is_tensor(kept) then refuse("holds no features") end
  for _, field in ipairs(names) do
    if not torch.is_tensor(kept[field]) or field ~= "label" and kept[field]:dim() ~= 2 or kept[field]:size(0) ~= kept.input_ids:size(0) then
      refuse(("has no tensor %s of its examples"):format(field))
    end
  end
  if kept.vocab_size ~= tokenizer.vocab_size then
    refuse(("was made with a vocabulary of %s tokens, this one has %d"):format(dict.str(kept.vocab_size), tokenizer.vocab_size))
  end
  if kept.data_dir ~= args.data_dir then refuse(("was made from %s, not from %s"):format(dict.str(kept.data_dir), args.data_dir)) end
  if kept.input_ids:size(1) ~= args.max_seq_length then
    refuse(("has %d tokens a pair, and max_seq_length is %d"):format(kept.input_ids:size(1), args.max_seq_length))
  end
  return features.FeatureList {
    input_ids = kept.input_ids, attention_mask = kept.attention_mask, token_type_ids = kept.token_type_ids, label = kept.label,
  }
end

local function saved(list, name, tokenizer, data_dir)
  local kept = {vocab_size = tokenizer.vocab_size, data_dir = data_dir}
  for _, field in ipairs(names) do kept[field] = list.tensors[field] end
  logger:info("Saving features into cached file %s", name)
  local ok, message = pcall(torch.save, kept, name)
  -- A corpus may stand where nothing can be written; it is only read again then.
  if not ok then logger:warning("Cannot save features into %s: %s", name, message) end
end

--- The training pairs as a `TensorDataset` of ids, masks, types and labels; with `{evaluate = true}` the validation pairs. `args` says
--- data_dir, model_name_or_path, max_seq_length, model_type, local_rank and overwrite_cache, and may say cache_dir, where the
--- file goes if not beside the corpus. The file appears whole or not at all.
return function(args, task, tokenizer, evaluate)
  if type(evaluate) == "table" then evaluate = evaluate.evaluate end
  local part = evaluate and "dev" or "train"
  if math.type(needed(args, "max_seq_length")) ~= "integer" then
    fail("TypeError", "max_seq_length must be an integer, not %s", dict.repr(args.max_seq_length))
  end
  local processor, output_mode = corpus.glue_processors[task](), corpus.glue_output_modes[task]
  local name = file_of(args, task, part)
  local list
  if path.exists(name) and not args.overwrite_cache then
    logger:info("Loading features from cached file %s", name)
    list = loaded(name, args, tokenizer)
  else
    logger:info("Creating features from dataset file at %s", needed(args, "data_dir"))
    local is_xlnet = args.model_type == "xlnet"
    local examples = evaluate and processor:get_dev_examples(args.data_dir) or processor:get_train_examples(args.data_dir)
    list = features.glue_convert_examples_to_features(examples, tokenizer, {
      label_list = processor:get_labels(), max_length = args.max_seq_length, output_mode = output_mode, pad_on_left = is_xlnet,
      pad_token = tokenizer.pad_token_id, pad_token_segment_id = is_xlnet and 4 or 0,
    })
    if args.local_rank == nil or args.local_rank == -1 or args.local_rank == 0 then saved(list, name, tokenizer, args.data_dir) end
  end
  local tensors = list.tensors
  return torch.utils.data.TensorDataset(tensors.input_ids, tensors.attention_mask, tensors.token_type_ids, tensors.label)
end
