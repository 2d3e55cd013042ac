-- BERT's tokenizer as scripts call it. Expected values come from transformers 5.23 (BertTokenizer) on the same small vocabulary;
-- Tests/TokenizeTests compares the ids of hundreds of texts.
local torch = require "torch"
local transformers = require "transformers"
assert(BertTokenizer == transformers.BertTokenizer)

local fixtures = arg[0]:match("^(.*)/lua/[^/]*$") .. "/TokenizeTests/Fixtures/"

local fails = dofile(arg[0]:match("^(.*/)[^/]*$") .. "support/fails.lua")

local function is(value, text)
  assert(tostring(value) == text, ("wanted: %s\ngot: %s"):format(text, tostring(value)))
end

local function list(values)
  local parts = {}
  for i, value in ipairs(values) do parts[i] = type(value) == "table" and list(value) or tostring(value) end
  return "[" .. table.concat(parts, ", ") .. "]"
end

local T = BertTokenizer.from_pretrained(fixtures .. "vocab.txt", {do_lower_case = true, model_max_length = 16})
assert(#T == 123 and T.vocab_size == 123 and T.model_max_length == 16 and T.cls_token == "[CLS]" and T.mask_token_id == 4)
is(T("Hello, world!"), "{'input_ids': [2, 22, 27, 21, 28, 3], 'token_type_ids': [0, 0, 0, 0, 0, 0], 'attention_mask': [1, 1, 1, 1, 1, 1]}")
is(T("unaffable", "the café", {padding = "max_length", max_length = 12}), "{'input_ids': [2, 10, 11, 12, 3, 5, 62, 3, 0, 0, 0, 0], "
  .. "'token_type_ids': [0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0], 'attention_mask': [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]}")
is(T({"Hello world", "the a of and, 1999"}, {"a", "b c"}, {padding = true, return_tensors = "pt"}), [=[
{'input_ids': tensor([[ 2, 22, 21,  3,  6,  3,  0,  0,  0,  0,  0,  0],
        [ 2,  5,  6,  7,  8, 27, 45, 46,  3, 79, 80,  3]]), 'token_type_ids': tensor([[0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1]]), 'attention_mask': tensor([[1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0],
        [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]])}]=])
assert(T("a", {return_tensors = "pt"}).input_ids.shape == torch.Size {1, 3})
is(list(T({"Hello world", "the"}, {padding = true, padding_side = "left"}).input_ids), "[[2, 22, 21, 3], [0, 2, 5, 3]]")
is(list(T("the a of and 1 2 3 the a of and 1 2 3 the a of and", {truncation = true}).input_ids), "[2, 5, 6, 7, 8, 39, 40, 41, 5, 6, 7, 8, 39, 40, 41, 3]")
is(list(T("the a of and", "1 2 3 1999", {max_length = 8}).input_ids), "[2, 5, 6, 3, 39, 40, 41, 3]")
is(list(T("the a of and", "1 2 3 1999", {max_length = 9, truncation = "only_second"}).input_ids), "[2, 5, 6, 7, 8, 3, 39, 40, 3]")
is(list(T("the a of and", "1 2 3 1999", {max_length = 9, truncation = "only_first"}).input_ids), "[2, 5, 3, 39, 40, 41, 45, 46, 3]")
local places = T("Hello [MASK] wörld 中", {return_offsets_mapping = true, return_special_tokens_mask = true, return_length = true})
is(places, "{'input_ids': [2, 22, 4, 21, 47, 3], 'token_type_ids': [0, 0, 0, 0, 0, 0], 'attention_mask': [1, 1, 1, 1, 1, 1], "
  .. "'special_tokens_mask': [1, 0, 0, 0, 0, 1], 'offset_mapping': [[0, 0], [0, 5], [6, 12], [13, 18], [19, 20], [0, 0]], 'length': [6]}")
is(list(places:tokens()), "[[CLS], hello, [MASK], world, 中, [SEP]]")
is(list(places:word_ids()), "[false, 0, 1, 2, 3, false]")
is(T:decode(T("Hello, the naïve café isn't unaffable.").input_ids), "[CLS] hello, the naive cafe isn ' t unaffable. [SEP]")
is(T:decode(T("Hello, unaffable.").input_ids, {skip_special_tokens = true}), "hello, unaffable.")
is(T:decode(torch.tensor {2, 22, 3}, true), "hello")
is(list(T:batch_decode({{2, 22}, {3}})), "[[CLS] hello, [SEP]]")
is(list(T:tokenize("unaffable ZZ 日")), "[una, ##ffa, ##ble, z, ##z, [UNK]]")
is(list(T.all_special_tokens) .. list(T.all_special_ids), "[[UNK], [SEP], [PAD], [CLS], [MASK]][1, 3, 0, 2, 4]")
is(list(T:encode("a", "the")), "[2, 6, 3, 5, 3]")
is(list(T({{"a", "the"}, {"of", "and"}}).input_ids), "[[2, 6, 3, 5, 3], [2, 7, 3, 8, 3]]")
is(list(T:batch_encode_plus({{"a", "the"}, {"of", "and"}}, {max_length = 4}).input_ids), "[[2, 3, 5, 3], [2, 3, 8, 3]]")
is(list(T("a", {pad_to_multiple_of = 8, padding = true}).input_ids), "[2, 6, 3, 0, 0, 0, 0, 0]")
is(T("a", {add_special_tokens = false, return_token_type_ids = false}), "{'input_ids': [6], 'attention_mask': [1]}")
is(T:pad({input_ids = {{5, 6}, {7}}}), "{'input_ids': [[5, 6], [7, 0]], 'attention_mask': [[1, 1], [1, 0]]}")
is(list(T:encode_plus("Hello", "the", {add_special_tokens = true, max_length = 4}).token_type_ids), "[0, 0, 1, 1]")
assert(T:convert_tokens_to_ids("hello") == 22 and T:convert_tokens_to_ids("nowhere") == 1 and T:convert_tokens_to_ids({"[PAD]"})[1] == 0)
assert(T:convert_ids_to_tokens(22) == "hello" and T:convert_ids_to_tokens(1000) == nil and T:num_special_tokens_to_add(true) == 3)
is(T:convert_tokens_to_string {"un", "##able", "."}, "unable.")
is(list(T:build_inputs_with_special_tokens({5}, {6})) .. list(T:create_token_type_ids_from_sequences({5}, {6})), "[2, 5, 3, 6, 3][0, 0, 0, 1, 1]")
is(list(T:get_special_tokens_mask({5, 3}, {already_has_special_tokens = true})), "[0, 1]")
assert(T:get_vocab()["hello"] == 22)
T.truncation_side = "left"
is(list(T("the a of and", {max_length = 4, truncation = true}).input_ids), "[2, 7, 8, 3]")
T.truncation_side, T.padding_side = "right", "left"
is(list(T("a", {padding = "max_length", max_length = 5}).attention_mask), "[0, 0, 1, 1, 1]")
T.padding_side = "right"
is(list(T("", {}).input_ids), "[2, 3]")

local cased = BertTokenizer.from_pretrained(fixtures, {do_lower_case = false})
is(list(cased:tokenize("Hello hello café")), "[[UNK], hello, [UNK]]")
is(cased, ([[BertTokenizer(name_or_path='%s', vocab_size=123, model_max_length=1000000000000000019884624838656, padding_side='right', truncation_side='right', special_tokens={'unk_token': '[UNK]', 'sep_token': '[SEP]', 'pad_token': '[PAD]', 'cls_token': '[CLS]', 'mask_token': '[MASK]'}, added_tokens_decoder={
	0: AddedToken("[PAD]", rstrip=False, lstrip=False, single_word=False, normalized=False, special=True),
	1: AddedToken("[UNK]", rstrip=False, lstrip=False, single_word=False, normalized=False, special=True),
	2: AddedToken("[CLS]", rstrip=False, lstrip=False, single_word=False, normalized=False, special=True),
	3: AddedToken("[SEP]", rstrip=False, lstrip=False, single_word=False, normalized=False, special=True),
	4: AddedToken("[MASK]", rstrip=False, lstrip=False, single_word=False, normalized=False, special=True),
})]]):format(fixtures))

-- saved and read again
os.execute("mkdir saved")
T:save_pretrained("saved")
local again = BertTokenizer.from_pretrained("saved")
assert(again.model_max_length == 16 and again.do_lower_case == true)
is(list(again("Hello, wörld 1999").input_ids), list(T("Hello, wörld 1999").input_ids))
cased:save_pretrained("saved")
assert(BertTokenizer.from_pretrained("saved").do_lower_case == false)

-- mistakes
fails("Truncation error: Sequence to truncate too short to respect the provided max_length", T, "the a of", "1 2", {max_length = 4, truncation = "only_second"})
fails("Truncation error: Second sequence not provided", T, "the a of", {max_length = 4, truncation = "only_second"})
fails("ValueError: foo is not a valid TruncationStrategy, please select one of ['only_first', 'only_second', 'longest_first', 'do_not_truncate']",
  T, "a", {truncation = "foo", max_length = 3})
fails("ValueError: foo is not a valid PaddingStrategy, please select one of ['longest', 'max_length', 'do_not_pad']", T, "a", {padding = "foo"})
fails("ValueError: Unable to create tensor, you should probably activate truncation and/or padding", T, {"a of", "the"}, {return_tensors = "pt"})
fails("ValueError: text input must be of type `str` (single example)", T, 3)
fails("TypeError: TextEncodeInput must be Union[TextInputSequence", T, {"a", 3})
fails("ValueError: batch length of `text`: 2 does not match batch length of `text_pair`: 1.", T, {"a", "b"}, {"c"})
fails("got an unexpected keyword argument 'paddin'", T, "a", {paddin = true})
fails("IndexError: the id 999 is out of range: the vocabulary has 123 tokens", T.decode, T, {2, 999})
fails("OSError: Can't load tokenizer for 'nowhere'", BertTokenizer.from_pretrained, "nowhere")
local function vocabulary(text, name)
  local file <close> = assert(io.open(name or "bad.txt", "wb"))
  file:write(text)
  file:close()
  return BertTokenizer.from_pretrained(name or "bad.txt")
end
fails("bad.txt: the vocabulary is empty", vocabulary, "")
fails("bad.txt:3: the line is not valid UTF-8", vocabulary, "[PAD]\n[UNK]\n\xff\n")
fails("bad.txt: the vocabulary lacks '[SEP]', the sep_token", vocabulary, "[PAD]\n[UNK]\n[CLS]\n")
fails("bad.json:2: expected value (column 10)", vocabulary, '{\n"model": }', "bad.json")
fails('bad.json: model.type is "BPE"', vocabulary, '{"model": {"type": "BPE"}}', "bad.json")
assert(vocabulary("[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\na\r\n"):convert_tokens_to_ids("a") == 4, "lines may end in CR LF")
