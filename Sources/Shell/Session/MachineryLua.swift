/// The Lua half of a session. It keeps what must not pass through Swift: the variables that cells share,
/// the tables of results, and looking into values without running any code of the user's.
///
/// It takes the functions of the host, captures what it needs of the libraries before a user can change
/// them, and returns a table of functions.
let machineryLua = #"""
local host = ...
local debug, type, next, select, pcall, tostring, tonumber = debug, type, next, select, pcall, tostring, tonumber
local rawget, rawset, rawequal, rawlen, concat, sort = rawget, rawset, rawequal, rawlen, table.concat, table.sort
local getupvalue, setupvalue, upvaluejoin = debug.getupvalue, debug.setupvalue, debug.upvaluejoin
local getmetatable, getinfo, traceback, xpcall = debug.getmetatable, debug.getinfo, debug.traceback, xpcall
local sub, gmatch, format, mathtype, getlocal, getregistry = string.sub, string.gmatch, string.format, math.type, debug.getlocal, debug.getregistry
local setmetatable, require = setmetatable, require
local G = _G
local M = {}

-- What runs inside a cell.

local function show(...) return ... end

local function deliver(kind, value, ...)
  if kind == "call" then return value(...) end
  if kind == "value" then return value end
end

local function run(id, ...) return deliver(host.run(id, ...)) end

local function measure(id, ...)
  local loops = {...}
  local clock = host.begin(id) and host.processor or host.wall
  while true do
    local loop, count = host.next(id)
    if not loop then break end
    host.record(id, loops[loop](count, clock))
  end
  return deliver(host.finish(id))
end

-- Not a tail call: the frame tells that what the host raises is the machinery's.
local function enter(id)
  host.enter(id)
end

local function leave(id, ...)
  if host.leave(id, ...) then return end
  return ...
end

-- Runs a bracketed function; its failure is shown and does not end the cell, unless it is raised again.
local function attempt(id, body, raises)
  if raises then
    host.enter(id)
    return leave(id, body())
  end
  local frames
  host.enter(id)
  local function finish(ok, ...)
    if ok then return leave(id, ...) end
    host.abandon(id)
    host.report((...), frames)
  end
  return finish(xpcall(body, function(value)
    frames = traceback("", 2)
    return value
  end))
end

-- Makes what a cell reaches as its machinery; its array part takes the captures.
function M.machine()
  local machine = {show = show, run = run, measure = measure, enter = enter, leave = leave, attempt = attempt}
  function machine.hold(value) machine.held = value end
  return machine
end

-- Variables that live on. An anchor is a closure and the index of the upvalue that is the variable.

local anchors = {}

-- Runs the factory that a cell is wrapped in and joins the cell's upvalues to the variables of earlier cells.
function M.bind(factory, machine)
  local cell = factory(machine)
  for index = 1, 255 do
    local name = getupvalue(cell, index)
    if not name then break end
    local anchor = anchors[name]
    if anchor and name ~= "_ENV" then upvaluejoin(cell, index, anchor.closure, anchor.index) end
  end
  return cell
end

local function constant(value) return function() return value end end

-- Takes over a captured variable, if the cell came as far as to declare it. `place` counts the variables of a slot.
function M.keep(machine, slot, place, name, isconstant)
  local captured = machine[slot]
  if not captured then return false end
  if isconstant then
    anchors[name] = {closure = constant(captured[1]), index = 1, constant = true}
  else
    anchors[name] = {closure = captured, index = place}
  end
  return true
end

