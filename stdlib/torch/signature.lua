--- Arguments laid over a signature written as Python's: `lr=1e-3, betas=(0.9, 0.999), *, maximize=False`.
local fail = require "torch.failure"

local constants = {True = true, False = false}

local function constant(text)
  if text == "None" then return nil end
  if constants[text] ~= nil then return constants[text] end
  local quoted = text:match("^'(.*)'$")
  if quoted then return quoted end
  if text:sub(1, 1) == "(" or text:sub(1, 1) == "[" then
    local items = {}
    for item in text:sub(2, -2):gmatch("[^,]+") do items[#items + 1] = tonumber((item:match("^%s*(.-)%s*$"))) end
    return items
  end
  return tonumber(text)
end

--- A function that gives a table of arguments by name. A last table with only string keys holds keywords. `what` is called: a class
--- with this name, if it is not given.
return function(name, text, what)
  local is_class = what == nil
  what = what or name .. ".__init__"
  local names, known, defaults, required, positional = {}, {}, {}, {}, nil
  local rest = text:gsub("(%b())", function(inner) return (inner:gsub(",", "\0")) end)
  for piece in rest:gmatch("[^,]+") do
    piece = piece:gsub("%z", ","):match("^%s*(.-)%s*$")
    if piece == "*" then
      positional = #names
    else
      local key, value = piece:match("^([%w_]+)%s*=%s*(.+)$")
      key = key or piece
      names[#names + 1] = key
      known[key] = true
      if value then defaults[key] = value else required[key] = true end
    end
  end
  positional = positional or #names

  -- An empty table after other arguments is one whose options are all nil.
  local function is_keywords(value, count)
    if type(value) ~= "table" or getmetatable(value) then return false end
    for key in pairs(value) do if type(key) ~= "string" then return false end end
    return next(value) ~= nil or count > 1
  end

  return function(...)
    local given = table.pack(...)
    local keywords
    if given.n > 0 and is_keywords(given[given.n], given.n) then
      keywords = given[given.n]
      given.n = given.n - 1
    end
    if given.n > positional then
      local own = is_class and 1 or 0
      fail("TypeError", "%s() takes from %d to %d positional arguments but %d were given", what, own, positional + own, given.n + own)
    end
    local result, set = {}, {}
    for key, value in pairs(defaults) do result[key] = constant(value) end
    for i = 1, given.n do
      if given[i] ~= nil then result[names[i]] = given[i] end
      set[names[i]] = given[i] ~= nil
    end
    for key, value in pairs(keywords or {}) do
      if not known[key] then fail("TypeError", "%s() got an unexpected keyword argument '%s'", what, key) end
      if set[key] then fail("TypeError", "%s() got multiple values for argument '%s'", what, key) end
      result[key] = value
    end
    for _, key in ipairs(names) do
      if required[key] and result[key] == nil then
        fail("TypeError", "%s() missing 1 required positional argument: '%s'", what, key)
      end
    end
    return result, names
  end
end
