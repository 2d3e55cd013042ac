/// The machinery's part that makes objects for users: results of magics that show themselves. It takes the machinery's
/// table and adds to it.
let machineryObjectsLua = #"""
local M = ...
local setmetatable, next, print, output, warnings = setmetatable, next, print, io.stdout, io.stderr

local function constant(value) return function() return value end end

-- Makes a table that shows itself as `text`.
function M.record(name, text, fields)
  return setmetatable(fields, {__name = name, __tostring = constant(text)})
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
