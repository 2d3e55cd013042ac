--- The tutorial's model on the shared checkpoint, and one batch after the other of the words that BENCH_WORDS names.
local torch = require "torch"
local nn = require "torch.nn"

local M = {words = 33278, length = 25}

local LSTMModel = torch.class("LSTMModel", nn.Module)

function LSTMModel:__init(ntoken, ninp, nhid, nlayers, dropout)
  self.drop = nn.Dropout(dropout or 0.5)
  self.encoder = nn.Embedding(ntoken, ninp)
  self.rnn = nn.LSTM(ninp, nhid, nlayers, {dropout = dropout or 0.5})
  self.decoder = nn.Linear(nhid, ntoken)
  self.nhid, self.nlayers = nhid, nlayers
end

function LSTMModel:forward(input, hidden)
  local emb = self.drop(self.encoder(input))
  local output, state = self.rnn(emb, hidden)
  return self.decoder(self.drop(output)), state
end

function LSTMModel:init_hidden(size)
  return {torch.zeros(self.nlayers, size, self.nhid), torch.zeros(self.nlayers, size, self.nhid)}
end

--- The float model.
function M.load()
  local model = LSTMModel(M.words, 512, 256, 5)
  model:load_state_dict(torch.load(os.getenv("QREPL_DATA") .. "/word_language_model_quantize.pth", {map_location = "cpu"}))
  model:eval()
  return model
end

function M.quantize(model)
  return torch.quantization.quantize_dynamic(model, {nn.LSTM, nn.Linear}, {dtype = torch.qint8})
end

--- Inputs and targets, batch by batch.
function M.batches()
  local ids = {}
  for line in io.lines(os.getenv("BENCH_WORDS")) do ids[#ids + 1] = math.tointeger(tonumber(line)) end
  local all, batches = torch.tensor(ids), {}
  for i = 0, #ids - 2, M.length do
    local n = math.min(M.length, #ids - 1 - i)
    batches[#batches + 1] = {all:narrow(0, i, n):view(-1, 1), all:narrow(0, i + 1, n)}
  end
  return batches
end

--- The mean loss of all words, the state carried from batch to batch.
function M.evaluate(model, batches)
  local criterion, total, count = nn.CrossEntropyLoss(), 0, 0
  local _ <close> = torch.no_grad()
  local hidden = model:init_hidden(1)
  for _, batch in ipairs(batches) do
    local output
    output, hidden = model(batch[1], hidden)
    total = total + #batch[2] * criterion(output:view(-1, M.words), batch[2]):item()
    count = count + #batch[2]
  end
  return total / count
end

return M