-- Those of `wanted` (names joined by NUL) that are variables, each after "c" for a constant or "v".
function M.locals(wanted)
  local names = {}
  if next(anchors) then
    for name in gmatch(wanted, "%Z+") do
      local anchor = anchors[name]
      if anchor then names[#names + 1] = (anchor.constant and "c" or "v") .. name end
    end
  end
  return concat(names, "\0")
end

function M.forget(name)
  if name then anchors[name] = nil else anchors = {} end
end

local function variable(name)
  local anchor = anchors[name]
  if anchor then
    local _, value = getupvalue(anchor.closure, anchor.index)
    return value, true
  end
  return rawget(G, name), false
end

M.variable = variable

function M.assign(name, value)
  local anchor = anchors[name]
  if anchor and not anchor.constant then
    setupvalue(anchor.closure, anchor.index, value)
  else
    rawset(G, name, value)
  end
end

-- Results.

local hidden = {}
local shown

-- Remembers what there is before the user adds to it.
function M.settle()
  hidden = {}
  for key, value in next, G do hidden[key] = value end
  for _, anchor in next, anchors do anchor.hidden = true end
end

-- Takes the global `name` as it is now for the program's own.
function M.hide(name) hidden[name] = rawget(G, name) end

function M.input(number, source)
  if type(rawget(G, "In")) ~= "table" or not hidden.In then
    local In, Out = {}, {}
    rawset(G, "In", In) rawset(G, "Out", Out)
    hidden.In, hidden.Out = In, Out
  end
  hidden.In[number] = source
  rawset(G, "_iii", rawget(G, "_ii")) rawset(G, "_ii", rawget(G, "_i"))
  rawset(G, "_i", hidden.In[number - 1])
  rawset(G, "_i" .. number, source)
end

function M.output(number, value)
  if value == nil then return end
  hidden.Out[number] = value
  rawset(G, "_" .. number, value)
  local old = number - 1000
  if hidden.Out[old] ~= nil then
    hidden.Out[old] = nil
    rawset(G, "_" .. old, nil)
  end
  -- A `_` of the user's own is left alone.
  if rawequal(rawget(G, "_"), shown) then
    rawset(G, "___", rawget(G, "__")) rawset(G, "__", shown) rawset(G, "_", value)
    shown = value
  end
end

function M.display(...)
  local count = select("#", ...)
  if count == 0 or (count == 1 and (...) == nil) then return nil end
  local texts, floatformat = {...}, M.floatformat
  for index = 1, count do
    local value = texts[index]
    texts[index] = floatformat and mathtype(value) == "float" and format(floatformat, value) or tostring(value)
  end
  return concat(texts, "\t", 1, count)
end

-- The user's variables.

local function isuser(name, value)
  return type(name) == "string" and sub(name, 1, 1) ~= "_" and not rawequal(hidden[name], value)
end

function M.variables()
  local names, seen = {}, {}
  for name, anchor in next, anchors do
    if sub(name, 1, 1) ~= "_" and not anchor.hidden then names[#names + 1] = name end
    seen[name] = true
  end
  for name, value in next, G do
    if isuser(name, value) and not seen[name] then names[#names + 1] = name end
  end
  sort(names)
  return concat(names, "\0")
end

local function metafield(value, name)
  local meta = getmetatable(value)
  return type(meta) == "table" and rawget(meta, name) or nil
end

-- The type name and the text of a variable, for lists of variables.
function M.describe(name)
  local value = variable(name)
  local kind = mathtype(value) or type(value)
  local whos = metafield(value, "__whos")
  if whos then
    local ok, typename, info = pcall(whos, value)
    if ok then return tostring(typename), tostring(info) end
  end
  if kind == "table" or kind == "userdata" then
    local own = metafield(value, "__name")
    if type(own) == "string" then kind = own end
  end
  if type(value) == "table" and not metafield(value, "__tostring") then
    local count = 0
    for _ in next, value do count = count + 1 end
    return kind, "n=" .. count
  end
  local ok, text = pcall(tostring, value)
  return kind, ok and text or format("<%s (tostring failed)>", kind)
end

function M.erase(name)
  anchors[name] = nil
  rawset(G, name, hidden[name])
end

function M.reset()
  anchors = {}
  local names = {}
  for name in next, G do
    if type(name) == "string" and not rawequal(hidden[name], rawget(G, name)) then names[#names + 1] = name end
  end
  for _, name in next, names do rawset(G, name, nil) end
  for name, value in next, hidden do rawset(G, name, value) end
  shown = nil
  for _, name in next, {"In", "Out"} do
    for key in next, hidden[name] or {} do hidden[name][key] = nil end
  end
end

-- Looking into values. No code of the user's runs: raw access, `__index` tables, and of objects that say
-- `__complete` the host's own `__index` function; a `__lazy` table says which modules stand for fields yet to be read.

local function field(value, key)
  for _ = 1, 100 do
    if type(value) == "table" then
      local found = rawget(value, key)
      if found ~= nil then return found end
    end
    local index, lazy = metafield(value, "__index"), metafield(value, "__lazy")
    local module = type(lazy) == "table" and rawget(lazy, key)
    if type(module) == "string" then
      local ok, found = pcall(require, module)
      return ok and found or nil
    elseif type(index) == "table" then
      value = index
    elseif type(index) == "function" and metafield(value, "__complete") and getinfo(index, "S").what == "C" then
      local ok, found = pcall(index, value, key)
      return ok and found or nil
    else
      return nil
    end
  end
end

-- The value at a path: a first name, then "s" and a string key or "i" and an integer key.
local function resolve(first, ...)
  local value = variable(first)
  for position = 1, select("#", ...), 2 do
    local kind, key = select(position, ...)
    if kind == "i" then key = tonumber(key) end
    value = field(value, key)
    if value == nil then return nil end
  end
  return value
end
M.resolve = resolve

local function collect(value, names, depth)
  if depth > 20 then return end
  if type(value) == "table" then
    for key, item in next, value do
      if type(key) == "string" then names[key] = type(item) end
    end
  end
  local lazy = metafield(value, "__lazy")
  if type(lazy) == "table" then
    for key in next, lazy do names[key] = names[key] or "table" end
  end
  local complete = metafield(value, "__complete")
  if complete then
    local ok, list = pcall(complete, value)
    if ok and type(list) == "table" then
      for position = 1, rawlen(list) do
        local name = rawget(list, position)
        if type(name) == "string" then names[name] = names[name] or "" end
      end
    end
  end
  local index = metafield(value, "__index")
  if type(index) == "table" and index ~= value then collect(index, names, depth + 1) end
end

-- Those of `names` (kinds by name) that begin with `stem`, sorted, each after "f" for a function, "u" for what only the
-- object knows, or "v".
local function beginning(stem, names)
  local list, length = {}, #stem
  for name in next, names do
    if sub(name, 1, length) == stem then list[#list + 1] = name end
  end
  sort(list)
  for position = 1, #list do
    local kind = names[list[position]]
    list[position] = (kind == "function" and "f" or kind == "" and "u" or "v") .. list[position]
  end
  return concat(list, "\0")
end

-- The members of the value at a path that begin with `stem`.
function M.members(stem, ...)
  local names = {}
  local value = resolve(...)
  if value == nil then return "" end
  collect(value, names, 0)
  return beginning(stem, names)
end

-- The names a path may begin with that begin with `stem`.
function M.names(stem)
  local names = {}
  collect(G, names, 0)
  for name in next, anchors do
    names[name] = type((variable(name)))
  end
  return beginning(stem, names)
end

-- What there is to say of a value: type, text, signature, docstring, file, first and last line, kind of function.
local docs = getregistry()["qrepl.doc"]
function M.inspect(...)
  local value = resolve(...)
  if value == nil then return nil end
  docs = docs or getregistry()["qrepl.doc"]
  local entry = docs and rawget(docs, value)
  if mathtype(entry) then entry = docs(entry) end
  local function text(key)
    local item = type(entry) == "table" and rawget(entry, key)
    return item and tostring(item) or ""
  end
  local kind, shown = mathtype(value) or type(value), ""
  if kind == "table" or kind == "userdata" then
    local own = metafield(value, "__name")
    if type(own) == "string" then kind = own end
  end
  local ok, string = pcall(tostring, value)
  if ok then shown = string end
  local file, first, last, params = "", 0, 0, ""
  local signature = text("signature")
  local defined = type(value) == "table" and metafield(value, "__defined")
  if type(defined) == "table" then
    kind, file, first = "class", rawget(defined, 1), rawget(defined, 2)
    signature = metafield(value, "__signature") or signature
  end
  if type(value) == "function" then
    local info = getinfo(value, "Su")
    file, first, last = info.source, info.linedefined, info.lastlinedefined
    if info.what ~= "C" then
      local list = {}
      for position = 1, info.nparams do list[position] = getlocal(value, position) end
      if info.isvararg then list[#list + 1] = "..." end
      params = "(" .. concat(list, ", ") .. ")"
    end
  end
  return kind, shown, signature, text("doc"), text("source"), file, first, last, params
end

return M
"""#
