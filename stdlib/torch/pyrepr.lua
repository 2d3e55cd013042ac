--- A value as Python prints it.
local torch = require "torch"

local function float(x)
  if x ~= x then return "nan" end
  if x == math.huge then return "inf" elseif x == -math.huge then return "-inf" end
  local digits
  for precision = 1, 17 do
    digits = ("%." .. precision - 1 .. "e"):format(x)
    if tonumber(digits) == x then break end
  end
  local sign, whole, fraction, exponent = digits:match("^(-?)(%d)%.?(%d*)e([+-]%d+)$")
  exponent = tonumber(exponent)
  local all = whole .. fraction
  if exponent < -4 or exponent >= 16 then
    local mantissa = fraction == "" and whole or whole .. "." .. fraction
    return ("%s%se%s%02d"):format(sign, mantissa, exponent < 0 and "-" or "+", math.abs(exponent))
  end
  if exponent < 0 then return sign .. "0." .. ("0"):rep(-exponent - 1) .. all end
  if #all <= exponent + 1 then return sign .. all .. ("0"):rep(exponent + 1 - #all) .. ".0" end
  return sign .. all:sub(1, exponent + 1) .. "." .. all:sub(exponent + 2)
end

local function pyrepr(value, quoted)
  local kind = type(value)
  if value == nil then return "None" end
  if kind == "boolean" then return value and "True" or "False" end
  if kind == "number" then return math.type(value) == "integer" and tostring(value) or float(value) end
  if kind == "string" then return quoted and "'" .. value .. "'" or value end
  if kind == "table" and not getmetatable(value) then
    local parts = {}
    for i = 1, #value do parts[i] = pyrepr(value[i], true) end
    if value.list then return "[" .. table.concat(parts, ", ") .. "]" end
    return "(" .. table.concat(parts, ", ") .. (#parts == 1 and ",)" or ")")
  end
  return torch.is_tensor(value) and tostring(value) or tostring(value)
end

return pyrepr
