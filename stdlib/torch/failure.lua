--- Raises a PyTorch error from a library written in Lua, at the place where the library was called.
return function(kind, message, ...)
  if select("#", ...) > 0 then message = message:format(...) end
  local level = 2
  while true do
    local info = debug.getinfo(level, "Sl")
    if not info then break end
    if info.what ~= "C" and info.currentline > 0 and not info.source:find("/stdlib/", 1, true) and info.source ~= "=(qrepl)" then
      error(("%s:%d: %s: %s"):format(info.short_src, info.currentline, kind, message), 0)
    end
    level = level + 1
  end
  error(kind .. ": " .. message, 0)
end
