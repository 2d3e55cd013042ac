--- A rectangle of character cells; a cell holds a character or up to eight dots, and a colour.
local clip = require "plot.clip"

local Canvas = {}
Canvas.__index = Canvas

-- The bit of a dot in its cell, by column (0, 1) and row (0 to 3), as Unicode numbers braille.
local bits = {{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}}

--- An empty canvas. `options.ascii` keeps to ASCII, `options.colors` allows colours.
function Canvas.new(width, height, options)
  local self = setmetatable({width = width, height = height, ascii = options.ascii, colored = options.colors, cells = {}, dots = {}, colors = {}}, Canvas)
  return self
end

function Canvas:_index(column, row)
  if column < 0 or row < 0 or column >= self.width or row >= self.height then return nil end
  return row * self.width + column
end

--- Puts a character into a cell.
function Canvas:put(column, row, character, color)
  local i = self:_index(column, row)
  if not i then return end
  self.cells[i], self.dots[i], self.colors[i] = character, nil, color
end

--- Sets a dot, of which a cell has two side by side and four above each other.
function Canvas:dot(x, y, color)
  local i = self:_index(x // 2, y // 4)
  if not i then return end
  self.dots[i] = (self.dots[i] or 0) | bits[x % 2 + 1][y % 4 + 1]
  self.cells[i], self.colors[i] = nil, color
end

--- Text from a cell on; what does not fit is cut off.
function Canvas:write(column, row, text, color)
  for _, code in utf8.codes(text) do
    self:put(column, row, utf8.char(code), color)
    column = column + 1
  end
end

--- A pen for places between 0 and 1, the lower left corner at (0, 0): it sets dots, or puts `mark` into cells.
function Canvas:pen(mark, color)
  local columns, rows = mark and self.width or 2 * self.width, mark and self.height or 4 * self.height
  local pen = {}
  local function set(x, y)
    if mark then self:put(x, y, mark, color) else self:dot(x, y, color) end
  end
  local function at(x, y) return math.floor(x * (columns - 1) + 0.5), math.floor((1 - y) * (rows - 1) + 0.5) end
  function pen.point(x, y)
    if x >= 0 and x <= 1 and y >= 0 and y <= 1 then set(at(x, y)) end
  end
  function pen.segment(x1, y1, x2, y2)
    x1, y1, x2, y2 = clip(x1, y1, x2, y2)
    if not x1 then return end
    local a, b = at(x1, y1)
    local c, d = at(x2, y2)
    if a == c and b == d then return set(a, b) end
    -- Bresenham's line.
    local dx, dy = math.abs(c - a), -math.abs(d - b)
    local sx, sy = a < c and 1 or -1, b < d and 1 or -1
    local slack = dx + dy
    while true do
      set(a, b)
      if a == c and b == d then return end
      local twice = 2 * slack
      if twice >= dy then slack, a = slack + dy, a + sx end
      if twice <= dx then slack, b = slack + dx, b + sy end
    end
  end
  return pen
end

--- The lines of text, without blanks at their ends.
function Canvas:lines()
  local lines = {}
  for row = 0, self.height - 1 do
    local parts, current = {}, nil
    local last = -1
    for column = self.width - 1, 0, -1 do
      local i = row * self.width + column
      if self.dots[i] or self.cells[i] and (self.cells[i] ~= " " or self.colors[i]) then
        last = column
        break
      end
    end
    for column = 0, last do
      local i = row * self.width + column
      local character = self.dots[i] and utf8.char(0x2800 + self.dots[i]) or self.cells[i] or " "
      local color = self.colored and self.colors[i] or nil
      if color ~= current then
        parts[#parts + 1] = color and ("\27[0;%sm"):format(color) or "\27[0m"
        current = color
      end
      parts[#parts + 1] = character
    end
    if current then parts[#parts + 1] = "\27[0m" end
    lines[row + 1] = table.concat(parts)
  end
  return lines
end

return Canvas
