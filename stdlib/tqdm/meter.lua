--- The text of a progress bar. Mirrors Python's `tqdm.format_meter`.
local pyrepr = require "torch.pyrepr"

local meter = {}

--- The characters of a bar, from empty to full.
meter.smooth = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"}
meter.ascii = {" ", "1", "2", "3", "4", "5", "6", "7", "8", "9", "#"}
local blank = {" ", " "}

--- Seconds as [H:]MM:SS. Mirrors `tqdm.format_interval`.
function meter.interval(seconds)
  if seconds ~= seconds or math.abs(seconds) == math.huge then return "?" end
  local s = math.floor(math.abs(seconds))
  local sign = seconds <= -1 and "-" or ""
  local minutes, hours = s // 60 % 60, s // 3600
  if hours > 0 then return ("%s%d:%02d:%02d"):format(sign, hours, minutes, s % 60) end
  return ("%s%02d:%02d"):format(sign, minutes, s % 60)
end

--- Three digits and a letter for thousands, or for powers of `divisor`. Mirrors `tqdm.format_sizeof`.
function meter.sizeof(number, divisor)
  for _, letter in ipairs {"", "k", "M", "G", "T", "P", "E", "Z"} do
    local size = math.abs(number)
    if size < 999.5 then return (size < 9.995 and "%.2f%s" or size < 99.95 and "%.1f%s" or "%3.0f%s"):format(number, letter) end
    number = number / (divisor or 1000)
  end
  return ("%3.1fY"):format(number)
end

--- A number in three digits, or as it is where that is not longer. Mirrors `tqdm.format_num`.
function meter.number(value)
  local short = ("%.3g"):format(value):gsub("e([+-])0", "e%1")
  local long = pyrepr(value)
  return #short < #long and short or long
end

local function width_of(text) return utf8.len((text:gsub("\27%[[%d;]*m", ""))) or #text end

-- The text without what goes over `columns`.
local function trimmed(text, columns)
  if not columns or columns == 0 or width_of(text) <= columns then return text end
  local end_of = utf8.offset(text, columns + 1)
  return end_of and text:sub(1, end_of - 1) or text
end

local colours = {black = "30", red = "31", green = "32", yellow = "33", blue = "34", magenta = "35", cyan = "36", white = "37"}

--- The terminal's escape for a colour: a name, or #rrggbb; nil for what is neither.
function meter.colour(name)
  if colours[name:lower()] then return ("\27[%sm"):format(colours[name:lower()]) end
  local r, g, b = name:match "^#(%x%x)(%x%x)(%x%x)$"
  return r and ("\27[38;2;%d;%d;%dm"):format(tonumber(r, 16), tonumber(g, 16), tonumber(b, 16))
end

local function bar(part, length, levels, colour)
  local steps = #levels - 1
  local filled = math.floor(part * length * steps)
  local whole, rest = filled // steps, filled % steps
  local text = levels[#levels]:rep(whole)
  if whole < length then text = text .. levels[rest + 1] .. levels[1]:rep(length - whole - 1) end
  return colour and colour .. text .. "\27[0m" or text
end

-- `{name}` and `{name:3.0f}` of a format filled in; `put_bar` is given what stands after `bar:`.
local function filled(form, values, put_bar)
  return (form:gsub("{([%w_]+)!?[rs]?:?([^{}]*)}", function(name, spec)
    if name == "bar" then return put_bar(spec) end
    local value = values[name]
    if value == nil then return "None" end
    if spec == "" then return type(value) == "number" and pyrepr(value) or tostring(value) end
    if spec:find "^[%d.]+$" then spec = spec .. (type(value) == "number" and "g" or "s") end
    if spec:find "d$" and type(value) == "number" then value = math.floor(value) end
    return ("%" .. spec):format(value)
  end))
end

--- The line of a bar. `m` has n, total, elapsed, and as they are wanted ncols, desc, levels, unit, unit_scale, unit_divisor,
--- rate, bar_format, postfix, initial and colour. Mirrors `tqdm.format_meter`.
function meter.format(m)
  local n, total, rate, scale = m.n, m.total, m.rate, m.unit_scale
  local unit, initial, divisor = m.unit or "it", m.initial or 0, m.unit_divisor or 1000
  local given = total == 0 and 0 or nil
  if total == 0 or total and (n >= total + 0.5 or total == math.huge) then total = nil end
  -- A number scales what is counted.
  if type(scale) == "number" and scale ~= 1 then
    total, n, rate = total and total * scale, n * scale, rate and rate * scale
    scale = scale == 0
  end
  if scale == false then scale = nil end
  if not rate and m.elapsed > 0 then rate = (n - initial) / m.elapsed end
  if rate == 0 then rate = nil end
  local inverse = rate and 1 / rate
  local function speed(value) return value and (scale and meter.sizeof(value) or ("%5.2f"):format(value)) or "?" end
  local forward, backward = speed(rate) .. unit .. "/s", speed(inverse) .. "s/" .. unit
  local rate_text = inverse and inverse > 1 and backward or forward
  local count = scale and function(x) return meter.sizeof(x, divisor) end or pyrepr
  local n_text = count(n)
  local total_text = (total or given) and count(total or given) or "?"
  local postfix = m.postfix and m.postfix ~= "" and ", " .. m.postfix or ""
  local remaining = rate and total and (total - n) / rate or 0
  local elapsed_text, remaining_text = meter.interval(m.elapsed), rate and meter.interval(remaining) or "?"
  local desc = m.desc or ""
  local left = desc == "" and "" or desc:sub(-2) == ": " and desc or desc .. ": "
  local right = ("| %s/%s [%s<%s, %s%s]"):format(n_text, total_text, elapsed_text, remaining_text, rate_text, postfix)
  local columns = m.ncols
  if not total and not m.bar_format then
    return trimmed(("%s%s%s [%s, %s%s]"):format(left, n_text, unit, elapsed_text, rate_text, postfix), columns)
  end
  local values = {
    n = n, n_fmt = n_text, total = total or given, total_fmt = total_text, elapsed = elapsed_text, elapsed_s = m.elapsed, ncols = columns, desc = desc, unit = unit,
    rate = inverse and inverse > 1 and inverse or rate, rate_fmt = rate_text, rate_noinv = rate, rate_noinv_fmt = forward, rate_inv = inverse,
    rate_inv_fmt = backward, postfix = postfix, unit_divisor = divisor, remaining = remaining_text, remaining_s = remaining, r_bar = right,
    percentage = total and n / total * 100 or 0,
  }
  values.l_bar = left .. (total and ("%3.0f%%|"):format(values.percentage) or "|")
  if total and columns == 0 then return values.l_bar:sub(1, -2) .. right:sub(2) end
  local form = m.bar_format or "{l_bar}{bar}{r_bar}"
  if desc == "" and total then form = form:gsub("{desc}: ", "") end
  local has_bar = false
  local bare = filled(form, values, function()
    has_bar = true
    return ""
  end)
  if not has_bar then return trimmed(bare, columns) end
  local room = columns and columns > 0 and math.max(1, columns - width_of(bare)) or 10
  local levels = total and (m.levels or meter.smooth) or blank
  local text = filled(form, values, function(spec)
    local length, kind = spec:match "^(-?%d*)([aub]?)$"
    local size = tonumber(length) or room
    if size < 0 then size = math.max(0, room + size) end
    local set = kind == "a" and meter.ascii or kind == "u" and meter.smooth or kind == "b" and blank or levels
    return bar(total and n / total or 0, size, set, m.colour)
  end)
  return trimmed(text, columns)
end

return meter
