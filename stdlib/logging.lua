--- Messages with a level and a source, on stderr: the part of Python's `logging` that programs set up and call.
---
---     local logging = require "logging"
---     local logger = logging.getLogger("__main__")
---     logging.basicConfig {format = "%(asctime)s - %(levelname)s - %(name)s - %(message)s", level = logging.INFO}
---     logger:info("  Num examples = %d", #dataset)
local torch = require "torch"
local dict = require "dict"
local fail = require "torch.failure"

local logging = {CRITICAL = 50, FATAL = 50, ERROR = 40, WARNING = 30, WARN = 30, INFO = 20, DEBUG = 10, NOTSET = 0}

local names = {[50] = "CRITICAL", [40] = "ERROR", [30] = "WARNING", [20] = "INFO", [10] = "DEBUG", [0] = "NOTSET"}
local disabled = 0

local function level_of(level)
  if math.type(level) == "integer" then return level end
  if type(level) ~= "string" then fail("TypeError", "Level not an integer or a valid string: %s", dict.repr(level)) end
  if names[level] or not math.tointeger(logging[level]) then fail("ValueError", "Unknown level: %s", dict.repr(level)) end
  return logging[level]
end

--- The name of a level, or the level of a name. Mirrors `logging.getLevelName`.
function logging.getLevelName(level)
  if type(level) == "string" then return math.tointeger(logging[level]) or "Level " .. level end
  return names[level] or "Level " .. dict.repr(level)
end

-- One directive's text, `%` and its letter apart from the width between.
local function converted(width, letter, value)
  if letter == "s" then return ("%" .. width .. "s"):format(dict.str(value)) end
  if letter == "r" then return ("%" .. width .. "s"):format(dict.repr(value)) end
  if not letter:find("[diufFeEgGxXo]") then error(("unsupported format character '%s'"):format(letter), 0) end
  if type(value) ~= "number" then error(("%%%s format: a real number is required, not %s"):format(letter, type(value)), 0) end
  if letter:find("[diuxXo]") then value = math.tointeger(value < 0 and math.ceil(value) or math.floor(value)) or value end
  return ("%" .. width .. (letter == "u" and "d" or letter == "F" and "f" or letter)):format(value)
end

-- Text with Python's directives filled in, `%(name)s` by name or `%s` from a packed list.
local function filled(text, values)
  local parts, used, at = {}, 0, 1
  while true do
    local start = text:find("%", at, true)
    parts[#parts + 1] = text:sub(at, start and start - 1)
    if not start then break end
    local key = text:match("^%b()", start + 1) or ""
    local width, letter = text:match("^([-+ #0]*%d*%.?%d*)([%a%%]?)", start + 1 + #key)
    if letter == "%" then
      parts[#parts + 1] = "%"
    elseif key ~= "" then
      parts[#parts + 1] = converted(width, letter, values[key:sub(2, -2)])
    else
      used = used + 1
      if used > (values.n or 0) then error("not enough arguments for format string", 0) end
      parts[#parts + 1] = converted(width, letter, values[used])
    end
    at = start + 1 + #key + #width + 1
  end
  if used < (values.n or 0) then error("not all arguments converted during string formatting", 0) end
  return table.concat(parts)
end

-- Only a directive of a name in parentheses belongs to a format.
local function check_format(format)
  if type(format) ~= "string" or not format:find("%%%([%w_]+%)[-+ #0]*%d*%.?%d*%a") then fail("ValueError", "Invalid format '%s' for '%%' style", tostring(format)) end
  return format
end

local function written(handler, record)
  local format = handler.format
  record.asctime = os.date(handler.datefmt or "%Y-%m-%d %H:%M:%S", math.floor(record.created))
  if not handler.datefmt then record.asctime = ("%s,%03d"):format(record.asctime, math.floor(record.msecs)) end
  return filled(format, record)
end

local plain = "%(message)s"
-- What takes messages where nothing has been set up.
local last_resort = {format = plain, level = logging.WARNING}

local function emit(handler, record)
  if record.levelno < (handler.level or 0) then return end
  local stream = handler.stream or io.stderr
  stream:write(written(handler, record), "\n")
  if stream ~= io.stderr then stream:flush() end
end

local Logger = {__name = "Logger"}
Logger.__index = Logger

local root = setmetatable({name = "root", level = logging.WARNING, handlers = {}, propagate = true}, Logger)
local loggers = {}
logging.root = root

--- The logger of a name, always the same one; that of `a.b` asks `a` for what it has not. Mirrors `logging.getLogger`.
function logging.getLogger(name)
  if name == nil or name == "" or name == "root" then return root end
  if type(name) ~= "string" then fail("TypeError", "A logger name must be a string") end
  if not loggers[name] then loggers[name] = setmetatable({name = name, level = logging.NOTSET, handlers = {}, propagate = true}, Logger) end
  return loggers[name]
end

local function parent(logger)
  if logger == root then return nil end
  local name = logger.name
  repeat
    name = name:match("^(.*)%.[^.]*$")
    if name and loggers[name] then return loggers[name] end
  until not name
  return root
end

--- The least level whose messages are written: a number, or its name. Mirrors `Logger.setLevel`.
function Logger:setLevel(level) self.level = level_of(level) end

--- Its own level, or that of the nearest ancestor that has one. Mirrors `Logger.getEffectiveLevel`.
function Logger:getEffectiveLevel()
  local one = self
  while one do
    if one.level ~= logging.NOTSET then return one.level end
    one = parent(one)
  end
  return logging.NOTSET
end

--- Whether messages of a level are written. Mirrors `Logger.isEnabledFor`.
function Logger:isEnabledFor(level) return level > disabled and level >= self:getEffectiveLevel() end

-- The line of the script that logs: the first outside this file.
local function place()
  local level, own = 3, debug.getinfo(1, "S").source
  while true do
    local info = debug.getinfo(level, "Sln")
    if not info then return "", 0, "" end
    if info.source ~= own and info.what ~= "C" then return info.source:gsub("^@", ""), info.currentline, info.name or "<module>" end
    level = level + 1
  end
end

--- Writes a message of a level; arguments fill its directives as in Python (`%s`, `%d`, `%5.2f`). Mirrors `Logger.log`.
function Logger:log(level, message, ...)
  if math.type(level) ~= "integer" then fail("TypeError", "level must be an integer") end
  if not self:isEnabledFor(level) then return end
  local text, now = dict.str(message), torch._os.time()
  if select("#", ...) > 0 then
    local ok, result = pcall(filled, text, table.pack(...))
    if not ok then
      -- A message that cannot be written stops no program.
      io.stderr:write("--- Logging error ---\nTypeError: ", tostring(result), "\nMessage: ", dict.repr(text), "\n")
      return
    end
    text = result
  end
  local source, line, called = place()
  local record = {
    name = self.name, levelno = level, levelname = logging.getLevelName(level), message = text, msg = text, created = now, msecs = now % 1 * 1000,
    pathname = source, filename = source:match("[^/]*$"), module = source:match("([^/]-)%.?[^./]*$"), lineno = line, funcName = called,
    threadName = "MainThread", processName = "MainProcess",
  }
  local one, handled = self, false
  while one do
    for _, handler in ipairs(one.handlers) do
      emit(handler, record)
      handled = true
    end
    one = one.propagate and parent(one) or nil
  end
  if not handled then emit(last_resort, record) end
end

for method, level in pairs {debug = 10, info = 20, warning = 30, warn = 30, error = 40, critical = 50, fatal = 50} do
  Logger[method] = function(self, message, ...) self:log(level, message, ...) end
  --- A message of the root logger, which is set up where nothing has been.
  logging[method] = function(message, ...)
    if #root.handlers == 0 then logging.basicConfig() end
    root:log(level, message, ...)
  end
end

function Logger:__tostring()
  return ("<%s %s (%s)>"):format(self == root and "RootLogger" or "Logger", self.name, logging.getLevelName(self:getEffectiveLevel()))
end

--- No messages of this level or below, from anybody; NOTSET lifts it. Mirrors `logging.disable`.
function logging.disable(level) disabled = level_of(level or logging.CRITICAL) end

local options = {format = "string", datefmt = "string", level = "any", filename = "string", filemode = "string", stream = "any", force = "boolean"}

--- Sets up the root logger, once: `{format =, datefmt =, level =, filename =, filemode =, stream =, force =}`. Mirrors `logging.basicConfig`.
function logging.basicConfig(wanted)
  wanted = wanted or {}
  for key, value in pairs(wanted) do
    if not options[key] then fail("ValueError", "Unrecognised argument(s): %s", tostring(key)) end
    if options[key] ~= "any" and type(value) ~= options[key] then fail("TypeError", "basicConfig(): argument '%s' must be %s, not %s", key, options[key], type(value)) end
  end
  if wanted.force then root.handlers = {} end
  if #root.handlers > 0 then return end
  if wanted.filename and wanted.stream then fail("ValueError", "'stream' and 'filename' should not be specified together") end
  local handler = {format = check_format(wanted.format or "%(levelname)s:%(name)s:%(message)s"), datefmt = wanted.datefmt, stream = wanted.stream}
  if wanted.filename then
    local file, message = io.open(wanted.filename, wanted.filemode or "a")
    if not file then fail("OSError", "%s", message) end
    handler.stream = file
  end
  if wanted.level ~= nil then root:setLevel(wanted.level) end
  root.handlers[1] = handler
end

return logging
