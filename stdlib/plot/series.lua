--- What is drawn: each function makes series of one kind out of what a user gave.
local torch = require "torch"
local data = require "plot.data"

local series = {}

local drawn = {label = "string", color = "string"}

local function also(more)
  for key, value in pairs(drawn) do more[key] = value end
  return more
end

--- The options of each kind, with their types.
series.options = {
  line = also {marker = "boolean", n = "number"}, scatter = drawn, bar = drawn, hist = also {bins = "number", range = "table", density = "boolean"},
  heatmap = {cmap = "string", vmin = "number", vmax = "number"}, spy = {},
}

-- Counts values that cannot be drawn; none that can is an error.
local function check(kind, x, y)
  local skipped = 0
  for i = 1, #y do
    if not (data.finite(x[i]) and data.finite(y[i])) then skipped = skipped + 1 end
  end
  if #y == 0 then data.fail("plot.%s: there is nothing to draw, the data is empty", kind) end
  if skipped == #y then data.fail("plot.%s: there is nothing to draw, %s", kind, #y == 1 and "the only value is not finite" or ("none of the %d values is finite"):format(#y)) end
  return skipped
end

local function points(kind, options, first, second, third)
  if type(first) == "function" then
    local count = options.n or 400
    if not (count >= 2 and count <= 1e6) then data.fail("a function is drawn at 2 to 1,000,000 places, not %s", count) end
    local x, y = data.sample(first, second, third, math.floor(count))
    return {{kind = kind, x = x, y = y, count = #y, skipped = check(kind, x, y)}}
  end
  if third ~= nil then data.fail("plot.%s takes y, or x and y, and a table of options", kind) end
  local x = second ~= nil and data.list(first, "x")
  local list = {}
  for i, y in ipairs(data.columns(second == nil and first or second, "y")) do
    if x and #x ~= #y then data.fail("x has %d numbers and y has %d", #x, #y) end
    local along = x
    local indexed = not along
    if indexed then
      along = {}
      for j = 1, #y do along[j] = j + 0.0 end
    end
    list[i] = {kind = kind, x = along, y = y, indexed = indexed, count = #y, skipped = check(kind, along, y)}
  end
  if #list == 0 then data.fail("plot.%s: there is nothing to draw, the data is empty", kind) end
  return list
end

local function dressed(list, options)
  for i, one in ipairs(list) do
    local label = options.label and data.text(options.label)
    one.label = label and (#list > 1 and ("%s %d"):format(label, i) or label)
    one.color, one.marker = options.color, options.marker
  end
  return list
end

function series.line(options, ...) return dressed(points("line", options, ...), options) end

function series.scatter(options, ...) return dressed(points("scatter", options, ...), options) end

function series.bar(options, first, second)
  local names, values
  if second ~= nil then
    names = {}
    if type(first) == "table" and not torch.is_tensor(first) then
      for i = 1, #first do names[i] = data.text(tostring(first[i])) end
    else
      for i, value in ipairs(data.list(first, "names")) do names[i] = ("%g"):format(value) end
    end
    values = data.list(second, "values")
    if #names ~= #values then data.fail("there are %d names and %d values", #names, #values) end
  elseif type(first) == "table" and not torch.is_tensor(first) and #first == 0 and next(first) ~= nil then
    names, values = {}, {}
    for name in pairs(first) do names[#names + 1] = name end
    table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
    for i, name in ipairs(names) do
      values[i] = data.list({first[name]}, "values")[1]
      names[i] = data.text(tostring(name))
    end
  else
    values = data.list(first, "values")
  end
  local x = {}
  for i = 1, #values do x[i] = i + 0.0 end
  return dressed({{kind = "bar", x = x, y = values, names = names, count = #values, skipped = check("bar", x, values)}}, options)
end

-- The finite elements of a tensor.
local function finite_in(tensor)
  local finite = tensor:isfinite()
  if finite:all():item() then return tensor end
  return tensor[finite]
end

-- numpy's rule "auto": the finer of Sturges' and Freedman and Diaconis' bins. The quartiles of many values are those of some hundred thousand of them.
local function bin_count(values, lo, hi)
  local count = values:numel()
  if lo == hi then return 1 end
  local width = (hi - lo) / (math.log(count, 2) + 1)
  local sorted = values[("::%d"):format(math.ceil(count / 200000))]:sort()
  local function quantile(q)
    local place = q * (sorted:numel() - 1)
    local below = math.floor(place)
    local a, b = sorted[below]:item(), sorted[math.min(below + 1, sorted:numel() - 1)]:item()
    return a + (b - a) * (place - below)
  end
  local narrow = 2 * (quantile(0.75) - quantile(0.25)) / count ^ (1 / 3)
  if narrow > 0 then width = math.min(width, narrow) end
  -- Whole numbers have bins of their own, around them.
  if width <= 1 and hi - lo < 200 and values:eq(values:floor()):all():item() then return hi - lo + 1, lo - 0.5, hi + 0.5 end
  return math.max(1, math.min(200, math.ceil((hi - lo) / width)))
end

function series.hist(options, value, extra)
  if extra ~= nil then data.fail("plot.hist takes numbers and a table of options: plot.hist(x, {bins = 20})") end
  local all = data.flat(value, "x")
  if all:numel() == 0 then data.fail("plot.hist: there is nothing to draw, the data is empty") end
  local values = finite_in(all)
  local skipped = all:numel() - values:numel()
  if values:numel() == 0 then data.fail("plot.hist: there is nothing to draw, none of the %d values is finite", all:numel()) end
  local lo, hi = values:min():item(), values:max():item()
  if options.range then
    lo, hi = options.range[1], options.range[2]
    if type(lo) ~= "number" or type(hi) ~= "number" or not (data.finite(hi - lo) and lo < hi) then data.fail("a range goes up between two finite numbers") end
    values = values[values:ge(lo):logical_and(values:le(hi))]
    if values:numel() == 0 then data.fail("plot.hist: no value stands between %g and %g", lo, hi) end
  end
  if not data.finite(hi - lo) then data.fail("a range from %g to %g is too wide to draw", lo, hi) end
  local bins, first, last = options.bins, nil, nil
  if not bins then bins, first, last = bin_count(values, lo, hi) end
  if first and not options.range then lo, hi = first, last end
  if not (bins >= 1 and bins <= 10000 and bins == math.floor(bins)) then data.fail("bins is a whole number from 1 to 10,000, not %s", bins) end
  -- As numpy does for a single value.
  if hi - lo <= 1e-12 * math.max(math.abs(lo), math.abs(hi)) then
    local half = math.max(0.5, math.abs(lo) * 1e-9)
    lo, hi = lo - half, hi + half
  end
  local counts = values:histc({bins = math.tointeger(bins), min = lo, max = hi}):tolist()
  local edges = {}
  for i = 0, bins do edges[i + 1] = lo + (hi - lo) * i / bins end
  if options.density then
    local total = values:numel() * (hi - lo) / bins
    for i = 1, #counts do counts[i] = counts[i] / total end
  end
  return dressed({{kind = "hist", edges = edges, y = counts, count = all:numel(), skipped = skipped, whole = not options.density}}, options)
end

function series.heatmap(options, value, extra)
  if extra ~= nil then data.fail("plot.heatmap takes a matrix and a table of options") end
  local matrix = data.matrix(value, "the matrix")
  local rows, columns = matrix:size(0), matrix:size(1)
  if rows == 0 or columns == 0 then data.fail("plot.heatmap: there is nothing to draw, the data is empty") end
  local values = finite_in(matrix)
  if values:numel() == 0 then data.fail("plot.heatmap: there is nothing to draw, none of the %d values is finite", rows * columns) end
  local lo, hi = options.vmin or values:min():item(), options.vmax or values:max():item()
  if not (data.finite(hi - lo) and lo <= hi) then data.fail("colours go up from vmin to vmax, not from %g to %g", lo, hi) end
  if options.cmap and not require("plot.colors").maps[options.cmap] then data.fail("cmap is 'viridis', 'gray' or 'coolwarm', not '%s'", options.cmap) end
  return {{
    kind = "heatmap", matrix = matrix, rows = rows, columns = columns, lo = lo, hi = hi, cmap = options.cmap or "viridis",
    fixed_lo = options.vmin ~= nil, fixed_hi = options.vmax ~= nil,
    count = rows * columns, skipped = rows * columns - values:numel(),
  }}
end

function series.spy(_, value, extra)
  if extra ~= nil then data.fail("plot.spy takes a matrix and a table of options") end
  local matrix = data.matrix(value, "the matrix")
  if matrix:numel() == 0 then data.fail("plot.spy: there is nothing to draw, the data is empty") end
  return {{
    kind = "heatmap", matrix = matrix:ne(0):to(torch.float64), rows = matrix:size(0), columns = matrix:size(1), lo = 0.0, hi = 1.0, cmap = "paper",
    fixed_lo = true, count = matrix:numel(), skipped = 0, is_pattern = true,
  }}
end

return series
