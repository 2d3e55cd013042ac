--- Trains the small BERT that the tutorials fall back on: tutorials/data/small_bert, for pairs as scripts/make_small_mrpc.lua makes
--- them. It learns from more of them than the tutorials train on. Run it in the checkout's folder.
---
---     qrepl scripts/train_small_bert.lua
local path = require "path"
local transformers = require "transformers"

local folder = "tutorials/data/small_bert"
local scratch = os.tmpname()
os.remove(scratch)
for _, name in ipairs {"small_mrpc", "small_bert", "trained"} do path.makedirs(path.join(scratch, name)) end

arg = {[0] = "scripts/make_small_mrpc.lua", scratch, "12000"}
dofile(arg[0])

local words = 0
for _ in io.lines(path.join(scratch, "small_bert/vocab.txt")) do words = words + 1 end

-- The weights begin larger than BERT's do: a model as narrow would long see no difference between words.
local config = transformers.BertConfig {
  vocab_size = words, hidden_size = 64, num_hidden_layers = 2, num_attention_heads = 4, intermediate_size = 128, max_position_embeddings = 512,
  hidden_dropout_prob = 0.0, attention_probs_dropout_prob = 0.0, initializer_range = 0.08,
}
config:save_pretrained(path.join(scratch, "small_bert"))

arg = {
  [0] = "tutorials/finetune_bert_mrpc.lua", "--data_dir", path.join(scratch, "small_mrpc"), "--config_name", path.join(scratch, "small_bert"),
  "--model_name_or_path", path.join(scratch, "small_bert"), "--output_dir", path.join(scratch, "trained"), "--max_seq_length", "48",
  "--per_gpu_train_batch_size", "32", "--learning_rate", "1e-3", "--num_train_epochs", "10", "--warmup_steps", "200", "--save_steps", "0",
  "--threads", "1",
}
dofile(arg[0])

for _, name in ipairs {"config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"} do
  local from <close> = assert(io.open(path.join(scratch, "trained", name), "rb"))
  local to <close> = assert(io.open(path.join(folder, name), "wb"))
  assert(to:write(from:read("a")))
end
