-- %% [markdown]
-- # Training a word language model
--
-- An LSTM that reads a text word by word and says at each word which comes next. The other walkthrough,
-- `word_language_model.lua`, takes such a model trained and makes it small and fast; here it is trained.
--
-- Run it with `qrepl tutorials/train_word_language_model.lua`. Options stand after the file: `--epochs 6 --lr 20 --save model.pt`.
-- The text is WikiText-2 where it is found (in `$QREPL_DATA/wikitext-2`, or `data/wikitext-2`), otherwise a small corpus that
-- comes with the program.
--
-- A run may be stopped or killed at any moment. Started again with `--resume`, it goes on from its last checkpoint and ends with
-- the very numbers of a run that was never stopped.

-- %%
local torch = require "torch"
local nn = require "torch.nn"
local optim = require "torch.optim"
local path = require "path"
local text = require "text"
local time = require "time"
local tqdm = require "tqdm"

-- %% [markdown]
-- ## Options
--
-- Their names and values are those of PyTorch's example. The small corpus needs less of everything, and Adam brings it there
-- in one epoch.

-- %%
local here = (arg and arg[0] or ""):match("^(.*/)[^/]*$") or "tutorials/"
local big = path.join(os.getenv("QREPL_DATA") or "data", "wikitext-2")

local options = {
  data = path.exists(path.join(big, "train.txt")) and big or path.join(here, "data/small"),
  emsize = 200, nhid = 200, nlayers = 2, dropout = 0.2, tied = false, -- the model
  optimizer = "sgd", lr = 20.0, clip = 0.25, epochs = 40, batch_size = 20, bptt = 35, seed = 1111,
  log_interval = 200, max_steps = 0, -- stops an epoch early where not 0
  threads = 0, -- as many as torch.get_num_threads() says where 0
  save = "model.pt", checkpoint = "checkpoint.pt", checkpoint_interval = 200, resume = false,
}

local given = {}
do
  local i = 1
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
  if options.data ~= big and not given.data then
    for name, value in pairs {emsize = 64, nhid = 64, epochs = 1, log_interval = 10, threads = 1} do
      if not given[name] then options[name] = value end
    end
    if not (given.optimizer or given.lr) then options.optimizer, options.lr = "adam", 0.01 end
  end
end

if options.threads > 0 then torch.set_num_threads(options.threads) end
torch.manual_seed(options.seed)

-- %% [markdown]
-- ## The text
--
-- `batchify` lays the words out in `batch_size` columns. With the alphabet as the text and a batch size of 4 that is
--
--     a g m s
--     b h n t
--     c i o u
--     d j p v
--     e k q w
--     f l r x
--
-- The model takes the columns for texts of their own, so that it does not learn that `g` follows `f`, but all are worked on at once.

