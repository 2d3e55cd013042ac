--- Clocks, in seconds: the part of Python's `time` that measures.
local torch = require "torch"

local time = {}

--- Seconds since 1970, with fractions. Mirrors `time.time`.
function time.time() return torch._os.time() end

--- Seconds of a clock that only goes forward. Mirrors `time.perf_counter`.
function time.perf_counter() return torch._os.perf_counter() end

--- Seconds of processor time that this program has used. Mirrors `time.process_time`.
function time.process_time() return torch._os.process_time() end

return time
