--- Pictures of numbers: as text, PNG or SVG, from one description.
---
---     local plot = require "plot"
---     local p = plot.line(losses, {label = "train", title = "Loss", xlabel = "epoch"}):line(held_out, {label = "valid"})
---     p:show()               -- text, or a picture where the terminal has them; at the prompt `p` alone does it
---     p:save("loss.png")     -- or loss.svg, or loss.txt
---
--- `plot.line`, `scatter`, `bar`, `hist` and `heatmap` begin a plot; the methods of the same names add to it.
local data = require "plot.data"
local series = require "plot.series"

local Plot = {}
Plot.__index = Plot
Plot.__name = "Plot"

-- What may stand in a table of options beside those of a series.
local settings = {
  title = "string", xlabel = "string", ylabel = "string", legend = "boolean", width = "number", height = "number", xlim = "table", ylim = "table",
  xscale = "string", yscale = "string",
}

-- Takes off the last argument, where it is a table with words for keys alone; the first is always data.
local function split(kind, ...)
  local arguments = table.pack(...)
  local last = arguments[arguments.n]
  if arguments.n > 1 and type(last) == "table" and not getmetatable(last) and next(last) ~= nil then
    for key in pairs(last) do
      if type(key) ~= "string" then return arguments, {} end
    end
    arguments[arguments.n] = nil
    arguments.n = arguments.n - 1
    for key, value in pairs(last) do
      local wanted = settings[key] or series.options[kind][key]
      if not wanted then data.fail("plot.%s knows no option '%s'", kind, key) end
      if wanted ~= "any" and type(value) ~= wanted then data.fail("plot.%s: the option '%s' is a %s, not a %s", kind, key, wanted, type(value)) end
    end
    return arguments, last
  end
  return arguments, {}
end

local function settle(self, options)
  for key in pairs(settings) do
    local value = options[key]
    if type(value) == "string" then value = data.text(value) end
    if value ~= nil then self[key == "title" and "heading" or key] = value end
  end
  for _, key in ipairs {"xscale", "yscale"} do
    local scale = self[key]
    if scale and scale ~= "linear" and scale ~= "log" then data.fail("%s is 'linear' or 'log', not '%s'", key, scale) end
  end
  for _, key in ipairs {"width", "height"} do
    local size = self[key]
    if size and not (size >= 1 and size <= 1000) then data.fail("%s counts columns or lines, from 1 to 1000, not %s", key, size) end
  end
  return self
end

