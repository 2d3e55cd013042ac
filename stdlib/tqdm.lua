--- Progress bars on stderr, as Python's `tqdm` draws them.
---
---     for i in tqdm.trange(9823, {desc = "evaluate"}) do … end       -- 0 to 9822
---     for x, y in tqdm(loader:iter(), {total = #loader}) do … end    -- a list, or anything a `for` takes
---
---     local bar <close> = tqdm {total = #text, desc = "read", unit = "B", unit_scale = true}
---     bar:update(1024)
---     bar:set_postfix {loss = 5.12}
---
--- Options: total, desc, unit, unit_scale, unit_divisor, initial, leave, disable, ncols, ascii, bar_format, postfix, colour,
--- position, delay, mininterval, miniters, maxinterval, smoothing.
---
--- On a terminal the line is drawn over itself, ten times a second at most. Elsewhere a bar leaves at most one line for each
--- tenth of the way, and one that is nested and not to stay leaves none. `QREPL_PROGRESS=0` draws nothing.
local torch = require "torch"
local failure = require "torch.failure"
local meter = require "tqdm.meter"
local screen = require "screen"

local now, columns_of = torch._os.perf_counter, torch._os.terminal_columns

local Bar = {}
Bar.__index = Bar
Bar.__name = "tqdm"

-- The bars that are drawn now; those that were dropped without an end are not kept.
local open = setmetatable({}, {__mode = "k"})

local function free_place()
  local taken = {}
  for bar in pairs(open) do taken[bar.pos] = true end
  local place = 0
  while taken[place] do place = place + 1 end
  return place
end

-- A mean that forgets: the newest value weighs `alpha`.
local function moving(alpha)
  local last, weight = 0, 1
  return function(x)
    if x then
      last = alpha * x + (1 - alpha) * last
      weight = weight * (1 - alpha)
    end
    return weight < 1 and last / (1 - weight) or last
  end
end

--- The line as it stands now.
function Bar:line()
  local time, seconds = self._ema_dt(), nil
  if not self._is_overall and time > 0 then seconds = self._ema_dn() / time end
  local columns = self.ncols
  if not columns and self._terminal then
    -- Some terminals begin a new line after the last column.
    columns = columns_of(2) - 1
    if columns < 1 then columns = nil end
  end
  return meter.format {
    n = self.n, total = self.total, elapsed = self._now() - self.started, ncols = columns, desc = self.desc, levels = self.levels, unit = self.unit,
    unit_scale = self.unit_scale, unit_divisor = self.unit_divisor, rate = seconds, bar_format = self.bar_format, postfix = self.postfix,
    initial = self.initial, colour = self._colour,
  }
end

Bar.__tostring = Bar.line

-- Draws a text on the bar's line of the terminal, over what stood there.
function Bar:_put(text)
  local down = self.pos
  local length = utf8.len((text:gsub("\27%[[%d;]*m", ""))) or #text
  io.stderr:write(("\n"):rep(down), "\r", text, (" "):rep(math.max(0, self._length - length)), ("\27[A"):rep(down))
  self._length = length
end

--- Draws the bar, however long ago it was drawn.
function Bar:refresh()
  if self.disable then return end
  if self._terminal then
    self:_put(self:line())
    self._shown = true
  end
end

-- Elsewhere than on a terminal: a line when another tenth is done.
function Bar:_log()
  if not self.total or self.total <= 0 or self._is_hidden then return end
  local tenth = math.floor(self.n * 10 / self.total)
  if tenth > self._tenth then
    self._tenth = tenth
    self._is_overall = true
    io.stderr:write(self:line(), "\n")
  end
end

--- Goes on by `n`, 1 where not given.
function Bar:update(n)
  n = n or 1
  if n < 0 then self._last_n = self._last_n + n end
  self.n = self.n + n
  if self.disable then return end
  if not self._terminal then return self:_log() end
  if self.n - self._last_n < self._miniters then return end
  local time = self._now()
  local passed = time - self._last_time
  if passed < self.mininterval or time < self.started + self.delay then return end
  local steps = self.n - self._last_n
  if self.smoothing > 0 and passed > 0 and steps ~= 0 then
    self._ema_dn(steps)
    self._ema_dt(passed)
  end
  self:refresh()
  -- So many steps at once, next time, as come between two drawings: to look at the clock takes longer than to count.
  if not self.miniters then
    if self.maxinterval > 0 and passed >= self.maxinterval then
      self._miniters = steps * self.mininterval / passed
    else
      self._miniters = self._ema_steps(steps * (self.mininterval > 0 and self.mininterval / passed or 1))
    end
  end
  self._last_n, self._last_time = self.n, time
end

--- Begins anew at 0, with another total if one is given.
function Bar:reset(total)
  self.n = 0
  if total then self.total = total end
  self:_begin()
  self:refresh()
end

--- Text before the bar. Drawn at once, unless `refresh` is false.
function Bar:set_description(desc, refresh)
  self.desc = desc
  if refresh ~= false then self:refresh() end
end

--- Text after the rate: a table, whose entries stand there in alphabetical order, or a string.
function Bar:set_postfix(values, refresh)
  if type(values) == "table" then
    local names, parts = {}, {}
    for name in pairs(values) do names[#names + 1] = name end
    table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
    for i, name in ipairs(names) do
      local value = values[name]
      parts[i] = tostring(name) .. "=" .. (type(value) == "number" and meter.number(value) or tostring(value)):match "^%s*(.-)%s*$"
    end
    values = table.concat(parts, ", ")
  end
  self.postfix = values
  if refresh ~= false then self:refresh() end
end

--- Text after the rate.
function Bar:set_postfix_str(text, refresh) self:set_postfix(text or "", refresh) end

--- Takes the bar off the terminal until it is drawn again.
function Bar:clear()
  if self.disable or not self._terminal then return end
  self:_put("")
  if self.pos == 0 then io.stderr:write "\r" end
end

--- Ends the bar. Its last state stays to be seen, unless `leave` is false; where `leave` is nil, only the outermost bar stays.
function Bar:close()
  if self.disable then return end
  local place = self.pos
  open[self] = nil
  local stays = self.leave
  if stays == nil then stays = place == 0 end
  self._is_overall = true
  if not self._terminal then
    if not self.total or self.total <= 0 then
      if stays and not self._is_hidden then io.stderr:write(self:line(), "\n") end
    end
  elseif self._shown then
    if stays then
      self.pos = 0
      self:_put(self:line())
      io.stderr:write "\n"
    else
      self:clear()
    end
  end
  self.disable = true
end

Bar.__close = Bar.close
Bar.__gc = function(self) open[self] = nil end

--- The next values of what the bar goes through: `for x in bar do`.
function Bar:__call(state, control)
  if not self._step then failure("TypeError", "this bar goes through nothing: give tqdm a list or an iterator") end
  if self._has_begun then self:update(1) end
  self._has_begun = true
  return self:_deliver(self._step(self._state or state, self._control == nil and control or self._control))
end

function Bar:_deliver(first, ...)
  self._control = first
  if first == nil then self:close() end
  return first, ...
end

function Bar:_begin()
  self.started = self._now()
  self._last_n, self._last_time, self._tenth = self.n, self.started, 0
  self._ema_dn, self._ema_dt, self._ema_steps = moving(self.smoothing), moving(self.smoothing), moving(self.smoothing)
  self._is_overall = false
end

local options_of = {
  total = "number", desc = "string", unit = "string", unit_scale = "any", unit_divisor = "number", initial = "number", leave = "boolean", disable = "boolean",
  ncols = "number", ascii = "any", bar_format = "string", postfix = "any", colour = "string", color = "string", position = "number", delay = "number",
  mininterval = "number", miniters = "number", maxinterval = "number", smoothing = "number", clock = "function",
}

local function levels_of(ascii)
  if type(ascii) == "string" then
    local levels = {}
    for _, code in utf8.codes(ascii) do levels[#levels + 1] = utf8.char(code) end
    if #levels < 2 then failure("ValueError", "the characters of a bar are two or more, from empty to full, not '%s'", ascii) end
    return levels
  end
  if ascii == nil then
    local _, unicode = screen.form()
    ascii = not unicode
  end
  return ascii and meter.ascii or meter.smooth
end

local tqdm = {}

local function new(options)
  local bar = setmetatable({}, Bar)
  for key, value in pairs(options or {}) do
    local wanted = options_of[key]
    if not wanted then failure("TypeError", "tqdm has no option '%s'", tostring(key)) end
    if wanted ~= "any" and type(value) ~= wanted then failure("TypeError", "tqdm: the option '%s' is a %s, not a %s", key, wanted, type(value)) end
    bar[key] = value
  end
  bar._now = bar.clock or now
  bar.initial = bar.initial or 0
  bar.n = bar.initial
  bar.unit = bar.unit or "it"
  bar.smoothing = bar.smoothing or 0.3
  bar.mininterval, bar.maxinterval, bar.delay = bar.mininterval or 0.1, bar.maxinterval or 10, bar.delay or 0
  bar._miniters, bar._length = bar.miniters or 0, 0
  bar.levels = levels_of(bar.ascii)
  local colour = bar.colour or bar.color
  if colour then bar._colour = meter.colour(colour) or failure("ValueError", "Unknown colour (%s); valid choices: [hex (#00ff00), BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE]", colour) end
  if bar.leave == nil and not (options and options.position) then bar.leave = true end
  bar._terminal = torch._os.isatty(2)
  bar.disable = bar.disable or os.getenv "QREPL_PROGRESS" == "0" or nil
  bar:_begin()
  if type(bar.postfix) == "table" then bar:set_postfix(bar.postfix, false) end
  if bar.disable then return bar end
  bar.pos = bar.position or free_place()
  bar._is_hidden = bar.pos > 0 and bar.leave == false
  open[bar] = true
  if bar.delay <= 0 then bar:refresh() end
  return bar
end

local function is_options(value)
  if type(value) ~= "table" or getmetatable(value) then return false end
  for key in pairs(value) do
    if type(key) ~= "string" then return false end
  end
  return true
end

-- Makes a bar go through a list or an iterator, and gives what a `for` takes: the bar is ended when the loop is left, too.
local function through(iterable, state, control, options)
  if type(iterable) == "function" or (getmetatable(iterable) or {}).__call then
    local bar = new(options)
    bar._step, bar._state, bar._control = iterable, state, control
    return bar, state, control, bar
  end
  local meta = getmetatable(iterable)
  if meta and meta.__pairs then
    local settings = {}
    for key, value in pairs(options or {}) do settings[key] = value end
    if not settings.total and meta.__len then
      local ok, count = pcall(function() return #iterable end)
      settings.total = ok and count or nil
    end
    local step, over, first = pairs(iterable)
    return through(step, over, first, settings)
  end
  if type(iterable) ~= "table" and not torch.is_tensor(iterable) then failure("TypeError", "tqdm goes through a list or an iterator, not through a %s", type(iterable)) end
  local count = torch.is_tensor(iterable) and iterable:size(0) or #iterable
  local first = torch.is_tensor(iterable) and 0 or 1
  local settings = {total = count}
  for key, value in pairs(options or {}) do settings[key] = value end
  local bar = new(settings)
  local i = first - 1
  bar._step = function()
    i = i + 1
    if i < count + first then return iterable[i] end
  end
  return bar, nil, nil, bar
end

--- Walks the integers from `first` up to but not including `last`, as Python's `range`, and shows how far it is: `trange(n)`,
--- `trange(first, last)`, `trange(first, last, step)`, each with options after it. Mirrors `tqdm.trange`. Gives each integer
--- and the bar.
function tqdm.trange(...)
  local numbers = table.pack(...)
  local options
  if type(numbers[numbers.n]) == "table" then
    options = numbers[numbers.n]
    numbers.n = numbers.n - 1
  end
  local first, last, step = table.unpack(numbers, 1, numbers.n)
  if numbers.n == 1 then first, last = 0, first end
  step = step or 1
  if not (math.tointeger(first) and math.tointeger(last) and math.tointeger(step)) then failure("TypeError", "tqdm.trange takes whole numbers") end
  if step == 0 then failure("ValueError", "trange() arg 3 must not be zero") end
  local settings = {}
  for key, value in pairs(options or {}) do settings[key] = value end
  settings.total = settings.total or math.max(0, step > 0 and (last - first + step - 1) // step or (first - last - step - 1) // -step)
  local bar = new(settings)
  local i
  return function()
    if i then
      bar:update(1)
      i = i + step
    else
      i = first
    end
    if step > 0 and i < last or step < 0 and i > last then return i, bar end
    bar:close()
  end, nil, nil, bar
end

tqdm.range = tqdm.trange

--- Prints a line without disturbing the bars. Options: file (io.stdout), end_ ("\n"). Mirrors `tqdm.write`.
function tqdm.write(text, options)
  local file, ending = options and options.file or io.stdout, options and options.end_ or "\n"
  for bar in pairs(open) do bar:clear() end
  file:write(tostring(text), ending)
  file:flush()
  for bar in pairs(open) do bar:refresh() end
end

tqdm.format_meter, tqdm.format_interval, tqdm.format_sizeof, tqdm.format_num = meter.format, meter.interval, meter.sizeof, meter.number

return setmetatable(tqdm, {
  __call = function(_, first, ...)
    if first == nil or is_options(first) and next(first) ~= nil and select("#", ...) == 0 then return new(first) end
    -- What `ipairs(t)` and their like give stands before the options.
    local rest = table.pack(...)
    local options
    if rest.n > 0 and is_options(rest[rest.n]) and not (rest.n == 1 and type(first) == "function" and next(rest[1]) == nil) then
      options = rest[rest.n]
      rest[rest.n] = nil
    end
    return through(first, rest[1], rest[2], options)
  end,
})
