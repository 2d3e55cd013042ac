--- Progress bars on stderr, as Python's `tqdm` draws them.
---
---     for i in tqdm.range(0, 9823, {desc = "evaluate"}) do … end
---
---     local bar <close> = tqdm {total = #text, desc = "read"}
---     bar:update(1024)
---     bar:set_postfix("loss=5.12")
---
--- On a terminal the line is drawn over itself, ten times a second at most. Elsewhere a bar leaves at most one line for each
--- tenth of the way. `QREPL_PROGRESS=0` draws nothing.
local torch = require "torch"

local now = torch._os.perf_counter

local Bar = {}
Bar.__index = Bar

local function wants_utf8()
  local name = os.getenv("LC_ALL") or os.getenv("LC_CTYPE") or os.getenv("LANG") or ""
  return name:lower():find("utf%-?8") ~= nil
end

-- What a tenth of the bar looks like as it fills.
local smooth, ascii = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"}, {" ", "1", "2", "3", "4", "5", "6", "7", "8", "9", "#"}

local function drawn(part, levels)
  local steps = #levels - 1
  local filled = math.floor(part * 10 * steps)
  local whole, rest = filled // steps, filled % steps
  if whole >= 10 then return levels[#levels]:rep(10) end
  return levels[#levels]:rep(whole) .. levels[rest + 1] .. levels[1]:rep(9 - whole)
end

local function interval(seconds)
  local s = math.floor(seconds)
  local minutes, hours = s // 60 % 60, s // 3600
  if hours > 0 then return ("%d:%02d:%02d"):format(hours, minutes, s % 60) end
  return ("%02d:%02d"):format(minutes, s % 60)
end

-- Three digits and a letter for thousands, as tqdm's `format_sizeof`.
local function scaled(number)
  for _, letter in ipairs {"", "k", "M", "G", "T"} do
    if number < 999.5 then
      if number < 9.995 then return ("%.2f%s"):format(number, letter) end
      return (number < 99.95 and "%.1f%s" or "%.0f%s"):format(number, letter)
    end
    number = number / 1000
  end
  return ("%.1fP"):format(number)
end

--- The line as it stands now.
function Bar:line()
  local elapsed = now() - self.started
  local per_second = elapsed > 0 and self.n / elapsed or 0
  local count = self.unit_scale and scaled or function(n) return tostring(n) end
  local rate = "?" .. self.unit .. "/s"
  if self.n > 0 and per_second > 0 then
    if self.unit_scale then
      rate = scaled(per_second) .. self.unit .. "/s"
    elseif per_second >= 1 then
      rate = ("%5.2f%s/s"):format(per_second, self.unit)
    else
      rate = ("%5.2fs/%s"):format(1 / per_second, self.unit)
    end
  end
  local label = self.desc and self.desc .. ": " or ""
  local postfix = self.postfix and self.postfix ~= "" and ", " .. self.postfix or ""
  if not self.total then return ("%s%s%s [%s, %s%s]"):format(label, count(self.n), self.unit, interval(elapsed), rate, postfix) end
  local part = self.total > 0 and math.min(self.n / self.total, 1) or 1
  local left = per_second > 0 and interval((self.total - self.n) / per_second) or "?"
  return ("%s%3.0f%%|%s| %s/%s [%s<%s, %s%s]"):format(
    label, part * 100, drawn(part, self.levels), count(self.n), count(self.total), interval(elapsed), left, rate, postfix)
end

function Bar:_draw(last)
  if self.is_silent then return end
  if self.is_terminal then
    local time = now()
    if not last and time - self.drawn_at < 0.1 then return end
    self.drawn_at = time
    io.stderr:write("\r", self:line(), "\27[K", last and "\n" or "")
    return
  end
  if not self.total or self.total == 0 then
    if last then io.stderr:write(self:line(), "\n") end
    return
  end
  local tenth = math.floor(self.n * 10 / self.total)
  if tenth > self.tenth then
    self.tenth = tenth
    io.stderr:write(self:line(), "\n")
  end
end

--- Goes on by `n`, 1 where not given.
function Bar:update(n)
  self.n = self.n + (n or 1)
  self:_draw(false)
end

--- Text after the rate: a string, or a table whose entries stand there in alphabetical order.
function Bar:set_postfix(values)
  if type(values) == "table" then
    local parts = {}
    for key, value in pairs(values) do
      parts[#parts + 1] = ("%s=%s"):format(key, math.type(value) == "float" and ("%.3g"):format(value) or tostring(value))
    end
    table.sort(parts)
    values = table.concat(parts, ", ")
  end
  self.postfix = values
end

--- Ends the bar; its last state stays to be seen.
function Bar:close()
  if self.is_closed then return end
  self.is_closed = true
  self:_draw(true)
end

Bar.__close = Bar.close

local tqdm = {}

local function new(options)
  local bar = setmetatable({}, Bar)
  for key, value in pairs(options or {}) do bar[key] = value end
  bar.n = options and options.initial or 0
  bar.unit = bar.unit or "it"
  bar.started = now()
  bar.tenth, bar.drawn_at = 0, -math.huge
  bar.is_silent = bar.disable or os.getenv("QREPL_PROGRESS") == "0"
  bar.is_terminal = torch._os.isatty(2)
  bar.levels = wants_utf8() and smooth or ascii
  bar:_draw(false)
  return bar
end

--- Walks the integers from `first` up to but not including `last`, as Python's `range`, and shows how far it is. Options as
--- for a bar; the third argument may be a step. Mirrors `tqdm.trange`. Gives each integer and the bar.
function tqdm.range(first, last, step, options)
  if type(step) == "table" then step, options = 1, step end
  step = step or 1
  local settings = {}
  for key, value in pairs(options or {}) do settings[key] = value end
  settings.total = settings.total or math.max(0, (last - first + step - 1) // step)
  local bar = new(settings)
  local i = first - step
  return function()
    if i >= first then bar:update(1) end
    i = i + step
    if i < last then return i, bar end
    bar:close()
  end, nil, nil, bar
end

return setmetatable(tqdm, {__call = function(_, options) return new(options) end})
