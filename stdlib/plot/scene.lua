--- A plot as a drawing: paths, dots, texts and images at points of a page, which svg.lua and png.lua write down.
local data = require "plot.data"
local colors = require "plot.colors"
local new_frame = require "plot.frame"
local pieces_of = require "plot.pieces"

local ink, pale, grid = {38, 38, 38}, {110, 110, 110}, {228, 228, 228}

-- About as wide as a common sans serif has it; the page is laid out alike whoever draws it.
local function width_of(text, size)
  local width = 0
  for _, code in utf8.codes(text) do
    local narrow = code < 128 and (".,:;|!'il -()[]"):find(string.char(code), 1, true)
    width = width + (narrow and 0.34 or 0.62) * size
  end
  return width
end

local function fitting(text, size, room)
  if width_of(text, size) <= room then return text end
  while #text > 0 and width_of(text, size) + size > room do text = text:sub(1, utf8.offset(text, -1) - 1) end
  return text .. "…"
end

local Scene = {}
Scene.__index = Scene

function Scene:add(item)
  self.items[#self.items + 1] = item
  return item
end

function Scene:text(x, y, text, how)
  how = how or {}
  return self:add {
    kind = "text", x = x, y = y, text = text, size = how.size or 12, anchor = how.anchor or "start", bold = how.bold, turned = how.turned,
    color = how.color or ink,
  }
end

function Scene:rectangle(x, y, width, height, fill, stroke, opacity)
  return self:add {
    kind = "path", points = {x, y, x + width, y, x + width, y + height, x, y + height}, closed = true, fill = fill, opacity = opacity,
    stroke = stroke, width = 1,
  }
end

function Scene:rule(x1, y1, x2, y2, color)
  return self:add {kind = "path", points = {x1, y1, x2, y2}, stroke = color, width = 1}
end

-- Where a place of both axes stands on the page; far outside it is as good as a little less far.
local function placed(area, a, b)
  local x, y = area.x + a * area.width, area.y + (1 - b) * area.height
  return math.min(math.max(x, -1e5), 1e5), math.min(math.max(y, -1e5), 1e5)
end

function Scene:line(area, frame, one, color)
  local dots = {}
  for _, places in ipairs(pieces_of(frame, one, math.floor(2 * area.width))) do
    local points = {}
    for i = 1, #places, 2 do points[i], points[i + 1] = placed(area, places[i], places[i + 1]) end
    if #points > 2 then self:add {kind = "path", points = points, stroke = color, width = 1.75} end
    if #points == 2 or one.marker then table.move(points, 1, #points, #dots + 1, dots) end
  end
  if #dots > 0 then self:add {kind = "dots", points = dots, radius = 2.75, fill = color} end
end

function Scene:scatter(area, frame, one, color)
  local dots, seen = {}, {}
  -- Half a point apart nobody tells dots from each other, and of very many not so soon.
  local fineness = #one.y > 100000 and 0.5 or 2
  for i = 1, #one.y do
    local a, b = frame.x:place(one.x[i]), frame.y:place(one.y[i])
    if a >= -0.01 and a <= 1.01 and b >= -0.01 and b <= 1.01 then
      local x, y = placed(area, a, b)
      local key = math.floor(x * fineness) * 100000 + math.floor(y * fineness)
      if not seen[key] then
        seen[key] = true
        dots[#dots + 1], dots[#dots + 2] = x, y
      end
    end
  end
  if #dots > 0 then self:add {kind = "dots", points = dots, radius = #dots > 4000 and 1.5 or 2.75, fill = color, opacity = 0.75} end
end

function Scene:bars(area, frame, one, color, opacity)
  for i = 1, #one.y do
    local from, to = frame.extent(one, i)
    local a, b, y = frame.x:place(from), frame.x:place(to), frame.y:place(one.y[i])
    if a - a == 0 and b - b == 0 and y - y == 0 and y ~= frame.base() then
      local x, top = placed(area, a, y)
      local right, bottom = placed(area, b, frame.base())
      local gap = right - x > 4 and one.kind == "hist" and 0.5 or 0
      self:rectangle(x, math.min(top, bottom), right - x - gap, math.abs(bottom - top), color, nil, opacity)
    end
  end
end

-- The corner where a box hides the fewest points.
local function free_corner(plot, frame, area, width, height)
  local corners = {{1, 1}, {0, 1}, {1, 0}, {0, 0}}
  local hidden = {0, 0, 0, 0}
  local w, h = (width + 12) / area.width, (height + 12) / area.height
  for _, one in ipairs(plot.series) do
    local step = math.max(1, #one.y // 2000)
    for i = 1, #one.y, step do
      local from, to
      if one.kind == "bar" or one.kind == "hist" then from, to = frame.extent(one, i) else from, to = one.x[i], one.x[i] end
      local a, b = frame.x:place((from + to) / 2), frame.y:place(one.y[i])
      for c, corner in ipairs(corners) do
        local inside = (corner[1] == 1 and a > 1 - w or corner[1] == 0 and a < w) and (corner[2] == 1 and b > 1 - h or corner[2] == 0 and (b < h or from ~= to))
        if inside then hidden[c] = hidden[c] + 1 end
      end
    end
  end
  local best = 1
  for c = 2, 4 do
    if hidden[c] < hidden[best] then best = c end
  end
  return corners[best][1] == 1 and area.x + area.width - width - 8 or area.x + 8, corners[best][2] == 1 and area.y + 8 or area.y + area.height - height - 8
end

function Scene:legend(plot, frame, area)
  local rows, widest = {}, 0
  for i, one in ipairs(plot.series) do
    if one.label then
      local text = fitting(one.label, 12, area.width - 60)
      rows[#rows + 1] = {one, colors.of(one, i), text}
      widest = math.max(widest, width_of(text, 12))
    end
  end
  if #rows == 0 or plot.legend == false then return end
  local width, height = widest + 46, 18 * #rows + 8
  local x, y = free_corner(plot, frame, area, width, height)
  self:rectangle(x, y, width, height, {255, 255, 255}, {204, 204, 204}, 0.85)
  for i, row in ipairs(rows) do
    local middle = y + 18 * i - 5
    if row[1].kind == "line" then
      self:add {kind = "path", points = {x + 8, middle, x + 30, middle}, stroke = row[2], width = 1.75}
    elseif row[1].kind == "scatter" then
      self:add {kind = "dots", points = {x + 19, middle}, radius = 2.75, fill = row[2]}
    else
      self:rectangle(x + 10, middle - 5, 18, 10, row[2])
    end
    self:text(x + 36, middle + 4, row[3])
  end
end

function Scene:surround(plot, area)
  if plot.heading then
    self:text(area.x + area.width / 2, 24, fitting(plot.heading, 15, self.width - 20), {size = 15, anchor = "middle", bold = true})
  end
  if plot.xlabel then
    self:text(area.x + area.width / 2, area.y + area.height + 37, fitting(plot.xlabel, 12, self.width - 20), {anchor = "middle"})
  end
  if plot.ylabel then
    self:text(18, area.y + area.height / 2, fitting(plot.ylabel, 12, self.height - 20), {anchor = "middle", turned = true})
  end
  if plot.skipped > 0 then
    local text = ("(%d of %d values %s not finite)"):format(plot.skipped, plot.count, plot.skipped == 1 and "is" or "are")
    self:text(self.width - 8, self.height - 7, text, {size = 10, anchor = "end", color = pale})
  end
end

function Scene:chart(plot)
  local frame = new_frame(plot, 0.05)
  local top, bottom = plot.heading and 36 or 14, 26 + (plot.xlabel and 20 or 0) + (plot.skipped > 0 and 12 or 0)
  local height = math.max(30, self.height - top - bottom)
  local yplaces, ytexts = frame.y:ticks(math.max(2, height // 45))
  local widest = 0
  for _, text in ipairs(ytexts) do widest = math.max(widest, width_of(text, 12)) end
  local left = 14 + widest + (plot.ylabel and 20 or 0)
  local area = {x = left, y = top, width = math.max(40, self.width - left - 18), height = height}
  for i, place in ipairs(yplaces) do
    local _, y = placed(area, 0, place)
    self:rule(area.x, y, area.x + area.width, y, grid)
    self:text(area.x - 6, y + 4, ytexts[i], {anchor = "end"})
  end
  local count = area.width // 75
  local xplaces, xtexts = frame.xticks(count)
  local longest = 0
  for _, text in ipairs(xtexts) do longest = math.max(longest, width_of(text, 12) + 10) end
  if longest > area.width / math.max(1, #xtexts) then xplaces, xtexts = frame.xticks(math.max(1, 0.7 * area.width // longest)) end
  for i, place in ipairs(xplaces) do
    local x = placed(area, place, 0)
    if not frame.has_bars then self:rule(x, area.y, x, area.y + area.height, grid) end
    self:text(x, area.y + area.height + 17, fitting(xtexts[i], 12, area.width), {anchor = "middle"})
  end
  local clips = plot.xlim or plot.ylim
  if clips then self:add {kind = "clip", x = area.x, y = area.y, width = area.width, height = area.height} end
  local hists = 0
  for _, one in ipairs(plot.series) do hists = hists + (one.kind == "hist" and 1 or 0) end
  for i, one in ipairs(plot.series) do
    local color = colors.of(one, i)
    if one.kind == "line" then
      self:line(area, frame, one, color)
    elseif one.kind == "scatter" then
      self:scatter(area, frame, one, color)
    else
      self:bars(area, frame, one, color, hists > 1 and 0.6 or nil)
    end
  end
  if clips then self:add {kind = "unclip"} end
  local _, base = placed(area, 0, frame.base())
  self:rule(area.x, area.y, area.x, area.y + area.height, pale)
  self:rule(area.x, frame.has_bars and base or area.y + area.height, area.x + area.width, frame.has_bars and base or area.y + area.height, pale)
  self:legend(plot, frame, area)
  self:surround(plot, area)
end

--- The drawing of a plot; of heat maps, with at most `limit` rows and columns of colours.
return function(plot, limit)
  if #plot.series == 0 then data.fail("the plot is empty: add a line, scatter, bar, hist or heatmap") end
  local scene = setmetatable({width = math.max(160, (plot.width or 80) * 8), height = math.max(100, (plot.height or 20) * 20), items = {}}, Scene)
  scene.fitting, scene.width_of = fitting, width_of
  if plot.series[1].kind == "heatmap" then require "plot.mosaic"(scene, plot, limit) else scene:chart(plot) end
  return scene
end
