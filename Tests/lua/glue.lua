-- MRPC's pairs, their features, measures, order and log. Expected values: Tests/lua/make_glue.py, which asks Python for them.
local torch = require "torch"
local data = require "torch.utils.data"
local logging = require "logging"
local path = require "path"
local transformers = require "transformers"
local Namespace = require("argparse").Namespace

local here = arg[0]:match("^(.*/)[^/]*$")
local fails = dofile(here .. "support/fails.lua")
local cases = dofile(here .. "support/glue_cases.lua")
local vocabulary = here .. "../TokenizeTests/Fixtures/vocab.txt"
local tokenizer = transformers.BertTokenizer.from_pretrained(vocabulary, {do_lower_case = true})

local function write(name, content)
  local file <close> = assert(io.open(name, "wb"))
  assert(file:write(content))
end
local function same(got, wanted, what)
  if type(wanted) ~= "table" then
    assert(got == wanted, ("%s: wanted %s, got %s"):format(what, wanted, got))
    return
  end
  assert(#got == #wanted, ("%s: wanted %d entries, got %d"):format(what, #wanted, #got))
  for key, value in pairs(wanted) do same(got[key], value, what .. "." .. key) end
end

-- the corpus: columns by their names, a byte-order mark, both ends of line, quotes that are text
local header = "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n"
local processor = transformers.glue_processors["mrpc"]()
same(processor:get_labels(), {"0", "1"}, "labels")
assert(transformers.glue_output_modes.mrpc == "classification")
path.makedirs("shared")
path.makedirs("glue/MRPC")
write("shared/train.tsv", "\u{feff}" .. header:gsub("\n", "\r\n") .. '1\t7\t8\tHello "world"\t"Hello," she said, "world."\r\n0\t9\t10\tthe café\t"\r\n')
write("shared/val.tsv", header .. "1\t1\t2\ta b\tc")
write("shared/test.tsv", header .. "0\t1\t2\ta b\tc\n")
write("glue/MRPC/dev.tsv", header .. "0\t1\t2\tfrom glue\tdev\n")
write("glue/MRPC/test.tsv", "index\t#1 ID\t#2 ID\t#1 String\t#2 String\n0\t1\t2\ta\tb\n")
local train = processor:get_train_examples("shared")
assert(tostring(train[1]) == [[InputExample(guid='train-1', text_a='Hello "world"', text_b='"Hello," she said, "world."', label='1')]], tostring(train[1]))
assert(#train == 2 and train[2].text_a == "the café" and train[2].text_b == '"' and train[2].label == "0" and train[2].guid == "train-2")
assert(processor:get_dev_examples("shared")[1].guid == "dev-1" and processor:get_test_examples("shared")[1].label == "0")
assert(processor:get_dev_examples("glue/MRPC")[1].text_a == "from glue" and processor:get_test_examples("glue/MRPC")[1].label == nil)

-- what cannot be meant names the file and the line
local function refuses(sentence, content, of)
  write("train.tsv", content)
  fails(sentence, of or processor.get_train_examples, processor, ".")
end
refuses("ValueError: ./train.tsv is empty", "")
refuses("ValueError: ./train.tsv is empty", "\u{feff}\n")
refuses("ValueError: ./train.tsv has a first line and no pairs", header)
refuses("ValueError: ./train.tsv, line 1: no column '#2 String'", "Quality\t#1 ID\t#2 ID\t#1 String\n1\t2\t3\ta\n")
refuses("ValueError: ./train.tsv, line 1: no column 'Quality'", "index\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t2\t3\ta\tb\n")
refuses("ValueError: ./train.tsv, line 3: 4 columns, where line 1 has 5", header .. "1\t2\t3\ta\tb\n1\t2\t3\ta b\n")
refuses("ValueError: ./train.tsv, line 2: 6 columns, where line 1 has 5", header .. '1\t2\t3\t"a\tc"\tb\n')
refuses("ValueError: ./train.tsv, line 3: label '2' is neither 0 nor 1", header .. "1\t2\t3\ta\tb\n2\t2\t3\ta\tb\n")
refuses("ValueError: ./train.tsv, line 2: label '\"1\"' is neither 0 nor 1", header .. '"1"\t2\t3\ta\tb\n')
refuses("ValueError: ./train.tsv, line 1: column \"Quality\" is in quotes, and this format has none", '"Quality"\t"#1 ID"\n')
refuses("ValueError: ./train.tsv, line 2: '#2 String' is in quotes, and this format has none", header .. '1\t2\t3\ta\t"he said ""b"""\n')
refuses("ValueError: ./train.tsv, line 2: '#1 String' is empty", header .. "1\t2\t3\t \tb\n")
refuses("UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position", header .. "1\t2\t3\t\xff\tb\n")
fails("FileNotFoundError: [Errno 2] No such file or directory: 'nowhere/dev.tsv'", processor.get_dev_examples, processor, "nowhere")
fails("KeyError: 'cola': no processor of this task is here; 'mrpc' is", function() return transformers.glue_processors.cola end)

-- features
local examples = {}
for i, pair in ipairs(cases.pairs) do examples[i] = transformers.InputExample("train-" .. i, pair[1], pair[2], pair[3]) end
local convert = transformers.glue_convert_examples_to_features
local features = convert(examples, tokenizer, {label_list = {"0", "1"}, max_length = 16, output_mode = "classification", pad_token = 0})
same(features, cases.features, "features")
same(convert(examples, tokenizer, 16, "mrpc"), cases.features, "features by task")
for i, feature in ipairs(features) do same(feature, cases.features[i], "feature") end
same(convert(examples, tokenizer, {task = "mrpc", max_length = 12, pad_on_left = true, pad_token = 5, pad_token_segment_id = 4, mask_padding_with_zero = false}),
  cases.left, "left")
assert(features[1].label == 1 and features[4] == nil and torch.isinstance(features[1], transformers.InputFeatures))
assert(tostring(features[2]):find("^InputFeatures%(input_ids=%[2, 5, .*%], attention_mask=%[1, .*%], token_type_ids=%[0, .*%], label=0%)$"))

local function bad(sentence, example, options)
  options = options or {task = "mrpc", max_length = 16}
  fails(sentence, convert, {examples[1], transformers.InputExample(example)}, tokenizer, options)
end
bad("KeyError: label '7' of x is none of '0', '1'", {guid = "x", text_a = "a", text_b = "b", label = "7"})
bad("ValueError: text_b of x is empty", {guid = "x", text_a = "a", text_b = "", label = "1"})
bad("TypeError: text_a of x must be a text, not number", {guid = "x", text_a = 1, text_b = "b", label = "1"})
bad("ValueError: x has no label, train-1 has", {guid = "x", text_a = "a", text_b = "b"})
bad("some examples are pairs", {guid = "x", text_a = "a", label = "1"})
bad("max_length is an integer from 4 on", {guid = "x", text_a = "a", text_b = "b", label = "1"}, {task = "mrpc", max_length = 2})
bad("needs a label_list", {guid = "x", text_a = "a", text_b = "b", label = "1"}, {max_length = 16})
bad("unexpected keyword argument 'max_len'", {guid = "x", text_a = "a", text_b = "b", label = "1"}, {max_len = 16})
fails("ValueError: there are no examples", convert, {}, tokenizer, {task = "mrpc"})

-- measures
for i, case in ipairs(cases.measures) do
  for _, result in ipairs {
    transformers.glue_compute_metrics("mrpc", torch.tensor(case.preds), torch.tensor(case.labels)),
    transformers.glue_compute_metrics("mrpc", case.preds, case.labels),
  } do
    for _, name in ipairs {"acc", "f1", "acc_and_f1"} do
      assert(math.abs(result[name] - case[name]) < 1e-15, ("measures %d: %s is %.17g, not %.17g"):format(i, name, result[name], case[name]))
    end
  end
end
assert(tostring(transformers.glue_compute_metrics("mrpc", {0, 1, 1, 1}, {0, 1, 0, 1})) == "{'acc': 0.75, 'f1': 0.8, 'acc_and_f1': 0.775}")
fails("AssertionError: Predictions and labels have mismatched lengths 2 and 1", transformers.glue_compute_metrics, "mrpc", {0, 1}, {0})
fails("ValueError: labels must be 0 or 1, and one is 2", transformers.glue_compute_metrics, "mrpc", {0, 1}, {0, 2})
fails("ValueError: predictions must have one dimension", transformers.glue_compute_metrics, "mrpc", torch.zeros(2, 2), {0, 1})
fails("ValueError: there are no predictions", transformers.glue_compute_metrics, "mrpc", torch.zeros(0), torch.zeros(0))
fails("KeyError: 'sst-2': no measure", transformers.glue_compute_metrics, "sst-2", {0}, {0})

-- the cache file
local args = Namespace {
  data_dir = "shared", model_name_or_path = "models/small/", max_seq_length = 16, model_type = "bert", local_rank = -1, overwrite_cache = false,
}
local load = transformers.load_and_cache_examples
local fresh = load(args, "mrpc", tokenizer)
assert(#fresh == 2 and path.exists("shared/cached_train_small_16_mrpc") and fresh.tensors[4].dtype == torch.int64)
write("shared/train.tsv", "changed")
local kept = load(args, "mrpc", tokenizer, {evaluate = false})
for i = 1, 4 do assert(torch.equal(fresh.tensors[i], kept.tensors[i])) end
assert(#load(args, "mrpc", tokenizer, {evaluate = true}) == 1 and path.exists("shared/cached_dev_small_16_mrpc"))
args.overwrite_cache = true
fails("ValueError: shared/train.tsv, line 1: no column '#1 String'", load, args, "mrpc", tokenizer)
args.overwrite_cache = false
local other = transformers.BertTokenizer.from_pretrained(vocabulary)
other.vocab_size = 122
fails("ValueError: shared/cached_train_small_16_mrpc was made with a vocabulary of 123 tokens, this one has 122; remove it, or set overwrite_cache", load, args, "mrpc", other)
args.cache_dir, args.data_dir = "shared", "glue/MRPC"
fails("ValueError: shared/cached_train_small_16_mrpc was made from shared, not from glue/MRPC; remove it", load, args, "mrpc", tokenizer)
args.data_dir = "shared"
write("shared/cached_train_small_16_mrpc", "cut off")
fails("ValueError: shared/cached_train_small_16_mrpc cannot be read", load, args, "mrpc", tokenizer)
torch.save({input_ids = torch.zeros(2, 16)}, "shared/cached_train_small_16_mrpc")
fails("shared/cached_train_small_16_mrpc has no tensor attention_mask of its examples", load, args, "mrpc", tokenizer)
torch.save(torch.zeros(2), "shared/cached_train_small_16_mrpc")
fails("shared/cached_train_small_16_mrpc holds no features", load, args, "mrpc", tokenizer)
args.cache_dir = "cache"
path.makedirs(args.cache_dir)
load(args, "mrpc", tokenizer, {evaluate = true})
assert(path.exists("cache/cached_dev_small_16_mrpc"))
args.max_seq_length = nil
fails("AttributeError: 'Namespace' object has no attribute 'max_seq_length'", load, args, "mrpc", tokenizer)

-- DistributedSampler
for i, case in ipairs(cases.samples) do
  local set = data.TensorDataset(torch.zeros(case.n))
  local sampler = data.DistributedSampler(set, case.options)
  sampler:set_epoch(case.epoch)
  assert(#sampler == case.length)
  local order = {}
  for index in sampler:iter() do order[#order + 1] = index end
  same(order, case.order, "DistributedSampler " .. i)
end

-- Namespace
local namespace = Namespace {data_dir = "it's", eps = 1e-8, labels = {"0", "1"}, lr = 5e-5}
namespace.n_gpu = 0
namespace.nothing = true
namespace.steps = -1
assert(tostring(namespace) == cases.namespace, tostring(namespace))
assert(Namespace {a = 1, b = {2}} == Namespace {b = {2}, a = 1} and Namespace {a = 1} ~= Namespace {a = 1, b = 2})

-- logging: the lines Python writes
logging.basicConfig {
  format = "%(levelname)s - %(name)s - %(message)s|%(levelno)4d|%(name)-8s|100%%", level = logging.WARN, filename = "log.txt", filemode = "w",
}
local inner, outer = logging.getLogger("a.b.c"), logging.getLogger("a")
assert(inner == logging.getLogger("a.b.c"))
inner:warning("one %d", 1)
inner:info("unseen")
outer:setLevel(logging.INFO)
inner:info("%5.2f|%r|%s|%s", 2.5, "it's", nil, {1, "x", true})
outer:debug("unseen")
logging.getLogger("b"):info("unseen")
logging.error("50%")
inner:log(25, "between")
inner:setLevel("ERROR")
inner:warning("unseen")
local lines = {}
for line in io.lines("log.txt") do lines[#lines + 1] = line end
same(lines, cases.logged, "logged")
assert(tostring(inner) == "<Logger a.b.c (ERROR)>" and tostring(logging.getLogger()) == "<RootLogger root (WARNING)>")
fails("ValueError: Unknown level: 'LOUD'", outer.setLevel, outer, "LOUD")
fails("ValueError: Unrecognised argument(s): colour", logging.basicConfig, {colour = true})
fails("ValueError: Invalid format 'abc' for '%' style", logging.basicConfig, {format = "abc", force = true})
logging.basicConfig {format = "%(asctime)s %(filename)s", datefmt = "%m/%d/%Y %H:%M:%S", filename = "dated.txt", force = true}
outer:warning("x")
assert(io.open("dated.txt"):read("a"):find("^%d%d/%d%d/%d%d%d%d %d%d:%d%d:%d%d glue.lua\n$"))

-- seeds and threads
transformers.set_seed(42)
local first, second = torch.rand(1):item(), math.random()
transformers.set_seed(42)
assert(torch.rand(1):item() == first and math.random() == second and math.abs(first - 0.88226926) < 1e-7) -- torch.manual_seed(42); torch.rand(1)
torch.set_num_threads(1)
local info = torch.__config__.parallel_info()
assert(info:find("^ATen/Parallel:\n\tat::get_num_threads%(%) : 1\n\tat::get_num_interop_threads%(%) : %d+\n.*\nATen parallel backend: [%w ]+\n$"), info)
