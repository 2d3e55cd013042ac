-- safetensors: files equal to those of the package (PyPI, 0.8), what it reads and what it refuses.
local torch = require "torch"
local nn = require "torch.nn"
local safetensors = require "safetensors"
local st = require "safetensors.torch"
assert(safetensors.torch == st and safetensors.save_file == st.save_file)

local fixtures = arg[0]:match("^(.*)/lua/[^/]*$") .. "/SerializationTests/Fixtures/safetensors/"

local fails = dofile(arg[0]:match("^(.*/)[^/]*$") .. "support/fails.lua")

local function bytes_of(name)
  local file <close> = assert(io.open(name, "rb"))
  return file:read("a")
end

-- the package's file, every element type (make_fixtures.py): read, and written again to the byte
local numbers = torch.tensor {0.0, 1.0, 0.5, 2.5}
local types = st.load_file(fixtures .. "types.safetensors")
local dtypes = {"float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "complex64"}
for _, name in ipairs(dtypes) do
  assert(types[name].dtype == torch[name] and torch.equal(types[name], numbers:to(torch[name])), name)
end
assert(types.scalar:item() == 3.5 and types.scalar:dim() == 0 and types.empty.shape == torch.Size {0, 3})
assert(torch.equal(types.matrix, torch.arange(12.0):reshape(3, 4)))
assert(torch.equal(types['größe "\\\n\x01'], torch.arange(3)))
local metadata = {note = 'grüße\n"quoted"'}
safetensors.save_file(types, "types.safetensors", {metadata = metadata})
assert(bytes_of("types.safetensors") == bytes_of(fixtures .. "types.safetensors"))
st.save_file(types, "types.safetensors", metadata)
assert(bytes_of("types.safetensors") == bytes_of(fixtures .. "types.safetensors"))
assert(st.save(types, metadata) == bytes_of("types.safetensors"))
st.save_file({}, "empty.safetensors")
assert(bytes_of("empty.safetensors") == bytes_of(fixtures .. "empty.safetensors"))
local parsed = st.load(bytes_of("types.safetensors"))
assert(torch.equal(parsed.int16, types.int16) and torch.equal(parsed.matrix, types.matrix))

-- torch.save and torch.load by the suffix
torch.save({w = torch.arange(3), b = torch.ones(2)}, "x.safetensors")
local loaded = torch.load("x.safetensors", {map_location = "cpu", weights_only = true, mmap = true})
assert(torch.equal(loaded.w, torch.arange(3)) and torch.equal(loaded.b, torch.ones(2)))
fails("Loading safetensors file with dict map_location is not supported. Use a device string or torch.device instead.",
  torch.load, "x.safetensors", {map_location = {cuda = "cpu"}})
fails("Loading safetensors file with callable map_location is not supported.", torch.load, "x.safetensors", {map_location = function() end})
fails("FileNotFoundError: No such file or directory: nofile.safetensors", torch.load, "nofile.safetensors")
-- changes stay in memory
loaded.w:add_(1)
assert(torch.equal(torch.load("x.safetensors").w, torch.arange(3)))

-- an open file
do
  local f <close> = safetensors.safe_open(fixtures .. "types.safetensors", {framework = "pt", device = "cpu"})
  assert(#f:keys() == 15 and f:keys()[1] == "bfloat16" and f:offset_keys()[1] == 'größe "\\\n\x01' and f:offset_keys()[2] == "int64")
  assert(f:metadata().note == metadata.note)
  assert(torch.equal(f:get_tensor("int8"), numbers:to(torch.int8)))
  local slice = f:get_slice("matrix")
  assert(slice:get_dtype() == "F32" and slice:get_shape()[1] == 3 and slice:get_shape()[2] == 4)
  assert(torch.equal(slice[{0, "1:3"}], torch.tensor {1.0, 2.0}) and torch.equal(slice[1], torch.tensor {4.0, 5.0, 6.0, 7.0}))
  fails("index 5 is out of bounds for dimension 0 with size 3", function() return slice[5] end)
  fails("SafetensorError: File does not contain tensor zz", f.get_tensor, f, "zz")
  fails("SafetensorError: File does not contain tensor zz", f.get_slice, f, "zz")
  f:close()
  fails("SafetensorError: File is closed", f.keys, f)
end
assert(safetensors.safe_open("x.safetensors", "pt"):metadata() == nil)
fails("SafetensorError: framework xx is invalid", safetensors.safe_open, "x.safetensors", "xx")
fails("SafetensorError: device nope is invalid", safetensors.safe_open, "x.safetensors", "pt", "nope")
local foreign = safetensors.safe_open(fixtures .. "foreign.safetensors", "pt")
assert(foreign:metadata().format == "pt" and foreign:metadata().note == "grüße" and foreign:metadata().a == "")
assert(#foreign:keys() == 3 and foreign:get_slice("u16"):get_dtype() == "U16" and foreign:get_tensor("f32"):item() == 1)
fails("tensor `u16` has the element type U16, which tensors here cannot have", foreign.get_tensor, foreign, "u16")

-- what cannot be written, in the package's sentences
local a = torch.arange(12.0):reshape(3, 4)
fails("ValueError: You are trying to save a non contiguous tensor: `a` which is not allowed.", st.save, {a = a:t()})
fails("Some tensors share memory, this will lead to duplicate memory on disk and potential differences when loading them again: [{'a', 'b'}].", st.save, {a = a, b = a})
fails("Some tensors share memory", st.save, {a = a["0:2"], b = a["1:3"]})
assert(#st.save {a = a[0], b = a[1]} == 8 + 112 + 32)
fails("ValueError: Key `a` is invalid, expected torch.Tensor but received <class 'int'>", st.save, {a = 3})
fails("ValueError: Expected a dict of [str, torch.Tensor] but received <class 'list'>", st.save, {a})
fails("TypeError: argument 'metadata': 'int' object is not an instance of 'str'", st.save, {a = a}, {x = 1})
fails("torch.complex128", st.save, {a = torch.zeros(1, {dtype = torch.complex128})})
fails("No space left on device", st.save_file, {a = a}, "/dev/full")
fails("Parent directory nodir does not exist.", st.save_file, {a = a}, "nodir/x.safetensors")

-- models with tied weights
local model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
model[1].weight = model[0].weight
fails("Some tensors share memory", st.save_file, model:state_dict(), "m.safetensors")
st.save_model(model, "m.safetensors")
assert(safetensors.safe_open("m.safetensors", "pt"):metadata()["1.weight"] == "0.weight")
local other = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
other[1].weight = other[0].weight
local missing, unexpected = st.load_model(other, "m.safetensors")
assert(#missing == 0 and #unexpected == 0 and torch.equal(other[1].weight, model[0].weight))
-- >>> load_model(nn.Linear(2, 3), "m.safetensors")
fails([[Error(s) in loading state_dict for Linear:
    Missing key(s) in state_dict: "bias", "weight"
    Unexpected key(s) in state_dict: "0.bias", "0.weight", "1.bias"]], st.load_model, nn.Linear(2, 3), "m.safetensors")
missing, unexpected = st.load_model(nn.Sequential(nn.Linear(2, 2)), "m.safetensors", false)
assert(#missing == 0 and #unexpected == 1 and unexpected[1] == "1.bias")

-- hostile headers; the sentences are those of `safetensors.torch.load_file`
local function load_header(header, data, size)
  local file <close> = assert(io.open("h.safetensors", "wb"))
  file:write(string.pack("<I8", size or #header), header, data or "")
  file:close()
  return st.load_file("h.safetensors")
end
local function refuses(sentence, header, data, size)
  fails("SafetensorError: Error while deserializing header: " .. sentence, load_header, header, data, size)
end
local eight, sixteen = ("\0"):rep(8), ("\0"):rep(16)
local function entry(name, first, last, shape, dtype)
  return ('"%s":{"dtype":"%s","shape":[%s],"data_offsets":[%d,%d]}'):format(name, dtype or "F32", shape or "2", first, last)
end
local file <close> = assert(io.open("h.safetensors", "wb"))
file:close()
fails("header too small", st.load_file, "h.safetensors")
refuses("header too large", "{}", "", 100000001)
refuses("header too large", "{}", "", -1)
refuses("invalid header length", "{}", "", 50)
refuses("invalid UTF-8 in header", '{"\xff":1}')
refuses("invalid JSON in header: expected ident at line 1 column 2", "nonsense")
refuses("invalid JSON in header: EOF while parsing a value at line 1 column 0", "")
refuses("invalid JSON in header: trailing characters at line 1 column 4", "{} x")
refuses("invalid JSON in header: recursion limit exceeded", '{"a":' .. ("["):rep(100000))
refuses("incomplete metadata, file not fully covered", "{" .. entry("a", 0, 8) .. "}", eight:sub(2))
refuses("incomplete metadata, file not fully covered", "{" .. entry("a", 0, 8) .. "}", eight .. "x")
refuses("incomplete metadata, file not fully covered", "{" .. entry("a", 0, 2 ^ 50 // 1, "281474976710656") .. "}", eight)
refuses("invalid offset for tensor `a`", "{" .. entry("a", 1, 9) .. "}", eight .. "x")
refuses("invalid offset for tensor `b`", "{" .. entry("a", 0, 8) .. "," .. entry("b", 4, 12) .. "}", eight .. "1234")
refuses("invalid offset for tensor `b`", "{" .. entry("a", 0, 8) .. "," .. entry("b", 0, 8) .. "}", eight)
refuses("invalid offset for tensor `a`", "{" .. entry("a", 8, 0) .. "}", eight)
refuses("invalid shape, data type, or offset for tensor", "{" .. entry("a", 0, 8, "3") .. "}", eight)
refuses("overflow computing buffer size from shape and/or element type", "{" .. entry("a", 0, 8, "4611686018427387904,4611686018427387904") .. "}", eight)
refuses("invalid JSON in header: invalid value: integer `-2`, expected usize", "{" .. entry("a", 0, 8, "-2") .. "}", eight)
refuses("invalid JSON in header: invalid type: floating point `2.0`, expected usize", "{" .. entry("a", 0, 8, "2.0") .. "}", eight)
refuses("invalid JSON in header: unknown variant `X9`, expected one of `BOOL`, `F4`", "{" .. entry("a", 0, 8, "2", "X9") .. "}", eight)
refuses("invalid JSON in header: missing field `dtype`", '{"a":{"shape":[2],"data_offsets":[0,8]}}', eight)
refuses("invalid JSON in header: missing field `shape`", '{"a":{"dtype":"F32","data_offsets":[0,8]}}', eight)
refuses("invalid JSON in header: missing field `data_offsets`", '{"a":{"dtype":"F32","shape":[2]}}', eight)
refuses("invalid JSON in header: invalid length 1, expected a tuple of size 2", '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}', eight)
refuses("invalid JSON in header: duplicate field `dtype`", '{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}', eight)
refuses("invalid JSON in header: duplicate field `a`", "{" .. entry("a", 0, 8) .. "," .. entry("a", 8, 16) .. "}", sixteen)
refuses("invalid JSON in header: duplicate field `__metadata__`", '{"__metadata__":{},"__metadata__":{}}')
refuses("invalid JSON in header: invalid type: integer `1`, expected a string", '{"__metadata__":{"a":1}}')
refuses("invalid JSON in header: invalid type: integer `3`, expected struct TensorInfo", '{"a":3}')
refuses("The slice is slicing for subbytes dtypes", "{" .. entry("a", 0, 1, "3", "F4") .. "}", "x")
-- odd but sound
assert(load_header('  {"\\u0061\\ud83d\\ude00":' .. entry("x", 0, 8):match(":(.*)") .. "}   ", eight)["a😀"].shape[0] == 2)
assert(load_header("{" .. entry("a", 0, 2, "2", "BOOL") .. "}", "\2\1").a:sum():item() == 2)
assert(load_header("{" .. entry("a", 0, 0, "0,9223372036854775") .. "}").a:numel() == 0)
-- every prefix and every changed byte of a file: an error or tensors, never a crash
local sound = bytes_of("x.safetensors")
for size = 0, #sound - 1 do
  local cut <close> = assert(io.open("h.safetensors", "wb"))
  cut:write(sound:sub(1, size))
  cut:close()
  assert(not pcall(st.load_file, "h.safetensors"), size)
end
for i = 1, #sound do
  pcall(st.load, sound:sub(1, i - 1) .. string.char(sound:byte(i) ~ 0x11) .. sound:sub(i + 1))
end
