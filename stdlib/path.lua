--- Names of files and what stands under them: the part of Python's `os.path`.
local torch = require "torch"

local path = {}

--- The file's length in bytes. An error if there is no such file, or it is a folder.
--- Mirrors `os.path.getsize`.
function path.getsize(name)
  local file <close>, message = io.open(name, "rb")
  if not file then error(message, 2) end
  -- A folder opens like a file; only reading tells.
  local _, reason = file:read(0)
  if reason then error(name .. ": " .. reason, 2) end
  return (file:seek("end"))
end

--- Whether a file or folder of this name can be opened for reading. Mirrors `os.path.exists`.
function path.exists(name)
  local file = io.open(name, "rb")
  if file then file:close() end
  return file ~= nil
end

--- Makes a folder, and those above it, where they are not there. Mirrors `os.makedirs(name, exist_ok=True)`.
function path.makedirs(name) torch._os.makedirs(name) end

--- Joins names with `/`; an absolute one makes those before it irrelevant. Mirrors `os.path.join`.
function path.join(first, ...)
  local joined = first
  for _, name in ipairs { ... } do
    if name:sub(1, 1) == "/" then
      joined = name
    elseif joined == "" or joined:sub(-1) == "/" then
      joined = joined .. name
    else
      joined = joined .. "/" .. name
    end
  end
  return joined
end

--- What stands before the last `/`, and what stands after it. Mirrors `os.path.split`.
function path.split(name)
  local head, tail = name:match("^(.*/)([^/]*)$")
  if not head then return "", name end
  if head:find("[^/]") then head = head:gsub("/+$", "") end
  return head, tail
end

--- What stands before the last `/`. Mirrors `os.path.dirname`.
function path.dirname(name)
  return (path.split(name))
end

--- What stands after the last `/`. Mirrors `os.path.basename`.
function path.basename(name)
  return (select(2, path.split(name)))
end

--- The name without its extension, and the extension with its dot. A dot that begins a name begins no extension.
--- Mirrors `os.path.splitext`.
function path.splitext(name)
  local head, tail = name:match("^(.*/)([^/]*)$")
  if not head then head, tail = "", name end
  local root, extension = tail:match("^(%.*[^.].*)(%.[^.]*)$")
  if not root then return name, "" end
  return head .. root, extension
end

return path
