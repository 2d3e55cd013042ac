--- BERT's tokenizer: texts to ids of a vocabulary and back. Mirrors `transformers.BertTokenizer`.
local torch = require "torch"
local failure = require "torch.failure"
local batch_encoding = require "transformers.batch_encoding"

local BertTokenizer = {}
local methods = {}
local very_large = 1e30

local call_options = {
  add_special_tokens = "boolean", padding = "any", truncation = "any", max_length = "integer", stride = "integer", pad_to_multiple_of = "integer",
  padding_side = "string", return_tensors = "string", return_token_type_ids = "boolean", return_attention_mask = "boolean",
  return_special_tokens_mask = "boolean", return_offsets_mapping = "boolean", return_length = "boolean", verbose = "boolean", text_pair = "any",
  is_split_into_words = "boolean", return_overflowing_tokens = "boolean", pad_to_max_length = "boolean",
}
local file_options = {
  do_lower_case = "boolean", strip_accents = "boolean", tokenize_chinese_chars = "boolean", unk_token = "string", sep_token = "string",
  pad_token = "string", cls_token = "string", mask_token = "string", model_max_length = "integer", padding_side = "string",
  truncation_side = "string", cache_dir = "any", use_fast = "any", local_files_only = "any",
}

local function is_options(value) return type(value) == "table" and (next(value) == nil or type(next(value)) == "string") end

local function check(name, options, known)
  for key, value in pairs(options) do
    local wanted = known[key]
    if not wanted then failure("TypeError", "%s() got an unexpected keyword argument '%s'", name, tostring(key)) end
    local fits = wanted == "any" or (wanted == "integer" and math.type(value) == "integer") or type(value) == wanted
    if not fits then failure("TypeError", "%s(): argument '%s' must be %s, not %s", name, key, wanted, type(value)) end
    if (key == "padding_side" or key == "truncation_side") and value ~= "left" and value ~= "right" then
      failure("ValueError", "%s should be 'left' or 'right', but got '%s'", key, value)
    end
  end
end

-- Arguments before a last table of options, and those.
local function split(...)
  local given = table.pack(...)
  local options = {}
  if given.n > 1 and is_options(given[given.n]) then
    options = given[given.n]
    given[given.n] = nil
    given.n = given.n - 1
  end
  return given, options
end

-- What the core is asked for, from what a user asks.
local function request(name, options)
  check(name, options, call_options)
  for _, key in ipairs {"is_split_into_words", "return_overflowing_tokens"} do
    if options[key] then failure("NotImplementedError", "%s is not supported here", key) end
  end
  if (options.stride or 0) ~= 0 then failure("NotImplementedError", "stride is not supported here: tokens that are cut off are not given") end
  if options.return_tensors ~= nil and options.return_tensors ~= "pt" then
    failure("ValueError", "return_tensors is 'pt' or nothing here, not '%s'", options.return_tensors)
  end
  local padding, truncation = options.padding, options.truncation
  if options.pad_to_max_length and padding == nil then padding = "max_length" end
  -- A bare limit cuts, as it always did.
  if truncation == nil and options.max_length and not padding then truncation = true end
  if padding == true then padding = "longest" end
  if truncation == true then truncation = "longest_first" end
  return {
    add_special_tokens = options.add_special_tokens, padding = padding or "do_not_pad", truncation = truncation or "do_not_truncate",
    max_length = options.max_length, pad_to_multiple_of = options.pad_to_multiple_of, padding_side = options.padding_side,
    tensors = options.return_tensors == "pt", types = options.return_token_type_ids, attention = options.return_attention_mask,
    special = options.return_special_tokens_mask, offsets = options.return_offsets_mapping, places = options.return_offsets_mapping,
  }
end

local order = {"input_ids", "token_type_ids", "attention_mask", "special_tokens_mask", "offset_mapping", "length"}

local function finish(self, fields, options, single)
  if options.return_length then
    local lengths = {}
    if torch.is_tensor(fields.input_ids) then
      for i = 1, fields.input_ids.shape[0] do lengths[i] = fields.input_ids.shape[1] end
      fields.length = torch.tensor(lengths)
    else
      for i, ids in ipairs(fields.input_ids) do lengths[i] = #ids end
      fields.length = lengths
    end
  end
  -- Tensors keep the batch.
  return batch_encoding(self._core, fields, order, single and not options.return_tensors)
