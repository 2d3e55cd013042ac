--- A table of figures of a model: rows of `layers`, then `total`, as text or JSON.
local ModelTable = {}
ModelTable.__index = ModelTable
ModelTable.__name = "ModelTable"

local titles = {zero_point = "zero point", max_error = "max error", sqnr = "SQNR dB", before = "bytes before", after = "bytes after", ratio = "after/before"}
local texts = {layer = true, type = true, shape = true, dtype = true, scheme = true}

local function grouped(number)
  local text = ("%d"):format(number)
  local count
  repeat text, count = text:gsub("^(-?%d+)(%d%d%d)", "%1,%2") until count == 0
  return text
end

local function plain(number) return number == math.floor(number) and math.abs(number) < 1e15 and ("%d"):format(number) or ("%.4g"):format(number) end

local function span(list, write) return list[2] and write(list[1]) .. ".." .. write(list[2]) or write(list[1]) end

local shown = {
  shape = function(sizes) return table.concat(sizes, "x") end,
  parameters = grouped, bytes = grouped, zeros = grouped, before = grouped, after = grouped,
  bits = function(bits) return bits == math.floor(bits) and ("%d"):format(bits) or ("%.1f"):format(bits) end,
  sparsity = function(part) return ("%.1f %%"):format(100 * part) end,
  ratio = function(ratio) return ("%.2f"):format(ratio) end,
  sqnr = function(decibels) return decibels == math.huge and "inf" or ("%.1f"):format(decibels) end,
  max_error = function(error) return ("%.3g"):format(error) end,
  scale = function(scales) return span(scales, function(scale) return ("%.4g"):format(scale) end) end,
  zero_point = function(points) return span(points, plain) end,
}

--- A table with these columns. A row keeps of what it is given only these.
function ModelTable.new(columns, rows, total)
  local self = setmetatable({columns = columns, layers = {}, total = {}}, ModelTable)
  for i, row in ipairs(rows) do
    self.layers[i] = {}
    for _, column in ipairs(columns) do self.layers[i][column] = row[column] end
  end
  for _, column in ipairs(columns) do
    if not texts[column] then self.total[column] = total[column] end
  end
  return self
end

function ModelTable:__tostring()
  local lines, widths = {}, {}
  local function add(cells)
    for c, cell in ipairs(cells) do widths[c] = math.max(widths[c] or 0, utf8.len(cell) or #cell) end
    lines[#lines + 1] = cells
  end
  local function cells(row)
    local list = {}
    for c, column in ipairs(self.columns) do
      local value = row[column]
      list[c] = value == nil and "" or shown[column] and shown[column](value) or tostring(value)
    end
    return list
  end
  local head = {}
  for c, column in ipairs(self.columns) do head[c] = titles[column] or column end
  add(head)
  for _, row in ipairs(self.layers) do add(cells(row)) end
  local last = cells(self.total)
  last[1] = "total"
  add(last)
  local function line(row)
    local parts = {}
    for c, cell in ipairs(row) do
      local gap = (" "):rep(widths[c] - (utf8.len(cell) or #cell))
      parts[c] = texts[self.columns[c]] and cell .. gap or gap .. cell
    end
    return (table.concat(parts, "  "):gsub(" +$", ""))
  end
  local width = 2 * (#widths - 1)
  for _, w in ipairs(widths) do width = width + w end
  local rule = ("-"):rep(width)
  local text = {line(lines[1]), rule}
  for i = 2, #lines - 1 do text[#text + 1] = line(lines[i]) end
  text[#text + 1] = rule
  text[#text + 1] = line(lines[#lines])
  return table.concat(text, "\n")
end

function ModelTable:__whos() return "ModelTable", ("%d layers"):format(#self.layers) end

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
end

-- JSON knows neither infinity nor NaN: they are null.
local function number(value)
  if math.type(value) == "integer" then return ("%d"):format(value) end
  if value - value ~= 0 then return "null" end
  for digits = 1, 17 do
    local text = ("%." .. digits .. "g"):format(value)
    if tonumber(text) == value then return text end
  end
end

local function encoded(value)
  if type(value) == "number" then return number(value) end
  if type(value) == "string" then return quoted(value) end
  local parts = {}
  for i, item in ipairs(value) do parts[i] = encoded(item) end
  return "[" .. table.concat(parts, ", ") .. "]"
end

--- The table as JSON, a layer a line: `{"layers": […], "total": {…}}`. What a row has not is left out.
function ModelTable:json()
  local function object(row)
    local parts = {}
    for _, column in ipairs(self.columns) do
      if row[column] ~= nil then parts[#parts + 1] = quoted(column) .. ": " .. encoded(row[column]) end
    end
    return "{" .. table.concat(parts, ", ") .. "}"
  end
  local rows = {}
  for i, row in ipairs(self.layers) do rows[i] = "  " .. object(row) end
  return ('{"layers": [\n%s\n],\n"total": %s}\n'):format(table.concat(rows, ",\n"), object(self.total))
end

return ModelTable
