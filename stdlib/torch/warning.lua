--- Writes a warning where Python's go.
local warnings = require "warnings"

return function(kind, message, ...)
  if select("#", ...) > 0 then message = message:format(...) end
  warnings.warn(message, kind)
end
