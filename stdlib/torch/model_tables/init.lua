--- Tables of what a model's layers hold, and of what quantizing changed; `%summary`, `%sparsity`, `%qinfo` and `%qdiff` print
--- them. Each is a table with `layers`, a list of rows by name of column, and `total`, and shows itself as text.
local torch = require "torch"
local failure = require "torch.failure"
local ModelTable = require "torch.model_tables.model_table"

local tables = {}

local function layers_of(model, name)
  if not torch.isinstance(model, torch.nn.Module) then
    failure("TypeError", "%s", ("%%%s needs a model, an nn.Module, and not %s"):format(name, torch.is_tensor(model) and "a tensor" or model == nil and "nothing" or "a " .. type(model)))
  end
  local rows = torch.nn.utils.prune._layers(model)
  local total = table.remove(rows)
  total.type = nil
  local state, seen = model:state_dict(), {}
  for _, row in ipairs(rows) do
    row.layer = row.name == "" and "(model)" or row.name
    row.state = state
    -- In the total, weights that layers share count once.
    for _, weight in ipairs(row.weights) do
      local place, count = weight[2].is_quantized and 0 or weight[2]:data_ptr(), weight[2]:numel()
      if place ~= 0 and seen[place] == count then
        total.parameters, total.zeros = total.parameters - count, total.zeros - (count - weight[2]:detach():ne(0):sum():item())
      end
      seen[place] = count
    end
  end
  return rows, total
end

local width_of = {float64 = 64, complex64 = 64, complex128 = 128, int64 = 64, float32 = 32, int32 = 32, qint32 = 32, float16 = 16, bfloat16 = 16, int16 = 16, bool = 8}

-- The bits of an element as it is kept: float16 layers of dynamic quantization give their weights as float32.
local function bits_of(row, tensor)
  local dtype = tostring(tensor.dtype):gsub("^torch%.", "")
  local packed = row.state[(row.name == "" and "" or row.name .. ".") .. "_packed_params.dtype"]
  if packed ~= nil and tostring(packed) == "torch.float16" then return 16, "float16" end
  return width_of[dtype] or 8, dtype
end

