--- Ids of all pairs of the MRPC corpus, as lists and as tensors. Needs QREPL_DATA.
local serve = dofile(arg[0]:match("^(.*/)") .. "../worker.lua")
local transformers = require "transformers"

local data = assert(os.getenv "QREPL_DATA", "QREPL_DATA names the folder with mrpc and minilm-mrpc")
local tokenizer = transformers.BertTokenizer.from_pretrained(data .. "/minilm-mrpc")
local firsts, seconds = {}, {}
for _, name in ipairs {"train", "val", "test"} do
  local number = 0
  for line in io.lines(("%s/mrpc/%s.tsv"):format(data, name)) do
    number = number + 1
    local first, second = line:match("^[^\t]*\t[^\t]*\t[^\t]*\t([^\t]*)\t([^\t]*)$")
    if number > 1 then firsts[#firsts + 1], seconds[#seconds + 1] = first, second end
  end
end
assert(#firsts == 5801)

local function case(options)
  return function(n)
    for _ = 1, n do tokenizer(firsts, seconds, options) end
  end
end

serve {
  {"ids of 5801 pairs", case {return_token_type_ids = false, return_attention_mask = false}},
  {"the same, cut and filled to 128", case {padding = "max_length", truncation = true, max_length = 128, return_tensors = "pt"}},
}
