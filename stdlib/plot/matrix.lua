--- A heat map's matrix brought to fewer rows and columns: each cell the mean of what is finite under it.
local torch = require "torch"

--- The means as a list of rows of numbers from 0 to 1, NaN where nothing is finite; and what 0 and 1 stand for.
return function(one, rows, columns)
  local values, lo, hi = one.matrix, one.lo, one.hi
  if rows < one.rows or columns < one.columns then
    local function pooled(t) return torch.nn.functional.adaptive_avg_pool2d(t:view(1, 1, one.rows, one.columns), {rows, columns}):view(rows, columns) end
    if one.skipped == 0 then
      values = pooled(values)
    else
      local finite = values:isfinite()
      values = pooled(torch.where(finite, values, torch.zeros_like(values))) / pooled(finite:to(torch.float64))
    end
    -- Means are nearer to each other: the colours are theirs, unless limits were asked for.
    local shown = values[values:isfinite()]
    if not one.fixed_lo then lo = shown:min():item() end
    if not one.fixed_hi then hi = shown:max():item() end
  end
  local range = hi - lo
  -- One value everywhere has the middle colour; a pattern of nothing has none.
  return (range > 0 and (values - lo) / range or values * 0 + (one.is_pattern and 0 or 0.5)):tolist(), lo, hi
end
