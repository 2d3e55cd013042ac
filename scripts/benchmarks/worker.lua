--- A benchmark's process on qrepl's side. `serve` takes a list of `{name, loop}`, where `loop(n)` makes n calls, and
--- answers interleave.sh.
local clock = os.clock

-- Long enough for the clock's microseconds, short enough to go round often.
local trial = 0.05

local function seconds(loop, count)
  local start = clock()
  loop(count)
  return clock() - start
end

local function serve(cases)
  local loops, counts = {}, {}
  for _, case in ipairs(cases) do
    local name, loop = case[1], case[2]
    -- The first calls set things up, which would make a call look long and the trial too short.
    local count, spent = 1, seconds(loop, 1)
    if spent < trial then
      loop(10)
      spent = seconds(loop, 1)
    end
    while spent < trial / 4 do
      count = count * 2
      spent = seconds(loop, count)
    end
    loops[name], counts[name] = loop, math.max(1, math.ceil(count * trial / spent))
    print(name)
  end
  print("ready")
  io.stdout:flush()
  for name in io.lines() do
    print(("%.12f %d"):format(seconds(loops[name], counts[name]) / counts[name], counts[name]))
    io.stdout:flush()
  end
end

return serve
