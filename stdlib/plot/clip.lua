--- The part of a segment in the square from (0, 0) to (1, 1); nothing where none is. After Liang and Barsky.
return function(x1, y1, x2, y2)
  local dx, dy = x2 - x1, y2 - y1
  local from, to = 0.0, 1.0
  for side = 1, 4 do
    local p, q
    if side == 1 then p, q = -dx, x1 elseif side == 2 then p, q = dx, 1 - x1 elseif side == 3 then p, q = -dy, y1 else p, q = dy, 1 - y1 end
    if p == 0 then
      if q < 0 then return nil end
    else
      local r = q / p
      if p < 0 then from = math.max(from, r) else to = math.min(to, r) end
      if from > to then return nil end
    end
  end
  return x1 + from * dx, y1 + from * dy, x1 + to * dx, y1 + to * dy
end
