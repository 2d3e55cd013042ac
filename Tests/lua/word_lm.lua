-- The word language model: what does not fit is refused, nothing is left half-written, and training that is killed goes on.
local torch = require "torch"
local nn = require "torch.nn"
local path = require "path"

local fails = dofile(arg[0]:match("^(.*/)[^/]*$") .. "support/fails.lua")

local function lines_of(command)
  local pipe <close> = assert(io.popen(command))
  return pipe:read("a")
end

local LSTMModel = torch.class("LSTMModel", nn.Module)

function LSTMModel:__init(ntoken, ninp, nhid, nlayers)
  self.encoder = nn.Embedding(ntoken, ninp)
  self.rnn = nn.LSTM(ninp, nhid, nlayers)
  self.decoder = nn.Linear(nhid, ntoken)
end

function LSTMModel:forward(input, hidden)
  local output, state = self.rnn(self.encoder(input), hidden)
  return self.decoder(output), state
end

torch.manual_seed(5)
local model = LSTMModel(12, 4, 6, 2)

-- >>> state = LSTMModel(10, 4, 6, 2).state_dict(); del state["decoder.bias"]; state["extra"] = torch.ones(1); model.load_state_dict(state)
local state = {}
for name, tensor in pairs(LSTMModel(10, 4, 6, 2):state_dict()) do state[name] = tensor end
state["decoder.bias"] = nil
state.extra = torch.ones(1)
fails('Error(s) in loading state_dict for LSTMModel:\n\tMissing key(s) in state_dict: "decoder.bias". \n'
  .. '\tUnexpected key(s) in state_dict: "extra". \n\tsize mismatch for encoder.weight: copying a param with shape '
  .. "torch.Size([10, 4]) from checkpoint, the shape in current model is torch.Size([12, 4]).\n\tsize mismatch for decoder.weight: "
  .. "copying a param with shape torch.Size([10, 6]) from checkpoint, the shape in current model is torch.Size([12, 6]).",
  model.load_state_dict, model, state)
-- >>> model.load_state_dict(LSTMModel(12, 4, 6, 1).state_dict())
fails('Missing key(s) in state_dict: "rnn.weight_ih_l1", "rnn.weight_hh_l1", "rnn.bias_ih_l1", "rnn.bias_hh_l1". ',
  model.load_state_dict, model, LSTMModel(12, 4, 6, 1):state_dict())

-- 8 bits: also the embedding
local quantization = torch.quantization
local dynamic, rows = quantization.default_dynamic_qconfig, quantization.float_qparams_weight_only_qconfig
local input = torch.tensor {{0}, {3}, {11}, {5}}
local function logits(m) return (m(input)) end
local wanted = logits(model)
local small = quantization.quantize_dynamic(model, {[nn.LSTM] = dynamic, [nn.Linear] = dynamic, [nn.Embedding] = rows})
-- >>> print(small.encoder)
assert(tostring(small.encoder) == "QuantizedEmbedding(num_embeddings=12, embedding_dim=4, dtype=torch.quint8, qscheme=torch.per_channel_affine_float_qparams)")
assert((logits(small) - wanted):abs():max():item() < 0.02)
torch.save(small:state_dict(), "small.pt")
local other = quantization.quantize_dynamic(LSTMModel(12, 4, 6, 2), {[nn.LSTM] = dynamic, [nn.Linear] = dynamic, [nn.Embedding] = rows})
assert(not torch.equal(logits(other), logits(small)))
other:load_state_dict(torch.load("small.pt"))
assert(torch.equal(logits(other), logits(small)))
-- >>> torch.manual_seed(3); m = nn.Embedding(4, 3); m.weight[2] = 0.5; m.weight[3] = torch.tensor([1., 2., 4.]); quantize_dynamic(…)[0].weight()
torch.manual_seed(3)
local table_of_four = nn.Embedding(4, 3)
torch.no_grad(function()
  table_of_four.weight[2] = 0.5
  table_of_four.weight[3] = torch.tensor {1.0, 2.0, 4.0}
end)
local quantized = quantization.quantize_dynamic(nn.Sequential(table_of_four), {nn.Embedding}, {dtype = torch.quint8})
assert(tostring(quantized[0]:weight()) == [=[
tensor([[ 0.8033,  0.1758,  0.0890],
        [-0.6139,  0.0462, -1.3683],
        [ 0.5000,  0.5000,  0.5000],
        [ 1.0000,  2.0000,  4.0000]], size=(4, 3), dtype=torch.quint8,
       quantization_scheme=torch.per_channel_affine_float_qparams,
       scale=tensor([0.0028, 0.0055, 1.0000, 0.0118]),
       zero_point=tensor([-31.7646, 246.6741,  -0.5000, -85.0000]), axis=0)]=])
