--- A drawing as the text of an SVG file.
local function number(value)
  local text = ("%.2f"):format(value):gsub("0+$", ""):gsub("%.$", "")
  return text == "-0" and "0" or text
end

local function hex(color) return ("#%02x%02x%02x"):format(color[1], color[2], color[3]) end

local function escaped(text)
  return (text:gsub("[&<>\"]", {["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;"}))
end

local write = {}

function write.path(item)
  local parts = {}
  for i = 1, #item.points, 2 do parts[#parts + 1] = (i == 1 and "M" or "L") .. number(item.points[i]) .. " " .. number(item.points[i + 1]) end
  return ('<path d="%s%s" fill="%s"%s%s/>'):format(
    table.concat(parts), item.closed and "Z" or "", item.fill and hex(item.fill) or "none",
    item.fill and item.opacity and (' fill-opacity="%s"'):format(number(item.opacity)) or "",
    item.stroke and (' stroke="%s" stroke-width="%s"'):format(hex(item.stroke), number(item.width)) or "")
end

function write.dots(item)
  local parts = {}
  for i = 1, #item.points, 2 do
    parts[#parts + 1] = ('<circle cx="%s" cy="%s" r="%s"/>'):format(number(item.points[i]), number(item.points[i + 1]), number(item.radius))
  end
  return ('<g fill="%s"%s>%s</g>'):format(
    hex(item.fill), item.opacity and (' fill-opacity="%s"'):format(number(item.opacity)) or "", table.concat(parts))
end

function write.text(item)
  return ('<text x="%s" y="%s" font-size="%s" text-anchor="%s" fill="%s"%s%s>%s</text>'):format(
    number(item.x), number(item.y), number(item.size), item.anchor, hex(item.color), item.bold and ' font-weight="bold"' or "",
    item.turned and (' transform="rotate(-90 %s %s)"'):format(number(item.x), number(item.y)) or "", escaped(item.text))
end

-- One path for each colour, of squares; neighbours of one colour in a row are one rectangle.
function write.image(item)
  local paths, order = {}, {}
  for y, row in ipairs(item.rows) do
    local x = 1
    while x <= #row do
      local color = hex(row[x])
      local last = x
      while last < #row and hex(row[last + 1]) == color do last = last + 1 end
      if not paths[color] then
        paths[color] = {}
        order[#order + 1] = color
      end
      table.insert(paths[color], ("M%d %dh%dv1h%dz"):format(x - 1, y - 1, last - x + 1, x - last - 1))
      x = last + 1
    end
  end
  local lines = {}
  for i, color in ipairs(order) do lines[i] = ('<path fill="%s" d="%s"/>'):format(color, table.concat(paths[color])) end
  return ('<g transform="translate(%s %s) scale(%.6g %.6g)" shape-rendering="crispEdges">\n%s\n</g>'):format(
    number(item.x), number(item.y), item.width / #item.rows[1], item.height / #item.rows, table.concat(lines, "\n"))
end

function write.clip(item, id)
  return ('<clipPath id="%s"><rect x="%s" y="%s" width="%s" height="%s"/></clipPath><g clip-path="url(#%s)">'):format(
    id, number(item.x), number(item.y), number(item.width), number(item.height), id)
end

function write.unclip() return "</g>" end

--- The text of an SVG file.
return function(scene)
  local width, height = number(scene.width), number(scene.height)
  local parts = {
    ('<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s" font-family="DejaVu Sans, Verdana, sans-serif" stroke-linejoin="round" stroke-linecap="round">'):format(
      width, height, width, height),
    ('<rect width="%s" height="%s" fill="#ffffff"/>'):format(width, height),
  }
  for _, item in ipairs(scene.items) do
    -- Pictures of one page must not share their names; what is cut out is the same where the names are.
    local id = item.kind == "clip" and ("clip-%s-%s-%s-%s"):format(number(item.x), number(item.y), number(item.width), number(item.height))
    parts[#parts + 1] = write[item.kind](item, id)
  end
  parts[#parts + 1] = "</svg>\n"
  return table.concat(parts, "\n")
end
