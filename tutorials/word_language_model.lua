-- %% [markdown]
-- # Dynamic quantization of an LSTM word language model
--
-- A model that reads a text word by word and says which word comes next: an embedding, five layers of LSTM, and a linear layer
-- with an output for each of 33,278 words. It is loaded as it was trained, made to write a page of text, quantized to 8 bits,
-- and measured: how large it is, how fast, and how well it predicts a text that it has not seen.
--
-- Run it with `qrepl tutorials/word_language_model.lua`. The text is WikiText-2 and the model a PyTorch checkpoint; both are looked
-- for in the folder `$QREPL_DATA` (`data/` where that is not set):
--
--     data/wikitext-2/train.txt, valid.txt, test.txt
--     data/word_language_model_quantize.pth
--
-- Where they are not, the walkthrough takes a small corpus and a small model that come with the program.

-- %%
local torch = require "torch"
local nn = require "torch.nn"
local path = require "path"
local text = require "text"
local time = require "time"
local tqdm = require "tqdm"

-- %% [markdown]
-- ## 1. Define the model
--
-- PyTorch's example, `word_language_model/model.py`, line by line.

-- %%
local LSTMModel = torch.class("LSTMModel", nn.Module)

function LSTMModel:__init(ntoken, ninp, nhid, nlayers, dropout)
  self.drop = nn.Dropout(dropout or 0.5)
  self.encoder = nn.Embedding(ntoken, ninp)
  self.rnn = nn.LSTM(ninp, nhid, nlayers, {dropout = dropout or 0.5})
  self.decoder = nn.Linear(nhid, ntoken)

  self:init_weights()

  self.nhid = nhid
  self.nlayers = nlayers
end

function LSTMModel:init_weights()
  local initrange = 0.1
  self.encoder.weight.data:uniform_(-initrange, initrange)
  self.decoder.bias.data:zero_()
  self.decoder.weight.data:uniform_(-initrange, initrange)
end

function LSTMModel:forward(input, hidden)
  local emb = self.drop(self.encoder(input))
  local output, state = self.rnn(emb, hidden)
  output = self.drop(output)
  local decoded = self.decoder(output)
  return decoded, state
end

-- The example asks a parameter for zeros of its type; a model that is quantized as a whole has no parameter left.
function LSTMModel:init_hidden(bsz)
  return {torch.zeros(self.nlayers, bsz, self.nhid), torch.zeros(self.nlayers, bsz, self.nhid)}
end

-- %% [markdown]
-- ## 2. Load the text
--
-- `Corpus` reads the three files, gives each word a number in the order in which it first occurs, and ends each line with `<eos>`.

-- %%
local model_data_filepath = os.getenv("QREPL_DATA") or "data/"
local checkpoint = path.join(model_data_filepath, "word_language_model_quantize.pth")
local folder = path.join(model_data_filepath, "wikitext-2")
local ninp, nhid, nlayers, dropout = 512, 256, 5, 0.5

if not (path.exists(checkpoint) and path.exists(path.join(folder, "test.txt"))) then
  print("No WikiText-2 or no checkpoint in QREPL_DATA (or data/), so this is the small corpus and the small model.")
  print("WikiText-2 is linked from the page of PyTorch's tutorial on dynamic quantization of this model, as is the checkpoint;")
  print("tutorials/train_word_language_model.lua trains one.")
  local here = (arg and arg[0] or ""):match("^(.*/)[^/]*$") or "tutorials/"
  checkpoint = path.join(here, "data/small_language_model.pth")
  folder = path.join(here, "data/small")
  ninp, nhid, nlayers, dropout = 128, 128, 2, 0.2
end

