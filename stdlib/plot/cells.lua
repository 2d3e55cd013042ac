--- Heat maps and patterns as text: half blocks in colour, shades without, dots for a pattern that has room.
local Canvas = require "plot.canvas"
local colors = require "plot.colors"
local reduced = require "plot.matrix"
local Axis = require "plot.axis"

local shades = {[false] = {" ", "░", "▒", "▓", "█"}, [true] = {" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"}}

-- The columns and rows of small squares that `columns` x `rows` cells become, in a room of so many; whole where they grow.
local function fitted(one, columns, rows, aspect)
  local factor = math.min(columns / (one.columns * aspect), rows / one.rows)
  if factor >= 1 then factor = math.floor(factor) end
  return math.max(1, math.floor(one.columns * aspect * factor + 1e-9)), math.max(1, math.floor(one.rows * factor + 1e-9))
end

local function shade(ramp, place, shows)
  if place ~= place then return "?" end
  if shows and place > 0 then return ramp[math.min(#ramp, math.floor(place * (#ramp - 1)) + 2)] end
  return ramp[math.min(#ramp, math.floor(math.min(math.max(place, 0), 1) * #ramp) + 1)]
end

-- A pattern, where each element has a dot of its own.
local function dotted(one, how)
  local canvas = Canvas.new((one.columns + 1) // 2, (one.rows + 3) // 4, how)
  for row, list in ipairs(one.matrix:tolist()) do
    for column, value in ipairs(list) do
      if value ~= 0 then canvas:dot(column - 1, row - 1) end
    end
  end
  return canvas
end

local function colored(one, how, width, height)
  local columns, rows = fitted(one, width, 2 * height, 1)
  local few, short = math.min(columns, one.columns), math.min(rows, one.rows)
  local values, lo, hi = reduced(one, short, few)
  local canvas = Canvas.new(columns, (rows + 1) // 2, how)
  for row = 0, rows - 1, 2 do
    for column = 0, columns - 1 do
      local function color(y) return colors.cube(colors.at(one.cmap, values[y * short // rows + 1][column * few // columns + 1])) end
      local upper = color(row)
      canvas:put(column, row // 2, "▀", row + 1 < rows and ("38;5;%d;48;5;%d"):format(upper, color(row + 1)) or ("38;5;%d"):format(upper))
    end
  end
  return canvas, lo, hi
end

local function shaded(one, how, width, height)
  -- A character is about twice as high as wide.
  local columns, rows = fitted(one, width, height, 2)
  local few, short = math.min(columns, one.columns), math.min(rows, one.rows)
  local values, lo, hi = reduced(one, short, few)
  local ramp = shades[how.ascii and true or false]
  local canvas = Canvas.new(columns, rows, how)
  for row = 0, rows - 1 do
    for column = 0, columns - 1 do canvas:put(column, row, shade(ramp, values[row * short // rows + 1][column * few // columns + 1], one.is_pattern)) end
  end
  return canvas, lo, hi
end

local function scale(one, how, lo, hi)
  local parts = {}
  local ramp = shades[how.ascii and true or false]
  for i = 1, 16 do
    local place = (i - 1) / 15
    if how.colors and not how.ascii then
      parts[i] = ("\27[0;38;5;%dm█"):format(colors.cube(colors.at(one.cmap, place)))
    else
      parts[i] = shade(ramp, place)
    end
  end
  return ("%.4g %s%s %.4g"):format(lo, table.concat(parts), how.colors and not how.ascii and "\27[0m" or "", hi)
end

return function(plot, how, width, height)
  local one = plot.series[1]
  local extra = 3 + (plot.heading and 1 or 0) + (plot.xlabel and 1 or 0) + (plot.ylabel and 1 or 0) + (one.is_pattern and -1 or 0)
  local margin = #tostring(one.rows - 1)
  local room, lines_left = math.max(4, width - margin - 3), math.max(3, height - extra)
  local canvas, lo, hi
  if one.is_pattern and not how.ascii and one.columns <= 2 * room and one.rows <= 4 * lines_left then
    canvas = dotted(one, how)
  elseif how.colors and not how.ascii then
    canvas, lo, hi = colored(one, how, room, lines_left)
  else
    canvas, lo, hi = shaded(one, how, room, lines_left)
  end
  local sign = how.ascii and {"|", "+", "-", "|"} or {"│", "┌", "─", "│"}
  local lines = {}
  if plot.ylabel then lines[1] = plot.ylabel end
  lines[#lines + 1] = (" "):rep(margin + 1) .. (how.ascii and "+" or "┌") .. sign[3]:rep(canvas.width) .. (how.ascii and "+" or "┐")
  -- Rows count from 0, as torch counts.
  local numbers = {}
  local places, texts = Axis.new(0, math.max(1, one.rows - 1), {limits = {0, math.max(1, one.rows - 1)}}):ticks(math.max(1, canvas.height // 3), true)
  for i, place in ipairs(places) do
    local row = math.max(0, math.floor((place * math.max(1, one.rows - 1) + 0.5) / one.rows * canvas.height - 0.5 + 1e-9))
    if tonumber(texts[i]) < one.rows and not numbers[row] then numbers[row] = texts[i] end
  end
  for row, text in ipairs(canvas:lines()) do
    local number = numbers[row - 1] or ""
    local length = 0
    for _ in text:gsub("\27%[[%d;]*m", ""):gmatch(utf8.charpattern) do length = length + 1 end
    lines[#lines + 1] = (" "):rep(margin - #number) .. number .. " " .. sign[1] .. text .. (" "):rep(canvas.width - length) .. sign[4]
  end
  lines[#lines + 1] = (" "):rep(margin + 1) .. (how.ascii and "+" or "└") .. sign[3]:rep(canvas.width) .. (how.ascii and "+" or "┘")
  local last = tostring(one.columns - 1)
  local under = one.columns > 1 and canvas.width > #last + 2 and "0" .. (" "):rep(canvas.width - 1 - #last) .. last or "0"
  lines[#lines + 1] = (" "):rep(margin + 2) .. under .. (one.is_pattern and "" or "   " .. scale(one, how, lo, hi))
  if plot.xlabel then lines[#lines + 1] = (" "):rep(margin + 2) .. plot.xlabel end
  return how.surround(plot, lines, how, margin + 2, canvas.width)
end