assert(tostring(quantized[0]:weight():int_repr()) == "tensor([[255,  31,   0],\n        [136, 255,   0],\n        [  0,   0,   0],\n        [  0,  85, 255]], dtype=torch.uint8)")
assert(quantized[0]:weight():qscheme() == torch.per_channel_affine_float_qparams)
assert(torch.allclose(quantized(torch.tensor {3, 2}), torch.tensor {{1.0, 2.0, 4.0}, {0.5, 0.5, 0.5}}))
fails("Index 0 is out of bounds: 4, range 0 to 4", quantized[0].forward, quantized[0], torch.tensor {4})
fails("Expect 32 or 64 bit indices, but found Float instead.", quantized[0].forward, quantized[0], torch.tensor {1.0})
fails("Embedding quantization is only supported with float_qparams_weight_only_qconfig.",
  quantization.quantize_dynamic, nn.Sequential(table_of_four), {nn.Embedding})
fails("The only supported dtypes for dynamic quantized linear are qint8 and float16, got: torch.quint8",
  quantization.quantize_dynamic, nn.Sequential(nn.Linear(2, 2)), {nn.Linear}, {dtype = torch.quint8})

-- all 8 bits of the inputs: closer, kept in files
torch.manual_seed(7)
local all_bits = quantization.QConfig(quantization.default_dynamic_quant_observer:with_args {reduce_range = false}, quantization.default_weight_observer)
local float_model = nn.Sequential(nn.Linear(64, 32))
local x = torch.randn(50, 64)
local seven = quantization.quantize_dynamic(float_model, {nn.Linear})
local eight = quantization.quantize_dynamic(float_model, {[nn.Linear] = all_bits})
local function distance(m) return (m(x) - float_model(x)):abs():mean():item() end
assert(distance(eight) < distance(seven) * 0.9)
torch.save(eight:state_dict(), "eight.pt")
local loaded = quantization.quantize_dynamic(nn.Sequential(nn.Linear(64, 32)), {nn.Linear})
loaded:load_state_dict(torch.load("eight.pt"))
assert(torch.equal(loaded(x), eight(x)))

-- a full disk: the system's sentence, the old file whole, nothing beside it
fails("No space left on device", torch.save, model:state_dict(), "/dev/full")
torch.save({kept = true}, "kept.pt")
local program = lines_of("readlink /proc/$PPID/exe"):match("%S+")
local script = [[local torch = require 'torch'; print(pcall(torch.save, torch.zeros(1000000), 'kept.pt'))]]
local said = lines_of(([[trap '' XFSZ; ulimit -f 16; '%s' -e "%s" 2>&1]]):format(program, script))
assert(said:find("^false\t") and said:find("File too large", 1, true), said)
assert(torch.load("kept.pt").kept == true)
assert(lines_of("ls -A"):find("tmp", 1, true) == nil)

-- training, killed again and again, ends like training left alone
math.randomseed(3, 0)
for _, part in ipairs {"train", "valid", "test"} do
  local words = {}
  for i = 1, part == "train" and 3000 or 400 do words[i] = "w" .. math.random(1, 9) ^ 2 % 7 // 1 .. (i % 9 == 0 and "\n" or "") end
  local file <close> = assert(io.open(part .. ".txt", "w"))
  assert(file:write(table.concat(words, " "), "\n"))
end
local trainer = ("env QREPL_PROGRESS=0 '%s' '%s' --data . --emsize 12 --nhid 12 --nlayers 2 --epochs 2 --batch_size 10 --bptt 10 --log_interval 10 --threads 1"):format(
  program, path.join(os.getenv("QREPL_HOME"), "tutorials/train_word_language_model.lua"))

for _, how in ipairs {"", " --optimizer adam --lr 0.01"} do
  local alone = lines_of(trainer .. how .. " --save alone.pt --checkpoint alone_checkpoint.pt 2>&1")
  assert(alone:find("End of training", 1, true), alone)
  os.remove("killed_checkpoint.pt")
  local limit, killed, output = 0.02, 0, nil
  repeat
    output = lines_of(("timeout -s KILL %.2f sh -c \"exec %s\" 2>&1; echo status $?"):format(
      limit, trainer .. how .. " --save killed.pt --checkpoint killed_checkpoint.pt --checkpoint_interval 3 --resume"))
    limit, killed = limit * 1.3, killed + 1
  until output:find("status 0", 1, true)
  assert(killed > 1, "it was never killed")
  assert(output:match("test loss[^\n]*") == alone:match("test loss[^\n]*"), output)
  local one, two = torch.load("alone.pt"), torch.load("killed.pt")
  for name, tensor in pairs(one) do assert(torch.equal(tensor, two[name]), name) end
end

-- what a checkpoint does not fit is said
local refused = lines_of(trainer:gsub("%-%-nhid 12", "--nhid 8") .. " --resume --save x.pt --checkpoint killed_checkpoint.pt 2>&1")
assert(refused:find("size mismatch for rnn.weight_ih_l0", 1, true), refused)
refused = lines_of(trainer .. " --seed 4 --resume --save x.pt --checkpoint killed_checkpoint.pt 2>&1")
assert(refused:find("killed_checkpoint.pt is of another run", 1, true), refused)
refused = lines_of(trainer .. " --speed 4 2>&1")
assert(refused:find("unknown option --speed", 1, true), refused)
assert(not path.exists("x.pt"))
