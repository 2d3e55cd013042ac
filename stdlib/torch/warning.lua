--- Writes a warning where Python's go.
return function(kind, message, ...)
  if select("#", ...) > 0 then message = message:format(...) end
  io.stdout:flush()
  io.stderr:write(kind, ": ", message, "\n")
end
