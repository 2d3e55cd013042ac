--- Quasi-Newton steps from a short memory of gradients. Mirrors `torch.optim.LBFGS`.
local torch = require "torch"
local Optimizer = require "torch.optim.optimizer"
local fail = require "torch.failure"

local number = Optimizer.number

local function cubic(x1, f1, g1, x2, f2, g2, low, high)
  low, high = low or math.min(x1, x2), high or math.max(x1, x2)
  local d1 = g1 + g2 - 3 * (f1 - f2) / (x1 - x2)
  local square = d1 ^ 2 - g1 * g2
  if not (square >= 0) then return (low + high) / 2 end
  local d2 = square ^ 0.5
  local at
  if x1 <= x2 then
    at = x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + 2 * d2))
  else
    at = x1 - (x1 - x2) * ((g1 + d2 - d1) / (g1 - g2 + 2 * d2))
  end
  return math.min(math.max(at, low), high)
end

-- A step that satisfies the strong Wolfe conditions.
local function strong_wolfe(evaluate, t, d, f, g, gtd, most)
  local c1, c2, least = 1e-4, 0.9, 1e-9
  local d_norm = d:abs():max():item()
  g = g:clone()
  local f_new, g_new = evaluate(t, d)
  local evaluations, iterations = 1, 0
  local gtd_new = g_new:dot(d):item()
  local t_prev, f_prev, g_prev, gtd_prev = 0, f, g, gtd
  local done, bracket, fs, gs, gtds = false, nil, nil, nil, nil
  while iterations < most do
    if f_new > f + c1 * t * gtd or (iterations > 1 and f_new >= f_prev) or gtd_new >= 0 and not (math.abs(gtd_new) <= -c2 * gtd) then
      bracket, fs, gs, gtds = {t_prev, t}, {f_prev, f_new}, {g_prev, g_new:clone()}, {gtd_prev, gtd_new}
      break
    end
    if math.abs(gtd_new) <= -c2 * gtd then
      bracket, fs, gs, done = {t}, {f_new}, {g_new}, true
      break
    end
    local now = t
    t = cubic(t_prev, f_prev, gtd_prev, t, f_new, gtd_new, t + 0.01 * (t - t_prev), t * 10)
    t_prev, f_prev, g_prev, gtd_prev = now, f_new, g_new:clone(), gtd_new
    f_new, g_new = evaluate(t, d)
    evaluations = evaluations + 1
    gtd_new = g_new:dot(d):item()
    iterations = iterations + 1
  end
  if iterations == most then bracket, fs, gs = {0, t}, {f, f_new}, {g, g_new} end

  local stuck = false
  local low, high = 1, 2
  if not (fs[1] <= fs[#fs]) then low, high = 2, 1 end
  while not done and iterations < most do
    if math.abs(bracket[2] - bracket[1]) * d_norm < least then break end
    t = cubic(bracket[1], fs[1], gtds[1], bracket[2], fs[2], gtds[2])
    local top, bottom = math.max(bracket[1], bracket[2]), math.min(bracket[1], bracket[2])
    local eps = 0.1 * (top - bottom)
    if math.min(top - t, t - bottom) < eps then
      if stuck or t >= top or t <= bottom then
        t = math.abs(t - top) < math.abs(t - bottom) and top - eps or bottom + eps
        stuck = false
      else
        stuck = true
      end
    else
      stuck = false
    end
    f_new, g_new = evaluate(t, d)
    evaluations = evaluations + 1
    gtd_new = g_new:dot(d):item()
    iterations = iterations + 1
    if f_new > f + c1 * t * gtd or f_new >= fs[low] then
      bracket[high], fs[high], gs[high], gtds[high] = t, f_new, g_new:clone(), gtd_new
      low, high = 1, 2
      if not (fs[1] <= fs[2]) then low, high = 2, 1 end
    else
      if math.abs(gtd_new) <= -c2 * gtd then
        done = true
      elseif gtd_new * (bracket[high] - bracket[low]) >= 0 then
        bracket[high], fs[high], gs[high], gtds[high] = bracket[low], fs[low], gs[low], gtds[low]
      end
      bracket[low], fs[low], gs[low], gtds[low] = t, f_new, g_new:clone(), gtd_new
    end
  end
  return fs[low], gs[low], bracket[low], evaluations
end

local LBFGS = Optimizer.define("LBFGS", "lr=1, max_iter=20, max_eval=None, tolerance_grad=1e-07, tolerance_change=1e-09, history_size=100, line_search_fn=None, *, maximize=False", function(o)
  Optimizer.require_at_least_zero(o, "lr", "Invalid learning rate")
  o.max_eval = o.max_eval or o.max_iter * 5 // 4
end)

function LBFGS:_start()
  if #self.param_groups ~= 1 then fail("ValueError", "LBFGS doesn't support per-parameter options (parameter groups)") end
  self._params = self.param_groups[1].params
end

local function gathered(self)
  local parts = {}
  for i, p in ipairs(self._params) do
    parts[i] = p.grad and p.grad:reshape(-1) or torch.zeros(p:numel(), {dtype = p.dtype})
  end
  local flat = torch.cat(parts, 0)
  return self.param_groups[1].maximize and flat:neg() or flat
end

local function move(self, t, d)
  local at = 0
  for _, p in ipairs(self._params) do
    local n = p:numel()
    p:add_(d:narrow(0, at, n):view_as(p), {alpha = t})
    at = at + n
  end
end

function LBFGS:step(closure)
  if closure == nil then fail("TypeError", "LBFGS.step() missing 1 required positional argument: 'closure'") end
  local _ <close> = torch.no_grad()
  for _, entry in ipairs(self._hooks.step_pre) do entry.hook(self, {closure}) end
  local o = self.param_groups[1]
  local function evaluate()
    local loss = torch.enable_grad(closure)
    local value = number(loss)
    return loss, o.maximize and -value or value
  end
  local lr = number(o.lr)
  local first = self._params[1]
  self.state[first] = self.state[first] or {}
  local state = self.state[first]
  state.func_evals = (state.func_evals or 0) + 1
  state.n_iter = state.n_iter or 0

  local original, loss = evaluate()
  local evaluations = 1
  local flat = gathered(self)
  if flat:abs():max():item() <= o.tolerance_grad then return original end
  -- Numbers that PyTorch holds in tensors have the precision of the parameters.
  local function rounded(x) return torch.tensor(x, {dtype = flat.dtype}):item() end

  local d, t, old_dirs, old_stps, ro = state.d, state.t, state.old_dirs, state.old_stps, state.ro
  local scale, previous, previous_loss = state.H_diag, state.prev_flat_grad, state.prev_loss
  t, scale = t and number(t), scale and number(scale)
  for n = 1, o.max_iter do
    state.n_iter = state.n_iter + 1
    if state.n_iter == 1 then
      d, old_dirs, old_stps, ro, scale = flat:neg(), {}, {}, {}, 1
    else
      local y, s = flat - previous, d * t
      local ys = y:dot(s):item()
      if ys > 1e-10 then
        if #old_dirs == o.history_size then
          table.remove(old_dirs, 1)
          table.remove(old_stps, 1)
          table.remove(ro, 1)
        end
        old_dirs[#old_dirs + 1] = y
        old_stps[#old_stps + 1] = s
        ro[#ro + 1] = rounded(1 / ys)
        scale = rounded(ys / y:dot(y):item())
      end
      local al = {}
      local q = flat:neg()
      for i = #old_dirs, 1, -1 do
        al[i] = rounded(old_stps[i]:dot(q):item() * number(ro[i]))
        q:add_(old_dirs[i], {alpha = -al[i]})
      end
      d = q * scale
      for i = 1, #old_dirs do
        local be = rounded(old_dirs[i]:dot(d):item() * number(ro[i]))
        d:add_(old_stps[i], {alpha = rounded(al[i] - be)})
      end
    end
    previous, previous_loss = flat:clone(), loss
    t = state.n_iter == 1 and rounded(math.min(1, 1 / flat:abs():sum():item()) * lr) or lr
    local gtd = flat:dot(d):item()
    if gtd > -o.tolerance_change then break end
    local tried, optimal = 0, false
    if o.line_search_fn ~= nil then
      if o.line_search_fn ~= "strong_wolfe" then fail("RuntimeError", "only 'strong_wolfe' is supported") end
      local start = {}
      for i, p in ipairs(self._params) do start[i] = p:clone() end
      loss, flat, t, tried = strong_wolfe(function(step, direction)
        move(self, step, direction)
        local _, value = evaluate()
        local g = gathered(self)
        for i, p in ipairs(self._params) do p:copy_(start[i]) end
        return value, g
      end, t, d, loss, flat, gtd, o.max_eval - evaluations)
      move(self, t, d)
      optimal = flat:abs():max():item() <= o.tolerance_grad
    else
      move(self, t, d)
      if n ~= o.max_iter then
        local _
        _, loss = evaluate()
        flat = gathered(self)
        optimal = flat:abs():max():item() <= o.tolerance_grad
        tried = 1
      end
    end
    evaluations = evaluations + tried
    state.func_evals = state.func_evals + tried
    if n == o.max_iter or evaluations >= o.max_eval or optimal then break end
    if (d * t):abs():max():item() <= o.tolerance_change then break end
    if math.abs(loss - previous_loss) < o.tolerance_change then break end
  end
  state.d, state.t, state.old_dirs, state.old_stps, state.ro = d, t, old_dirs, old_stps, ro
  state.H_diag, state.prev_flat_grad, state.prev_loss = scale, previous, previous_loss
  for _, entry in ipairs(self._hooks.step_post) do entry.hook(self, {closure}) end
  return original
end

return LBFGS