local function add(self, kind, ...)
  local arguments, options = split(kind, ...)
  for _, one in ipairs(series[kind](options, table.unpack(arguments, 1, arguments.n))) do
    if #self.series > 0 and (self.series[1].kind == "heatmap") ~= (one.kind == "heatmap") or one.kind == "heatmap" and #self.series > 0 then
      data.fail("a heat map stands alone in its plot")
    end
    self.series[#self.series + 1] = one
    self.skipped = self.skipped + (one.skipped or 0)
    self.count = self.count + (one.count or 0)
  end
  return settle(self, options)
end

local plot = {}

--- An empty plot with settings: title, xlabel, ylabel, legend, width and height in columns and lines, xlim and ylim, xscale
--- and yscale ("linear" or "log").
function plot.new(options)
  for key, value in pairs(options or {}) do
    if not settings[key] then data.fail("a plot has no setting '%s'", key) end
    if type(value) ~= settings[key] then data.fail("the setting '%s' is a %s, not a %s", key, settings[key], type(value)) end
  end
  return settle(setmetatable({series = {}, skipped = 0, count = 0}, Plot), options or {})
end

--- Whether a value is a plot.
function plot.is_plot(value) return getmetatable(value) == Plot end

--- Lines: `line(y)`, `line(x, y)`, or `line(f, from, to)` of a function. A matrix draws a line for each column.
--- Options: label, color, marker (also dots at the points), n (places of a function), and those of `plot.new`.
function plot.line(...) return plot.new():line(...) end
function Plot:line(...) return add(self, "line", ...) end

--- Dots: `scatter(x, y)`, or `scatter(y)`. Options: label, color, and those of `plot.new`.
function plot.scatter(...) return plot.new():scatter(...) end
function Plot:scatter(...) return add(self, "scatter", ...) end

--- Bars: `bar(values)`, `bar(names, values)`, or `bar{name = value, …}`. Options: label, color, and those of `plot.new`.
function plot.bar(...) return plot.new():bar(...) end
function Plot:bar(...) return add(self, "bar", ...) end

--- A histogram of all numbers in a value. Options: bins (a count; without it numpy's "auto" rule), range ({lo, hi}), density,
--- label, color, and those of `plot.new`.
function plot.hist(...) return plot.new():hist(...) end
function Plot:hist(...) return add(self, "hist", ...) end

--- A matrix as colours, its first row at the top. Options: cmap ("viridis", "gray" or "coolwarm"), vmin, vmax, and those of
--- `plot.new`.
function plot.heatmap(...) return plot.new():heatmap(...) end
function Plot:heatmap(...) return add(self, "heatmap", ...) end

--- Which elements of a matrix are not zero, as a heat map of their part in each cell.
function plot.spy(...) return plot.new():spy(...) end
function Plot:spy(...) return add(self, "spy", ...) end

--- Sets the title.
function Plot:title(text) return settle(self, {title = text}) end

--- Changes settings, those of `plot.new`.
function Plot:set(options)
  plot.new(options)
  return settle(self, options)
end

--- A copy with other settings, which shares the series. `ascii` keeps to text in ASCII.
function Plot:with(options)
  local copy = setmetatable({}, Plot)
  for key, value in pairs(self) do copy[key] = value end
  copy.ascii = options.ascii or copy.ascii
  return settle(copy, {width = options.width, height = options.height})
end

--- The picture as text. Options: width and height in columns and lines, ascii, colors.
function Plot:text(options)
  if #self.series == 0 then data.fail("the plot is empty: add a line, scatter, bar, hist or heatmap") end
  return require "plot.text"(self, options or {})
end

--- The picture as the text of an SVG file; with a path, writes that file.
function Plot:svg(path)
  local text = require "plot.svg"(require "plot.scene"(self, 128))
  return path and self:_write(path, text) or text
end

--- The picture as the bytes of a PNG file, with `scale` pixels (2 where not given) for each of its points; with a path,
--- writes that file.
function Plot:png(path, options)
  if type(path) == "table" then path, options = nil, path end
  local scale = options and options.scale or 2
  if type(scale) ~= "number" or not (scale > 0 and scale <= 16) then data.fail("the scale of a picture is a number up to 16, not %s", tostring(scale)) end
  local bytes = require "plot.png"(require "plot.scene"(self), scale)
  return path and self:_write(path, bytes) or bytes
end

function Plot:_write(path, bytes)
  local file, problem = io.open(path, "wb")
  if not file then data.fail("%s", problem) end
  local ok, why = file:write(bytes)
  local closed, late = file:close()
  if not ok or not closed then data.fail("%s: %s", path, why or late) end
  return self
end

--- Writes the picture to a file: .png, .svg or .txt.
function Plot:save(path)
  local kind = type(path) == "string" and path:lower():match "%.(%a+)$"
  if kind == "png" then return self:png(path) end
  if kind == "svg" then return self:svg(path) end
  if kind == "txt" then return self:_write(path, self:text() .. "\n") end
  data.fail("a plot is saved as .png, .svg or .txt, not as '%s'", tostring(path))
end

--- Shows the picture where cells show their values.
function Plot:show()
  require("screen").show(self)
  return self
end

function Plot:__tostring() return self:text() end

function Plot:__whos()
  local kinds = {}
  for i, one in ipairs(self.series) do kinds[i] = one.kind end
  return "Plot", table.concat(kinds, ", ")
end

-- What the session shows at the end of a cell: the text, and of the pictures those that are wanted.
function Plot:__mime(want)
  local width = self.width or math.min(want.width, 72)
  local contents = {["text/plain"] = self:text {width = width, ascii = self.ascii or not want.unicode, colors = want.colors}}
  if self.ascii then return contents end
  if want["image/svg+xml"] then contents["image/svg+xml"] = self:svg() end
  if want["image/png"] then contents["image/png"] = self:png() end
  return contents
end

return plot
