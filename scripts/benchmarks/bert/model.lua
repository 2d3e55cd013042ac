--- BertForSequenceClassification on the shared checkpoint, and batches for it.
local torch = require "torch"
local nn = require "torch.nn"
local transformers = require "transformers"

local M = {length = 128}

--- The float model, ready to be evaluated.
function M.load()
  local model = transformers.BertForSequenceClassification.from_pretrained(os.getenv("QREPL_DATA") .. "/minilm-mrpc")
  model:eval()
  return model
end

function M.quantize(model)
  return torch.quantization.quantize_dynamic(model, {nn.Linear}, {dtype = torch.qint8})
end

--- Ids, token types and mask; of each row the first `used` tokens count.
function M.batch(size, used)
  local places = torch.arange(M.length)
  local ids = torch.arange(size * M.length):mul(7919):remainder(28000):add(1000):view(size, M.length)
  local types = places:ge(M.length // 2):to(torch.int64):expand(size, M.length)
  local mask = places:lt(used or M.length):to(torch.int64):expand(size, M.length)
  return {input_ids = ids * mask, token_type_ids = types * mask, attention_mask = mask}
end

return M
