--- Text as a language model reads it: words by number. `Dictionary` and `Corpus` of PyTorch's word language model.
---
---     local text = require "text"
---     local corpus = text.Corpus("data/wikitext-2")
---     print(#corpus.dictionary, corpus.train)
---
--- What a line and what a word is, is as in Python: lines end at \n, \r or \r\n, words are what `str.split()` gives, which
--- knows Unicode's spaces. A file that is no UTF-8 is refused with Python's sentence.
local torch = require "torch"
local class = require "torch.class"
local fail = require "torch.failure"
local path = require "path"
local tqdm = require "tqdm"

local text = {}

local Dictionary = class("Dictionary")
text.Dictionary = Dictionary

function Dictionary:__init()
  self.word2idx = {}
  self.idx2word = {}
  self.count = 0
end

--- The number of a word; a new word gets the next one. Numbers begin at 0.
function Dictionary:add_word(word)
  local index = self.word2idx[word]
  if not index then
    index = self.count
    self.idx2word[index] = word
    self.word2idx[word] = index
    self.count = index + 1
  end
  return index
end

function Dictionary.__len(self) return self.count end

-- Spaces to `str.split()` beyond those that Lua knows: the separators of ASCII, and those of Unicode.
local spaces = {"\x1c", "\x1d", "\x1e", "\x1f", "\u{85}", "\u{a0}", "\u{1680}", "\u{2028}", "\u{2029}", "\u{202f}", "\u{205f}", "\u{3000}"}
for code = 0x2000, 0x200a do spaces[#spaces + 1] = utf8.char(code) end

-- How many bytes from `at` belong to what cannot be decoded, and why: Python's rule.
local function undecodable(bytes, at)
  local lead = bytes:byte(at)
  local needed = lead >= 0xc2 and lead <= 0xdf and 1 or lead >= 0xe0 and lead <= 0xef and 2 or lead >= 0xf0 and lead <= 0xf4 and 3
  if not needed then return 1, "invalid start byte" end
  for i = 1, needed do
    local low, high = 0x80, 0xbf
    if i == 1 then
      low = lead == 0xe0 and 0xa0 or lead == 0xf0 and 0x90 or low
      high = lead == 0xed and 0x9f or lead == 0xf4 and 0x8f or high
    end
    local byte = bytes:byte(at + i)
    if not byte then return i, "unexpected end of data" end
    if byte < low or byte > high then return i, "invalid continuation byte" end
  end
  return 1, "invalid start byte"
end

--- A text file as Python's text mode gives it: UTF-8, lines that end with \n.
function text.read(name)
  local file, message = io.open(name, "rb")
  if not file then
    if message:find("No such file", 1, true) then fail("FileNotFoundError", "[Errno 2] No such file or directory: '%s'", name) end
    fail("OSError", "%s", message)
  end
  local bytes, reason = file:read("a")
  file:close()
  if not bytes then fail("OSError", "%s: %s", name, reason) end
  local _, bad = utf8.len(bytes)
  if bad then
    local count, why = undecodable(bytes, bad)
    local _, line = bytes:sub(1, bad):gsub("\n", "")
    local what = count == 1 and ("byte 0x%02x in position %d"):format(bytes:byte(bad), bad - 1)
      or ("bytes in position %d-%d"):format(bad - 1, bad + count - 2)
    fail("UnicodeDecodeError", "'utf-8' codec can't decode %s: %s (%s, line %d)", what, why, name, line + 1)
  end
  if bytes:find("\r", 1, true) then bytes = bytes:gsub("\r\n?", "\n") end
  return bytes
end

local function with_plain_spaces(bytes)
  for _, space in ipairs(spaces) do
    if bytes:find(space, 1, true) then bytes = bytes:gsub(space, " ") end
  end
  return bytes
end

local Corpus = class("Corpus")
text.Corpus = Corpus

-- So much text is read between two looks at the progress.
local block = 1 << 18

--- Reads train.txt, valid.txt and test.txt of a folder. `{progress = false}` draws no bars.
function Corpus:__init(folder, options)
  self.dictionary = Dictionary()
  self.progress = not options or options.progress ~= false
  for _, part in ipairs {"train", "valid", "test"} do self[part] = self:tokenize(path.join(folder, part .. ".txt")) end
end

--- The words of a file as an int64 tensor, `<eos>` at the end of each line. Words not met before join the dictionary.
function Corpus:tokenize(name)
  local bytes = with_plain_spaces(text.read(name))
  if bytes == "" then fail("RuntimeError", "torch.cat(): expected a non-empty list of Tensors (%s is empty)", name) end
  local bar <close> = tqdm {total = #bytes, desc = path.basename(name), unit = "B", unit_scale = true, disable = not self.progress}
  local dictionary = self.dictionary
  local numbers, words, next_number = dictionary.word2idx, dictionary.idx2word, dictionary.count
  local pieces, at = {}, 1
  while at <= #bytes do
    local stop = bytes:find("\n", at + block, true) or #bytes
    local lines = bytes:sub(at, stop)
    if lines:byte(-1) ~= 10 then lines = lines .. "\n" end
    local ids, count = {}, 0
    for word in lines:gsub("\n", " <eos> "):gmatch("%S+") do
      local number = numbers[word]
      if not number then
        number = next_number
        numbers[word], words[number] = number, word
        next_number = number + 1
      end
      count = count + 1
      ids[count] = number
    end
    dictionary.count = next_number
    pieces[#pieces + 1] = torch.tensor(ids, {dtype = torch.int64})
    bar:update(stop + 1 - at)
    at = stop + 1
  end
  return torch.cat(pieces)
end

return text
