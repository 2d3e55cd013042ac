--- A drawing as the bytes of a PNG file, which cairo draws: Sources/Drawing/Picture.swift reads what is packed here.
local drawing = require "drawing"

local pack = string.pack

local function color(rgb, opacity)
  if not rgb then return "\0\0\0\0" end
  return pack("BBBB", rgb[1], rgb[2], rgb[3], math.floor(255 * (opacity or 1) + 0.5))
end

-- Doubles, so many at once as Lua's stack allows.
local function doubles(list)
  local parts = {pack("<I4", #list // 2)}
  for first = 1, #list, 100 do
    local last = math.min(first + 99, #list)
    parts[#parts + 1] = pack("<" .. ("d"):rep(last - first + 1), table.unpack(list, first, last))
  end
  return table.concat(parts)
end

local write = {}

function write.path(item)
  return "p" .. (item.closed and "\1" or "\0") .. color(item.fill, item.opacity) .. color(item.stroke) .. pack("<d", item.width or 1) .. doubles(item.points)
end

function write.dots(item) return "d" .. color(item.fill, item.opacity) .. pack("<d", item.radius) .. doubles(item.points) end

local anchors = {start = 0, middle = 1, ["end"] = 2}

function write.text(item)
  return "t" .. pack("<ddd", item.x, item.y, item.size) .. color(item.color)
    .. pack("<BBs4", anchors[item.anchor], (item.bold and 1 or 0) + (item.turned and 2 or 0), item.text)
end

function write.image(item)
  local bytes = {}
  for _, row in ipairs(item.rows) do
    for _, rgb in ipairs(row) do bytes[#bytes + 1] = string.char(rgb[1], rgb[2], rgb[3]) end
  end
  return "i" .. pack("<ddddI4I4s4", item.x, item.y, item.width, item.height, #item.rows[1], #item.rows, table.concat(bytes))
end

function write.clip(item) return "c" .. pack("<dddd", item.x, item.y, item.width, item.height) end

function write.unclip() return "e" end

--- The bytes of a PNG file with `scale` pixels for each point of the drawing.
return function(scene, scale)
  local parts = {pack("<ddd", scene.width, scene.height, scale)}
  for i, item in ipairs(scene.items) do parts[i + 1] = write[item.kind](item) end
  return drawing.png(table.concat(parts))
end