end

local function wrong_text()
  failure("ValueError", "text input must be of type `str` (single example), `list[str]` (batch or single pretokenized example) or "
    .. "`list[list[str]]` (batch of pretokenized examples) or `list[tuple[list[str], list[str]]]` (batch of pretokenized sequence pairs).")
end

local function encode(self, name, text, pair, options)
  local wanted = request(name, options)
  if pair == nil then pair = options.text_pair end
  if type(text) == "string" then
    if pair ~= nil and type(pair) ~= "string" then wrong_text() end
    return finish(self, self._core:encode({text}, pair ~= nil and {pair} or nil, wanted), options, true)
  end
  if type(text) ~= "table" then wrong_text() end
  if pair == nil and type(text[1]) == "table" then
    local firsts, seconds = {}, {}
    for i, both in ipairs(text) do firsts[i], seconds[i] = both[1], both[2] end
    text, pair = firsts, seconds
  end
  return finish(self, self._core:encode(text, pair, wanted), options, false)
end

--- A tokenizer from a folder in Hugging Face's layout (`tokenizer.json` or `vocab.txt`, `tokenizer_config.json`) or a vocabulary file.
--- `BertTokenizer.from_pretrained(dir, {do_lower_case = true})`; what is given here counts more than what the files say.
function BertTokenizer.from_pretrained(path, options)
  options = options or {}
  check("from_pretrained", options, file_options)
  local core = torch._tokenizers.open(tostring(path), options)
  local self = {_core = core, name_or_path = tostring(path)}
  for name, value in pairs(core:options()) do self[name] = value end
  self.model_max_length = self.model_max_length or very_large
  for _, name in ipairs {"unk_token", "sep_token", "pad_token", "cls_token", "mask_token"} do self[name .. "_id"] = core:id(self[name]) end
  self.pad_token_type_id = 0
  self.vocab_size = core:count()
  self.model_input_names = {"input_ids", "token_type_ids", "attention_mask"}
  self.is_fast = true
  self.all_special_tokens, self.all_special_ids = {}, {}
  for i, row in ipairs(core:special_tokens()) do self.all_special_tokens[i], self.all_special_ids[i] = row[1], row[2] end
  return setmetatable(self, BertTokenizer)
end

BertTokenizer.__index = methods

-- The sides are the core's to know.
function BertTokenizer:__newindex(name, value) rawset(self, name, value) end

local function with_sides(self)
  local sides = {padding_side = self.padding_side, truncation_side = self.truncation_side}
  check("BertTokenizer", sides, file_options)
  self._core:set_sides(sides.padding_side == "left", sides.truncation_side == "left")
end

--- Ids of a text, a pair, or lists of them: `tokenizer(text, text_pair, {padding = …, truncation = …, max_length = …})`. Mirrors `__call__`.
function BertTokenizer:__call(...)
  local given, options = split(...)
  with_sides(self)
  return encode(self, "BertTokenizer", given[1], given[2], options)
end

--- As the call. Mirrors `encode_plus`.
function methods:encode_plus(...)
  local given, options = split(...)
  with_sides(self)
  return encode(self, "encode_plus", given[1], given[2], options)
end

--- As the call, for a list of texts or of pairs. Mirrors `batch_encode_plus`.
methods.batch_encode_plus = methods.encode_plus

--- The ids alone. Mirrors `encode`.
function methods:encode(...)
  local given, options = split(...)
  with_sides(self)
  return encode(self, "encode", given[1], given[2], options).input_ids
end

--- The tokens of a text. Mirrors `tokenize`.
function methods:tokenize(text)
  if type(text) ~= "string" then wrong_text() end
  return self._core:tokenize(text)
end

--- The id of a token, that of `[UNK]` for what is not there; for a list of tokens the list.
function methods:convert_tokens_to_ids(tokens)
  if type(tokens) == "string" then return self._core:id(tokens) or self.unk_token_id end
  local ids = {}
  for i, token in ipairs(tokens) do ids[i] = self._core:id(token) or self.unk_token_id end
  return ids
end

