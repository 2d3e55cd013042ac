--- Heat maps on a page: an image, the numbers of its rows and columns, and a scale of its colours.
local colors = require "plot.colors"
local reduced = require "plot.matrix"
local Axis = require "plot.axis"

local pale = {110, 110, 110}

local function colored(values, map)
  local rows = {}
  for y, list in ipairs(values) do
    local row = {}
    for x, value in ipairs(list) do row[x] = colors.at(map, value) end
    rows[y] = row
  end
  return rows
end

-- Numbers of rows or columns, which stand at the middle of theirs.
local function counted(count, room)
  local places, texts = {}, {}
  local at, numbers = Axis.new(0, count, {limits = {0, count}}):ticks(math.max(1, math.min(count, room)), true)
  for i, place in ipairs(at) do
    if place * count < count - 0.5 then places[#places + 1], texts[#texts + 1] = place + 0.5 / count, numbers[i] end
  end
  return places, texts
end

return function(scene, plot, limit)
  local one = plot.series[1]
  limit = limit or 512
  local top, bottom = plot.heading and 36 or 14, 26 + (plot.xlabel and 20 or 0) + (plot.skipped > 0 and 12 or 0)
  local left = 16 + scene.width_of(tostring(one.rows - 1), 12) + (plot.ylabel and 20 or 0)
  local values, lo, hi = reduced(one, math.min(limit, one.rows), math.min(limit, one.columns))
  local scale = Axis.new(lo, hi, {limits = lo < hi and {lo, hi} or nil})
  local places, texts = scale:ticks(5)
  local widest = 0
  for _, text in ipairs(texts) do widest = math.max(widest, scene.width_of(text, 12)) end
  local right = one.is_pattern and 16 or widest + 50
  local width, height = math.max(30, scene.width - left - right), math.max(30, scene.height - top - bottom)
  -- Square cells, unless the image would be a thread.
  local side = math.min(width / one.columns, height / one.rows)
  if side * one.columns >= 60 and side * one.rows >= 40 then
    left, top = left + (width - side * one.columns) / 2, top + (height - side * one.rows) / 2
    width, height = side * one.columns, side * one.rows
  end
  local area = {x = left, y = top, width = width, height = height}
  scene:add {kind = "image", x = left, y = top, width = width, height = height, rows = colored(values, one.cmap)}
  scene:rectangle(left, top, width, height, nil, pale)
  local at, numbers = counted(one.rows, height // 30)
  for i, place in ipairs(at) do scene:text(left - 6, top + place * height + 4, numbers[i], {anchor = "end"}) end
  at, numbers = counted(one.columns, width // 45)
  for i, place in ipairs(at) do scene:text(left + place * width, top + height + 17, numbers[i], {anchor = "middle"}) end
  if not one.is_pattern then
    local x, steps = left + width + 14, {}
    for i = 1, 64 do steps[i] = {1 - (i - 0.5) / 64} end
    scene:add {kind = "image", x = x, y = top, width = 14, height = height, rows = colored(steps, one.cmap)}
    scene:rectangle(x, top, 14, height, nil, pale)
    for i, place in ipairs(places) do scene:text(x + 20, top + (1 - place) * height + 4, texts[i]) end
  end
  scene:surround(plot, area)
end
