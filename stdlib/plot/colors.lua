--- Colours: of series, and of numbers in heat maps.
local data = require "plot.data"

local colors = {}

--- Red, green and blue of the series in turn, and the terminal's own colours for them.
colors.cycle = {{31, 119, 180}, {214, 39, 40}, {44, 160, 44}, {255, 127, 14}, {148, 103, 189}, {23, 162, 184}, {140, 86, 75}, {127, 127, 127}}
colors.terminal = {"34", "31", "32", "33", "35", "36", "94", "90"}

local names = {
  blue = 1, red = 2, green = 3, orange = 4, yellow = 4, purple = 5, magenta = 5, cyan = 6, brown = 7, gray = 8, grey = 8,
}

--- The colour of series number `i`: red, green, blue, and the code of a terminal.
function colors.of(one, i)
  local place = (i - 1) % #colors.cycle + 1
  if one.color then
    local r, g, b = one.color:match "^#(%x%x)(%x%x)(%x%x)$"
    if r then
      r, g, b = tonumber(r, 16), tonumber(g, 16), tonumber(b, 16)
      return {r, g, b}, "38;5;" .. colors.cube {r, g, b}
    end
    if one.color == "black" then return {0, 0, 0}, "39" end
    place = names[one.color] or data.fail("there is no color '%s': name one (blue, red, green, orange, purple, cyan, brown, gray, black) or give #rrggbb", one.color)
  end
  return colors.cycle[place], colors.terminal[place]
end

-- Stops from 0 to 1; viridis is matplotlib's at every eighth.
colors.maps = {
  viridis = {{68, 1, 84}, {71, 45, 123}, {59, 82, 139}, {44, 114, 142}, {33, 145, 140}, {40, 174, 128}, {94, 201, 98}, {173, 220, 48}, {253, 231, 37}},
  gray = {{0, 0, 0}, {255, 255, 255}},
  coolwarm = {{59, 76, 192}, {141, 176, 254}, {221, 221, 221}, {244, 152, 122}, {180, 4, 38}},
  paper = {{255, 255, 255}, {20, 50, 95}},
}

--- The colour of a place between 0 and 1 in a map; NaN has a light grey.
function colors.at(map, place)
  if place ~= place then return {211, 211, 211} end
  local stops = colors.maps[map]
  local x = math.min(math.max(place, 0), 1) * (#stops - 1)
  local i = math.min(math.floor(x), #stops - 2)
  local a, b, part = stops[i + 1], stops[i + 2], x - i
  local mixed = {}
  for c = 1, 3 do mixed[c] = math.floor(a[c] + (b[c] - a[c]) * part + 0.5) end
  return mixed
end

--- The nearest of the 216 colours and 24 greys that terminals have.
function colors.cube(rgb)
  local function level(v) return v < 48 and 0 or v < 115 and 1 or math.min(5, (v - 35) // 40) end
  local steps = {0, 95, 135, 175, 215, 255}
  local function distance(r, g, b) return (r - rgb[1]) ^ 2 + (g - rgb[2]) ^ 2 + (b - rgb[3]) ^ 2 end
  local r, g, b = level(rgb[1]), level(rgb[2]), level(rgb[3])
  local grey = math.min(23, math.max(0, ((rgb[1] + rgb[2] + rgb[3]) // 3 - 3) // 10))
  local shade = 8 + 10 * grey
  if distance(shade, shade, shade) < distance(steps[r + 1], steps[g + 1], steps[b + 1]) then return 232 + grey end
  return 16 + 36 * r + 6 * g + b
end

return colors
