--- A series as lines of places on its axes, of long ones only what is seen: in each of `buckets` parts of the width the first,
--- the lowest, the highest and the last point.

-- Thins a list of x, y, x, y, …; neighbours in one part stay in order.
local function thinned(points, buckets)
  local kept, floor = {}, math.floor
  local i, count = 1, #points
  while i <= count do
    local bucket = floor(points[i] * buckets)
    local low, high, last = i, i, i
    while last + 2 <= count and floor(points[last + 2] * buckets) == bucket do
      last = last + 2
      if points[last + 1] < points[low + 1] then low = last end
      if points[last + 1] > points[high + 1] then high = last end
    end
    local before
    for _, at in ipairs(low < high and {i, low, high, last} or {i, high, low, last}) do
      if at ~= before then kept[#kept + 1], kept[#kept + 2] = points[at], points[at + 1] end
      before = at
    end
    i = last + 2
  end
  return kept
end

--- Lists of x, y, x, y, … from 0 to 1 over the axes; a line ends where a value cannot be shown.
return function(frame, one, buckets)
  local pieces, points, count = {}, {}, 0
  local xs, ys, xaxis, yaxis = one.x, one.y, frame.x, frame.y
  local function flush()
    if count == 0 then return end
    pieces[#pieces + 1] = count > 8 * buckets and thinned(points, buckets) or points
    points, count = {}, 0
  end
  for i = 1, #ys do
    local x, y = xaxis:place(xs[i]), yaxis:place(ys[i])
    if x - x ~= 0 or y - y ~= 0 then
      flush()
    else
      points[count + 1], points[count + 2] = x, y
      count = count + 2
    end
  end
  flush()
  return pieces
end
