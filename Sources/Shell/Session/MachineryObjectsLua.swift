/// The machinery's part that makes objects for users: results of magics that show themselves. It takes the machinery's
/// table and adds to it.
let machineryObjectsLua = #"""
local M, functions = ...
local setmetatable, next, print, output, warnings = setmetatable, next, print, io.stdout, io.stderr
local getinfo, registry, loaded, type, rawget = debug.getinfo, debug.getregistry(), package.loaded, type, rawget
local mathtype, match, format, pcall = math.type, string.match, string.format, pcall
local concat = table.concat

-- The host's functions, which are nobody's calls.
local host = {}
for _, value in next, functions do host[value] = true end

local function constant(value) return function() return value end end

-- Makes a table that shows itself as `text`.
function M.record(name, text, fields)
  return setmetatable(fields, {__name = name, __tostring = constant(text)})
end

-- Where a function that was called as `name` is defined, for a profile: file, line and name; for one that is not Lua no
-- file, and the name in braces. Nothing of the machinery's own.
local places
function M.whereabouts(value, name)
  local info = getinfo(value, "S")
  if info.what ~= "C" then
    if info.source == "=(qrepl)" then return end
    if info.what == "main" then name = "main chunk" elseif name == "" then name = "anonymous" end
    return info.short_src, info.linedefined, name, info.source
  end
  -- The functions of modules by their names; short ones first, so that print is not _G.print.
  if not places then
    places = {}
    for module, fields in next, loaded do
      if type(module) == "string" and type(fields) == "table" then
        for key, item in next, fields do
          local path = type(key) == "string" and type(item) == "function" and (module == "_G" and key or module .. "." .. key)
          if path and (not places[item] or #path < #places[item]) then places[item] = path end
        end
      end
    end
  end
  local documents = registry["qrepl.doc"]
  local entry = documents and rawget(documents, value)
  if entry and not places[value] and mathtype(entry) then
    local head = documents(entry).signature
    places[value] = "torch." .. (match(head, "^[%w_]+") or name)
  end
  if host[value] then return end
  return "", 0, "{" .. (places[value] or name ~= "" and name or "?") .. "}"
end

-- A list of texts that shows itself as Lua has it.
function M.listing(...)
  local names = {...}
  local text = #names == 0 and "{}" or '{"' .. concat(names, '", "') .. '"}'
  return setmetatable(names, {__name = "table", __tostring = constant(text)})
end

-- How floats are shown; false where the format fits no float.
function M.precision(text)
  if text and not pcall(format, text, 3.5) then return false end
  M.floatformat = text
  return true
end

-- What `%%capture` keeps: the texts, the values, and showing them again.
function M.captured(stdout, stderr, outputs)
  local function again()
    output:write(stdout)
    output:flush()
    warnings:write(stderr)
    for _, value in next, outputs do print(M.display(value)) end
  end
  local fields = {stdout = stdout, stderr = stderr, outputs = outputs, show = again}
  return setmetatable(fields, {__name = "CapturedIO", __tostring = constant(stdout), __call = again})
end
"""#