--- The token of an id, nil for what is not there; for a list of ids the list, without special ones where `skip_special_tokens`.
function methods:convert_ids_to_tokens(ids, skip_special_tokens)
  if type(skip_special_tokens) == "table" then skip_special_tokens = skip_special_tokens.skip_special_tokens end
  if torch.is_tensor(ids) then ids = ids:tolist() end
  if type(ids) == "number" then return self._core:token(ids) end
  local tokens = {}
  for _, id in ipairs(ids) do
    if not (skip_special_tokens and self._core:is_special(id)) then
      local token = self._core:token(id)
      if token == nil then failure("IndexError", "the id %s is out of range: the vocabulary has %d tokens", tostring(id), self.vocab_size) end
      tokens[#tokens + 1] = token
    end
  end
  return tokens
end

--- The text of tokens.
function methods:convert_tokens_to_string(tokens) return self._core:join(tokens) end

local function decode_options(skip, clean)
  if type(skip) == "table" then
    check("decode", skip, {skip_special_tokens = "boolean", clean_up_tokenization_spaces = "boolean"})
    return skip.skip_special_tokens, skip.clean_up_tokenization_spaces
  end
  return skip, clean
end

--- The text of ids: `tokenizer:decode(ids, {skip_special_tokens = true})`.
function methods:decode(ids, skip, clean)
  skip, clean = decode_options(skip, clean)
  if torch.is_tensor(ids) and ids:dim() == 2 then return self:batch_decode(ids, skip, clean) end
  return self._core:decode(ids, skip, clean)
end

--- The texts of lists of ids, or of the rows of a tensor.
function methods:batch_decode(batch, skip, clean)
  skip, clean = decode_options(skip, clean)
  local texts = {}
  if torch.is_tensor(batch) then
    for i = 0, batch.shape[0] - 1 do texts[i + 1] = self._core:decode(batch[i], skip, clean) end
  else
    for i, ids in ipairs(batch) do texts[i] = self._core:decode(ids, skip, clean) end
  end
  return texts
end

--- Ids framed by `[CLS]` and `[SEP]`.
function methods:build_inputs_with_special_tokens(first, second) return self._core:encode_ids(first, second, {}).input_ids[1] end

--- 0 for the first text and its frame, 1 for the second's.
function methods:create_token_type_ids_from_sequences(first, second) return self._core:encode_ids(first, second, {}).token_type_ids[1] end

--- 1 for special tokens, 0 for others.
function methods:get_special_tokens_mask(first, second, already_has_special_tokens)
  if type(second) == "table" and second.already_has_special_tokens ~= nil then second, already_has_special_tokens = nil, second.already_has_special_tokens end
  if not already_has_special_tokens then return self._core:encode_ids(first, second, {special = true}).special_tokens_mask[1] end
  local mask = {}
  for i, id in ipairs(first) do mask[i] = self._core:is_special(id) and 1 or 0 end
  return mask
end

--- Ids (of one text or two) framed, cut and filled. Mirrors `prepare_for_model`.
function methods:prepare_for_model(...)
  local given, options = split(...)
  with_sides(self)
  return finish(self, self._core:encode_ids(given[1], given[2], request("prepare_for_model", options)), options, true)
end

--- How many tokens frame a text or a pair.
function methods:num_special_tokens_to_add(pair)
  if type(pair) == "table" then pair = pair.pair end
  return pair and 3 or 2
end

--- Fills a list of encodings, or an encoding of lists, to one length. Mirrors `pad`.
function methods:pad(encodings, options)
  options = options or {}
  check("pad", options, call_options)
  local batch = encodings
  if encodings.input_ids then
    batch = {}
    for i, ids in ipairs(encodings.input_ids) do
      batch[i] = {input_ids = ids, token_type_ids = encodings.token_type_ids and encodings.token_type_ids[i],
        attention_mask = encodings.attention_mask and encodings.attention_mask[i]}
    end
  end
  local length = 0
  for _, one in ipairs(batch) do length = math.max(length, #one.input_ids) end
  if options.padding == "max_length" then length = math.max(length, options.max_length or self.model_max_length) end
  local multiple = options.pad_to_multiple_of
  if multiple then length = (length + multiple - 1) // multiple * multiple end
  local left = (options.padding_side or self.padding_side) == "left"
  local fields = {input_ids = {}, attention_mask = {}}
  local function filled(list, value)
    local result, missing = {}, length - #list
    for k = 1, length do
      local place = left and k - missing or k
      result[k] = list[place] == nil and value or list[place]
    end
    return result
  end
  for i, one in ipairs(batch) do
    local mask = one.attention_mask
    if not mask then
      mask = {}
      for k = 1, #one.input_ids do mask[k] = 1 end
    end
    fields.input_ids[i] = filled(one.input_ids, self.pad_token_id)
    fields.attention_mask[i] = filled(mask, 0)
    if one.token_type_ids then
      fields.token_type_ids = fields.token_type_ids or {}
      fields.token_type_ids[i] = filled(one.token_type_ids, 0)
    end
  end
  if options.return_tensors == "pt" then
    for name, lists in pairs(fields) do fields[name] = torch.tensor(lists) end
  end
  return batch_encoding(self._core, fields, order, false)
end

--- The ids by token.
function methods:get_vocab() return self._core:vocabulary() end

function BertTokenizer:__len() return self.vocab_size end

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(c) return c == '"' and '\\"' or c == "\\" and "\\\\" or ("\\u%04x"):format(c:byte()) end) .. '"'
end

local function write(name, text)
  local temporary = name .. ".tmp"
  local file = io.open(temporary, "wb")
  if not file then failure("OSError", "cannot write '%s'", name) end
  local ok, message = file:write(text)
  local closed = file:close()
  if not ok or not closed then
    os.remove(temporary)
    failure("OSError", "cannot write '%s': %s", name, message or "the disk is full?")
  end
  assert(os.rename(temporary, name))
end

--- Writes `vocab.txt` into a folder that exists. Mirrors `save_vocabulary`.
function methods:save_vocabulary(folder)
  local lines = {}
  for id = 0, self.vocab_size - 1 do lines[id + 1] = (self._core:token(id) or ("[unused-%d]"):format(id)) .. "\n" end
  local name = folder:gsub("/*$", "") .. "/vocab.txt"
  write(name, table.concat(lines))
  return name
end

--- Writes `vocab.txt` and `tokenizer_config.json` into a folder that exists, which `from_pretrained` reads here and in Python.
function methods:save_pretrained(folder)
  local names = {self:save_vocabulary(folder), folder:gsub("/*$", "") .. "/tokenizer_config.json"}
  local fields = {
    '"tokenizer_class": "BertTokenizer"', ('"do_lower_case": %s'):format(self.do_lower_case), ('"strip_accents": %s'):format(self.strip_accents),
    ('"tokenize_chinese_chars": %s'):format(self.tokenize_chinese_chars), ('"padding_side": "%s"'):format(self.padding_side),
    ('"truncation_side": "%s"'):format(self.truncation_side),
  }
  if math.type(self.model_max_length) == "integer" then fields[#fields + 1] = ('"model_max_length": %d'):format(self.model_max_length) end
  for _, name in ipairs {"unk_token", "sep_token", "pad_token", "cls_token", "mask_token"} do
    fields[#fields + 1] = ('"%s": %s'):format(name, quoted(self[name]))
  end
  table.sort(fields)
  write(names[2], "{\n  " .. table.concat(fields, ",\n  ") .. "\n}\n")
  return names
end

function BertTokenizer:__tostring()
  local special = {}
  for i, name in ipairs {"unk_token", "sep_token", "pad_token", "cls_token", "mask_token"} do special[i] = ("'%s': '%s'"):format(name, self[name]) end
  local function truth(value) return value and "True" or "False" end
  local added = {}
  for i, row in ipairs(self._core:added_tokens()) do
    added[i] = ('\t%d: AddedToken("%s", rstrip=%s, lstrip=%s, single_word=%s, normalized=False, special=%s),\n'):format(
      row[1], row[2], truth(row[3]), truth(row[4]), truth(row[5]), truth(row[6]))
  end
  local longest = math.type(self.model_max_length) == "integer" and tostring(self.model_max_length) or "1000000000000000019884624838656"
  return ("BertTokenizer(name_or_path='%s', vocab_size=%d, model_max_length=%s, padding_side='%s', truncation_side='%s', special_tokens={%s}, added_tokens_decoder={\n%s})")
    :format(self.name_or_path, self.vocab_size, longest, self.padding_side, self.truncation_side, table.concat(special, ", "), table.concat(added))
end

function BertTokenizer:__complete()
  local names = {}
  for name in pairs(methods) do names[#names + 1] = name end
  for name in pairs(self) do if name:sub(1, 1) ~= "_" then names[#names + 1] = name end end
  table.sort(names)
  return names
end

return setmetatable(BertTokenizer, {__complete = function() return {"from_pretrained"} end})
