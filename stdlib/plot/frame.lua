--- The axes that a plot's series ask for.
local data = require "plot.data"
local Axis = require "plot.axis"

local function ranges(plot)
  local x = {math.huge, -math.huge}
  local y = {math.huge, -math.huge}
  local function stretch(range, value)
    if value < range[1] then range[1] = value end
    if value > range[2] then range[2] = value end
  end
  local based = false
  for _, one in ipairs(plot.series) do
    if one.kind == "hist" then
      based = true
      stretch(x, one.edges[1])
      stretch(x, one.edges[#one.edges])
      for _, value in ipairs(one.y) do stretch(y, value) end
    else
      if one.kind == "bar" then
        based = true
        stretch(x, 0.5)
        stretch(x, #one.y + 0.5)
      end
      for i = 1, #one.y do
        local a, b = one.x[i], one.y[i]
        if data.finite(a) and data.finite(b) and (plot.xscale ~= "log" or a > 0) and (plot.yscale ~= "log" or b > 0) then
          stretch(x, a)
          stretch(y, b)
        end
      end
    end
  end
  if x[1] > x[2] or y[1] > y[2] then data.fail("there is nothing to draw: a logarithmic axis shows numbers above 0") end
  if based and plot.yscale ~= "log" then stretch(y, 0.0) end
  return x, y, based
end

--- The axes of a plot of lines, dots, bars and histograms. `margin` is the part of the y range left free above and below.
return function(plot, margin)
  local x, y, based = ranges(plot)
  local frame = {has_bars = false}
  local bars = 0
  frame.indexed = true
  for _, one in ipairs(plot.series) do
    frame.indexed = frame.indexed and one.indexed
    if one.kind == "bar" then
      bars = bars + 1
      one.place = bars
      frame.names = frame.names or one.names
      frame.bar_count = math.max(frame.bar_count or 0, #one.y)
    end
  end
  frame.bars, frame.has_bars = bars, based
  local inner = not based and margin > 0 and 0.02 or 0
  frame.x = Axis.new(x[1], x[2], {log = plot.xscale == "log", limits = plot.xlim, margin = inner})
  local options = {log = plot.yscale == "log", limits = plot.ylim, margin = margin}
  -- Bars that are all zero need a height to be zero of.
  if based and y[1] == 0 and y[2] == 0 then y[2] = 1.0 end
  -- What stands on a base line begins there.
  if based and y[1] >= 0 then options.floor = 0.0 end
  if based and y[2] <= 0 then options.ceiling = 0.0 end
  frame.y = Axis.new(y[1], y[2], options)
  function frame.base() return frame.y.log and 0 or math.min(math.max(frame.y:place(0.0), 0), 1) end
  -- The extent of bar `i` of a series: the groups have a fifth of the room between them.
  function frame.extent(one, i)
    if one.kind == "hist" then return one.edges[i], one.edges[i + 1] end
    local width = 0.8 / bars
    local from = i - 0.4 + (one.place - 1) * width
    return from, from + width
  end
  -- The ticks of the x axis: names of bars, where there are, else numbers.
  function frame.xticks(count)
    if not frame.names and not (bars > 0) then return frame.x:ticks(count, frame.indexed) end
    local places, texts = {}, {}
    local step = math.max(1, math.ceil(frame.bar_count / count))
    for i = 1, frame.bar_count, step do
      places[#places + 1] = frame.x:place(i)
      texts[#texts + 1] = frame.names and frame.names[i] or tostring(i)
    end
    return places, texts
  end
  return frame
end
