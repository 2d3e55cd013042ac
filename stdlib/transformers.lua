--- What the package `transformers` offers, as far as it is here. `require` makes its classes globals too, as Python's import does.
local M = {}

--- Where each name comes from.
local modules = {BertTokenizer = "transformers.bert_tokenizer", BertTokenizerFast = "transformers.bert_tokenizer", BatchEncoding = "transformers.batch_encoding"}

setmetatable(M, {
  __index = function(_, name)
    local module = modules[name]
    if not module then return nil end
    M[name] = require(module)
    return M[name]
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