-- %%
local corpus = text.Corpus(options.data)
local ntokens = #corpus.dictionary
print(("%d words; %d, %d and %d tokens"):format(ntokens, #corpus.train, #corpus.valid, #corpus.test))

local function batchify(data, bsz)
  local nbatch = data:size(0) // bsz
  data = data:narrow(0, 0, nbatch * bsz)
  return data:view(bsz, -1):t():contiguous()
end

local eval_batch_size = 10
local train_data = batchify(corpus.train, options.batch_size)
local val_data = batchify(corpus.valid, eval_batch_size)
local test_data = batchify(corpus.test, eval_batch_size)

-- `bptt` rows at a time: how far back a mistake is traced.
local function get_batch(source, i)
  local seq_len = math.min(options.bptt, #source - 1 - i)
  return source:narrow(0, i, seq_len), source:narrow(0, i + 1, seq_len):reshape(-1)
end

-- %% [markdown]
-- ## The model

-- %%
local LSTMModel = torch.class("LSTMModel", nn.Module)

function LSTMModel:__init(ntoken, ninp, nhid, nlayers, dropout, tied)
  self.drop = nn.Dropout(dropout)
  self.encoder = nn.Embedding(ntoken, ninp)
  self.rnn = nn.LSTM(ninp, nhid, nlayers, {dropout = dropout})
  self.decoder = nn.Linear(nhid, ntoken)
  if tied then
    if nhid ~= ninp then error("When using the tied flag, nhid must be equal to emsize", 0) end
    self.decoder.weight = self.encoder.weight
  end
  nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
  nn.init.zeros_(self.decoder.bias)
  nn.init.uniform_(self.decoder.weight, -0.1, 0.1)
  self.nhid = nhid
  self.nlayers = nlayers
end

function LSTMModel:forward(input, hidden)
  local emb = self.drop(self.encoder(input))
  local output, state = self.rnn(emb, hidden)
  return self.decoder(self.drop(output)), state
end

function LSTMModel:init_hidden(bsz)
  local weight = self.encoder.weight
  return {weight:new_zeros(self.nlayers, bsz, self.nhid), weight:new_zeros(self.nlayers, bsz, self.nhid)}
end

local model = LSTMModel(ntokens, options.emsize, options.nhid, options.nlayers, options.dropout, options.tied)
local criterion = nn.CrossEntropyLoss()
print(model)

-- %% [markdown]
-- ## How it is measured
--
-- The loss is the mean of -log p(next word). Its exponential, the perplexity, is among how many words the model is as unsure
-- as if it had to guess.

-- %%
local function repackage_hidden(h) return {h[1]:detach(), h[2]:detach()} end

local function evaluate(data_source, desc)
  model:eval()
  local total_loss = 0
  local hidden = model:init_hidden(eval_batch_size)
  torch.no_grad(function()
    for i in tqdm.range(0, data_source:size(0) - 1, options.bptt, {desc = desc}) do
      local data, targets = get_batch(data_source, i)
      local output
      output, hidden = model(data, hidden)
      total_loss = total_loss + #data * criterion(output:view(-1, ntokens), targets):item()
    end
  end)
  return total_loss / (#data_source - 1)
end

-- %% [markdown]
-- ## Checkpoints
--
-- All that the next step depends on: weights, the optimizer's state, the hidden state, the random numbers to come, and where
-- we are. `torch.save` writes the file beside the old one and renames it, so that there is a whole one at any moment.

-- %%
local optimizer = options.optimizer == "adam" and optim.Adam(model:parameters(), {lr = options.lr})
  or optim.SGD(model:parameters(), {lr = options.lr})

local progress = {epoch = 1, step = 0, total_loss = 0.0, best_val_loss = math.huge, losses = {}}
local hidden

local function save_checkpoint()
  torch.save({
    model = model:state_dict(), optimizer = optimizer:state_dict(), hidden = hidden, rng = torch.get_rng_state(),
    progress = progress, seed = options.seed, tokens = #corpus.train,
  }, options.checkpoint)
end

if options.resume and path.exists(options.checkpoint) then
  local checkpoint = torch.load(options.checkpoint)
  if checkpoint.seed ~= options.seed or checkpoint.tokens ~= #corpus.train then
    error(options.checkpoint .. " is of another run: its seed or its text differs", 0)
  end
  model:load_state_dict(checkpoint.model)
  optimizer:load_state_dict(checkpoint.optimizer)
  torch.set_rng_state(checkpoint.rng)
  hidden, progress = checkpoint.hidden, checkpoint.progress
  print(("resumed in epoch %d after %d steps"):format(progress.epoch, progress.step))
end

-- %% [markdown]
-- ## One epoch
--
-- Gradients of an LSTM explode now and then: they are clipped to a norm. `losses` keeps what each line prints, for the curve.

-- %%
local function train_epoch()
  model:train()
  local rows = train_data:size(0) - 1
  local steps = (rows + options.bptt - 1) // options.bptt
  local stop = options.max_steps > 0 and math.min(steps, options.max_steps) or steps
  local start_time, start_step = time.time(), progress.step
  if progress.step == 0 then
    hidden = model:init_hidden(options.batch_size)
    progress.total_loss = 0.0
  end
  local bar <close> = tqdm {total = stop, initial = progress.step, desc = ("epoch %d"):format(progress.epoch)}
  while progress.step < stop do
    local batch = progress.step
    local data, targets = get_batch(train_data, batch * options.bptt)
    model:zero_grad()
    -- Cut off here: the gradient would go back to the beginning of the text otherwise.
    hidden = repackage_hidden(hidden)
    local output
    output, hidden = model(data, hidden)
    local loss = criterion(output:view(-1, ntokens), targets)
    loss:backward()
    nn.utils.clip_grad_norm_(model:parameters(), options.clip)
    optimizer:step()
    progress.total_loss = progress.total_loss + loss:item()
    progress.step = batch + 1

    if batch % options.log_interval == 0 and batch > 0 then
      local cur_loss = progress.total_loss / options.log_interval
      local elapsed = (time.time() - start_time) * 1000 / math.max(1, progress.step - start_step)
      print(("| epoch %3d | %5d/%5d batches | lr %02.2f | ms/batch %5.2f | loss %5.2f | ppl %8.2f"):format(
        progress.epoch, batch, steps, optimizer.param_groups[1].lr, elapsed, cur_loss, math.exp(cur_loss)))
      progress.losses[#progress.losses + 1] = cur_loss
      progress.total_loss = 0.0
      start_time, start_step = time.time(), progress.step
      bar:set_postfix(("loss=%.2f"):format(cur_loss))
    end
    bar:update(1)
    if progress.step % options.checkpoint_interval == 0 then
      hidden = repackage_hidden(hidden)
      save_checkpoint()
    end
  end
end

-- %% [markdown]
-- ## All epochs
--
-- The best model so far is kept. Where an epoch made it no better, the learning rate goes down to a quarter.

-- %%
while progress.epoch <= options.epochs do
  local epoch_start_time = time.time()
  train_epoch()
  local val_loss = evaluate(val_data, "valid")
  print(("-"):rep(89))
  print(("| end of epoch %3d | time: %5.2fs | valid loss %5.2f | valid ppl %8.2f"):format(
    progress.epoch, time.time() - epoch_start_time, val_loss, math.exp(val_loss)))
  print(("-"):rep(89))
  if val_loss < progress.best_val_loss then
    torch.save(model:state_dict(), options.save)
    progress.best_val_loss = val_loss
  else
    for _, group in ipairs(optimizer.param_groups) do group.lr = group.lr / 4 end
  end
  progress.epoch, progress.step = progress.epoch + 1, 0
  hidden = nil
  save_checkpoint()
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

print("training loss, line by line:")
curve(progress.losses, 72, 12)

model:load_state_dict(torch.load(options.save))
local test_loss = evaluate(test_data, "test")
print(("="):rep(89))
print(("| End of training | test loss %5.2f | test ppl %8.2f"):format(test_loss, math.exp(test_loss)))
print(("="):rep(89))
