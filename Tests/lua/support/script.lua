-- Runs code as a script of this program, or the program with other arguments, and gives what it writes to both streams and its
-- status.
local program = io.popen("readlink /proc/$PPID/exe"):read("l")

return function(code, arguments)
  local file = assert(io.open("script.lua", "w"))
  file:write(code)
  file:close()
  local pipe = io.popen(("'%s' %s 2>&1"):format(program, arguments or "script.lua"))
  local text = pipe:read("a")
  return text, select(3, pipe:close())
end
