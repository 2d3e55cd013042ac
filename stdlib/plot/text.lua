--- A plot as text: dots of braille, blocks, or plain ASCII.
local Canvas = require "plot.canvas"
local colors = require "plot.colors"
local new_frame = require "plot.frame"
local pieces_of = require "plot.pieces"

local function width_of(text) return utf8.len(text) or #text end

local function shortened(text, width, ascii)
  if width_of(text) <= width then return text end
  if width < 2 then return text:sub(1, (utf8.offset(text, width + 1) or #text + 1) - 1) end
  local cut = text:sub(1, utf8.offset(text, width) - 1)
  return cut .. (ascii and "." or "…")
end

-- Marks that tell series apart where colours do not.
local marks = {"*", "o", "+", "x", "#", "%", "@", "&"}
local fills = {"█", "▒", "░", "▓"}
local eighths = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}

-- What series `i` is drawn with: a mark, nil for dots; a fill for bars.
local function style_of(plot, one, i, options)
  local _, color = colors.of(one, i)
  local alone = #plot.series == 1
  local mark = (options.ascii or not (options.colors or alone)) and marks[(i - 1) % #marks + 1] or nil
  local fill = options.ascii and (alone and "#" or marks[(i + 3) % #marks + 1]) or (options.colors and "█" or fills[(i - 1) % #fills + 1])
  return {color = color, mark = mark, fill = fill, key = (one.kind == "bar" or one.kind == "hist") and fill:rep(2) or mark or one.kind == "scatter" and "⠒⠂" or "──"}
end

local function draw_points(canvas, frame, one, style)
  local pen = canvas:pen(style.mark, style.color)
  if one.kind == "scatter" then
    for i = 1, #one.y do pen.point(frame.x:place(one.x[i]), frame.y:place(one.y[i])) end
    return
  end
  for _, points in ipairs(pieces_of(frame, one, 2 * canvas.width)) do
    if #points == 2 then pen.point(points[1], points[2]) end
    for i = 3, #points, 2 do pen.segment(points[i - 2], points[i - 1], points[i], points[i + 1]) end
  end
end

-- Columns over the base line, of the bins in a column the highest.
local function draw_columns(canvas, frame, one, style)
  local heights, zero = {}, frame.base()
  for i = 1, #one.y do
    local from, to = frame.extent(one, i)
    local a, b, y = frame.x:place(from), frame.x:place(to), frame.y:place(one.y[i])
    if a == a and b == b and y == y then
      y = math.min(math.max(y, 0), 1)
      local first = math.max(0, math.floor(a * canvas.width + 0.5))
      local last = math.min(canvas.width, math.floor(b * canvas.width + 0.5)) - 1
      for column = first, math.max(last, math.min(first, canvas.width - 1)) do
        if not heights[column] or math.abs(y - zero) > math.abs(heights[column] - zero) then heights[column] = y end
      end
    end
  end
  local base = math.floor(zero * canvas.height * 8 + 0.5)
  local fine = not canvas.ascii and style.fill == "█"
  for column, y in pairs(heights) do
    local top = math.floor(y * canvas.height * 8 + 0.5)
    -- What is not nothing is seen.
    if top == base and y ~= zero then top = y > zero and base + 1 or base - 1 end
    for row = 0, canvas.height - 1 do
      local floor = (canvas.height - 1 - row) * 8
      local filled = math.min(math.max(top - floor, 0), 8) - math.min(math.max(base - floor, 0), 8)
      if fine and filled > 0 and base <= floor then
        canvas:put(column, row, eighths[filled], style.color)
      elseif math.abs(filled) >= 4 or fine and filled ~= 0 then
        canvas:put(column, row, fine and filled < 0 and filled > -6 and "▀" or style.fill, style.color)
      elseif filled > 0 and base <= floor and top - floor == filled and floor == base then
        canvas:put(column, row, canvas.ascii and "_" or style.fill, style.color)
      end
    end
  end
end

local signs = {
  unicode = {up = "│", tick = "┤", corner = "└", right = "─", down = "┬"},
  ascii = {up = "|", tick = "+", corner = "+", right = "-", down = "+"},
}

-- The lines of the x axis: the rule, and what stands under its ticks.
local function x_axis(places, texts, width, sign)
  local rule, under = {}, {}
  for column = 1, width do rule[column], under[column] = sign.right, " " end
  local free = -1
  for i, place in ipairs(places) do
    local column = math.floor(place * (width - 1) + 0.5)
    local text = texts[i]
    local length = width_of(text)
    local from = math.max(-2, column - length // 2)
    if from > free and from + length <= width + 2 then
      if column >= 0 and column < width then rule[column + 1] = sign.down end
      local at = from
      for _, code in utf8.codes(text) do
        under[at + 1] = utf8.char(code)
        at = at + 1
      end
      free = from + length
    end
  end
  local text, lead = {}, ""
  for at = -1, width + 2 do
    local character = under[at] or " "
    if at < 1 then lead = lead .. character else text[#text + 1] = character end
  end
  return table.concat(rule), lead, table.concat(text)
end

-- In the middle over the picture; a longer one from as far to the left as it needs.
local function centered(text, left, width)
  local length = width_of(text)
  return (" "):rep(length > width and math.max(0, left + width - length) or left + (width - length) // 2) .. text
end

local function legend(plot, styles, options, left, width)
  local lines, line, length = {}, "", 0
  for i, one in ipairs(plot.series) do
    if one.label then
      local style = styles[i]
      local text = shortened(one.label, math.max(8, width - 8), options.ascii)
      local size = width_of(style.key) + 1 + width_of(text)
      if length > 0 and length + 3 + size > width then
        lines[#lines + 1], line, length = line, "", 0
      end
      if length > 0 then line, length = line .. "   ", length + 3 end
      local key = options.colors and ("\27[0;%sm%s\27[0m"):format(style.color, style.key) or style.key
      line, length = line .. key .. " " .. text, length + size
    end
  end
  if length > 0 then lines[#lines + 1] = line end
  for i, text in ipairs(lines) do lines[i] = (" "):rep(left) .. text end
  return lines
end

--- Lines before and after a picture: title, note on what is not shown.
local function surround(plot, lines, options, left, width)
  local head = {}
  if plot.heading then
    local text = centered(shortened(plot.heading, options.total, options.ascii), left, width)
    head[1] = options.colors and "\27[1m" .. text .. "\27[0m" or text
  end
  for _, line in ipairs(lines) do head[#head + 1] = (line:gsub(" +$", "")) end
  if plot.skipped > 0 then
    head[#head + 1] = (" "):rep(left) .. ("(%d of %d values %s not finite)"):format(plot.skipped, plot.count, plot.skipped == 1 and "is" or "are")
  end
  return table.concat(head, "\n")
end

local function charted(plot, options, width, height)
  local frame = new_frame(plot, 0)
  local sign = options.ascii and signs.ascii or signs.unicode
  local shows_legend = plot.legend ~= false
  local styles, labelled = {}, 0
  for i, one in ipairs(plot.series) do
    styles[i] = style_of(plot, one, i, options)
    if one.label then labelled = labelled + 1 end
  end
  local extra = (plot.heading and 1 or 0) + (plot.xlabel and 1 or 0) + (plot.ylabel and 1 or 0) + (plot.skipped > 0 and 1 or 0)
  local rows = math.max(3, height - 2 - extra - (shows_legend and labelled > 0 and 1 or 0))
  local count = math.max(2, 2 * rows // 5)
  frame.y:round(count)
  local places, texts = frame.y:ticks(count)
  local margin = 1
  for _, text in ipairs(texts) do margin = math.max(margin, #text) end
  local columns = math.max(8, width - margin - 2)
  local left = margin + 2
  local canvas = Canvas.new(columns, rows, options)
  for i, one in ipairs(plot.series) do
    if one.kind == "bar" or one.kind == "hist" then draw_columns(canvas, frame, one, styles[i]) else draw_points(canvas, frame, one, styles[i]) end
  end
  local ticks = {}
  for i, place in ipairs(places) do ticks[math.floor((1 - place) * (4 * rows - 1) + 0.5) // 4 + 1] = texts[i] end
  local lines = {}
  if plot.ylabel then lines[1] = shortened(plot.ylabel, width, options.ascii) end
  for row, text in ipairs(canvas:lines()) do
    local tick = ticks[row]
    lines[#lines + 1] = (tick and (" "):rep(margin - #tick) .. tick or (" "):rep(margin)) .. " " .. (tick and sign.tick or sign.up) .. text
  end
  -- About as many as have room for their texts.
  count = columns // 10
  local xplaces, xtexts = frame.xticks(count)
  local longest = 0
  for _, text in ipairs(xtexts) do longest = math.max(longest, width_of(text)) end
  if longest + 2 > columns / count then xplaces, xtexts = frame.xticks(math.max(1, 7 * columns // (10 * (longest + 2)))) end
  local rule, lead, under = x_axis(xplaces, xtexts, columns, sign)
  lines[#lines + 1] = (" "):rep(margin + 1) .. sign.corner .. rule
  lines[#lines + 1] = (" "):rep(margin) .. lead .. under
  if plot.xlabel then lines[#lines + 1] = centered(shortened(plot.xlabel, columns, options.ascii), left, columns) end
  if shows_legend then
    for _, line in ipairs(legend(plot, styles, options, left, columns)) do lines[#lines + 1] = line end
  end
  return surround(plot, lines, options, left, columns)
end

--- The text of a plot. Options: width and height in columns and lines, ascii, colors.
return function(plot, options)
  local wide, unicode = require("screen").form()
  local how = {ascii = options.ascii, colors = options.colors}
  if how.ascii == nil then how.ascii = not unicode end
  local width = math.max(20, math.floor(options.width or plot.width or math.min(wide, 72)))
  local height = math.max(6, math.floor(options.height or plot.height or 20))
  local first = plot.series[1]
  how.total = width
  how.surround, how.shortened, how.width_of, how.legend, how.style_of = surround, shortened, width_of, legend, style_of
  if first.kind == "heatmap" then return require "plot.cells"(plot, how, width, height) end
  local bars = 0
  for _, one in ipairs(plot.series) do
    if one.kind ~= "bar" then return charted(plot, how, width, height) end
    bars = bars + #one.y
  end
  if bars > 50 or plot.yscale == "log" or plot.ylim then return charted(plot, how, width, height) end
  return require "plot.bars"(plot, how, width)
end
