-- %% [markdown]
-- # Dynamic quantization of an LSTM
--
-- A trained network spends most of its bytes on weights and most of its time on multiplying by them. Both shrink when
-- a weight is one byte instead of four. *Dynamic* quantization does that to a finished model in one call:
--
-- - the weights are rounded to `int8` once, with one scale for each matrix;
-- - the activations stay `float32` between layers. When a layer is run it looks at the range of what came in, rounds
--   that to 8 bits too, multiplies integers by integers, sums in `int32`, and scales the sums back to `float32`.
--
-- The scale of the activations is found anew for each input (hence "dynamic"), so no calibration data is needed and
-- there is next to nothing to tune.
--
-- Five steps: set up a small LSTM, quantize it, and compare size, latency and accuracy. The network is not trained and
-- its inputs are random: this shows how it is done and what it costs, not how a task's score changes.
--
-- Run it with `qrepl tutorials/dynamic_quant.lua`, or cell by cell in an editor that knows the percent format.

-- %% [markdown]
-- ## 1. Set up
--
-- A module is a class whose base is `nn.Module`. Ours hands everything on to one `nn.LSTM`. An LSTM gives back its
-- outputs and a table of its last hidden and cell state, which is also the form in which it takes the first ones.

-- %%
local torch = require "torch"
local nn = require "torch.nn"
local path = require "path"

local lstm_for_demonstration = torch.class("lstm_for_demonstration", nn.Module)

function lstm_for_demonstration:__init(in_dim, out_dim, depth)
  self.lstm = nn.LSTM(in_dim, out_dim, depth)
end

function lstm_for_demonstration:forward(inputs, hidden)
  return self.lstm(inputs, hidden)
end

-- %% [markdown]
-- The seed fixes every random number below: they are the ones that PyTorch draws from it, so the figures at the end are
-- PyTorch's figures.

-- %%
torch.manual_seed(29592)

local model_dimension = 8
local sequence_length = 20
local batch_size = 1
local lstm_depth = 1

local inputs = torch.randn(sequence_length, batch_size, model_dimension)
local hidden = {
  torch.randn(lstm_depth, batch_size, model_dimension), -- the hidden state
  torch.randn(lstm_depth, batch_size, model_dimension), -- the cell state
}

-- %% [markdown]
-- ## 2. Quantize
--
-- `quantize_dynamic` takes a model, the types of the layers to convert and the type their weights shall have. It gives
-- a converted copy; the float model stays as it was. Layers of other types, had we any, would be copied unchanged.

-- %%
local float_lstm = lstm_for_demonstration(model_dimension, model_dimension, lstm_depth)
local quantized_lstm = torch.quantization.quantize_dynamic(float_lstm, {nn.LSTM, nn.Linear}, {dtype = torch.qint8})

print("Here is the floating point version of this module:")
print(float_lstm)
print("")
print("and now the quantized version:")
print(quantized_lstm)

-- %% [markdown]
-- ## 3. Size
--
-- A weight takes a quarter of its room, but biases stay `float32` and a file has its own overhead, which at 8 units is
-- a large part of so small a file. The larger the model, the closer the ratio comes to 4, as the last cell shows.

-- %%
local function print_size_of_model(model, label)
  torch.save(model:state_dict(), "temp.p")
  local size = path.getsize("temp.p")
  print(("model:  %s  \t Size (KB): %s"):format(label, size / 1e3))
  os.remove("temp.p")
  return size
end

local f = print_size_of_model(float_lstm, "fp32")
local q = print_size_of_model(quantized_lstm, "int8")
print(("%.2f times smaller"):format(f / q))

-- %% [markdown]
-- ## 4. Latency
--
-- Fewer bytes travel from memory, and a processor multiplies more small integers at a time than floats. Against that
-- stands the work of rounding the activations, which a small layer feels most. `%timeit` runs a statement often
-- enough to be sure of the time it takes.

-- %%
print("Floating point FP32")
-- %timeit float_lstm:forward(inputs, hidden)
print("Quantized INT8")
-- %timeit quantized_lstm:forward(inputs, hidden)

-- %% [markdown]
-- ## 5. Accuracy
--
-- Both models see the same input, and the mean absolute difference of their outputs is set against the mean absolute
-- output. About one percent is what 8 bits give here.

-- %%
local function compare(float_model, quantized_model, x, state)
  local out1 = float_model(x, state)
  local mag1 = torch.mean(torch.abs(out1)):item()
  print(("mean absolute value of output tensor values in the FP32 model is %.5f "):format(mag1))

  local out2 = quantized_model(x, state)
  local mag2 = torch.mean(torch.abs(out2)):item()
  print(("mean absolute value of output tensor values in the INT8 model is %.5f"):format(mag2))

  local mag3 = torch.mean(torch.abs(out1 - out2)):item()
  print(("mean absolute value of the difference between the output tensors is %.5f or %.2f percent")
    :format(mag3, mag3 / mag1 * 100))
end

compare(float_lstm, quantized_lstm, inputs, hidden)

-- %% [markdown]
-- ## Larger models
--
-- The same steps at 80, 256 and 512 units: the files come close to a quarter, INT8 gains on FP32 as the weights
-- outgrow the caches, and the difference stays below two percent.

-- %%
for _, dimension in ipairs {80, 256, 512} do
  torch.manual_seed(29592)
  local x = torch.randn(sequence_length, batch_size, dimension)
  local state = {
    torch.randn(lstm_depth, batch_size, dimension),
    torch.randn(lstm_depth, batch_size, dimension),
  }
  local float_model = lstm_for_demonstration(dimension, dimension, lstm_depth)
  local quantized_model = torch.quantization.quantize_dynamic(float_model, {nn.LSTM, nn.Linear}, {dtype = torch.qint8})

  print("")
  print("model_dimension", dimension)
  local float_size = print_size_of_model(float_model, "fp32")
  local quantized_size = print_size_of_model(quantized_model, "int8")
  print(("%.2f times smaller"):format(float_size / quantized_size))
  -- %timeit float_model:forward(x, state)
  -- %timeit quantized_model:forward(x, state)
  compare(float_model, quantized_model, x, state)
end
