-- Writes the reference: each public name of PyTorch that qrepl has, with signature and docstring, and after them those it has not.
--
--   qrepl scripts/reference/write.lua NAMES.txt OUT.md
local torch = require "torch"
local documents = debug.getregistry()["qrepl.doc"]

-- What stands above a definition in a Lua file, or at the head of the file of a class.
local function comment(source, line, of_class)
  local file = source:sub(1, 1) == "@" and io.open(source:sub(2))
  if not file then return nil end
  local head, above, number, in_head = {}, {}, 0, true
  for text in file:lines() do
    number = number + 1
    if number == line then break end
    local words = text:match("^%s*%-%-+ ?(.*)$")
    if not words then above, in_head = {}, false else above[#above + 1] = words end
    if in_head then head[#head + 1] = words end
  end
  file:close()
  return table.concat(#above == 0 and of_class and head or above, "\n")
end

local function document(value)
  local entry = documents and rawget(documents, value)
  if math.type(entry) then entry = documents(entry) end
  if entry then return entry end
  local meta = debug.getmetatable(value)
  local defined = type(value) == "table" and meta and rawget(meta, "__defined")
  if defined then return {signature = rawget(meta, "__signature"), doc = comment(defined[1], defined[2], true)} end
  local info = type(value) == "function" and debug.getinfo(value, "S")
  return info and info.what == "Lua" and {doc = comment(info.source, info.linedefined)}
end

local function member(value, name)
  local ok, found = pcall(function() return value[name] end)
  if ok then return found end
end

local sample, module = torch.zeros(1, 1), torch.nn.Identity()

-- What a dotted name of PyTorch stands for here; nil where there is nothing.
local function find(path)
  local method = path:match("^torch%.Tensor%.([^.]+)$")
  if method then return member(sample, method) end
  method = path:match("^torch%.nn%.Module%.([^.]+)$")
  if method then return member(module, method) end
  local at = torch
  for part in path:gsub("^torch%.?", ""):gmatch("[^.]+") do
    at = member(at, part)
    if at == nil then return nil end
  end
  return at
end

local version
local folders, order, missing, count, total = {}, {}, {}, 0, 0
for line in assert(io.open(arg[1])):lines() do
  if line:sub(1, 1) == "#" then
    version = line:match("PyTorch (%S+)")
  else
    local folder, name = line:match("^(.*)%.([^.]+)$")
    if not folders[folder] then
      folders[folder], missing[folder] = {}, {}
      order[#order + 1] = folder
    end
    total = total + 1
    local value = find(line)
    if value ~= nil then
      count = count + 1
      table.insert(folders[folder], { name = name, value = value })
    else
      table.insert(missing[folder], name)
    end
  end
end

local out = assert(io.open(arg[2], "w"))
local function write(...) out:write(string.format(...), "\n") end
write("# qrepl's reference\n")
write("Names are PyTorch's (%s). qrepl has %d of the %d listed here; what it has not stands at the end.\n", version, count, total)
for _, folder in ipairs(order) do
  if #folders[folder] > 0 then
    write("## %s\n", folder)
    for _, entry in ipairs(folders[folder]) do
      local document = document(entry.value)
      write("### %s", entry.name)
      if document and document.signature then write("```\n%s\n```", tostring(document.signature)) end
      write("%s\n", document and document.doc and tostring(document.doc) or type(entry.value) == "function" and "" or "`" .. tostring(entry.value):gsub("\n.*", " …") .. "`")
    end
  end
end
write("## What PyTorch has and qrepl has not\n")
for _, folder in ipairs(order) do
  if #missing[folder] > 0 then write("**%s** (%d): %s\n", folder, #missing[folder], table.concat(missing[folder], ", ")) end
end
out:close()
print(("%d of %d names"):format(count, total))