local function matrices(row)
  local list = {}
  for _, weight in ipairs(row.weights) do
    if weight[2]:dim() > 1 then list[#list + 1] = weight end
  end
  return list
end

local function shape_of(tensor)
  local sizes = {}
  for i = 0, tensor:dim() - 1 do sizes[i + 1] = tensor:size(i) end
  return sizes
end

-- How a weight is quantized: scheme, scale and zero point; of channels the least and the greatest.
local function quantizer(tensor)
  if not tensor.is_quantized then return nil end
  local scheme = tostring(tensor:qscheme()):gsub("^torch%.", "")
  if scheme:find "^per_tensor" then return scheme, {tensor:q_scale()}, {tensor:q_zero_point()} end
  local scales, zeros = tensor:q_per_channel_scales(), tensor:q_per_channel_zero_points()
  local function ends(t)
    local lo, hi = t:min():item(), t:max():item()
    return lo == hi and {lo} or {lo, hi}
  end
  return scheme, ends(scales), ends(zeros)
end

-- Bits of an element: of the first weight, and of all by their counts.
local function measure(row)
  local sum = 0
  for i, weight in ipairs(row.weights) do
    local bits = bits_of(row, weight[2])
    if i == 1 then row.bits = bits end
    sum = sum + bits * weight[2]:numel()
  end
  row.bit_count = sum
  if row.weights[1] then row.scheme, row.scale, row.zero_point = quantizer(row.weights[1][2]) end
  return row
end

local function mean_bits(rows)
  local bits, count = 0, 0
  for _, row in ipairs(rows) do bits, count = bits + row.bit_count, count + row.parameters end
  return count > 0 and bits / count or nil
end

--- The layers of a model: type, shape of the first weight, parameters, bytes, bits, zeros, and scale where one is quantized.
function tables.summary(model)
  local rows, total = layers_of(model, "summary")
  local quantized = false
  for _, row in ipairs(rows) do
    measure(row)
    if #row.shape == 0 then row.shape = nil end
    quantized = quantized or row.scale ~= nil
  end
  total.bits = mean_bits(rows)
  local columns = {"layer", "type", "shape", "parameters", "bytes", "bits", "zeros"}
  if quantized then columns[#columns + 1] = "scale" end
  return ModelTable.new(columns, rows, total)
end

local function zeros_in(tensor)
  if tensor.is_quantized then tensor = tensor:dequantize() end
  return tensor:numel() - tensor:detach():ne(0):sum():item()
end

--- The weights of a model and how many of their elements are zero.
function tables.sparsity(model)
  local layers, total = layers_of(model, "sparsity")
  local rows = {}
  for _, row in ipairs(layers) do
    for _, weight in ipairs(row.weights) do
      local zeros, count = zeros_in(weight[2]), weight[2]:numel()
      rows[#rows + 1] = {
        layer = (row.name == "" and "" or row.name .. ".") .. weight[1], type = row.type, shape = shape_of(weight[2]), parameters = count, zeros = zeros,
        sparsity = count > 0 and zeros / count or 0,
      }
    end
  end
  total.sparsity = total.parameters > 0 and total.zeros / total.parameters or 0
  return ModelTable.new({"layer", "type", "shape", "parameters", "zeros", "sparsity"}, rows, total)
end

--- How the layers of a model that have weights are quantized.
function tables.qinfo(model)
  local layers, total = layers_of(model, "qinfo")
  local rows = {}
  for _, row in ipairs(layers) do
    if row.parameters > 0 then
      measure(row)
      local _, dtype = bits_of(row, row.weights[1][2])
      row.dtype = dtype
      rows[#rows + 1] = row
    end
  end
  total.bits = mean_bits(rows)
  return ModelTable.new({"layer", "type", "shape", "dtype", "bits", "scheme", "scale", "zero_point", "bytes"}, rows, total)
end

local function plain(tensor)
  tensor = tensor:detach()
  return (tensor.is_quantized and tensor:dequantize() or tensor):to(torch.float64)
end

-- The sums of squares of the weights and of what the others differ by, and the largest difference; nil where shapes differ.
local function distance(before, after)
  local a, b = matrices(before), matrices(after)
  if #a == 0 or #a ~= #b then return nil end
  local signal, noise, worst = 0, 0, 0
  for i = 1, #a do
    local x, y = plain(a[i][2]), plain(b[i][2])
    if tostring(x.shape) ~= tostring(y.shape) then return nil end
    local d = x - y
    signal, noise = signal + (x * x):sum():item(), noise + (d * d):sum():item()
    if d:numel() > 0 then worst = math.max(worst, d:abs():max():item()) end
  end
  return signal, noise, worst
end

local function decibels(signal, noise) return noise == 0 and math.huge or 10 * math.log(signal / noise, 10) end

--- Two models side by side: bytes, and of the weights the ratio of signal to quantization noise in decibels and the largest error.
function tables.qdiff(before, after)
  local first, first_total = layers_of(before, "qdiff")
  local second, second_total = layers_of(after, "qdiff")
  local at = {}
  for _, row in ipairs(second) do at[row.name] = row end
  local rows, signal, noise, worst = {}, 0, 0, nil
  local function add(a, b)
    if (a and a.parameters or 0) + (b and b.parameters or 0) == 0 then return end
    local row = {
      layer = (a or b).layer, type = a and b and (a.type == b.type and a.type or a.type .. " -> " .. b.type) or a and a.type .. " -> none" or "none -> " .. b.type,
      shape = (a or b).shape, before = a and a.bytes, after = b and b.bytes,
    }
    if a and b then
      row.ratio = a.bytes > 0 and b.bytes / a.bytes or nil
      local s, n, w = distance(a, b)
      if s then
        row.sqnr, row.max_error = decibels(s, n), w
        signal, noise, worst = signal + s, noise + n, math.max(worst or 0, w)
      end
    end
    rows[#rows + 1] = row
  end
  for _, row in ipairs(first) do
    add(row, at[row.name])
    at[row.name] = nil
  end
  for _, row in ipairs(second) do
    if at[row.name] then add(nil, row) end
  end
  local total = {before = first_total.bytes, after = second_total.bytes, ratio = second_total.bytes / math.max(1, first_total.bytes), max_error = worst}
  if worst then total.sqnr = decibels(signal, noise) end
  return ModelTable.new({"layer", "type", "shape", "before", "after", "ratio", "sqnr", "max_error"}, rows, total)
end

--- A table as JSON.
function tables.json(model_table) return model_table:json() end

return tables
