-- What luacheck knows of qrepl's Lua; `scripts/notebooks` runs it over stdlib/ and tutorials/.
std = "lua54"
read_globals = {"torch"}
max_line_length = false
-- A method says what it takes, whether it looks at itself or not.
self = false
-- `not (a <= b)` is true for NaN where `a > b` is not.
ignore = {"581"}
