--- An axis: the range it shows, its ticks and what they say.
local data = require "plot.data"

local Axis = {}
Axis.__index = Axis

-- Room for a range without an extent, so that a constant or a single point stands in the middle.
local function widened(lo, hi)
  local size = math.max(math.abs(lo), math.abs(hi))
  if hi - lo > size * 1e-12 then return lo, hi end
  local room = size > 0 and size * 0.1 or 0.5
  return lo - room, hi + room
end

--- An axis over [lo, hi]. Options: `log`; `margin`, a part of the range left free at both ends; `limits`, which are taken as given.
function Axis.new(lo, hi, options)
  local self = setmetatable({log = options.log}, Axis)
  local limits = options.limits or {}
  local first, last = limits[1], limits[2]
  if first and last and not (first < last) then data.fail("limits go up, not from %s to %s", first, last) end
  if self.log and ((first or lo) <= 0 or (last or hi) <= 0) then data.fail("a logarithmic axis shows numbers above 0") end
  local function scaled(value) return self.log and math.log(value, 10) or value end
  lo, hi = scaled(first or lo), scaled(last or hi)
  if lo > hi then lo, hi = math.min(lo, hi), math.max(lo, hi) end
  if not first or not last then
    local low, high = widened(lo, hi)
    if not data.finite(high - low) then data.fail("a range from %g to %g is too wide to draw", low, high) end
    local margin = (high - low) * (options.margin or 0)
    if low == lo and high == hi then low, high = lo - margin, hi + margin end
    if not first then lo = options.floor and math.max(low, options.floor) or low end
    if not last then hi = options.ceiling and math.min(high, options.ceiling) or high end
  end
  self.lo, self.hi = lo, hi
  self.fixed_lo, self.fixed_hi = first ~= nil, last ~= nil
  return self
end

--- Where a value stands between the ends, 0 and 1 at them; NaN for one that the axis cannot show.
function Axis:place(value)
  if self.log then value = value > 0 and math.log(value, 10) or 0 / 0 end
  return (value - self.lo) / (self.hi - self.lo)
end

--- The value at a place between the ends.
function Axis:value(place)
  local value = self.lo + place * (self.hi - self.lo)
  return self.log and 10 ^ value or value
end

-- The least of 1, 2, 2.5 or 5 times a power of ten that is not much below `wanted`; 2.5 not for whole numbers.
local function nice(wanted, whole)
  local least = 0.7 * wanted
  local power = 10.0 ^ math.floor(math.log(least, 10))
  for _, step in ipairs(whole and {1, 2, 5, 10} or {1, 2, 2.5, 5, 10}) do
    if step * power >= least * (1 - 1e-9) then return step * power end
  end
  return 10 * power
end

--- Ends the axis at round numbers where they are near: a curve that almost reaches 1 stands under a tick for 1.
function Axis:round(count)
  if self.log then return end
  local step = nice((self.hi - self.lo) / count)
  local lo, hi = math.floor(self.lo / step + 1e-9) * step, math.ceil(self.hi / step - 1e-9) * step
  local near = 0.08 * (self.hi - self.lo)
  if not self.fixed_lo and self.lo - lo <= near then self.lo = lo end
  if not self.fixed_hi and hi - self.hi <= near then self.hi = hi end
end

-- As many decimals as tell multiples of `step` apart.
local function decimals(step)
  for count = 0, 12 do
    local scaled = step * 10 ^ count
    if math.abs(scaled - math.floor(scaled + 0.5)) < 1e-6 * scaled then return count end
  end
  return 12
end

local function shortened(text)
  local mantissa, sign, exponent = text:match "^(.-)e([+-])0*(%d+)$"
  return mantissa and ("%se%s%s"):format(mantissa, sign == "-" and "-" or "", exponent) or text
end

-- What ticks at multiples of a step say, all alike.
local function labels(values, step)
  local largest = 0
  for _, value in ipairs(values) do largest = math.max(largest, math.abs(value)) end
  local texts = {}
  local exponent = largest > 0 and math.floor(math.log(largest, 10) + 1e-9) or 0
  local digits = decimals(step / 10.0 ^ exponent)
  for i, value in ipairs(values) do
    if value == 0 then value = 0.0 end
    -- Powers of ten where they are shorter than to write the number out.
    if largest > 0 and (largest >= 1e6 or largest < 1e-3) and (digits <= 4 or exponent > 15) then
      texts[i] = value == 0 and "0" or shortened(("%." .. math.min(digits, 6) .. "fe%+d"):format(value / 10.0 ^ exponent, exponent))
    else
      texts[i] = ("%." .. decimals(step) .. "f"):format(value)
    end
  end
  return texts
end

function Axis:_decades(count)
  local places, texts = {}, {}
  local first, last = math.ceil(self.lo - 1e-9), math.floor(self.hi + 1e-9)
  if last - first < 1 then
    -- Less than two powers of ten: round numbers between them.
    local lo, hi = 10.0 ^ self.lo, 10.0 ^ self.hi
    local step = nice((hi - lo) / count)
    local values = {}
    for i = math.ceil(lo / step - 1e-9), math.floor(hi / step + 1e-9) do
      if i > 0 then values[#values + 1] = i * step end
    end
    texts = labels(values, step)
    for i, value in ipairs(values) do places[i] = self:place(value) end
    return places, texts
  end
  local step = math.max(1, math.ceil((last - first) / (1.6 * count)))
  for exponent = first, last, step do
    places[#places + 1] = (exponent - self.lo) / (self.hi - self.lo)
    texts[#texts + 1] = exponent >= -3 and exponent <= 5 and ("%." .. math.max(0, -exponent) .. "f"):format(10.0 ^ exponent) or ("1e%d"):format(exponent)
  end
  return places, texts
end

--- The places of about `count` round numbers, at most half as many more, and their texts. With `whole`, whole numbers alone.
function Axis:ticks(count, whole)
  count = math.max(1, count)
  if self.log then return self:_decades(count) end
  local step = nice((self.hi - self.lo) / count, whole)
  if whole then step = math.max(1, step) end
  local values, places = {}, {}
  local first, last = math.ceil(self.lo / step - 1e-9), math.floor(self.hi / step + 1e-9)
  for i = first, math.min(last, first + 100) do
    values[#values + 1] = i * step
    places[#places + 1] = math.min(math.max(self:place(i * step), 0), 1)
  end
  return places, labels(values, step)
end

return Axis
