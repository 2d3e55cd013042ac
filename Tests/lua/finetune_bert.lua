-- Fine-tuning BERT: killed again and again it ends like training left alone; options and files that do not fit are refused.
local torch = require "torch"
local path = require "path"
local safetensors = require "safetensors.torch"
local transformers = require "transformers"

local function lines_of(command)
  local pipe <close> = assert(io.popen(command))
  return pipe:read("a")
end

local home = os.getenv("QREPL_HOME")
local program = lines_of("readlink /proc/$PPID/exe"):match("%S+")
local small = path.join(home, "tutorials/data/small_bert")

-- a part of the small corpus, and a model that drops values, so that random numbers count
path.makedirs("corpus")
path.makedirs("model")
for part, count in pairs {train = 100, val = 40} do
  local lines = {}
  for line in io.lines(path.join(home, "tutorials/data/small_mrpc/" .. part .. ".tsv")) do
    lines[#lines + 1] = line
    if #lines > count then break end
  end
  local file <close> = assert(io.open("corpus/" .. part .. ".tsv", "w"))
  assert(file:write(table.concat(lines, "\n"), "\n"))
end
transformers.BertConfig({
  vocab_size = 180, hidden_size = 16, num_hidden_layers = 1, num_attention_heads = 2, intermediate_size = 32, max_position_embeddings = 64,
}):save_pretrained("model")

local options = " --data_dir corpus --config_name model --max_seq_length 32 --per_gpu_train_batch_size 10 --num_train_epochs 2 --learning_rate 1e-3"
  .. " --warmup_steps 4 --logging_steps 5 --threads 1"
local trainer = ("env QREPL_PROGRESS=0 '%s' '%s' --model_name_or_path '%s'"):format(program, path.join(home, "tutorials/finetune_bert_mrpc.lua"), small) .. options
local function result_of(output) return output:match("training loss.*$") end

for _, how in ipairs {"", " --gradient_accumulation_steps 3 --max_grad_norm 0.5"} do
  local alone = lines_of(trainer .. how .. " --output_dir alone 2>&1")
  assert(alone:find("The best model, read back from its folder: accuracy ", 1, true), alone)
  local limit, killed, output = 0.05, 0, nil
  os.execute("rm -rf killed")
  repeat
    output = lines_of(("timeout -s KILL %.2f sh -c \"exec %s\" 2>&1; echo status $?"):format(limit, trainer .. how .. " --output_dir killed --save_steps 2 --resume"))
    limit, killed = limit * 1.3, killed + 1
  until output:find("status 0", 1, true)
  assert(killed > 1, "it was never killed")
  assert(result_of(output):gsub("status 0\n", "") == result_of(alone), output .. alone)
  local one, two = safetensors.load_file("alone/model.safetensors"), safetensors.load_file("killed/model.safetensors")
  for name, tensor in pairs(one) do assert(torch.equal(tensor, two[name]), name) end
end

-- what was trained is read as any model is
local model = transformers.BertForSequenceClassification.from_pretrained("alone")
assert(model.config.hidden_size == 16 and not model.training)
assert(transformers.BertTokenizer.from_pretrained("alone")("shares rose").input_ids[1] == 2)

-- the tutorial's own command, on a folder as GLUE lays it out
path.makedirs("glue/MRPC")
os.execute("cp corpus/train.tsv glue/MRPC/train.tsv; cp corpus/val.tsv glue/MRPC/dev.tsv")
local command = ("env QREPL_PROGRESS=0 '%s' '%s' --model_type bert --model_name_or_path '%s' --task_name MRPC --do_eval --do_lower_case --data_dir glue/MRPC "
  .. "--max_seq_length 128 --per_gpu_eval_batch_size=8 --per_gpu_train_batch_size=8 --learning_rate 2e-5 --num_train_epochs 1.0 --save_steps 100000 "
  .. "--output_dir MRPC/ 2>&1"):format(program, path.join(home, "tutorials/finetune_bert_mrpc.lua"), small)
local evaluated = lines_of(command)
assert(evaluated:find("small_bert: accuracy 0.9%d+, F1 0.9%d+\n$"), evaluated)
assert(io.open("MRPC/eval_results.txt"):read("a"):find("^acc = 0.9%d*\nacc_and_f1 = 0.9%d*\nf1 = 0.9%d*\n$"))
evaluated = lines_of((command:gsub("%-%-do_eval", "--do_train --do_eval")))
assert(evaluated:find("| end of epoch  1 |", 1, true) and path.exists("MRPC/model.safetensors"), evaluated)

local function refused(sentence, more)
  local said = lines_of(trainer .. " --output_dir refused " .. more .. " 2>&1")
  assert(said:find(sentence, 1, true), said)
end
refused("unknown option --speed", "--speed 4")
refused("--model_type roberta: only bert is here", "--model_type roberta")
refused("KeyError: 'cola': no processor of this task is here", "--task_name CoLA")
refused("--learning_rate needs a number", "--learning_rate fast")
refused("--max_seq_length 65: the model has 64 positions", "--max_seq_length 65")
refused("corpus/nowhere/train.tsv", "--data_dir corpus/nowhere")
refused("checkpoint.pt was written with --seed 42, this run has 7", "--output_dir killed --resume --seed 7 --gradient_accumulation_steps 3 --max_grad_norm 0.5")
local said = lines_of(trainer:gsub("corpus", "killed") .. " --output_dir refused 2>&1")
assert(said:find("No such file or directory: 'killed/train.tsv'", 1, true), said)

-- a vocabulary larger than the model's
transformers.BertConfig({vocab_size = 100, hidden_size = 16, num_hidden_layers = 1, num_attention_heads = 2, intermediate_size = 32}):save_pretrained("model")
refused("the vocabulary has 180 tokens, the model (vocab_size in config.json) 100", "")