local corpus = text.Corpus(folder)
print(("%d words; %d, %d and %d tokens"):format(#corpus.dictionary, #corpus.train, #corpus.valid, #corpus.test))

-- %% [markdown]
-- ## 3. Load the trained model
--
-- The file holds the state dict of a model of this shape, trained for a few epochs. In evaluation mode nothing is dropped.

-- %%
local ntokens = #corpus.dictionary

local model = LSTMModel(ntokens, ninp, nhid, nlayers, dropout)
model:load_state_dict(torch.load(checkpoint, {map_location = torch.device("cpu")}))

model:eval()
print(model)

-- %% [markdown]
-- Does it know anything? Let it write: the first word is drawn at random, each further one from the probabilities that the
-- model gives, and fed back. A temperature above 1 makes it more adventurous, below 1 more cautious. With the seed set, the
-- words are those that PyTorch draws.

-- %%
-- A word as Python writes its bytes, `b'caf\xc3\xa9'`: that is how PyTorch's example fills the file.
local function bytes_text(word)
  local quote = word:find("'", 1, true) and not word:find('"', 1, true) and '"' or "'"
  local inside = word:gsub("[%c\\\"'\127-\255]", function(c)
    if c == "\\" or c == quote then return "\\" .. c end
    if c == "'" or c == '"' then return c end
    return ("\\x%02x"):format(c:byte())
  end)
  return "b" .. quote .. inside .. quote
end

torch.manual_seed(1234)

local input_ = torch.randint(ntokens, {1, 1}, {dtype = torch.long})
local hidden = model:init_hidden(1)
local temperature = 1.0
local num_words = 1000

local outf = assert(io.open("out.txt", "w"))
torch.no_grad(function() -- no tracking history
  for i = 0, num_words - 1 do
    local output
    output, hidden = model(input_, hidden)
    local word_weights = output:squeeze():div(temperature):exp():cpu()
    local word_idx = torch.multinomial(word_weights, 1)[0]
    input_:fill_(word_idx)

    local word = corpus.dictionary.idx2word[word_idx:item()]

    assert(outf:write(bytes_text(word), i % 20 == 19 and "\n" or " "))

    if i % 100 == 0 then print(("| Generated %d/%d words"):format(i, num_words)) end
  end
end)
assert(outf:close())

for line in io.lines("out.txt") do print(line) end

-- %% [markdown]
-- It's no GPT-2, but it has begun to learn how language is built.
--
-- Before quantizing, what measures a model: `batchify` lays the text out in columns (one, here), `get_batch` cuts out 25 words
-- and the 25 that follow each of them, and `evaluate` gives the mean loss over a text.

-- %%
local bptt = 25
local criterion = nn.CrossEntropyLoss()
local eval_batch_size = 1

-- create test data set
local function batchify(data, bsz)
  -- Work out how cleanly we can divide the dataset into bsz parts.
  local nbatch = data:size(0) // bsz
  -- Trim off any extra elements that wouldn't cleanly fit (remainders).
  data = data:narrow(0, 0, nbatch * bsz)
  -- Evenly divide the data across the bsz batches.
  return data:view(bsz, -1):t():contiguous()
end

local test_data = batchify(corpus.test, eval_batch_size)

-- Evaluation functions
local function get_batch(source, i)
  local seq_len = math.min(bptt, #source - 1 - i)
  local data = source[("%d:%d"):format(i, i + seq_len)]
  local target = source[("%d:%d"):format(i + 1, i + 1 + seq_len)]:view(-1)
  return data, target
end

--- Wraps hidden states in new Tensors, to detach them from their history.
local function repackage_hidden(h)
  if torch.is_tensor(h) then return h:detach() end
  local result = {}
  for i, v in ipairs(h) do result[i] = repackage_hidden(v) end
  return result
end

local function evaluate(model_, data_source, desc)
  -- Turn on evaluation mode which disables dropout.
  model_:eval()
  local total_loss = 0.0
  local state = model_:init_hidden(eval_batch_size)
  torch.no_grad(function()
    for i in tqdm.range(0, data_source:size(0) - 1, bptt, {desc = desc}) do
      local data, targets = get_batch(data_source, i)
      local output
      output, state = model_(data, state)
      state = repackage_hidden(state)
      local output_flat = output:view(-1, ntokens)
      total_loss = total_loss + #data * criterion(output_flat, targets):item()
    end
  end)
  return total_loss / (#data_source - 1)
end

-- %% [markdown]
-- ## 4. Quantize
--
-- One call: the weights of all `nn.LSTM` and `nn.Linear` layers become `int8`. It gives a converted copy.

-- %%
local quantized_model = torch.quantization.quantize_dynamic(model, {nn.LSTM, nn.Linear}, {dtype = torch.qint8})
print(quantized_model)

-- %% [markdown]
-- First, the model is smaller. What is left is mostly the embedding, which stays `float32`.

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
-- Second, it is faster, and predicts as well. One thread for both, so that they are compared on the same footing.

-- %%
torch.set_num_threads(1)

local function time_model_evaluation(model_, data, desc)
  local s = time.time()
  local loss = evaluate(model_, data, desc)
  local elapsed = time.time() - s
  print(("loss: %.3f\nelapsed time (seconds): %.1f"):format(loss, elapsed))
  return loss, elapsed
end

local float_loss, float_time = time_model_evaluation(model, test_data, "fp32")
local int8_loss, int8_time = time_model_evaluation(quantized_model, test_data, "int8")

-- %% [markdown]
-- ## 5. Other ways to quantize
--
-- What else a `qconfig` can ask for, each with its price:
--
-- - a scale for each output of a matrix instead of one for all: closer weights, a few bytes more;
-- - all 8 bits of the activations. PyTorch uses 7 (`reduce_range`), since the sums of two products of 8 bits overflow the 16 bits
--   that older processors keep them in. Sums are exact here, so that the eighth bit can be had for nothing;
-- - `float16` weights: half the precision of `float32`, and still computed in `float32`, as PyTorch does;
-- - the embedding in 8 bits too, with a scale and a zero point for each word. It is what is left of the size.

-- %%
local quantization = torch.quantization
local dynamic, per_channel = quantization.default_dynamic_qconfig, quantization.per_channel_dynamic_qconfig
local all_bits = quantization.default_dynamic_quant_observer:with_args {reduce_range = false}
local full = quantization.QConfig(all_bits, quantization.default_weight_observer)
local full_per_channel = quantization.QConfig(all_bits, quantization.default_per_channel_weight_observer)
local rows = quantization.float_qparams_weight_only_qconfig

local variants = {
  {"int8, a scale per output", {[nn.LSTM] = per_channel, [nn.Linear] = per_channel}},
  {"int8, all 8 bits", {[nn.LSTM] = full, [nn.Linear] = full}},
  {"int8, both", {[nn.LSTM] = full_per_channel, [nn.Linear] = full_per_channel}},
  {"float16", {[nn.LSTM] = quantization.float16_dynamic_qconfig, [nn.Linear] = quantization.float16_dynamic_qconfig}},
  {"int8, embedding too", {[nn.LSTM] = dynamic, [nn.Linear] = dynamic, [nn.Embedding] = rows}},
  {"int8, both, embedding too", {[nn.LSTM] = full_per_channel, [nn.Linear] = full_per_channel, [nn.Embedding] = rows}},
}

local function print_row(name, loss, size, seconds)
  print(("%-26s %8.4f %+9.4f %11.3f %8.1f s"):format(name, loss, loss - float_loss, size, seconds))
end

print(("%-26s %8s %9s %11s %8s"):format("variant", "loss", "change", "size (MB)", "time"))
print_row("float32", float_loss, size_of_model(model), float_time)
print_row("int8", int8_loss, size_of_model(quantized_model), int8_time)
for _, variant in ipairs(variants) do
  local name, spec = table.unpack(variant)
  local converted = quantization.quantize_dynamic(model, spec)
  local s = time.time()
  local loss = evaluate(converted, test_data, name)
  print_row(name, loss, size_of_model(converted), time.time() - s)
end
