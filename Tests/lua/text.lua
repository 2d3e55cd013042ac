-- Words by number: what a line and a word is, is as in Python.
local torch = require "torch"
local text = require "text"
local tqdm = require "tqdm"
local time = require "time"

local fails = dofile(arg[0]:match("^(.*/)[^/]*$") .. "support/fails.lua")

local function write(name, bytes)
  local file <close> = assert(io.open(name, "wb"))
  assert(file:write(bytes))
end

-- a dictionary
local dictionary = text.Dictionary()
assert(#dictionary == 0)
assert(dictionary:add_word("one") == 0 and dictionary:add_word("two") == 1 and dictionary:add_word("one") == 0)
assert(#dictionary == 2 and dictionary.idx2word[1] == "two" and dictionary.word2idx.two == 1)

-- a corpus: the three parts share a dictionary
write("train.txt", " a b a \n\n c\n")
write("valid.txt", "b\n")
write("test.txt", "d <unk> a") -- no newline at the end
local corpus = text.Corpus(".", {progress = false})
assert(#corpus.dictionary == 6)
assert(corpus.train.dtype == torch.int64)
-- >>> Corpus('.').train.tolist(), .valid, .test
assert(table.concat(corpus.train:tolist(), " ") == "0 1 0 2 2 3 2")
assert(table.concat(corpus.valid:tolist(), " ") == "1 2")
assert(table.concat(corpus.test:tolist(), " ") == "4 5 0 2")

local function words(bytes)
  write("train.txt", bytes)
  local read = text.Corpus(".", {progress = false})
  local list = {}
  for i, index in ipairs(read.train:tolist()) do list[i] = read.dictionary.idx2word[index] end
  return table.concat(list, "|")
end
-- >>> for line in open(name, encoding="utf8"): line.split() + ["<eos>"]
assert(words("a\r\nb\rc\nd") == "a|<eos>|b|<eos>|c|<eos>|d|<eos>")
assert(words("\n\n") == "<eos>|<eos>")
assert(words("a\u{a0}b\u{2003}c\u{3000}d\x1ce\u{85}f\u{2028}g\n") == "a|b|c|d|e|f|g|<eos>")
assert(words("a\u{200b}b \u{feff}c\v\fd\n") == "a\u{200b}b|\u{feff}c|d|<eos>")
assert(words("caf\u{e9} \u{2019}s x\0y\n") == "caf\u{e9}|\u{2019}s|x\0y|<eos>")

-- more than is read at a time
local many = {}
for i = 1, 60000 do many[i] = "word" .. i % 1000 .. (i % 7 == 0 and "\n" or " ") end
write("train.txt", table.concat(many))
local long = text.Corpus(".", {progress = false})
assert(#long.train == 60000 + 60000 // 7 + 1 and #long.dictionary == 1000 + 1 + 4)
assert(long.dictionary.idx2word[long.train[-2]:item()] == "word0")

-- >>> open(name, encoding="utf8").read()
local function undecodable(bytes, sentence)
  write("train.txt", bytes)
  fails("UnicodeDecodeError: 'utf-8' codec can't decode " .. sentence, text.Corpus, ".", {progress = false})
end
undecodable("ab\n\xffc\n", "byte 0xff in position 3: invalid start byte (./train.txt, line 2)")
undecodable("ab\x80", "byte 0x80 in position 2: invalid start byte")
undecodable("ab\xc3c", "byte 0xc3 in position 2: invalid continuation byte")
undecodable("ab\xe2\x82c", "bytes in position 2-3: invalid continuation byte")
undecodable("ab\xe2\x82", "bytes in position 2-3: unexpected end of data")
undecodable("ab\xc3", "byte 0xc3 in position 2: unexpected end of data")
undecodable("\xed\xa0\x80", "byte 0xed in position 0: invalid continuation byte")
undecodable("\xf5aaa", "byte 0xf5 in position 0: invalid start byte")
undecodable("a\xf0\x9f\x98", "bytes in position 1-3: unexpected end of data")

-- >>> Corpus(".") with an empty file
write("train.txt", "")
fails("RuntimeError: torch.cat(): expected a non-empty list of Tensors (./train.txt is empty)", text.Corpus, ".")
os.remove("train.txt")
fails("FileNotFoundError: [Errno 2] No such file or directory: './train.txt'", text.Corpus, ".")
fails("Is a directory", text.Corpus.tokenize, long, "/tmp")

-- bars
local bar = tqdm {total = 200, desc = "train", disable = true}
bar:update(50)
bar:set_postfix {loss = 5.1234, step = 7}
local line = bar:line()
assert(line:find("^train:  25%%|.+| 50/200 %[00:00<%d%d:%d%d, .+it/s, loss=5.12, step=7%]$"), line)
bar:close()
assert((tqdm {total = 0, disable = true}):line():find("^0it %[00:00, %?it/s%]$"))
assert((tqdm {disable = true, unit = "B"}):line():find("^0B %[00:00, %?B/s%]$"))
assert((tqdm {total = 10 ^ 7, initial = 12345, unit = "B", unit_scale = true, disable = true}):line():find("12.3k/10.0M", 1, true))
local steps = {}
for i in tqdm.range(0, 10, 4, {disable = true}) do steps[#steps + 1] = i end
assert(table.concat(steps, " ") == "0 4 8")
for _ in tqdm.range(3, 3, {disable = true}) do error("nothing to walk") end

assert(math.abs(time.time() - os.time()) < 5)
local before = time.perf_counter()
assert(time.perf_counter() >= before and time.process_time() > 0)
