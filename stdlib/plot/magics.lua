--- What `%plot`, `%hist` and `%spy` draw. Each function takes the magic's settings and values, and gives a plot, or with `png`
--- the plot and a sentence on the file that it wrote.
local torch = require "torch"
local plot = require "plot"
local data = require "plot.data"

local magics = {}

-- The texts of the expressions between the commas of a line; a comma in brackets or quotes is none.
local function expressions(source)
  local texts, depth, first, quote = {}, 0, 1, nil
  local i = 1
  while i <= #source + 1 do
    local c = source:sub(i, i)
    if quote then
      if c == "\\" then i = i + 1 elseif c == quote then quote = nil end
    elseif c == '"' or c == "'" then
      quote = c
    elseif c:find "[%(%[{]" then
      depth = depth + 1
    elseif c:find "[%)%]}]" then
      depth = depth - 1
    elseif c == "" or c == "," and depth == 0 then
      texts[#texts + 1] = source:sub(first, i - 1):match "^%s*(.-)%s*$"
      first = i + 1
    end
    i = i + 1
  end
  return texts
end

local function is_module(value) return torch.isinstance(value, torch.nn.Module) end

local function finish(p, settings)
  p = p:with {width = settings.w, height = settings.h, ascii = settings.ascii}
  if not settings.png then return p end
  local bytes = p:png()
  p:_write(settings.png, bytes)
  local columns, rows = (">I4I4"):unpack(bytes, 17)
  return p, ("%s: %d x %d pixels, %d bytes"):format(settings.png, columns, rows, #bytes)
end

-- Labels where there are several, else a title, if it is short.
local function named(values, settings)
  local texts = expressions(settings.source)
  local function name(i)
    local text = #texts == #values and texts[i] or nil
    return text and #text <= 40 and text or nil
  end
  if #values == 1 then return function() return nil end, name(1) end
  return name, nil
end

function magics.plot(settings, ...)
  local values = table.pack(...)
  if plot.is_plot(values[1]) and values.n == 1 then return finish(values[1], settings) end
  if type(values[1]) == "function" then
    if values.n ~= 1 and values.n ~= 3 then data.fail("a function is drawn over a range: %%plot f, from, to") end
    local p = plot.line(values[1], values[2] or -10, values[3] or 10, {title = expressions(settings.source)[1]})
    return finish(p, settings)
  end
  for i = 1, values.n do
    if is_module(values[i]) then data.fail("%%plot draws numbers, not a %s: try %%hist, %%spy or %%summary", torch.typename(values[i]) or "module") end
  end
  local label, title = named(values, settings)
  local p = plot.new()
  for i = 1, values.n do p:line(values[i], {label = label(i) or values.n > 1 and ("%d"):format(i) or nil, title = title}) end
  return finish(p, settings)
end

-- All numbers of a value; of a module, of its weights.
local function numbers(value)
  if not is_module(value) then return value end
  local parts = {}
  local layers = torch.nn.utils.prune._layers(value)
  for i = 1, #layers - 1 do
    for _, weight in ipairs(layers[i].weights) do parts[#parts + 1] = data.flat(weight[2], weight[1]) end
  end
  if #parts == 0 then data.fail("the module has no weights") end
  return torch.cat(parts)
end

function magics.hist(settings, ...)
  local values = table.pack(...)
  local label, title = named(values, settings)
  local p = plot.new()
  for i = 1, values.n do
    p:hist(numbers(values[i]), {label = label(i) or values.n > 1 and ("%d"):format(i) or nil, title = title, bins = settings.b})
  end
  return finish(p, settings)
end

-- The matrix in a value: itself, or the one weight of a layer.
local function matrix(value)
  if torch.is_tensor(value) then return value end
  if not is_module(value) then return data.matrix(value, "the matrix") end
  local layers = torch.nn.utils.prune._layers(value)
  local found, names = nil, {}
  for i = 1, #layers - 1 do
    for _, weight in ipairs(layers[i].weights) do
      if weight[2]:dim() > 1 then
        found = weight[2]
        names[#names + 1] = (layers[i].name == "" and "" or layers[i].name .. ".") .. weight[1]
      end
    end
  end
  if #names == 1 then return found end
  data.fail("%%spy draws one matrix, and the module has %s", #names == 0 and "none" or ("%d: %s"):format(#names, table.concat(names, ", ")))
end

function magics.spy(settings, ...)
  local values = table.pack(...)
  if values.n ~= 1 then data.fail("%%spy draws one matrix, not %d", values.n) end
  local m = matrix(values[1]):detach()
  if m.is_quantized then m = m:dequantize() end
  if m:dim() == 0 then data.fail("%%spy draws a matrix, not a single number") end
  if m:dim() == 1 then m = m:unsqueeze(0) elseif m:dim() > 2 then m = m:reshape(m:size(0), -1) end
  local zeros = m:numel() - m:ne(0):sum():item()
  local part = m:numel() > 0 and 100 * zeros / m:numel() or 0
  local p = plot.spy(m):title(("%dx%d, %d of %d zero (%.1f %%)"):format(m:size(0), m:size(1), zeros, m:numel(), part))
  return finish(p, settings)
end

return magics
