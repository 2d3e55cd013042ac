--- Bars as text: they lie, one a line, so that each has room for its name and its number.
local data = require "plot.data"

local parts = {"▏", "▎", "▍", "▌", "▋", "▊", "▉"}

local function number(value)
  if value ~= value then return "nan" end
  return (math.type(value) == "integer" or value == math.floor(value) and math.abs(value) < 1e15) and ("%d"):format(value) or ("%.4g"):format(value)
end

return function(plot, how, width)
  local names, texts = {}, {}
  local lo, hi = 0.0, 0.0
  local label_width, text_width, count = 0, 0, 0
  for _, one in ipairs(plot.series) do
    count = math.max(count, #one.y)
    for i, value in ipairs(one.y) do
      names[i] = names[i] or one.names and one.names[i] or tostring(i)
      if data.finite(value) then lo, hi = math.min(lo, value), math.max(hi, value) end
      text_width = math.max(text_width, #number(value))
    end
  end
  for i, name in ipairs(names) do
    names[i] = how.shortened(name, math.max(4, width // 3), how.ascii)
    label_width = math.max(label_width, how.width_of(names[i]))
  end
  local room = math.max(4, width - label_width - text_width - 3)
  if lo == hi then hi = 1.0 end
  local range = hi - lo
  if not data.finite(range) then data.fail("a range from %g to %g is too wide to draw", lo, hi) end
  local zero = math.floor(-lo / range * room + 0.5)
  local styles = {}
  for s, one in ipairs(plot.series) do styles[s] = how.style_of(plot, one, s, how) end
  local lines = {}
  for i = 1, count do
    for s, one in ipairs(plot.series) do
      local value = one.y[i]
      if value then
        local style = styles[s]
        local bar, lead = "", zero
        if data.finite(value) and value > 0 then
          local size = value / range * room
          local whole = math.floor(size)
          local rest = math.floor((size - whole) * 8)
          bar = style.fill:rep(whole)
          if style.fill == "█" and rest > 0 then bar = bar .. parts[rest] elseif style.fill ~= "█" and size - whole >= 0.5 then bar = bar .. style.fill end
          if bar == "" then bar = style.fill == "█" and parts[1] or how.ascii and "|" or style.fill end
        elseif data.finite(value) and value < 0 then
          local size = math.max(1, math.floor(-value / range * room + 0.5))
          lead = math.max(0, zero - size)
          bar = style.fill:rep(size)
        end
        if how.colors and bar ~= "" then bar = ("\27[0;%sm%s\27[0m"):format(style.color, bar) end
        texts[1] = s == 1 and names[i] or ""
        lines[#lines + 1] = (" "):rep(label_width - how.width_of(texts[1])) .. texts[1] .. (how.ascii and " |" or " │") .. (" "):rep(lead) .. bar .. " " .. number(value)
      end
    end
  end
  local left = label_width + 2
  if plot.ylabel then lines[#lines + 1] = (" "):rep(left) .. plot.ylabel end
  if plot.legend ~= false then
    for _, line in ipairs(how.legend(plot, styles, how, left, width - left)) do lines[#lines + 1] = line end
  end
  if plot.xlabel then table.insert(lines, 1, plot.xlabel) end
  return how.surround(plot, lines, how, left, width - left)
end
