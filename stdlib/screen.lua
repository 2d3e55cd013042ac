--- What shows values, and how wide and able it is.
local screen = {}

local registry = debug.getregistry()

--- The columns there are, whether text may be more than ASCII, and whether it may have colours.
function screen.form()
  local form = registry["qrepl.screen"]
  if not form then return 80, true, false end
  return form()
end

--- Shows a value as the end of a cell would: as a picture where there are pictures.
function screen.show(value)
  local show = registry["qrepl.show"]
  if show then show(value) else print(value) end
end

return screen
